//! Requests that were signed and then changed. The difference is proven with the secret.

use std::time::Duration;

use http::{HeaderMap, Method, Request};
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, SigningTime};

use super::{BodyCheck, CheckOutcome, SignatureCheck, read_request};
use crate::{LineDifference, RefusalCause};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET)
}

fn signer(service: &'static str) -> Signer {
    Signer::new(Region::from_static("us-east-1"), Service::from_static(service))
}

fn time() -> SigningTime {
    "20250903T162150Z".parse().unwrap()
}

/// A signed request as text.
fn signed(service: &'static str, method: &str, target: &str, body: &str) -> String {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("https://h.example{target}"))
        .header("content-type", "text/plain")
        .body(body.to_owned())
        .unwrap();
    signer(service).sign(&mut request, &credentials(), time()).unwrap();
    text(method, target, request.headers(), body)
}

fn text(method: &str, target: &str, headers: &HeaderMap, body: &str) -> String {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: h.example\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    text
}

fn check(text: &str) -> SignatureCheck {
    read_request(text).unwrap().check(&credentials())
}

#[test]
fn request_as_it_was_signed_is_right_and_its_body_is_checked() {
    for service in ["s3", "es"] {
        let text = signed(service, "PUT", "/a%20b/c?x=1&y=%2F", "hello");
        let found = check(&text);
        assert_eq!((found.outcome(), found.body()), (CheckOutcome::Right, BodyCheck::Checked));
        assert!(found.to_string().starts_with("what you sent is rightly signed with this secret"));
    }
    let text = signed("s3", "PUT", "/a", "hello").replace("content-length: 5\r\n\r\nhello", "\r\n");
    let found = check(&text);
    assert_eq!((found.outcome(), found.body()), (CheckOutcome::Right, BodyCheck::NotChecked));
    assert!(found.to_string().contains("body: not checked"), "{found}");
    let found =
        check(&signed("s3", "PUT", "/a", "hello").replace("\r\n\r\nhello", "\r\n\r\nHELLO"));
    assert_eq!(found.outcome(), CheckOutcome::BodyChanged);
    let text = signed("es", "PUT", "/a", "hello").replace("\r\n\r\nhello", "\r\n\r\n");
    assert_eq!(check(&text).outcome(), CheckOutcome::BodyNeeded);
}

#[test]
fn one_change_after_signing_is_proven_with_its_line() {
    let s3 = signed("s3", "PUT", "/a%20b/c?x=1&y=2", "hello");
    let es = signed("es", "PUT", "/a%20b/c?x=1&y=2", "");
    for (text, from, to, cause, line) in [
        (&s3, "PUT /", "POST /", RefusalCause::MethodChanged, 1),
        (&s3, "/c?x", "/c/?x", RefusalCause::PathChanged, 2),
        (&es, "/a%20b", "/stage/a%20b", RefusalCause::PathChanged, 2),
        (&s3, "x=1&y=2", "x=1&y=2&utm=3", RefusalCause::QueryChanged, 3),
        (&s3, "h.example", "h.example:8080", RefusalCause::HostPort, 5),
        (&s3, "text/plain", "text/plain; charset=utf-8", RefusalCause::HeaderChanged, 4),
    ] {
        let changed = text.replacen(from, to, 1);
        let found = check(&changed);
        assert_eq!(found.cause(), Some(cause), "{changed}\n{found}");
        assert_eq!(found.outcome(), CheckOutcome::Differs);
        assert_eq!(found.differences()[0].line(), line, "{found}");
        assert!(found.to_string().starts_with(&format!("signer and wire differ: line {line}")));
        assert!(!found.to_string().contains(SECRET));
    }
}

#[test]
fn path_encoding_of_another_service_is_proven() {
    let mut request = Request::get("https://h.example/a%20b").body("").unwrap();
    let rules = sigv4_core::service::Rules::S3
        .with_path_encoding(sigv4_core::service::PathEncoding::Double);
    let service = Service::with_rules("s3", rules).unwrap();
    let signer = Signer::new(Region::from_static("us-east-1"), service);
    signer.sign(&mut request, &credentials(), time()).unwrap();
    let found = check(&text("GET", "/a%20b", request.headers(), ""));
    assert_eq!(found.cause(), Some(RefusalCause::PathEncodedTwice), "{found}");
    assert!(found.to_string().contains("signed   /a%2520b"), "{found}");
}

#[test]
fn another_secret_or_two_changes_are_told_from_one() {
    let text = signed("s3", "PUT", "/a?x=1", "hello");
    let other = Credentials::new("AKIDEXAMPLE", "another secret");
    assert_eq!(read_request(&text).unwrap().check(&other).outcome(), CheckOutcome::Wrong);
    let twice = text.replacen("PUT", "POST", 1).replacen("x=1", "x=2", 1);
    assert_eq!(check(&twice).outcome(), CheckOutcome::Wrong);
    let stranger = Credentials::new("AKIDNOBODY", SECRET);
    assert_eq!(read_request(&text).unwrap().check(&stranger).outcome(), CheckOutcome::OtherKey);
    assert_eq!(check("GET / HTTP/1.1\nHost: a\n\n").outcome(), CheckOutcome::NotSigned);
    let late = text.replace("x-amz-date: 20250903T162150Z", "x-amz-date: soon");
    assert_eq!(check(&late).outcome(), CheckOutcome::Malformed);
}

#[test]
fn presigned_url_is_verified_and_its_method_found() {
    let request = Request::put("https://b.example/k%20k?a=1").body(()).unwrap();
    let credentials = credentials().with_session_token("TOKENTHATISNEVERSHOWN");
    let life = Duration::from_secs(600);
    let url =
        signer("s3").presign(&request, life, &credentials, time()).unwrap().as_str().to_owned();
    let pasted = read_request(&url).unwrap();
    let found = pasted.check(&credentials);
    assert_eq!(found.cause(), Some(RefusalCause::MethodChanged), "{found}");
    assert_eq!(found.differences()[0].signed(), Some("PUT"));
    let found = pasted.with_method(Method::PUT).check(&credentials);
    assert_eq!((found.outcome(), found.body()), (CheckOutcome::Right, BodyCheck::NotCovered));
    assert!(!format!("{found} {found:?}").contains("NEVERSHOWN"));
    let escaped = url.replace('&', "&amp;");
    let found = read_request(&escaped).unwrap().check(&credentials);
    assert_eq!(found.cause(), Some(RefusalCause::EscapedTarget), "{found}");
}

#[test]
fn request_is_compared_with_its_transcript_without_the_secret() {
    let mut request = Request::get("https://h.example/a%20b?x=1").body("").unwrap();
    let (signed, transcript) = signer("s3")
        .compute_transcript(&request, PayloadHash::EMPTY, &credentials(), time())
        .unwrap();
    signed.apply(request.headers_mut());
    let sent = text("GET", "/a%20b?x=1", request.headers(), "");
    let found = read_request(&sent).unwrap().compare(&transcript).unwrap();
    assert_eq!(found.outcome(), CheckOutcome::Right, "{found}");
    let sent = text("GET", "/a%20b?x=2", request.headers(), "");
    let found = read_request(&sent).unwrap().compare(&transcript).unwrap();
    assert_eq!(found.differences().iter().map(LineDifference::line).collect::<Vec<_>>(), [3]);
}
