//! Brings a URI into the form that is both signed and sent.

use std::borrow::Cow;

use http::Uri;
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Version, header};

use crate::canonical::query::plus_as_space;
use crate::error::SignError;
use crate::head::normal_authority;

/// Rewrites the URI and a `Host` header into the form that clients send: host in lower case, no
/// default port, no `+` in the query.
///
/// Clients take `Host` for HTTP/1 and `:authority` for HTTP/2 from the URI, the former without a
/// default port. In this form both are the same text.
///
/// # Errors
/// A [`SignError`] if there is no host, more than one, or a malformed one; if the URI contains user
/// information; or, over HTTP/2, if the `Host` header differs from the URI's host.
pub fn to_wire(parts: &mut Parts) -> Result<(), SignError> {
    if let Cow::Owned(uri) = normal_uri(&parts.uri)? {
        parts.uri = uri;
    }
    let mut stated = parts.headers.get_all(header::HOST).iter();
    let Some(value) = stated.next() else {
        return parts.uri.authority().map(|_| ()).ok_or(SignError::MissingHost);
    };
    if stated.next().is_some() {
        return Err(SignError::DuplicateHost);
    }
    let text = value.to_str().map_err(|_| SignError::InvalidHost)?.trim_matches([' ', '\t']);
    let host = normal_authority(text, parts.uri.scheme_str())?.into_owned();
    match parts.uri.authority() {
        // Otherwise `:authority` would name one host and the signature another.
        Some(authority) if parts.version == Version::HTTP_2 && authority.as_str() != host => {
            let authority = authority.as_str().to_owned();
            return Err(SignError::HostMismatch { header: host, authority });
        }
        _ => {}
    }
    let host = HeaderValue::from_str(&host).map_err(|_| SignError::InvalidHost)?;
    parts.headers.insert(header::HOST, host);
    Ok(())
}

/// Returns a URI in the form that is signed: host in lower case, no default port, no `+` in the
/// query.
///
/// Clients send `Host` as the URI has it, so a request is signed and sent in this form.
///
/// # Errors
/// [`SignError::UserInfo`], [`SignError::InvalidHost`]; [`SignError::UriTooLong`] if it would
/// become too long for `Uri`.
fn normal_uri(uri: &Uri) -> Result<Cow<'_, Uri>, SignError> {
    let scheme = uri.scheme().map(Scheme::as_str);
    let authority =
        uri.authority().map(|raw| normal_authority(raw.as_str(), scheme)).transpose()?;
    let query = uri.query().map(plus_as_space);
    let is_normal = authority.as_deref() == uri.authority().map(Authority::as_str)
        && query.as_deref() == uri.query();
    if is_normal {
        return Ok(Cow::Borrowed(uri));
    }
    let mut parts = uri.clone().into_parts();
    if let Some(authority) = authority {
        parts.authority = Some(authority.parse().map_err(|_| SignError::InvalidHost)?);
    }
    if let Some(query) = query {
        let target = format!("{}?{query}", uri.path());
        let target = target.parse::<PathAndQuery>().map_err(|_| SignError::UriTooLong)?;
        parts.path_and_query = Some(target);
    }
    Uri::from_parts(parts).map(Cow::Owned).map_err(|_| SignError::UriTooLong)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn uri_is_brought_to_the_form_that_is_signed() {
        for (uri, expected) in [
            ("https://EXAMPLE.com:443/A//b?x=1+2", "https://example.com/A//b?x=1%202"),
            ("http://Example.COM:80", "http://example.com/"),
            ("http://example.com:443/", "http://example.com:443/"),
            ("https://[2001:DB8::1]:443/%7e", "https://[2001:db8::1]/%7e"),
            ("http://h/?", "http://h/?"),
            ("/relative?a+b", "/relative?a%20b"),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(normal_uri(&uri).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn uri_in_normal_form_is_not_copied() {
        let uri = Uri::from_static("https://example.com/a?b=c");
        assert!(matches!(normal_uri(&uri), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn uri_with_user_information_is_refused() {
        let uri = Uri::from_static("https://user:secret@example.com/");
        assert_eq!(normal_uri(&uri).err(), Some(SignError::UserInfo));
    }

    fn normalized(uri: &str, hosts: &[&'static str]) -> Result<Parts, SignError> {
        let mut request = Request::get(uri);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        to_wire(&mut parts).map(|()| parts)
    }

    #[test]
    fn uri_and_host_header_are_brought_to_one_form() {
        let parts = normalized("https://Example.COM:443/A?b=1+2", &["example.Com:443"]).unwrap();
        assert_eq!(parts.uri, "https://example.com/A?b=1%202");
        assert_eq!(parts.headers[header::HOST], "example.com");
    }

    #[test]
    fn host_header_names_the_host_of_a_relative_target() {
        let parts = normalized("/a", &["Example.com:9200"]).unwrap();
        assert_eq!(parts.headers[header::HOST], "example.com:9200");
    }

    #[test]
    fn host_header_that_differs_is_refused_over_http_2() {
        let mut parts = normalized("https://10.0.0.1/", &["bucket.example.com"]).unwrap();
        parts.version = Version::HTTP_2;
        assert!(matches!(to_wire(&mut parts), Err(SignError::HostMismatch { .. })));
    }

    #[test]
    fn missing_doubled_or_malformed_host_is_an_error() {
        assert_eq!(normalized("/", &[]).err(), Some(SignError::MissingHost));
        assert_eq!(normalized("/", &["a", "a"]).err(), Some(SignError::DuplicateHost));
        assert_eq!(normalized("/", &["a/b"]).err(), Some(SignError::InvalidHost));
        assert_eq!(normalized("https://user:pass@a/", &[]).err(), Some(SignError::UserInfo));
    }
}
