//! Which requests a signing proxy serves, and which headers pass.

use http::uri::Scheme;
use http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};

/// Hop-by-hop headers (RFC 9110, section 7.6.1), and two that are addressed to a proxy.
const ONE_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The header in which a browser says where a request comes from (W3C Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The conditions that a request must satisfy.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The authorities that this proxy listens on, in lower case.
    names: Vec<String>,
    kept: Vec<HeaderName>,
}

/// A status and the cure.
pub(crate) type Refusal = (StatusCode, &'static str);

impl Rules {
    pub(crate) fn new(port: u16, kept: Vec<HeaderName>) -> Self {
        let hosts = ["127.0.0.1", "localhost"];
        let mut names: Vec<String> = hosts.iter().map(|host| format!("{host}:{port}")).collect();
        if port == 80 {
            names.extend(hosts.map(str::to_owned)); // clients leave the default port out
        }
        Self { names, kept }
    }

    /// Checks that the request comes from a program on this machine and is for this proxy.
    pub(crate) fn check<B>(&self, request: &Request<B>) -> Result<(), Refusal> {
        let target = request.uri();
        if request.method() == Method::CONNECT
            || target.authority().is_some()
            || target.scheme().is_some()
            || !target.path().starts_with('/')
        {
            return Err((
                StatusCode::BAD_REQUEST,
                "this proxy has one upstream: use its address as the server's, not as a proxy's",
            ));
        }
        let headers = request.headers();
        if !only(headers, &header::HOST).is_some_and(|host| self.is_own(host)) {
            return Err((
                StatusCode::MISDIRECTED_REQUEST,
                "this proxy answers only to the address that it listens on, as Host",
            ));
        }
        let own_origin = |origin: &str| {
            let authority = origin.strip_prefix(Scheme::HTTP.as_str());
            authority.and_then(|it| it.strip_prefix("://")).is_some_and(|it| self.is_own(it))
        };
        let foreign_origin = headers.contains_key(header::ORIGIN)
            && !only(headers, &header::ORIGIN).is_some_and(own_origin);
        let foreign_site = headers.contains_key(SEC_FETCH_SITE)
            && !matches!(only(headers, &SEC_FETCH_SITE), Some("same-origin" | "none"));
        if foreign_origin || foreign_site {
            return Err((
                StatusCode::FORBIDDEN,
                "this proxy signs for programs on this machine, not for web pages",
            ));
        }
        Ok(())
    }

    fn is_own(&self, authority: &str) -> bool {
        self.names.iter().any(|name| name.eq_ignore_ascii_case(authority))
    }

    /// Removes the headers that the upstream must not get: the program's host and identity, and the
    /// hop-by-hop headers.
    pub(crate) fn clean(&self, headers: &mut HeaderMap) {
        strip_hop(headers);
        let signed: Vec<HeaderName> = headers
            .keys()
            .filter(|name| name.as_str().starts_with("x-amz-") && !self.kept.contains(name))
            .cloned()
            .collect();
        for name in signed.iter().chain(&[header::HOST, header::AUTHORIZATION, header::EXPECT]) {
            headers.remove(name);
        }
    }
}

/// Removes the hop-by-hop headers: the known ones, and those that `connection` lists.
pub(crate) fn strip_hop(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in listed.iter().chain(&ONE_HOP) {
        headers.remove(name);
    }
}

/// The value of a header that occurs once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    all.next().filter(|_| all.next().is_none())?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(rules: &Rules, target: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let checked = rules.check(&request.body(()).unwrap());
        checked.map_or_else(|(status, _)| status.as_u16(), |()| 200)
    }

    #[test]
    fn only_a_program_that_asks_for_this_address_is_answered() {
        let rules = Rules::new(9200, Vec::new());
        let host = ("host", "127.0.0.1:9200");
        for (target, headers, expected) in [
            ("/a?b", &[host][..], 200),
            ("/", &[("host", "LocalHost:9200")], 200),
            ("/", &[], 421),
            ("/", &[("host", "127.0.0.1")], 421),
            ("/", &[("host", "127.0.0.1:9201")], 421),
            ("/", &[("host", "rebound.example.com:9200")], 421),
            ("/", &[("host", "127.0.0.1.example.com:9200")], 421),
            ("/", &[host, host], 421),
            ("http://127.0.0.1:9200/", &[host], 400),
            ("http://search.example.com/", &[host], 400),
            ("*", &[host], 400),
            ("/", &[host, ("origin", "http://127.0.0.1:9200")], 200),
            ("/", &[host, ("origin", "http://localhost:9200")], 200),
            ("/", &[host, ("origin", "https://127.0.0.1:9200")], 403),
            ("/", &[host, ("origin", "http://127.0.0.1:9201")], 403),
            ("/", &[host, ("origin", "https://example.com")], 403),
            ("/", &[host, ("origin", "null")], 403),
            ("/", &[host, ("origin", "http://127.0.0.1:9200"), ("origin", "null")], 403),
            ("/", &[host, ("sec-fetch-site", "cross-site")], 403),
            ("/", &[host, ("sec-fetch-site", "same-site")], 403),
            ("/", &[host, ("sec-fetch-site", "same-origin")], 200),
            ("/", &[host, ("sec-fetch-site", "none")], 200),
        ] {
            assert_eq!(status(&rules, target, headers), expected, "{target} {headers:?}");
        }
        assert_eq!(status(&Rules::new(80, Vec::new()), "/", &[("host", "localhost")]), 200);
    }

    #[test]
    fn headers_of_one_hop_and_of_a_signature_are_removed() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "127.0.0.1:9200"),
            ("connection", "close, X-Mine"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("x-mine", "1"),
            ("authorization", "AWS4-HMAC-SHA256 old"),
            ("x-amz-date", "20150830T123600Z"),
            ("x-amz-security-token", "old"),
            ("x-amz-copy-source", "/a/b"),
            ("x-amz-target", "DynamoDB_20120810.ListTables"),
            ("content-type", "application/json"),
        ] {
            headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        Rules::new(1, vec![HeaderName::from_static("x-amz-target")]).clean(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["content-type", "x-amz-target"]);
    }
}
