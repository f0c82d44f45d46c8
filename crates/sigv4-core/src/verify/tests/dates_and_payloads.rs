//! Where a date, an expiry and a payload may be given.

use super::*;

/// A request whose date is in `Date`, not verified.
fn dated(signed_headers: &str) -> request::Parts {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
         SignedHeaders={signed_headers}, Signature={}",
        "0".repeat(64)
    );
    let request = Request::get("/")
        .header("host", "example.com")
        .header("date", "Sun, 30 Aug 2015 12:36:00 GMT")
        .header("authorization", authorization);
    request.body(()).unwrap().into_parts().0
}

#[test]
fn date_stands_for_x_amz_date_only_where_it_is_signed() {
    let verifier = Verifier::new(REGION, IAM);
    assert!(verifier.read(&dated("date;host"), now()).is_ok());
    assert_eq!(verifier.read(&dated("host"), now()).err(), Some(VerifyError::DateNotSigned));
    let mut undated = dated("host");
    undated.headers.remove("date");
    assert_eq!(verifier.read(&undated, now()).err(), Some(VerifyError::MissingDate));
}

/// A presigned request with its query changed, not verified.
fn with_query(change: impl Fn(&str) -> String) -> request::Parts {
    let mut parts = presigned(60, now());
    let query = change(parts.uri.query().unwrap());
    parts.uri = format!("https://example.com/a?{query}").parse().unwrap();
    parts
}

#[test]
fn life_that_is_no_plain_number_in_bounds_is_refused() {
    let verifier = Verifier::new(REGION, S3);
    for life in ["", "0", "-1", "%2B60", "60.0", "604801", "99999999999999999999"] {
        let parts =
            with_query(|query| query.replace("X-Amz-Expires=60", &format!("X-Amz-Expires={life}")));
        let error = verifier.read(&parts, now()).err();
        assert_eq!(error, Some(VerifyError::InvalidExpires { max: 604_800 }), "{life}");
    }
}

#[test]
fn payload_of_a_url_stands_in_its_query_or_a_header_or_alike_in_both() {
    let verifier = Verifier::new(REGION, S3);
    let hash = PayloadHash::of(b"body").to_string();
    let rule = |parts: &request::Parts| verifier.read(parts, now()).map(|claim| claim.body_rule());
    let plain = with_query(str::to_owned);
    let mut stated = with_query(|query| format!("{query}&X-Amz-Content-Sha256={hash}"));
    let other = with_query(|query| format!("{query}&X-Amz-Content-Sha257={hash}"));
    assert_eq!(rule(&plain), Ok(BodyRule::Unsigned));
    assert_eq!(rule(&stated), Ok(BodyRule::Hashed));
    assert_eq!(rule(&other), Ok(BodyRule::Unsigned));

    let name = HeaderName::from_static("x-amz-content-sha256");
    stated.headers.insert(&name, HeaderValue::from_str(&hash).unwrap());
    assert_eq!(rule(&stated), Ok(BodyRule::Hashed));
    stated.headers.insert(&name, HeaderValue::from_static("UNSIGNED-PAYLOAD"));
    assert_eq!(rule(&stated), Err(VerifyError::DuplicateHeader { name }));
}

#[test]
fn payload_of_a_signed_request_stands_in_its_header_and_nowhere_else() {
    let verifier = Verifier::new(REGION, S3);
    let mut request = Request::put("/a?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD")
        .header("host", "example.com")
        .body("body")
        .unwrap();
    Signer::new(REGION, S3).sign(&mut request, &key(), now()).unwrap();
    let (mut parts, _) = request.into_parts();
    assert!(verify(&verifier, &parts, Some(&key()), "body").is_ok());
    parts.headers.remove("x-amz-content-sha256");
    assert_eq!(verifier.read(&parts, now()).err(), Some(VerifyError::MissingPayloadHeader));
}
