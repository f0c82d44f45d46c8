//! Refusals of SigV4a requests, and of SigV4 requests to hosts that accept only SigV4a.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use http::{HeaderMap, Request, StatusCode};
use sigv4_core::{
    Credentials, PayloadHash, Region, RegionSet, Service, Signer, SigningTime, Transcript,
};
use sigv4_explain::{CheckOutcome, Evidence, Explanation, RefusalCause as Cause, read_request};

const MRAP: &str = "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/key";
const MISMATCH: &str = "<Error><Code>SignatureDoesNotMatch</Code></Error>";
const TOKEN: &str = "SECRETTOKENOFTHISFILE";

fn credentials(key: &str) -> Credentials {
    let credentials = Credentials::new(key, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    if key.starts_with("ASIA") { credentials.with_session_token(TOKEN) } else { credentials }
}

fn sigv4a(set: &str, service: &str) -> Signer {
    Signer::for_regions(RegionSet::new(set).unwrap(), Service::new(service).unwrap())
}

fn sigv4() -> Signer {
    Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"))
}

fn sign(signer: &Signer, url: &str, key: &str) -> (Request<()>, Transcript) {
    let mut request = Request::get(url).body(()).unwrap();
    let time: SigningTime = "20250903T162150Z".parse().unwrap();
    let payload = PayloadHash::EMPTY;
    let (signed, transcript) =
        signer.compute_transcript(&request, payload, &credentials(key), time).unwrap();
    signed.apply(request.headers_mut());
    (request, transcript)
}

/// Explains a response with the transcript, and with only the request.
fn explain(sent: &(Request<()>, Transcript), status: u16, body: &str) -> [Explanation; 2] {
    let (headers, status) = (HeaderMap::new(), StatusCode::from_u16(status).unwrap());
    let evidence = Evidence::new(status, &headers, body.as_bytes());
    [evidence.with_transcript(&sent.1).explain(), evidence.with_request(&sent.0).explain()]
}

fn hints(explanation: &Explanation) -> Vec<Cause> {
    explanation.hints().iter().map(sigv4_explain::Hint::cause).collect()
}

/// A service's error with its string to sign.
fn shown(string_to_sign: &str) -> String {
    format!(
        "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>{string_to_sign}</StringToSign></Error>"
    )
}

#[test]
fn bare_failure_of_an_access_point_hints_at_the_token_and_does_not_blame_it() {
    let sent = sign(&sigv4a("*", "s3"), MRAP, "ASIAIOSFODNN7EXAMPLE");
    for (status, cause) in [(500, Cause::ServiceFailure), (400, Cause::NoBody)] {
        for explanation in explain(&sent, status, "") {
            assert_eq!(explanation.cause(), cause, "{explanation}");
            assert_eq!(hints(&explanation)[0], Cause::TokenNotForSigV4a, "{explanation}");
        }
    }
    let long_term = sign(&sigv4a("*", "s3"), MRAP, "AKIDEXAMPLE");
    for explanation in explain(&long_term, 500, "") {
        assert_eq!(hints(&explanation), [], "no token was sent\n{explanation}");
    }
}

#[test]
fn sigv4_to_an_access_point_is_told_to_sign_with_sigv4a() {
    let wrong_region = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization \
        header is malformed; the region 'us-east-1' is wrong; expecting 'ap-south-1'</Message></Error>";
    let sent = sign(&sigv4(), MRAP, "AKIDEXAMPLE");
    for (status, body, cause) in [
        (400, wrong_region, Cause::WrongRegion),
        (403, MISMATCH, Cause::SignatureMismatch),
        (400, "", Cause::NoBody),
        (500, "", Cause::ServiceFailure),
    ] {
        for explanation in explain(&sent, status, body) {
            assert_eq!(explanation.cause(), cause, "{explanation}");
            assert_eq!(hints(&explanation)[0], Cause::SigV4aNeeded, "{explanation}");
            let text = explanation.hints()[0].text();
            assert!(text.contains("feature sigv4a") && text.contains("Signer::for_regions"));
        }
    }
}

#[test]
fn other_hosts_and_other_causes_get_no_such_hint() {
    let regional = sign(&sigv4(), "https://bucket.s3.us-east-1.amazonaws.com/key", "AKIDEXAMPLE");
    for explanation in explain(&regional, 403, MISMATCH) {
        assert!(!hints(&explanation).contains(&Cause::SigV4aNeeded), "{explanation}");
    }
    let sent = sign(&sigv4(), MRAP, "AKIDEXAMPLE");
    for explanation in explain(&sent, 404, "<Error><Code>NoSuchKey</Code></Error>") {
        assert_eq!(hints(&explanation), [], "{explanation}");
    }
    let sigv4a = sign(&sigv4a("*", "s3"), MRAP, "AKIDEXAMPLE");
    for explanation in explain(&sigv4a, 403, MISMATCH) {
        assert_eq!(hints(&explanation), [Cause::WrongSecret], "{explanation}");
    }
}

#[test]
fn region_set_that_covers_the_hosts_region_is_not_blamed() {
    let url = "https://events.us-east-1.amazonaws.com/";
    for (set, blamed) in [("us-*", false), ("eu-west-1,us-east-1", false), ("eu-*", true)] {
        let sent = sign(&sigv4a(set, "events"), url, "AKIDEXAMPLE");
        for explanation in explain(&sent, 403, MISMATCH) {
            let found = hints(&explanation).contains(&Cause::WrongRegion);
            assert_eq!(found, blamed, "{set}\n{explanation}");
            let scope = format!("for 20250903/events/aws4_request in the regions {set}");
            assert!(explanation.request().contains(&scope), "{explanation}");
            assert!(explanation.request().contains("key AKIDEXAMPLE,"), "{explanation}");
        }
    }
}

#[test]
fn scope_of_sigv4a_is_compared_without_a_region() {
    let sent = sign(&sigv4a("*", "s3"), MRAP, "AKIDEXAMPLE");
    let ours = String::from_utf8_lossy(sent.1.string_to_sign()).into_owned();
    assert!(ours.contains("20250903/s3/aws4_request"), "{ours}");
    let hmac = ours.replace("ECDSA-P256", "HMAC").replace("20250903/s3/", "20250903/us-east-1/s3/");
    for (theirs, cause) in [
        (ours.replace("/s3/", "/events/"), Cause::WrongService),
        (ours.replace("20250903/", "20250904/"), Cause::WrongDate),
        (ours.clone(), Cause::WrongSecret),
        (hmac, Cause::SignatureMismatch),
    ] {
        let [explanation, _] = explain(&sent, 403, &shown(&theirs));
        assert_eq!(explanation.cause(), cause, "{theirs}\n{explanation}");
    }
}

#[test]
fn region_set_that_changed_on_the_way_is_named() {
    let sent = sign(&sigv4a("us-east-1,us-west-2", "s3"), MRAP, "AKIDEXAMPLE");
    let theirs = String::from_utf8_lossy(sent.1.canonical_request()).into_owned();
    let theirs = theirs.replace("x-amz-region-set:us-east-1,us-west-2", "x-amz-region-set:*");
    let body = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{theirs}</CanonicalRequest></Error>"
    );
    for explanation in explain(&sent, 403, &body) {
        assert_eq!(explanation.cause(), Cause::HeaderChanged, "{explanation}");
        assert!(explanation.says().contains("x-amz-region-set"), "{explanation}");
        let line = &explanation.differences()[0];
        assert!(line.to_string().contains("x-amz-region-set:us-east-1,us-west-2"), "{line}");
    }
}

#[test]
fn pasted_request_is_said_to_be_of_another_algorithm() {
    let (request, _) = sign(&sigv4a("*", "s3"), MRAP, "AKIDEXAMPLE");
    let mut pasted = format!("GET /key HTTP/1.1\nHost: {}\n", request.uri().host().unwrap());
    for (name, value) in request.headers() {
        pasted.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
    }
    let check = read_request(&pasted).unwrap().check(&credentials("AKIDEXAMPLE"));
    assert_eq!(check.outcome(), CheckOutcome::OtherAlgorithm, "{check}");
}
