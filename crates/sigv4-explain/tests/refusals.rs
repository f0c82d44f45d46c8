//! Compares the explanation of every refusal in `refusals.jsonl` with the cause recorded there.
//!
//! Each line has its source: a public thread or document, or a server that was run for it. `quoted`
//! says how much of the body the source shows: all of it (`body`), code and message (`message`, with the
//! surrounding elements as that service writes them), or the server's whole response (`run`).
//! Account numbers, ids and tokens are masked. `signed` describes the signed request, `request` the
//! sent one. `make/refusals.py` makes records with a server.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, SigningTime, Transcript};
use sigv4_explain::{Evidence, Explanation, Rank, RefusalCause};

const TOKEN: &str = "SECRETTOKENOFTHISFILE";

fn records() -> Vec<Value> {
    let lines = include_str!("refusals.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text<'a>(record: &'a Value, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_default()
}

fn headers(pairs: &Value) -> HeaderMap {
    let pairs = pairs.as_object().into_iter().flatten();
    let pair = |(name, value): (&String, &Value)| {
        (name.parse().unwrap(), value.as_str().unwrap().parse().unwrap())
    };
    pairs.map(pair).collect::<HeaderMap>()
}

/// Signs as described by `signed`.
fn transcript(signed: &Value) -> Transcript {
    let region = Region::new(text(signed, "region")).unwrap();
    let signer = Signer::new(region, Service::new(text(signed, "service")).unwrap());
    let mut credentials = Credentials::new(text(signed, "key"), "any secret");
    if let Some(token) = signed["token"].as_str() {
        credentials = credentials.with_session_token(token);
    }
    let mut request = Request::builder().method(text(signed, "method")).uri(text(signed, "url"));
    *request.headers_mut().unwrap() = headers(&signed["headers"]);
    let request = request.body(()).unwrap();
    let time: SigningTime = text(signed, "time").parse().unwrap();
    if let Some(expires) = signed["expires"].as_u64() {
        let expires = Duration::from_secs(expires.min(604_800));
        let payload = PayloadHash::Unsigned;
        return signer
            .presign_transcript(&request, payload, expires, &credentials, time)
            .unwrap()
            .1;
    }
    let payload = match (signed["body_sha256"].as_str(), signed["payload"].as_str()) {
        (Some(hash), _) | (None, Some(hash)) => hash.parse().unwrap(),
        (None, None) => PayloadHash::EMPTY,
    };
    signer.compute_transcript(&request, payload, &credentials, time).unwrap().1
}

/// Parses an HTTP/1.1 head of the file, which has no unusual white space.
fn request(text: &str) -> Request<()> {
    let mut lines = text.split("\r\n");
    let mut words = lines.next().unwrap().split(' ');
    let mut request = Request::builder().method(words.next().unwrap()).uri(words.next().unwrap());
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }
    request.body(()).unwrap()
}

fn explain(record: &Value) -> Explanation {
    let headers = headers(&record["headers"]);
    let status = StatusCode::from_u16(record["status"].as_u64().unwrap().try_into().unwrap());
    let mut evidence = Evidence::new(status.unwrap(), &headers, text(record, "body").as_bytes());
    let transcript = record.get("signed").map(transcript);
    if let Some(transcript) = &transcript {
        evidence = evidence.with_transcript(transcript);
    }
    let request = record["request"].as_str().map(request);
    if let Some(request) = &request {
        evidence = evidence.with_request(request);
    }
    evidence.explain()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Right,
    /// The cause is general, and the expected one is among the hints.
    HintOnly,
    /// No cause is named, although one could be.
    Unknown,
    Wrong,
}

/// Causes that name no reason.
const GENERAL: [RefusalCause; 8] = [
    RefusalCause::RequestExpired,
    RefusalCause::ServiceFailure,
    RefusalCause::SignatureMismatch,
    RefusalCause::AccessDenied,
    RefusalCause::CredentialsRefused,
    RefusalCause::NoBody,
    RefusalCause::UnknownCode,
    RefusalCause::Unknown,
];

fn judge(record: &Value, explanation: &Explanation) -> Verdict {
    let expected = &record["expected"];
    let cause = text(expected, "cause");
    let hints: Vec<&str> = explanation.hints().iter().map(|hint| hint.cause().code()).collect();
    if explanation.cause().code() == cause {
        let region = expected["region"].as_str();
        let said = explanation.expected().and_then(|it| it.region.as_deref());
        let named = expected["hints"].as_array().into_iter().flatten();
        let all_hints = named.into_iter().all(|hint| hints.contains(&hint.as_str().unwrap()));
        let right = (region.is_none() || region == said) && all_hints;
        return if right { Verdict::Right } else { Verdict::Wrong };
    }
    match GENERAL.contains(&explanation.cause()) {
        true if hints.contains(&cause) => Verdict::HintOnly,
        true => Verdict::Unknown,
        false => Verdict::Wrong,
    }
}

#[test]
fn no_refusal_gets_a_wrong_cause() {
    let records = records();
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    let mut told = String::new();
    for record in &records {
        let explanation = explain(record);
        let verdict = judge(record, &explanation);
        *counts.entry(verdict).or_default() += 1;
        if verdict != Verdict::Right {
            told.push_str(&format!(
                "{verdict:?}: {} {}\n{explanation}\n\n",
                record["id"], record["expected"]
            ));
        }
    }
    let count = |verdict| counts.get(&verdict).copied().unwrap_or_default();
    println!(
        "{} refusals: {} right, {} hint only, {} wrong, {} unknown\n{told}",
        records.len(),
        count(Verdict::Right),
        count(Verdict::HintOnly),
        count(Verdict::Wrong),
        count(Verdict::Unknown)
    );
    assert_eq!(count(Verdict::Wrong), 0, "{told}");
    assert!(count(Verdict::Right) * 100 >= records.len() * 95, "{told}");
}

#[test]
fn transcript_of_a_plain_request_changes_nothing_that_the_service_says() {
    let plain = serde_json::json!({
        "method": "GET", "url": "https://files.example.com/a%20b?x=1", "region": "us-east-1",
        "service": "s3", "key": "AKIDEXAMPLE", "time": "20250903T162150Z"
    });
    let has_no_texts = |record: &Value| !text(record, "body").contains("anonical");
    let mut judged = 0;
    for mut record in records() {
        let bare = record.get("signed").is_none() && record.get("request").is_none();
        // The transcript's key takes precedence over a hint from the response's key.
        if !bare || !has_no_texts(&record) || record["expected"].get("hints").is_some() {
            continue;
        }
        record["signed"] = plain.clone();
        record["headers"].as_object_mut().unwrap().remove("date"); // of another day
        let explanation = explain(&record);
        assert_eq!(judge(&record, &explanation), Verdict::Right, "{record}\n{explanation}");
        judged += 1;
    }
    assert!(judged > 100, "{judged}");
}

#[test]
fn file_holds_what_it_has_to() {
    let records = records();
    let has_texts = |record: &&Value| {
        let body = text(record, "body");
        body.contains("CanonicalRequest") || body.contains("The Canonical String")
    };
    let unblamed = ["unknown", "unknown_code", "not_about_signatures", "not_reached", "redirected"];
    let is_unblamed = |record: &&Value| unblamed.contains(&text(&record["expected"], "cause"));
    let mut pairs: Vec<(String, String)> = records
        .iter()
        .map(|record| {
            let code = explain(record).code().unwrap_or_default().to_owned();
            (code, text(record, "service").to_owned())
        })
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    println!("{} pairs of code and service", pairs.len());
    assert!(records.len() >= 120 && pairs.len() >= 60);
    assert!(records.iter().filter(|record| !has_texts(record)).count() >= 40);
    assert!(records.iter().filter(is_unblamed).count() >= 20);
    for record in &records {
        assert!(
            text(record, "source").len() > 10 && !text(record, "quoted").is_empty(),
            "{record}"
        );
        let code = text(&record["expected"], "cause");
        assert!(RefusalCause::ALL.iter().any(|cause| cause.code() == code), "{record}");
    }
}

#[test]
fn every_rank_is_there_and_a_blame_is_never_likely() {
    let mut ranks: Vec<&str> = Vec::new();
    for record in records() {
        let explanation = explain(&record);
        ranks.push(explanation.rank().code());
        let likely = explanation.rank() == Rank::Likely;
        assert!(!likely || !explanation.hints().is_empty(), "{explanation}");
        assert!(!likely || GENERAL.contains(&explanation.cause()), "{explanation}");
    }
    for rank in [Rank::Said, Rank::Compared, Rank::Seen, Rank::Likely] {
        assert!(ranks.contains(&rank.code()), "{rank}");
    }
}

#[test]
fn no_token_of_the_file_is_shown() {
    for record in records() {
        let explanation = explain(&record);
        let shown = format!("{explanation}{explanation:?}{}", explanation.to_json());
        assert!(!shown.contains(TOKEN), "{shown}");
        assert!(!explanation.to_string().contains("{"), "{explanation}");
    }
}
