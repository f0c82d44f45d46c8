//! The place of the region set, and the removal of an earlier signature.

use std::time::Duration;

use http::{HeaderMap, Request};

use super::*;
use crate::error::SignError;
use crate::payload::PayloadHash;
use crate::post_policy::PostPolicy;

#[test]
fn scope_has_no_region_and_the_set_is_a_signed_header() {
    let parts = signed(&Signer::for_regions("us-east-1,us-west-2".parse().unwrap(), S3));
    assert_eq!(parts.headers["x-amz-region-set"], "us-east-1,us-west-2");
    let authorization = parts.headers["authorization"].to_str().unwrap();
    let expected = "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20150830/s3/aws4_request, \
        SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-region-set, Signature=30";
    assert!(authorization.starts_with(expected), "{authorization}");
}

#[test]
fn signing_again_is_reproducible_and_leaves_one_set_of_headers() {
    let (mut once, twice) = (signed(&SIGNER), signed(&SIGNER));
    assert_eq!(once.headers, twice.headers);
    let payload = PayloadHash::of(b"body");
    SIGNER.sign_parts(&mut once, payload, &key(), now()).unwrap();
    assert_eq!(once.headers, twice.headers);
    let other = Signer::for_regions(RegionSet::from_static("eu-west-1"), S3);
    other.sign_parts(&mut once, payload, &key(), now()).unwrap();
    assert_eq!(once.headers["x-amz-region-set"], "eu-west-1");
    assert_eq!(once.headers.len(), twice.headers.len());
}

#[test]
fn region_set_of_an_earlier_signature_goes_with_it() {
    let mut parts = signed(&SIGNER);
    let one = Signer::new(REGION, S3);
    one.sign_parts(&mut parts, PayloadHash::of(b"body"), &key(), now()).unwrap();
    assert_eq!(parts.headers, signed(&one).headers);
    assert!(!parts.headers.contains_key("x-amz-region-set"));
}

#[test]
fn header_of_that_name_on_another_request_is_a_header_like_others() {
    let mut request = Request::put("https://mrap.example.com/a")
        .header("x-amz-region-set", "mine")
        .body("")
        .unwrap();
    let one = Signer::new(REGION, S3);
    for _ in 0..2 {
        one.sign(&mut request, &key(), now()).unwrap();
        assert_eq!(request.headers()["x-amz-region-set"], "mine");
        let authorization = request.headers()["authorization"].to_str().unwrap();
        assert!(authorization.contains(";x-amz-region-set,"), "{authorization}");
    }
    SIGNER.sign(&mut request, &key(), now()).unwrap();
    assert_eq!(request.headers()["x-amz-region-set"], "*");
    assert_eq!(request.headers().get_all("x-amz-region-set").iter().count(), 1);
}

#[test]
fn presigned_url_holds_the_set_as_a_parameter_and_no_such_header() {
    let request = Request::get("https://mrap.example.com/a?z=1")
        .header("x-amz-region-set", "mine")
        .body(())
        .unwrap();
    let credentials = key().with_session_token("a/b");
    let signer = Signer::for_regions("us-*,eu-west-1".parse().unwrap(), S3);
    let hour = Duration::from_secs(3600);
    let presigned = signer.presign(&request, hour, &credentials, now()).unwrap();
    let url = presigned.as_str().to_owned();
    let expected = "https://mrap.example.com/a?z=1&X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&\
        X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&\
        X-Amz-Expires=3600&X-Amz-Region-Set=us-%2A%2Ceu-west-1&X-Amz-Security-Token=a%2Fb&\
        X-Amz-SignedHeaders=host&X-Amz-Signature=30";
    assert!(url.starts_with(expected), "{url}");
    assert_eq!(presigned.headers(), &HeaderMap::new());
    let again = Request::get(url).body(()).unwrap();
    let again = signer.presign(&again, hour, &credentials, now());
    assert!(matches!(again.err(), Some(SignError::AlreadyPresigned { .. })));
}

#[test]
fn transcript_shows_the_algorithm_the_scope_and_the_set() {
    let request = Request::get("https://mrap.example.com/a").body(()).unwrap();
    let set = RegionSet::from_static("us-east-1,eu-*");
    let signer = Signer::for_regions(set, S3);
    let (_, transcript) =
        signer.compute_transcript(&request, PayloadHash::EMPTY, &key(), now()).unwrap();
    let start = b"AWS4-ECDSA-P256-SHA256\n20150830T123600Z\n20150830/s3/aws4_request\n";
    assert!(transcript.string_to_sign().starts_with(start));
    let scope = transcript.scope();
    assert_eq!(
        (scope.to_string().as_str(), scope.region()),
        ("20150830/s3/aws4_request", "us-east-1,eu-*")
    );
    assert!(scope.covers("eu-west-3") && scope.covers("us-east-1") && !scope.covers("us-east-2"));
}

#[test]
fn signer_of_a_set_has_no_region_of_its_own() {
    assert_eq!(SIGNER.region_set(), Some(&RegionSet::ALL));
    assert_eq!(SIGNER.region().as_str(), "aws-global");
    let moved = SIGNER.with_region(REGION);
    assert_eq!(moved.region_set(), Some(&RegionSet::from_static("us-east-1")));
    let one = Signer::new(REGION, S3);
    assert_eq!((one.region_set(), one.region()), (None, &REGION));
}

#[test]
fn stream_of_the_other_algorithm_and_events_are_errors() {
    let request = Request::put("https://mrap.example.com/a").body(()).unwrap();
    let one = Signer::new(REGION, S3);
    for (signer, payload) in [
        (&SIGNER, PayloadHash::StreamingSigned),
        (&SIGNER, PayloadHash::StreamingSignedTrailer),
        (&SIGNER, PayloadHash::StreamingEvents),
        (&one, PayloadHash::StreamingEcdsa),
        (&one, PayloadHash::StreamingEcdsaTrailer),
    ] {
        let expected = Some(SignError::StreamOfOtherAlgorithm { payload });
        assert_eq!(signer.compute(&request, payload, &key(), now()).err(), expected);
        let hour = Duration::from_secs(3600);
        assert_eq!(signer.presign_hashed(&request, payload, hour, &key(), now()).err(), expected);
        let text = SignError::StreamOfOtherAlgorithm { payload }.to_string();
        assert!(text.contains(&payload.to_string()) && text.contains("for_signer"), "{text}");
    }
    for payload in [PayloadHash::Unsigned, PayloadHash::StreamingUnsignedTrailer] {
        assert!(SIGNER.compute(&request, payload, &key(), now()).is_ok());
    }
}

#[test]
fn form_is_an_error_that_names_the_other_signer() {
    let policy = PostPolicy::new(now().offset(3600).unwrap()).unwrap();
    let error = SIGNER.sign_post_policy(&policy, &key(), now()).err();
    assert_eq!(error, Some(SignError::FormForRegionSet));
    assert!(error.unwrap().to_string().contains("Signer::new"));
}

#[test]
fn credentials_with_other_tokens_have_the_same_key_and_their_clones_share_it() {
    let signature = |credentials: &Credentials| {
        let request = Request::get("https://mrap.example.com/a").body(()).unwrap();
        SIGNER.compute(&request, PayloadHash::EMPTY, credentials, now()).unwrap().signature()
    };
    let credentials = key();
    assert_eq!(signature(&credentials), signature(&credentials.clone()));
    assert_eq!(signature(&credentials), signature(&key()));
    let other = Credentials::new("AKIDEXAMPLF", credentials.secret_access_key());
    assert_ne!(signature(&credentials), signature(&other), "the access key id is part of the key");
}
