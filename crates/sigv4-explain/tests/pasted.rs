//! Verifies requests as text that botocore and curl signed, with the secret.
//!
//! `pasted.jsonl` contains each request with its expected result: as it was signed, and changed
//! afterwards in one or two ways. `make/pasted.py` makes the file.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use serde_json::Value;
use sigv4_core::Credentials;
use sigv4_explain::{BodyCheck, RefusalCause, SignatureCheck, read_request};

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn records() -> Vec<Value> {
    let lines = include_str!("pasted.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check(record: &Value) -> SignatureCheck {
    let key = record["key"].as_str().unwrap_or(KEY);
    let secret = record["secret"].as_str().unwrap_or(SECRET);
    let request = read_request(record["text"].as_str().unwrap()).unwrap();
    request.check(&Credentials::new(key, secret))
}

#[test]
fn signature_of_another_signer_is_verified_and_one_change_is_proven() {
    let records = records();
    assert!(records.len() >= 30);
    for record in &records {
        let found = check(record);
        let id = &record["id"];
        assert_eq!(found.outcome().code(), record["outcome"], "{id}\n{found}");
        let cause = found.cause().map(RefusalCause::code);
        assert_eq!(cause, record["cause"].as_str(), "{id}\n{found}");
        let body = match found.body() {
            BodyCheck::Checked => "checked",
            BodyCheck::NotCovered => "not_covered",
            _ => "not_checked",
        };
        assert_eq!(body, record["body"], "{id}\n{found}");
        if let Some(line) = record["line"].as_u64() {
            let first = u64::try_from(found.differences()[0].line()).unwrap();
            assert_eq!(first, line, "{id}\n{found}");
        }
    }
}

#[test]
fn check_shows_no_secret() {
    for record in records() {
        let found = check(&record);
        let request = read_request(record["text"].as_str().unwrap()).unwrap();
        let shown = format!("{found}{found:?}{request:?}");
        assert!(!shown.contains(SECRET) && !shown.contains("SECRETTOKENOFTHISFILE"), "{shown}");
        let signature = record["text"].as_str().unwrap().split("Signature=").nth(1);
        let signature = signature.map(|rest| &rest[..64.min(rest.len())]);
        assert!(signature.is_none_or(|signature| !shown.contains(signature)), "{shown}");
    }
}

#[test]
fn output_of_curl_is_explained_with_its_response() {
    let curl = records().into_iter().find(|record| record["id"] == "curl-progress").unwrap();
    let request = read_request(curl["text"].as_str().unwrap()).unwrap();
    let explanation = request.evidence().unwrap().explain();
    assert_eq!(explanation.cause(), RefusalCause::AccessDenied, "{explanation}");
    assert_eq!(explanation.code(), Some("AccessDenied"));
}
