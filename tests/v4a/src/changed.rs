//! A signed request with one byte changed: of the signature, a header, the query, the path, the body.

use bytes::Bytes;
use http::{HeaderValue, Request, Uri};

/// The request changed in each of its parts; `nth` chooses the byte within the part.
pub(crate) fn all(request: &Request<Bytes>, nth: usize) -> Vec<(&'static str, Request<Bytes>)> {
    let mut all = Vec::new();
    for name in request.headers().keys() {
        let value = request.headers().get(name).map(HeaderValue::as_bytes).unwrap_or_default();
        // A space beside another, or at an end, is not significant: change only letters and digits.
        if let Some(value) = other(value, nth).and_then(|it| HeaderValue::from_bytes(&it).ok()) {
            let mut changed = request.clone();
            changed.headers_mut().insert(name, value);
            all.push(("header", changed));
        }
    }
    if let Some(authorization) = request.headers().get("authorization")
        && let Some(value) = with_other_signature(authorization.as_bytes(), nth)
        && let Ok(value) = HeaderValue::from_bytes(&value)
    {
        let mut changed = request.clone();
        changed.headers_mut().insert("authorization", value);
        all.push(("signature", changed));
    }
    let uri = request.uri().to_string();
    let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
    if let Some(query) = other(query.as_bytes(), nth) {
        all.extend(with_uri(request, path.as_bytes(), &query).map(|it| ("query", it)));
    }
    if let Some(query) = with_other_signature(query.as_bytes(), nth) {
        all.extend(with_uri(request, path.as_bytes(), &query).map(|it| ("signature", it)));
    }
    // A segment before `..` is not significant.
    if !path.contains("/.")
        && let Some(path) = other(path.as_bytes(), nth)
    {
        all.extend(with_uri(request, &path, query.as_bytes()).map(|it| ("path", it)));
    }
    // The body of a presigned URL of S3 is not signed; elsewhere there is none.
    if !request.body().is_empty() {
        let mut body = request.body().to_vec();
        let at = nth % body.len();
        if let Some(byte) = body.get_mut(at) {
            *byte ^= 1;
        }
        all.push(("body", request.clone().map(|_| body.into())));
    }
    all
}

fn with_uri(request: &Request<Bytes>, path: &[u8], query: &[u8]) -> Option<Request<Bytes>> {
    let text = if query.is_empty() { path.to_vec() } else { [path, b"?", query].concat() };
    let mut changed = request.clone();
    *changed.uri_mut() = Uri::from_maybe_shared(text).ok()?;
    (changed.uri() != request.uri()).then_some(changed)
}

/// The text with one letter or digit replaced by another.
fn other(text: &[u8], nth: usize) -> Option<Vec<u8>> {
    let places: Vec<usize> =
        (0..text.len()).filter(|at| text.get(*at).is_some_and(u8::is_ascii_alphanumeric)).collect();
    let at = *places.get(nth.checked_rem(places.len())?)?;
    let mut changed = text.to_vec();
    let byte = changed.get_mut(at)?;
    // Another digit, so that an escape stays one; never the same letter in another case.
    *byte = if *byte == b'7' { b'8' } else { b'7' };
    Some(changed)
}

/// The text with one digit of its signature changed.
fn with_other_signature(text: &[u8], nth: usize) -> Option<Vec<u8>> {
    let at = text.windows(10).position(|part| part == b"Signature=")? + 10;
    let digits = text.get(at..)?.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let mut changed = text.to_vec();
    let digit = changed.get_mut(at + nth.checked_rem(digits)?)?;
    *digit = if *digit == b'7' { b'8' } else { b'7' };
    Some(changed)
}
