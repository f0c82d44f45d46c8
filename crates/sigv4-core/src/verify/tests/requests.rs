//! Requests signed and verified, keys, tokens and bounds.

use super::*;

#[test]
fn what_our_signer_signs_is_verified() {
    for service in [S3, IAM] {
        let parts = signed(service.clone(), &key());
        let verified = verify(&Verifier::new(REGION, service), &parts, Some(&key()), "body");
        let verified = verified.unwrap();
        assert_eq!(verified.access_key_id(), "AKIDEXAMPLE");
        assert_eq!(verified.time(), now());
        let list = parts.headers["authorization"].to_str().unwrap();
        let list = list.split_once("SignedHeaders=").unwrap().1.split_once(',').unwrap().0;
        assert_eq!(verified.signed_headers(), list);
        assert!(verified.covers(&http::header::HOST));
        assert!(!verified.covers(&http::header::ACCEPT));
    }
    let parts = presigned(60, now());
    let verified = verify(&Verifier::new(REGION, S3), &parts, Some(&key()), "any").unwrap();
    assert_eq!(verified.form(), Form::Query);
    assert_eq!(verified.payload(), PayloadHash::Unsigned);
}

#[test]
fn trailers_of_a_stream_come_with_the_proof_of_its_end() {
    let plan = AwsChunked::signed(5).with_checksum(Checksum::Sha256);
    let mut request = Request::put("/key").header("host", "example.com").body(()).unwrap();
    plan.set_headers(request.headers_mut());
    let signed = Signer::new(REGION, S3).compute(&request, plan.payload(), &key(), now()).unwrap();
    signed.apply(request.headers_mut());
    let mut encoder = plan.encoder(signed).unwrap();
    let mut content = Bytes::from("hello");
    let mut wire = Vec::new();
    while let Some(chunk) = encoder.encode(&mut content).unwrap() {
        wire.extend_from_slice(&chunk);
    }
    wire.extend_from_slice(&encoder.finish(&http::HeaderMap::new()).unwrap());

    let claim = Verifier::new(REGION, S3).read(&request, now()).unwrap();
    let (_, mut reading) = claim.verify(Some(&key())).unwrap();
    reading.update(&wire.into()).unwrap();
    assert_eq!(reading.content(), Some(Bytes::from("hello")));
    assert_eq!(reading.content(), None);
    let complete = reading.finish().unwrap();
    let checksum = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    assert_eq!(complete.trailers()["x-amz-checksum-sha256"], checksum);
}

#[test]
fn changed_body_is_refused_at_its_end() {
    for service in [S3, IAM] {
        let parts = signed(service.clone(), &key());
        let verified = verify(&Verifier::new(REGION, service), &parts, Some(&key()), "Body");
        assert!(matches!(
            verified,
            Err(VerifyError::PayloadMismatch | VerifyError::WrongSignature)
        ));
    }
}

#[test]
fn unknown_key_and_wrong_secret_look_the_same_from_outside() {
    let verifier = Verifier::new(REGION, S3);
    let parts = signed(S3, &key());
    let wrong = Credentials::new("AKIDEXAMPLE", "another secret");
    let unknown = verify(&verifier, &parts, None, "body").unwrap_err();
    let mismatch = verify(&verifier, &parts, Some(&wrong), "body").unwrap_err();
    assert_eq!((&unknown, &mismatch), (&VerifyError::UnknownKey, &VerifyError::WrongSignature));
    for protocol in
        [Protocol::S3, Protocol::Query, Protocol::Json, Protocol::RestJson, Protocol::Grpc]
    {
        assert_eq!(unknown.refusal(protocol), mismatch.refusal(protocol));
        let of_another = VerifyError::KeyOfAnother.refusal(protocol);
        assert_eq!(unknown.refusal(protocol).body(), of_another.body());
    }
}

#[test]
fn stand_in_key_never_verifies_even_where_it_signed() {
    let verifier = Verifier::new(REGION, S3);
    let stand_in = Credentials::new("unknown", "unknown");
    let parts = signed(S3, &stand_in);
    assert_eq!(verify(&verifier, &parts, None, "body"), Err(VerifyError::UnknownKey));
}

#[test]
fn key_of_another_id_is_refused_whatever_the_look_up_says() {
    let parts = signed(S3, &key());
    let another = Credentials::new("akidexample", SECRET);
    let verified = verify(&Verifier::new(REGION, S3), &parts, Some(&another), "body");
    assert_eq!(verified, Err(VerifyError::KeyOfAnother));
}

#[test]
fn token_must_be_that_of_the_key() {
    let verifier = Verifier::new(REGION, S3);
    let with = key().with_session_token("TOKEN");
    let other = key().with_session_token("OTHER");
    let malformed = key().with_session_token("a\nb");
    for (signer, looked_up, expected) in [
        (with.clone(), with.clone(), None),
        (with.clone(), key(), Some(VerifyError::UnexpectedToken)),
        (key(), with.clone(), Some(VerifyError::MissingToken)),
        (other, with, Some(VerifyError::WrongToken)),
        (key(), malformed, Some(VerifyError::Credentials(SignError::InvalidSessionToken))),
    ] {
        let parts = signed(S3, &signer);
        assert_eq!(verify(&verifier, &parts, Some(&looked_up), "body").err(), expected);
    }
}

#[test]
fn secret_that_nobody_has_is_the_servers_error_whoever_signed() {
    let verifier = Verifier::new(REGION, S3);
    for secret in ["", "secret\n", " secret", "secret\t", "\u{a0}secret"] {
        let broken = Credentials::new(key().access_key_id(), secret);
        let expected = VerifyError::Credentials(SignError::InvalidSecretAccessKey);
        let error = verify(&verifier, &signed(S3, &key()), Some(&broken), "body").unwrap_err();
        assert_eq!(error, expected, "{secret:?}");
        assert_eq!(error.refusal(Protocol::S3).status(), 500);
    }
}

#[test]
fn token_of_s3_express_has_a_name_of_its_own_and_no_other_service_reads_it() {
    let express = Service::from_static("s3express");
    let session = key().with_session_token("SESSION");
    let parts = signed(express.clone(), &session);
    assert!(parts.headers.contains_key("x-amz-s3session-token"));
    let verifier = Verifier::new(REGION, express);
    assert!(verify(&verifier, &parts, Some(&session), "body").is_ok());

    let mut request = Request::get("/").header("host", "example.com").body("").unwrap();
    request.headers_mut().insert("x-amz-s3session-token", HeaderValue::from_static("SESSION"));
    Signer::new(REGION, S3).sign(&mut request, &key(), now()).unwrap();
    request.headers_mut().insert("x-amz-s3session-token", HeaderValue::from_static("SESSION"));
    let error = Verifier::new(REGION, S3).read(&request, now()).err();
    assert_eq!(error, Some(VerifyError::MisplacedToken));
}

#[test]
fn expired_credentials_are_refused() {
    let expired = key().with_expiry(now().into());
    let parts = signed(S3, &key());
    let error = verify(&Verifier::new(REGION, S3), &parts, Some(&expired), "body").unwrap_err();
    assert_eq!(error, VerifyError::Credentials(SignError::CredentialsExpired { at: now() }));
    assert_eq!(error.refusal(Protocol::S3).code(), "ExpiredToken");
}

#[test]
fn unsigned_amz_header_passes_only_by_name() {
    let verifier = Verifier::new(REGION, S3);
    let mut parts = signed(S3, &key());
    let name = HeaderName::from_static("x-amz-copy-source");
    parts.headers.insert(name.clone(), HeaderValue::from_static("/other/secret"));
    let refused = verifier.read(&parts, now()).err();
    assert_eq!(refused, Some(VerifyError::HeadersNotSigned { names: vec![name.clone()] }));
    let lenient = verifier.with_exemption(Exemption::AnyoneMayChangeHeader(name));
    assert!(verify(&lenient, &parts, Some(&key()), "body").is_ok());
    let other = HeaderName::from_static("x-amz-acl");
    parts.headers.insert(other.clone(), HeaderValue::from_static("public-read"));
    let refused = lenient.read(&parts, now()).err();
    assert_eq!(refused, Some(VerifyError::HeadersNotSigned { names: vec![other] }));
}

#[test]
fn uncovered_body_is_refused_where_it_must_be_covered() {
    let verifier =
        Verifier::new(REGION, S3).with_payload_requirement(PayloadRequirement::BodyCovered);
    let read = verifier.read(&presigned(60, now()), now());
    assert_eq!(read.err(), Some(VerifyError::BodyNotCovered));
    assert!(verify(&verifier, &signed(S3, &key()), Some(&key()), "body").is_ok());
}

#[test]
fn verify_without_the_hash_that_it_needs_is_an_error() {
    let claim = Verifier::new(REGION, IAM).read(&signed(IAM, &key()), now()).unwrap();
    assert_eq!(claim.verify(Some(&key())).err(), Some(VerifyError::BodyHashNeeded));
}

#[test]
fn hash_given_too_must_be_the_one_that_was_signed() {
    let claim = || Verifier::new(REGION, S3).read(&signed(S3, &key()), now()).unwrap();
    assert!(claim().verify_hashed(Some(&key()), PayloadHash::of(b"body")).is_ok());
    for hash in [PayloadHash::of(b"Body"), PayloadHash::Unsigned] {
        let verified = claim().verify_hashed(Some(&key()), hash);
        assert_eq!(verified, Err(VerifyError::PayloadMismatch));
    }
}

#[test]
fn connect_and_the_asterisk_are_refused_each_by_itself() {
    let verifier = Verifier::new(REGION, S3);
    let parts = signed(S3, &key());
    let (mut connect, mut asterisk) = (parts.clone(), parts);
    connect.method = Method::CONNECT;
    asterisk.uri = "*".parse().unwrap();
    for parts in [connect, asterisk] {
        assert_eq!(verifier.read(&parts, now()).err(), Some(VerifyError::UnsupportedTarget));
    }
}

#[test]
fn signed_header_that_did_not_arrive_is_named() {
    let mut request = Request::get("/").header("host", "example.com").body("").unwrap();
    for name in ["x-amz-a", "x-amz-b", "x-amz-c"] {
        request.headers_mut().insert(name, HeaderValue::from_static("1"));
    }
    Signer::new(REGION, S3).sign(&mut request, &key(), now()).unwrap();
    request.headers_mut().remove("x-amz-b");
    let error = Verifier::new(REGION, S3).read(&request, now()).err();
    assert_eq!(error, Some(VerifyError::SignedHeaderMissing { name: "x-amz-b".into() }));
}

#[test]
fn bounds_are_met_by_what_is_just_as_large() {
    let parts = signed(S3, &key());
    let target = "/a/b?c=d".len() - 1; // the ? is no part of either
    let headers: usize =
        parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let exact =
        Limits::DEFAULT.with_head_bytes(target + headers).with_parameters(1).with_signed_headers(3);
    let with = |limits| Verifier::new(REGION, S3).with_limits(limits).read(&parts, now()).err();
    assert_eq!(with(exact), None);
    let limit = exact.head_bytes - 1;
    let error = with(Limits { head_bytes: limit, ..exact });
    assert_eq!(error, Some(VerifyError::HeadTooLarge { limit }));
    let error = with(Limits { parameters: 0, ..exact });
    assert_eq!(error, Some(VerifyError::TooManyParameters { limit: 0 }));
    let error = with(Limits { signed_headers: 2, ..exact });
    assert_eq!(error, Some(VerifyError::TooManySignedHeaders { limit: 2 }));
}

#[test]
fn work_before_the_proof_is_bounded() {
    let limits = Limits::DEFAULT.with_head_bytes(1000).with_parameters(3).with_signed_headers(4);
    let verifier = Verifier::new(REGION, S3).with_limits(limits);
    assert!(verifier.read(&signed(S3, &key()), now()).is_ok());
    let mut large = signed(S3, &key());
    large.headers.insert("x-large", HeaderValue::from_str(&"a".repeat(1000)).unwrap());
    let error = verifier.read(&large, now()).err();
    assert_eq!(error, Some(VerifyError::HeadTooLarge { limit: 1000 }));

    let request = |target: &str| Request::get(target).header("host", "a").body("").unwrap();
    let mut many = request("/?a&b&c&d");
    Signer::new(REGION, S3).sign(&mut many, &key(), now()).unwrap();
    let error = verifier.read(&many, now()).err();
    assert_eq!(error, Some(VerifyError::TooManyParameters { limit: 3 }));

    let mut listed = request("/");
    for name in ["x-a", "x-b"] {
        listed.headers_mut().insert(name, HeaderValue::from_static("1"));
    }
    let signer = Signer::new(REGION, S3).with_signed_headers(HeaderSelection::All);
    signer.sign(&mut listed, &key(), now()).unwrap();
    let error = verifier.read(&listed, now()).err();
    assert_eq!(error, Some(VerifyError::TooManySignedHeaders { limit: 4 }));
}

#[test]
fn claim_and_verifier_show_no_secret() {
    let key = key().with_session_token("CANARYTOKEN");
    let verifier = Verifier::new(REGION, S3);
    let claim = verifier.read(&signed(S3, &key), now()).unwrap();
    assert_eq!(claim.access_key_id(), "AKIDEXAMPLE");
    let mut shown = format!("{verifier:?} {claim:?}");
    assert!(shown.contains("us-east-1") && shown.contains("access_key_id: \"AKIDEXAMPLE\""));
    let (verified, body) = claim.verify(Some(&key)).unwrap();
    assert_eq!(format!("{body:?}"), "BodyVerifier(Hashed)");
    shown.push_str(&format!("{verified:?} {body:?}"));
    for secret in [SECRET, "CANARYTOKEN"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
#[cfg(feature = "event-stream")]
fn signed_events_are_verified_and_nothing_else_is_taken_for_them() {
    use crate::stream::{EventEncoder, EventError, Message};
    let service = Service::from_static("transcribe");
    let signer = Signer::new(REGION, service.clone());
    let mut request = Request::post("/stream").header("host", "example.com").body(()).unwrap();
    let events = PayloadHash::StreamingEvents;
    let signed = signer.compute(&request, events, &key(), now()).unwrap();
    signed.apply(request.headers_mut());
    let mut encoder = EventEncoder::new(signed.into_events().unwrap());
    let first = encoder.encode(&Message::new("audio"), now()).unwrap();
    let end = encoder.finish(now()).unwrap();

    let verifier = Verifier::new(REGION, service);
    let read = || verifier.read(&request, now()).unwrap();
    assert_eq!(read().body_rule(), BodyRule::Events);
    assert_eq!(read().verify(Some(&key())).err(), Some(VerifyError::UnsupportedStream));
    assert_eq!(read().verify_events(None).err(), Some(VerifyError::UnknownKey));

    let (_, mut decoder) = read().verify_events(Some(&key())).unwrap();
    let event = decoder.decode(&mut &first[..]).unwrap().unwrap();
    assert_eq!(event.message().payload(), "audio");
    assert_eq!(decoder.decode(&mut &end[..]), Ok(None));
    decoder.finish().unwrap();
    let (_, mut replayed) = read().verify_events(Some(&key())).unwrap();
    assert_eq!(replayed.decode(&mut &end[..]), Err(EventError::SignatureMismatch));
    let hashed = verifier.read(&signed_as_transcribe(), now()).unwrap();
    assert_eq!(hashed.verify_events(Some(&key())).err(), Some(VerifyError::UnsupportedStream));
}

#[cfg(feature = "event-stream")]
fn signed_as_transcribe() -> request::Parts {
    signed(Service::from_static("transcribe"), &key())
}

proptest! {
    #[test]
    fn what_is_signed_is_verified_and_one_changed_byte_is_not(
        path in "/[ -~]{0,20}",
        query in "[a-z0-9=&+.~/-]{0,30}",
        value in "[!-~][ -~]{0,20}",
        flip in any::<prop::sample::Index>(),
    ) {
        let path = path.replace(['?', '#', ' ', '<', '>', '"', '`'], "x");
        let Ok(request) = Request::get(format!("{path}?{query}"))
            .header("host", "example.com")
            .header("x-amz-meta-a", &value)
            .body("body")
        else { return Ok(()) };
        for service in [S3, IAM] {
            let mut request = request.clone();
            Signer::new(REGION, service.clone()).sign(&mut request, &key(), now()).unwrap();
            let parts = request.into_parts().0;
            let verifier = Verifier::new(REGION, service);
            prop_assert!(verify(&verifier, &parts, Some(&key()), "body").is_ok());

            let mut changed = parts.clone();
            let header = changed.headers.get_mut("x-amz-meta-a").unwrap();
            let mut bytes = header.as_bytes().to_vec();
            let at = flip.index(bytes.len());
            bytes[at] = if bytes[at] == b'Q' { b'R' } else { b'Q' };
            *header = HeaderValue::from_bytes(&bytes).unwrap();
            prop_assert!(verify(&verifier, &changed, Some(&key()), "body").is_err());
        }
    }

    #[test]
    fn no_byte_of_an_authorization_header_can_change(at in any::<prop::sample::Index>(), to in 0x21u8..0x7f) {
        let mut parts = signed(S3, &key());
        let header = parts.headers.get_mut("authorization").unwrap();
        let mut bytes = header.as_bytes().to_vec();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        *header = HeaderValue::from_bytes(&bytes).unwrap();
        let verified = verify(&Verifier::new(REGION, S3), &parts, Some(&key()), "body");
        // A space more or less between the fields is not significant, so only visible bytes count.
        prop_assert!(verified.is_err());
    }
}
