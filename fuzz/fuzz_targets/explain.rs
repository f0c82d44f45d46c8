//! Any response and any pasted request: explained, or told as unreadable; never a panic, never the token.
//!
//! An input is a status, lines of headers, an empty line and a body, as on the wire; the same bytes are
//! read as a pasted request too.
#![no_main]

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use libfuzzer_sys::fuzz_target;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, SigningTime, Transcript};
use sigv4_explain::{ErrorResponse, Evidence, read_request};

const TOKEN: &str = "TOKENTHATISNEVERSHOWN";

static SIGNED: LazyLock<(Request<()>, Transcript)> = LazyLock::new(|| {
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let mut request = Request::get("https://files.example.com/a%20b?x=1").body(()).unwrap();
    let time: SigningTime = "20250903T162150Z".parse().unwrap();
    let (signed, transcript) =
        signer.compute_transcript(&request, PayloadHash::EMPTY, &key(), time).unwrap();
    signed.apply(request.headers_mut());
    (request, transcript)
});

fn key() -> Credentials {
    Credentials::new("ASIAEXAMPLE", "secret").with_session_token(TOKEN)
}

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

/// What is shown must not write to the terminal of who reads it.
fn check_shown(shown: &str) {
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
}

fn explain(evidence: &Evidence<'_>, spelt: bool) {
    let read = ErrorResponse::read(evidence);
    let explanation = evidence.explain();
    assert_eq!(explanation.family(), read.as_ref().ok().map(ErrorResponse::family));
    assert!(!explanation.says().is_empty() && !explanation.cure().is_empty());
    let (shown, json) = (explanation.to_string(), explanation.to_json());
    check_shown(&shown);
    check_shown(&json);
    // The last line is ours: the response cannot add one after it, nor a cause before it.
    assert!(shown.lines().last().unwrap_or_default().starts_with("request: "), "{shown}");
    assert_eq!(shown.lines().filter(|line| line.starts_with("cause (")).count(), 1, "{shown}");
    // An input may spell the token anywhere; if it does not, it can come from the request alone.
    assert!(spelt || !format!("{shown}{json}{explanation:?}{read:?}").contains(TOKEN));
}

fuzz_target!(|input: &[u8]| {
    let spelt = input.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes());
    let (request, transcript) = &*SIGNED;
    if let Some((status, headers, body)) = read_input(input) {
        let evidence = Evidence::new(status, &headers, body);
        explain(&evidence, spelt);
        explain(&evidence.with_request(request), spelt);
        explain(&evidence.with_request(request).with_transcript(transcript), spelt);
    }
    let text = String::from_utf8_lossy(input);
    match read_request(&text) {
        Ok(pasted) => {
            let check = pasted.check(&key());
            check_shown(&check.to_string());
            assert!(spelt || !format!("{check}{check:?}{pasted:?}").contains(TOKEN));
            let compared = pasted.compare(transcript);
            assert!(spelt || !format!("{compared:?}").contains(TOKEN));
            if let Some(evidence) = pasted.evidence() {
                explain(&evidence, spelt);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
