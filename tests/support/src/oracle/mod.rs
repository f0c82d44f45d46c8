//! A second implementation of Signature Version 4, slow and obvious, to check the product against.
//!
//! It shares no code with `sigv4-core`: every step collects into vectors, sorts and joins. Texts are
//! bytes throughout, because header values and request targets need not be UTF-8.
//!
//! ```text
//! Request + Rules -> canonical_request -> string_to_sign -> signature
//! Oracle::check:     recomputes the signature that a received request states
//! ```
//!
//! Source: "Create a signed AWS API request", AWS IAM User Guide, and the Amazon S3 API Reference,
//! "Authenticating Requests (AWS Signature Version 4)".

pub(crate) mod chunked;
mod verify;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub use self::verify::{Checked, Form, Key, Oracle};

/// The payload line of a request whose body is not signed.
pub const UNSIGNED_PAYLOAD: &[u8] = b"UNSIGNED-PAYLOAD";

/// A name and a value.
pub type BytePair = (Vec<u8>, Vec<u8>);

/// A request as sent, after the transfer coding has been removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, with its case kept.
    pub method: Vec<u8>,
    /// The path as sent, without the query; may be empty.
    pub path: Vec<u8>,
    /// The query as sent, without its `?`. Empty if there is none.
    pub query: Vec<u8>,
    /// Name and value of each header as sent, in order, including `host`.
    pub headers: Vec<BytePair>,
    /// The body, still in `aws-chunked` framing if the request uses it.
    pub body: Vec<u8>,
}

impl Request {
    /// Splits a request target (`/path?query`, or one with scheme and authority).
    #[must_use]
    pub fn split_target(target: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let text = match target.windows(3).position(|window| window == b"://") {
            Some(at) if !target.starts_with(b"/") => {
                let rest = &target[at + 3..];
                let path_at =
                    rest.iter().position(|byte| b"/?".contains(byte)).unwrap_or(rest.len());
                &rest[path_at..]
            }
            _ => target,
        };
        match text.iter().position(|byte| *byte == b'?') {
            Some(at) => (text[..at].to_vec(), text[at + 1..].to_vec()),
            None => (text.to_vec(), Vec::new()),
        }
    }

    /// Returns all values of one header, in order.
    #[must_use]
    pub fn header(&self, name: &str) -> Vec<Vec<u8>> {
        let same = |other: &[u8]| other.eq_ignore_ascii_case(name.as_bytes());
        self.headers
            .iter()
            .filter(|(other, _)| same(other))
            .map(|(_, value)| value.clone())
            .collect()
    }
}

/// How often a path is percent-encoded for the canonical text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathEncoding {
    /// S3: escapes are decoded and encoded again, once.
    Single,
    /// Everything else: the path is encoded as sent, including each `%`.
    Double,
}

/// How empty, `.` and `..` segments are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathSegments {
    /// S3: they are part of the key.
    Kept,
    /// Everything else: they are resolved.
    Normalized,
}

/// The payload line of a presigned request that has no signed `x-amz-content-sha256`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresignedPayload {
    /// S3: `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// Everything else: the hash of the body.
    Hashed,
}

/// A service's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Once or twice.
    pub encoding: PathEncoding,
    /// Kept or resolved.
    pub segments: PathSegments,
    /// Unsigned or hashed.
    pub presigned_payload: PresignedPayload,
}

impl Rules {
    /// The rules of S3 and services like it.
    pub const S3: Self = Self {
        encoding: PathEncoding::Single,
        segments: PathSegments::Kept,
        presigned_payload: PresignedPayload::Unsigned,
    };
    /// The rules of every other service.
    pub const DEFAULT: Self = Self {
        encoding: PathEncoding::Double,
        segments: PathSegments::Normalized,
        presigned_payload: PresignedPayload::Hashed,
    };
}

/// Builds the six parts of the canonical request, joined by line feeds.
///
/// # Errors
/// Names the part of the query or the header that is at fault.
pub fn canonical_request(
    request: &Request,
    signed_headers: &[String],
    payload_line: &[u8],
    rules: Rules,
) -> Result<Vec<u8>, String> {
    let parts = [
        request.method.clone(),
        canonical_path(&request.path, rules),
        canonical_query(&request.query)?,
        canonical_headers(request, signed_headers)?,
        signed_headers.join(";").into_bytes(),
        payload_line.to_vec(),
    ];
    Ok(parts.join(&b'\n'))
}

/// Builds the path line.
#[must_use]
pub fn canonical_path(path: &[u8], rules: Rules) -> Vec<u8> {
    let mut segments: Vec<Vec<u8>> = path.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect();
    if rules.segments == PathSegments::Normalized {
        segments = resolve(&segments);
    }
    if rules.encoding == PathEncoding::Single {
        // The decoded path is a key. An escaped slash divides it like any other slash.
        let key = decode_leniently(&segments.join(&b'/'));
        segments = key.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect();
    }
    let encoded: Vec<Vec<u8>> = segments.iter().map(|segment| encode(segment)).collect();
    let joined = encoded.join(&b'/');
    if joined.is_empty() { b"/".to_vec() } else { joined }
}

/// Drops empty and `.` segments. `..` drops the segment kept before it. A final slash stays.
fn resolve(segments: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for segment in segments {
        match segment.as_slice() {
            b"" | b"." => {}
            b".." => {
                kept.pop();
            }
            other => kept.push(other.to_vec()),
        }
    }
    let ends_in_slash = segments.last().is_some_and(Vec::is_empty);
    if ends_in_slash && !kept.is_empty() {
        kept.push(Vec::new());
    }
    kept.insert(0, Vec::new()); // the leading slash
    if kept.len() == 1 {
        kept.push(Vec::new()); // only the slash
    }
    kept
}

/// Builds the query line: pairs decoded, encoded, sorted by name and then by value, without
/// `X-Amz-Signature`.
///
/// # Errors
/// A `%` that is not followed by two hexadecimal digits.
pub fn canonical_query(query: &[u8]) -> Result<Vec<u8>, String> {
    let mut pairs: Vec<BytePair> = query_pairs(query)?
        .into_iter()
        .filter(|(name, _)| name != b"X-Amz-Signature")
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    pairs.sort();
    let joined: Vec<Vec<u8>> =
        pairs.into_iter().map(|(name, value)| [name, value].join(&b'=')).collect();
    Ok(joined.join(&b'&'))
}

/// Returns the decoded names and values of a query, in order. Empty pairs are dropped.
///
/// # Errors
/// A `%` that is not followed by two hexadecimal digits.
pub fn query_pairs(query: &[u8]) -> Result<Vec<BytePair>, String> {
    let mut pairs = Vec::new();
    for pair in query.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &pair[pair.len()..]),
        };
        pairs.push((decode_query_text(name)?, decode_query_text(value)?));
    }
    Ok(pairs)
}

/// Builds the header lines, each ended by a line feed.
///
/// # Errors
/// A header is named but absent.
pub fn canonical_headers(request: &Request, names: &[String]) -> Result<Vec<u8>, String> {
    let mut lines = Vec::new();
    for name in names {
        let values: Vec<Vec<u8>> = request.header(name).iter().map(|value| fold(value)).collect();
        if values.is_empty() {
            return Err(format!("the signed header `{name}` is not in the request"));
        }
        lines.extend([name.as_bytes(), b":", &values.join(&b','), b"\n"].concat());
    }
    Ok(lines)
}

/// Trims spaces and tabs, and folds each run of them to one space.
fn fold(value: &[u8]) -> Vec<u8> {
    let words: Vec<&[u8]> =
        value.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty()).collect();
    words.join(&b' ')
}

/// Builds the text that is signed: algorithm, date, scope, and the hash of the canonical request.
#[must_use]
pub fn string_to_sign(timestamp: &str, scope: &str, canonical_request: &[u8]) -> String {
    ["AWS4-HMAC-SHA256", timestamp, scope, &sha256_hex(canonical_request)].join("\n")
}

/// Derives the key for one day, region and service.
#[must_use]
pub fn signing_key(secret: &str, day: &str, region: &str, service: &str) -> Vec<u8> {
    let start = ["AWS4", secret].concat();
    let by_day = hmac(start.as_bytes(), day.as_bytes());
    let by_region = hmac(&by_day, region.as_bytes());
    let by_service = hmac(&by_region, service.as_bytes());
    hmac(&by_service, b"aws4_request")
}

/// Computes the signature as 64 lower-case hexadecimal digits.
#[must_use]
pub fn signature(key: &[u8], string_to_sign: &[u8]) -> String {
    hex(&hmac(key, string_to_sign))
}

/// Computes SHA-256 as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Escapes every byte but `A-Z a-z 0-9 - . _ ~`, in upper-case hexadecimal.
#[must_use]
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text.into_bytes()
}

/// Decodes `%XX` and reads `+` as a space.
fn decode_query_text(text: &[u8]) -> Result<Vec<u8>, String> {
    let escapes = text.iter().filter(|byte| **byte == b'%').count();
    let mut decoded = Vec::new();
    let mut rest = text;
    let mut seen = 0;
    while let Some((byte, after)) = rest.split_first() {
        match escaped_byte(rest) {
            Some(value) => {
                decoded.push(value);
                rest = &rest[3..];
                seen += 1;
            }
            None => {
                decoded.push(if *byte == b'+' { b' ' } else { *byte });
                rest = after;
            }
        }
    }
    if seen == escapes {
        Ok(decoded)
    } else {
        Err(format!(
            "query: `{}` holds a `%` without two hex digits",
            String::from_utf8_lossy(text)
        ))
    }
}

/// Decodes `%XX` and keeps any other `%`.
fn decode_leniently(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        match escaped_byte(rest) {
            Some(value) => {
                decoded.push(value);
                rest = &rest[3..];
            }
            None => {
                decoded.push(*byte);
                rest = after;
            }
        }
    }
    decoded
}

/// Returns the byte that `%XX` at the start of a text encodes.
fn escaped_byte(text: &[u8]) -> Option<u8> {
    match text {
        [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            let digits = [*high, *low];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()
        }
        _ => None,
    }
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vector_tests;
