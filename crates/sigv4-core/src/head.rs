//! The signed part of a request (method, target, headers), borrowed from its owner.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, Method, Request, request, uri::Scheme};

use crate::encode::{ByteSet, Piece, Pieces};
use crate::error::SignError;
use crate::fields;
use crate::text::split;
use crate::text::split::raw_pairs;

/// The most headers on a request. With more, `HeaderMap` could be full before the signature is
/// added.
const MAX_HEADERS: usize = 16_384;

/// A request's head, borrowed from its owner.
///
/// Convert it from an `http::Request` or its parts. A client with its own request type fills in the
/// fields.
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
    /// The URI's scheme. It decides which port is the default.
    pub scheme: Option<&'a str>,
    /// The URI's host and port. If there is none, the `Host` header names the host.
    pub authority: Option<&'a str>,
    /// The path as sent.
    pub path: &'a str,
    /// The query as sent, without the `?`.
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
    /// Creates a head from `http` types.
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

    /// Returns the host without its port, for display.
    #[cfg(feature = "tracing")]
    pub(crate) fn host_name(&self) -> Option<&'a str> {
        let header = || self.headers.get(http::header::HOST)?.to_str().ok();
        self.authority.map(|text| text.rsplit('@').next().unwrap_or_default()).or_else(header)
    }

    /// Fails if the request cannot be signed.
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

    /// Returns the value of the `host` line: the `Host` header unchanged, which must agree with the
    /// URI's authority; without a header, the authority.
    pub(crate) fn host(&self, header: Single<'a>) -> Result<Cow<'a, str>, SignError> {
        let Some(raw) = host_header(header)? else {
            let authority = self.authority.ok_or(SignError::MissingHost)?;
            return normal_authority(authority, self.scheme);
        };
        match self.authority {
            Some(authority) if authority != raw => self.check_agreement(raw, authority)?,
            // Alike, as in most requests; the error is then the authority's own.
            Some(authority) => drop(normal_authority(authority, self.scheme)?),
            None => drop(self.normal_header(raw)?),
        }
        Ok(Cow::Borrowed(raw))
    }

    /// Checks that the `Host` header and the URI's authority, spelt differently, name one host.
    #[cold]
    fn check_agreement(&self, raw: &'a str, authority: &'a str) -> Result<(), SignError> {
        let authority = normal_authority(authority, self.scheme)?;
        let stated = self.normal_header(raw)?;
        if authority == stated {
            return Ok(());
        }
        let (header, authority) = (stated.into_owned(), authority.into_owned());
        Err(SignError::HostMismatch { header, authority })
    }

    /// Returns the `Host` header in normal form.
    fn normal_header(&self, raw: &'a str) -> Result<Cow<'a, str>, SignError> {
        normal_authority(raw, self.scheme).map_err(|_| SignError::InvalidHost)
    }

    /// Returns the value of the `host` line if the `Host` header decides, whatever the URI names.
    pub(crate) fn host_from_header(&self, header: Single<'a>) -> Result<Cow<'a, str>, SignError> {
        let authority = self.authority.map(|raw| normal_authority(raw, self.scheme)).transpose()?;
        let Some(raw) = host_header(header)? else {
            return authority.ok_or(SignError::MissingHost);
        };
        self.normal_header(raw)?;
        Ok(Cow::Borrowed(raw))
    }
}

/// Returns the only `Host` header, without white space around it.
fn host_header(header: Single<'_>) -> Result<Option<&str>, SignError> {
    let Some(value) = header.first else {
        return Ok(None);
    };
    if header.is_doubled {
        return Err(SignError::DuplicateHost);
    }
    Ok(Some(split::trim(value.to_str().map_err(|_| SignError::InvalidHost)?)))
}

/// A header that may occur once.
#[derive(Clone, Copy, Default)]
pub(crate) struct Single<'a> {
    pub(crate) first: Option<&'a HeaderValue>,
    pub(crate) is_doubled: bool,
}

impl<'a> Single<'a> {
    #[inline]
    pub(crate) fn note(&mut self, value: &'a HeaderValue) {
        self.is_doubled = self.first.is_some();
        self.first = self.first.or(Some(value));
    }
}

/// The headers on the request that decide how it is signed, found while its lines are collected.
#[derive(Default)]
pub(crate) struct Noted<'a> {
    pub(crate) host: Single<'a>,
    pub(crate) content_sha256: Single<'a>,
    /// Whether an earlier signature is on the request.
    pub(crate) is_signed: bool,
}

/// Returns the first signature parameter in the query, in any case.
fn signature_parameter(query: &str) -> Option<&'static str> {
    if !may_hold_x(query.as_bytes()) {
        return None;
    }
    raw_pairs(query)
        .filter(|(name, _)| name.starts_with(['x', 'X', '%']))
        .find_map(|(name, _)| fields::query::ALL.into_iter().find(|known| decodes_to(name, known)))
}

/// Whether a name may begin with an X, as all signature parameters do. It has no branch, so that
/// many bytes are checked at once.
fn may_hold_x(query: &[u8]) -> bool {
    let is_x = |byte: u8| (byte == b'%') | (byte | 0x20 == b'x');
    let pairs = query.iter().zip(query.iter().skip(1));
    let after_first = pairs.fold(false, |found, (a, b)| found | ((*a == b'&') & is_x(*b)));
    after_first | query.first().is_some_and(|byte| is_x(*byte))
}

/// Whether a raw name equals `known` after decoding, in any case.
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

/// All visible bytes except URI delimiters and upper-case letters.
static HOST: ByteSet = ByteSet::of(b"abcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+=:[]");

/// Returns host and port in lower case, without the scheme's default port.
///
/// The same text is sent as `Host` (or `:authority`) and signed.
///
/// # Errors
/// [`SignError::UserInfo`] if it has `user@`; [`SignError::InvalidHost`] if it is not a host.
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
    // It has no branch for a byte, because nearly every text is a host.
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    let all = |bytes: &[u8]| bytes.iter().fold(true, |all, byte| all & HOST.contains(*byte));
    eights.iter().all(|eight| all(eight)) && all(rest)
}

fn invalid_authority(authority: &str) -> SignError {
    if authority.contains('@') { SignError::UserInfo } else { SignError::InvalidHost }
}

/// Returns the scheme's default port with its colon.
fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "https" | "wss" => Some(":443"),
        "http" | "ws" => Some(":80"),
        _ => None,
    }
}

impl core::fmt::Debug for RequestHead<'_> {
    /// Prints names without values, because a query or a header may hold a token.
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
    use http::header;

    use super::*;

    fn header_of(head: RequestHead<'_>) -> Single<'_> {
        let mut found = Single::default();
        head.headers.get_all(header::HOST).iter().for_each(|value| found.note(value));
        found
    }

    fn signed_host(head: RequestHead<'_>) -> Result<Cow<'_, str>, SignError> {
        head.host(header_of(head))
    }

    fn host_of(uri: &str, headers: &[&'static str]) -> Result<String, SignError> {
        let mut request = Request::get(uri);
        for value in headers {
            request = request.header(header::HOST, *value);
        }
        let request = request.body(()).unwrap();
        signed_host(RequestHead::from(&request)).map(Cow::into_owned)
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
    fn host_header_is_kept_unchanged_if_it_agrees() {
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
            assert_eq!(signed_host(head), Err(SignError::InvalidHost), "{header}");
        }
    }

    #[test]
    fn host_header_decides_alone_if_the_signer_says_so() {
        let request = Request::get("http://127.0.0.1:9000/").header(header::HOST, "b.s3.example");
        let request = request.body(()).unwrap();
        let head = RequestHead::from(&request);
        assert!(matches!(signed_host(head), Err(SignError::HostMismatch { .. })));
        assert_eq!(head.host_from_header(header_of(head)).as_deref(), Ok("b.s3.example"));
        let bare = Request::get("http://127.0.0.1:9000/").body(()).unwrap();
        let head = RequestHead::from(&bare);
        assert_eq!(head.host_from_header(header_of(head)).as_deref(), Ok("127.0.0.1:9000"));
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
