//! What of a request is signed, borrowed: method, target and headers.

use std::borrow::Cow;

use http::{HeaderMap, Method, Request, header, request, uri::Scheme};

use crate::encode::{ByteSet, Piece, Pieces};
use crate::error::SignError;
use crate::fields;
use crate::text::split;
use crate::text::split::raw_pairs;

/// More headers than this and `HeaderMap` could be full before the signature is on it.
const MAX_HEADERS: usize = 16_384;

/// A request's head, borrowed from whatever holds it.
///
/// Made from an `http::Request` or its parts; a client with a request type of its own fills it in.
///
/// ```
/// use http::{HeaderMap, Method};
/// use sigv4_core::RequestHead;
///
/// let headers = HeaderMap::new();
/// let head = RequestHead {
///     method: &Method::GET,
///     scheme: Some("https"),
///     authority: Some("iam.amazonaws.com"),
///     path: "/",
///     query: Some("Action=ListUsers&Version=2010-05-08"),
///     headers: &headers,
/// };
/// ```
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a Method,
    /// The URI's scheme, which says what port needs no mention.
    pub scheme: Option<&'a str>,
    /// The URI's host and port; where there is none, the `Host` header names the host.
    pub authority: Option<&'a str>,
    /// The path as it goes on the wire.
    pub path: &'a str,
    /// The query as it goes on the wire, without the `?`.
    pub query: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
}

impl<'a> From<&'a request::Parts> for RequestHead<'a> {
    fn from(parts: &'a request::Parts) -> Self {
        Self::new(&parts.method, &parts.uri, &parts.headers)
    }
}

impl<'a, B> From<&'a Request<B>> for RequestHead<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self::new(request.method(), request.uri(), request.headers())
    }
}

impl<'a> RequestHead<'a> {
    /// The head of a request in the parts that `http` gives it.
    pub fn new(method: &'a Method, uri: &'a http::Uri, headers: &'a HeaderMap) -> Self {
        Self {
            method,
            scheme: uri.scheme().map(Scheme::as_str),
            authority: uri.authority().map(http::uri::Authority::as_str),
            path: uri.path(),
            query: uri.query(),
            headers,
        }
    }

    /// The host without its port, to be shown.
    #[cfg(feature = "tracing")]
    pub(crate) fn host_name(&self) -> Option<&'a str> {
        let header = || self.headers.get(header::HOST)?.to_str().ok();
        self.authority.map(|text| text.rsplit('@').next().unwrap_or_default()).or_else(header)
    }

    /// Refuses what no signature can be put on.
    pub(crate) fn check(&self) -> Result<(), SignError> {
        if self.method == Method::CONNECT || self.path == "*" {
            return Err(SignError::UnsupportedTarget);
        }
        if self.headers.len() > MAX_HEADERS {
            return Err(SignError::TooManyHeaders);
        }
        match self.query.and_then(signature_parameter) {
            Some(parameter) => Err(SignError::AlreadyPresigned { parameter }),
            None => Ok(()),
        }
    }

    /// The value of the `host` line: the `Host` header as it stands, which must agree with the URI's
    /// authority; without a header, the authority.
    pub(crate) fn host(&self) -> Result<Cow<'a, str>, SignError> {
        let authority = self.authority.map(|raw| normal_authority(raw, self.scheme)).transpose()?;
        let Some((raw, stated)) = self.stated_host()? else {
            return authority.ok_or(SignError::MissingHost);
        };
        match authority {
            Some(authority) if authority != stated => Err(SignError::HostMismatch {
                header: stated.into_owned(),
                authority: authority.into_owned(),
            }),
            _ => Ok(Cow::Borrowed(raw)),
        }
    }

    /// The value of the `host` line if the `Host` header decides, whatever the URI names.
    pub(crate) fn host_from_header(&self) -> Result<Cow<'a, str>, SignError> {
        let authority = self.authority.map(|raw| normal_authority(raw, self.scheme)).transpose()?;
        match self.stated_host()? {
            Some((raw, _)) => Ok(Cow::Borrowed(raw)),
            None => authority.ok_or(SignError::MissingHost),
        }
    }

    /// The one `Host` header: as it stands, and in normal form.
    fn stated_host(&self) -> Result<Option<(&'a str, Cow<'a, str>)>, SignError> {
        let mut headers = self.headers.get_all(header::HOST).iter();
        let Some(value) = headers.next() else {
            return Ok(None);
        };
        if headers.next().is_some() {
            return Err(SignError::DuplicateHost);
        }
        let raw = split::trim(value.to_str().map_err(|_| SignError::InvalidHost)?);
        let stated = normal_authority(raw, self.scheme).map_err(|_| SignError::InvalidHost)?;
        Ok(Some((raw, stated)))
    }
}

/// The first parameter of a signature that the query holds, in any case.
fn signature_parameter(query: &str) -> Option<&'static str> {
    if !may_hold_x(query.as_bytes()) {
        return None;
    }
    raw_pairs(query)
        .filter(|(name, _)| name.starts_with(['x', 'X', '%']))
        .find_map(|(name, _)| fields::query::ALL.into_iter().find(|known| decodes_to(name, known)))
}

/// Whether a name may begin with an X, as each of a signature does. Without a branch, many bytes
/// go at once.
fn may_hold_x(query: &[u8]) -> bool {
    let is_x = |byte: u8| (byte == b'%') | (byte | 0x20 == b'x');
    let pairs = query.iter().zip(query.iter().skip(1));
    let after_first = pairs.fold(false, |found, (a, b)| found | ((*a == b'&') & is_x(*b)));
    after_first | query.first().is_some_and(|byte| is_x(*byte))
}

/// Whether a raw name is `known` once its escapes are decoded, in any case.
fn decodes_to(raw: &str, known: &str) -> bool {
    let mut rest = known.as_bytes();
    for piece in Pieces(raw.as_bytes()) {
        let escaped;
        let bytes: &[u8] = match piece {
            Piece::Plain(run) => run,
            Piece::Escape(byte) => {
                escaped = [byte];
                &escaped
            }
            Piece::LonePercent => b"%",
        };
        match rest.split_at_checked(bytes.len()) {
            Some((head, tail)) if head.eq_ignore_ascii_case(bytes) => rest = tail,
            _ => return false,
        }
    }
    rest.is_empty()
}

/// The visible bytes that are neither a delimiter of a URI nor in upper case.
static HOST: ByteSet = ByteSet::of(b"abcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+=:[]");

/// Host and port in lower case, without the scheme's default port.
///
/// What a client sends as `Host` (or `:authority`) and what is signed are this same text.
///
/// # Errors
/// [`SignError::UserInfo`] where it has `user@`, [`SignError::InvalidHost`] where it is no host.
pub fn normal_authority<'a>(
    authority: &'a str,
    scheme: Option<&str>,
) -> Result<Cow<'a, str>, SignError> {
    let default_port = scheme.and_then(default_port);
    let host = default_port
        .and_then(|port| authority.strip_suffix(port))
        .or_else(|| authority.strip_suffix(':'))
        .unwrap_or(authority);
    if host.is_empty() || host.starts_with(':') {
        return Err(invalid_authority(authority));
    }
    if is_host(host) {
        return Ok(Cow::Borrowed(host));
    }
    let lower = host.to_ascii_lowercase();
    if is_host(&lower) { Ok(Cow::Owned(lower)) } else { Err(invalid_authority(authority)) }
}

fn is_host(text: &str) -> bool {
    // Without a branch: nearly every text is one.
    text.bytes().fold(true, |all, byte| all & HOST.contains(byte))
}

fn invalid_authority(authority: &str) -> SignError {
    if authority.contains('@') { SignError::UserInfo } else { SignError::InvalidHost }
}

/// The port that need not be said, with its colon.
fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "https" | "wss" => Some(":443"),
        "http" | "ws" => Some(":80"),
        _ => None,
    }
}

impl core::fmt::Debug for RequestHead<'_> {
    /// Names what is there without its values: a query or a header may hold a token.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", &self.method)
            .field("authority", &self.authority.map(|text| text.rsplit('@').next()))
            .field("path", &self.path)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_of(uri: &str, headers: &[&'static str]) -> Result<String, SignError> {
        let mut request = Request::get(uri);
        for value in headers {
            request = request.header(header::HOST, *value);
        }
        let request = request.body(()).unwrap();
        RequestHead::from(&request).host().map(Cow::into_owned)
    }

    #[test]
    fn host_is_the_authority_in_lower_case_without_the_default_port() {
        for (uri, expected) in [
            ("https://Example.COM:443/", "example.com"),
            ("http://example.com:80/", "example.com"),
            ("https://example.com:80/", "example.com:80"),
            ("http://example.com:8080/", "example.com:8080"),
            ("https://[::1]:443/", "[::1]"),
            ("http://[::1]:9000/", "[::1]:9000"),
        ] {
            assert_eq!(host_of(uri, &[]).as_deref(), Ok(expected), "{uri}");
        }
    }

    #[test]
    fn host_header_stands_as_it_is_where_it_agrees() {
        assert_eq!(
            host_of("https://example.com/", &["Example.com:443"]).unwrap(),
            "Example.com:443"
        );
        assert_eq!(host_of("/", &["EXAMPLE.com"]).unwrap(), "EXAMPLE.com");
    }

    #[test]
    fn missing_doubled_or_differing_host_is_an_error() {
        assert_eq!(host_of("/", &[]), Err(SignError::MissingHost));
        assert_eq!(host_of("/", &["a", "a"]), Err(SignError::DuplicateHost));
        assert_eq!(
            host_of("https://a/", &["b"]),
            Err(SignError::HostMismatch { header: "b".into(), authority: "a".into() })
        );
        for header in ["", " ", "a b", "a/b", "u@a", "a,b"] {
            let headers = HeaderMap::from_iter([(header::HOST, header.parse().unwrap())]);
            let head = head_of(&headers);
            assert_eq!(head.host(), Err(SignError::InvalidHost), "{header}");
        }
    }

    #[test]
    fn host_header_decides_alone_if_the_signer_says_so() {
        let request = Request::get("http://127.0.0.1:9000/").header(header::HOST, "b.s3.example");
        let request = request.body(()).unwrap();
        let head = RequestHead::from(&request);
        assert!(matches!(head.host(), Err(SignError::HostMismatch { .. })));
        assert_eq!(head.host_from_header().as_deref(), Ok("b.s3.example"));
        let bare = Request::get("http://127.0.0.1:9000/").body(()).unwrap();
        assert_eq!(RequestHead::from(&bare).host_from_header().as_deref(), Ok("127.0.0.1:9000"));
    }

    fn head_of(headers: &HeaderMap) -> RequestHead<'_> {
        let method = &Method::GET;
        RequestHead { method, scheme: None, authority: None, path: "/", query: None, headers }
    }

    #[test]
    fn user_info_in_the_uri_is_an_error() {
        assert_eq!(host_of("https://user:pass@example.com/", &[]), Err(SignError::UserInfo));
    }

    #[test]
    fn signature_parameter_is_found_however_it_is_spelt() {
        for query in
            ["X-Amz-Signature=0", "a=1&x-amz-date=1", "X%2dAmz-Expires=1", "X-Amz-Algorithm"]
        {
            assert!(signature_parameter(query).is_some(), "{query}");
        }
        for query in
            ["X-Amz-SignedHeader=1", "X-Amz-Signatures", "a=X-Amz-Date", "X-Amz-Meta=1", ""]
        {
            assert_eq!(signature_parameter(query), None, "{query}");
        }
    }

    #[test]
    fn connect_and_asterisk_targets_are_refused() {
        let headers = HeaderMap::new();
        let star = RequestHead { path: "*", ..head_of(&headers) };
        assert_eq!(star.check(), Err(SignError::UnsupportedTarget));
        let connect = RequestHead { method: &Method::CONNECT, ..head_of(&headers) };
        assert_eq!(connect.check(), Err(SignError::UnsupportedTarget));
    }
}
