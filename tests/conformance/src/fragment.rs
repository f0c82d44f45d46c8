//! Single lines of the canonical request, taken from a whole one.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sigv4_core::service::{PathEncoding, PathNormalization, Rules};
use sigv4_core::{
    Credentials, HeaderSelection, PayloadHash, Region, RequestHead, Service, Signer, SigningTime,
};
use support::vectors::SigningLine;

use crate::{Checked, Mismatch, refused, same};

pub(crate) fn path(line: &SigningLine) -> Checked {
    let rules = Rules::DEFAULT
        .with_path_normalization(match line.normalize {
            Some(false) => PathNormalization::Verbatim,
            _ => PathNormalization::Normalize,
        })
        .with_path_encoding(match line.double_encode {
            Some(false) => PathEncoding::Single,
            _ => PathEncoding::Double,
        });
    compare(line, rules, 1, |head| RequestHead { path: input(line), ..head })
}

pub(crate) fn query(line: &SigningLine) -> Checked {
    compare(line, Rules::DEFAULT, 2, |head| RequestHead { query: Some(input(line)), ..head })
}

pub(crate) fn header_value(line: &SigningLine) -> Checked {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_bytes(input(line).as_bytes())
        .map_err(|_| Mismatch::NotExpressible("the http crate cannot hold its value".into()))?;
    headers.insert(HeaderName::from_static("a"), value);
    let expected = format!("a:{}", line.expected.as_deref().unwrap_or_default());
    let written =
        canonical_line(Rules::DEFAULT, 3, |head| RequestHead { headers: &headers, ..head })?;
    same("header line", &written, expected.as_bytes())
}

fn input(line: &SigningLine) -> &str {
    line.input.as_deref().unwrap_or_default()
}

fn compare<'a>(
    line: &SigningLine,
    rules: Rules,
    nth: usize,
    change: impl FnOnce(RequestHead<'a>) -> RequestHead<'a>,
) -> Checked {
    let expected = line.expected.as_deref().unwrap_or_default();
    same(&line.kind, &canonical_line(rules, nth, change)?, expected.as_bytes())
}

/// Returns the nth line, counted from 0, of a canonical request that is plain except for one
/// change.
fn canonical_line<'a>(
    rules: Rules,
    nth: usize,
    change: impl FnOnce(RequestHead<'a>) -> RequestHead<'a>,
) -> Result<Vec<u8>, Mismatch> {
    static NO_HEADERS: std::sync::LazyLock<HeaderMap> = std::sync::LazyLock::new(HeaderMap::new);
    let head = change(RequestHead {
        method: &Method::GET,
        scheme: None,
        authority: Some("h"),
        path: "/",
        query: None,
        headers: &NO_HEADERS,
    });
    let service = Service::with_rules("service", rules).map_err(|error| refused(&error))?;
    let signer = Signer::new(Region::from_static("us-east-1"), service)
        .with_signed_headers(HeaderSelection::All);
    let time = SigningTime::from_unix(0).map_err(|error| refused(&error))?;
    let credentials = Credentials::new("AKID", "secret");
    let (_, transcript) = signer
        .compute_transcript(head, PayloadHash::EMPTY, &credentials, time)
        .map_err(|error| refused(&error))?;
    let line = transcript.canonical_request().split(|byte| *byte == b'\n').nth(nth);
    Ok(line.unwrap_or_default().to_vec())
}
