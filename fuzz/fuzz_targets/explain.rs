//! Any answer of a service: read and explained, or told as unreadable; never a panic, never the token.
//!
//! An input is a status, lines of headers, an empty line and a body, as on the wire.
#![no_main]

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use libfuzzer_sys::fuzz_target;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, SigningTime, Transcript};
use sigv4_explain::{Answer, ErrorResponse, explain};

const TOKEN: &str = "TOKENTHATISNEVERSHOWN";

static TRANSCRIPT: LazyLock<Transcript> = LazyLock::new(|| {
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let key = Credentials::new("ASIAEXAMPLE", "secret").with_session_token(TOKEN);
    let request = http::Request::get("https://files.example.com/a%20b?x=1").body(()).unwrap();
    let time: SigningTime = "20250903T162150Z".parse().unwrap();
    signer.compute_transcript(&request, PayloadHash::EMPTY, &key, time).unwrap().1
});

fn read_input(input: &[u8]) -> Option<(StatusCode, HeaderMap, &[u8])> {
    let cut = |text: &[u8]| text.iter().position(|byte| *byte == b'\n');
    let end = cut(input)?;
    let status = StatusCode::from_bytes(&input[..end]).ok()?;
    let mut headers = HeaderMap::new();
    let mut rest = &input[end + 1..];
    while let Some(end) = cut(rest) {
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        headers.append(name, value);
    }
    Some((status, headers, rest))
}

fuzz_target!(|input: &[u8]| {
    let Some((status, headers, body)) = read_input(input) else { return };
    let answer = Answer { status, headers: &headers, body };
    let read = ErrorResponse::read(&answer);
    let explanation = explain(&TRANSCRIPT, answer);
    assert_eq!(explanation.family(), read.as_ref().ok().map(ErrorResponse::family));
    assert_eq!(explanation.status(), Some(status));
    assert!(!explanation.cause().is_empty() && !explanation.cure().is_empty());
    let shown = explanation.to_string();
    // What a service sends must not write to the terminal of who reads the explanation.
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
    // An input may spell the token anywhere; where it does not, it can come from the transcript alone.
    if !input.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()) {
        assert!(!shown.contains(TOKEN) && !format!("{explanation:?} {read:?}").contains(TOKEN));
    }
});
