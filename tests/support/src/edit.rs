//! A request as bytes, so that any one of them can be changed, and what of it was signed.

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Uri};

use super::oracle::{self, Rules};

/// The request as HTTP/1.1 has it, the body behind the head as it is.
#[must_use]
pub fn to_wire(parts: &Parts, body: &[u8]) -> Vec<u8> {
    let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut wire = format!("{} {target} HTTP/1.1\r\n", parts.method).into_bytes();
    if !parts.headers.contains_key("host") {
        let authority = parts.uri.authority().map_or("", http::uri::Authority::as_str);
        wire.extend_from_slice(format!("host: {authority}\r\n").as_bytes());
    }
    for (name, value) in &parts.headers {
        wire.extend_from_slice(
            &[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat(),
        );
    }
    [&wire, &b"\r\n"[..], body].concat()
}

/// The request that a server reads from the bytes; `None` if it is no request.
#[must_use]
pub fn from_wire(wire: &[u8]) -> Option<(Parts, Vec<u8>)> {
    let end = wire.windows(4).position(|four| four == b"\r\n\r\n")?;
    let mut lines = Vec::new();
    let mut rest = &wire[..end + 2];
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        lines.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    let (first, fields) = lines.split_first()?;
    let words: Vec<&[u8]> = first.split(|byte| *byte == b' ').collect();
    let [method, target, b"HTTP/1.1"] = words[..] else {
        return None;
    };
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(method).ok()?;
    *request.uri_mut() = Uri::try_from(target).ok()?;
    for field in fields {
        let at = field.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&field[..at]).ok()?;
        let mut value = &field[at + 1..];
        while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
            value = rest;
        }
        request.headers_mut().append(name, HeaderValue::from_bytes(value).ok()?);
    }
    Some((request.into_parts().0, wire[end + 4..].to_vec()))
}

/// The canonical request, by the oracle: what a signature over these headers says.
///
/// # Errors
/// Says which part of the request cannot be written.
pub fn signed_text(
    parts: &Parts,
    signed_headers: &str,
    payload: &str,
    rules: Rules,
) -> Result<Vec<u8>, String> {
    let names: Vec<String> = signed_headers.split(';').map(str::to_owned).collect();
    let mut headers: Vec<oracle::BytePair> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
        .collect();
    if let (Some(authority), false) = (parts.uri.authority(), parts.headers.contains_key("host")) {
        headers.push((b"host".to_vec(), authority.as_str().into()));
    }
    let request = oracle::Request {
        method: parts.method.as_str().into(),
        path: parts.uri.path().into(),
        query: parts.uri.query().unwrap_or_default().into(),
        headers,
        body: Vec::new(),
    };
    oracle::canonical_request(&request, &names, payload.as_bytes(), rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let request = Request::put("/a%20b?c=d").header("host", "example.com").header("x-a", "b c");
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let wire = to_wire(&parts, b"body\r\n\r\n");
        assert_eq!(
            wire,
            b"PUT /a%20b?c=d HTTP/1.1\r\nhost: example.com\r\nx-a: b c\r\n\r\nbody\r\n\r\n"
        );
        let (read, body) = from_wire(&wire).unwrap();
        assert_eq!((read.method, read.uri, read.headers), (parts.method, parts.uri, parts.headers));
        assert_eq!(body, b"body\r\n\r\n");
    }

    #[test]
    fn what_is_no_request_is_not_read() {
        for wire in
            ["", "GET / HTTP/1.1\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\na\r\n\r\n"]
        {
            assert!(from_wire(wire.as_bytes()).is_none(), "{wire:?}");
        }
    }
}
