//! The target as it will go on the wire, so that what is signed is what is sent.

use std::borrow::Cow;

use http::request::Parts;
use http::{HeaderValue, header};
use sigv4_core::SignError;
use sigv4_core::client::{normal_authority, normal_uri};

/// Rewrites the URI and a `Host` header into the form in which clients send them.
///
/// hyper-util takes `Host` for HTTP/1 and `:authority` for HTTP/2 from the URI, the former without a
/// default port: in normal form both are one text.
pub(crate) fn normalize(parts: &mut Parts) -> Result<(), SignError> {
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
    let host = normal_authority(text, parts.uri.scheme_str())?;
    let host = HeaderValue::from_str(&host).map_err(|_| SignError::InvalidHost)?;
    parts.headers.insert(header::HOST, host);
    Ok(())
}

/// The host of a normalised head; signing has seen to it that a `Host` header agrees.
pub(crate) fn authority(parts: &Parts) -> &str {
    let host = || parts.headers.get(header::HOST)?.to_str().ok();
    parts.uri.authority().map(http::uri::Authority::as_str).or_else(host).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn normalized(uri: &str, hosts: &[&'static str]) -> Result<Parts, SignError> {
        let mut request = Request::get(uri);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        normalize(&mut parts).map(|()| parts)
    }

    #[test]
    fn uri_and_host_header_are_brought_to_one_form() {
        let parts = normalized("https://Example.COM:443/A?b=1+2", &["example.Com:443"]).unwrap();
        assert_eq!(parts.uri, "https://example.com/A?b=1%202");
        assert_eq!(parts.headers[header::HOST], "example.com");
        assert_eq!(authority(&parts), "example.com");
    }

    #[test]
    fn host_header_names_the_host_of_a_relative_target() {
        assert_eq!(
            authority(&normalized("/a", &["Example.com:9200"]).unwrap()),
            "example.com:9200"
        );
    }

    #[test]
    fn missing_doubled_or_malformed_host_is_an_error() {
        assert_eq!(normalized("/", &[]).err(), Some(SignError::MissingHost));
        assert_eq!(normalized("/", &["a", "a"]).err(), Some(SignError::DuplicateHost));
        assert_eq!(normalized("/", &["a/b"]).err(), Some(SignError::InvalidHost));
        assert_eq!(normalized("https://user:pass@a/", &[]).err(), Some(SignError::UserInfo));
    }
}
