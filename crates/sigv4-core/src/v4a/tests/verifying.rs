//! SigV4a requests that a verifier accepts if configured to, and those that it still refuses.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, Uri};

use super::*;
use crate::payload::PayloadHash;
use crate::sign::signing_key::SigningKey;
use crate::verify::{AuthorizationError, Exemption, Form, Limits, Protocol};

fn replace(headers: &mut HeaderMap, name: &'static str, change: impl Fn(&str) -> String) {
    let value = change(headers[name].to_str().unwrap());
    headers.insert(name, HeaderValue::from_str(&value).unwrap());
}

fn presigned(signer: &Signer) -> request::Parts {
    let request = Request::get("https://mrap.example.com/a?z=1").body(()).unwrap();
    let hour = Duration::from_secs(3600);
    let presigned = signer.presign(&request, hour, &key(), now()).unwrap();
    presigned.into_request(()).unwrap().into_parts().0
}

fn with_query(parts: &request::Parts, change: impl Fn(&str) -> String) -> request::Parts {
    let mut parts = parts.clone();
    parts.uri = change(&parts.uri.to_string()).parse::<Uri>().unwrap();
    parts
}

fn verify_url(parts: &request::Parts) -> Result<Verified, VerifyError> {
    let (verified, reading) = verifier().read(parts, now())?.verify(Some(&key()))?;
    reading.finish()?;
    Ok(verified)
}

#[test]
fn verifier_refuses_sigv4a_unless_it_is_asked_for() {
    let plain = Verifier::new(REGION, S3);
    for (parts, form) in [(signed(&SIGNER), Form::Header), (presigned(&SIGNER), Form::Query)] {
        let error = AuthorizationError::Algorithm;
        assert_eq!(
            plain.read(&parts, now()).err(),
            Some(VerifyError::Authorization { error, form })
        );
    }
}

#[test]
fn both_algorithms_are_accepted_once_it_is() {
    let verified = verify(&verifier(), &signed(&SIGNER)).unwrap();
    assert_eq!(verified.region_set(), Some(&RegionSet::ALL));
    assert_eq!(verified.scope().to_string(), "20150830/s3/aws4_request");
    let verified = verify(&verifier(), &signed(&Signer::new(REGION, S3))).unwrap();
    assert_eq!(verified.region_set(), None);
    let verified = verify_url(&presigned(&SIGNER)).unwrap();
    assert_eq!((verified.form(), verified.region_set()), (Form::Query, Some(&RegionSet::ALL)));
}

#[test]
fn one_entry_of_the_set_must_cover_the_verifiers_region() {
    for set in ["us-east-1", "us-*", "eu-west-1,us-east-1", "*"] {
        let signer = Signer::for_regions(set.parse().unwrap(), S3);
        assert!(verify(&verifier(), &signed(&signer)).is_ok(), "{set}");
        assert!(verify_url(&presigned(&signer)).is_ok(), "{set}");
    }
    for set in ["us-east-2", "eu-*", "us-east-10,us-east-2"] {
        let signer = Signer::for_regions(set.parse().unwrap(), S3);
        let wrong =
            |form| Some(VerifyError::WrongRegion { given: set.to_owned(), expected: REGION, form });
        assert_eq!(verify(&verifier(), &signed(&signer)).err(), wrong(Form::Header));
        assert_eq!(verify_url(&presigned(&signer)).err(), wrong(Form::Query));
    }
}

#[test]
fn every_changed_byte_of_the_head_is_refused() {
    let parts = signed(&SIGNER);
    let verifier = verifier();
    let names: Vec<_> = parts.headers.keys().cloned().collect();
    let mut refused = 0;
    for name in names {
        let value = parts.headers[&name].as_bytes().to_vec();
        for at in 0..value.len() {
            for flip in [1, 0x20] {
                let mut changed = value.clone();
                changed[at] ^= flip;
                let Ok(changed) = HeaderValue::from_bytes(&changed) else { continue };
                let mut parts = parts.clone();
                parts.headers.insert(&name, changed);
                assert!(verify(&verifier, &parts).is_err(), "{name} at {at}");
                refused += 1;
            }
        }
    }
    assert!(refused > 500, "{refused}");
    for target in ["/a/c?c=d", "/a/b?c=e", "/a/b?c=d&e", "/a/b"] {
        let mut parts = parts.clone();
        parts.uri = format!("https://mrap.example.com{target}").parse().unwrap();
        assert_eq!(verify(&verifier, &parts).err(), Some(VerifyError::WrongSignature));
    }
    let mut parts = parts.clone();
    parts.method = http::Method::POST;
    assert_eq!(verify(&verifier, &parts).err(), Some(VerifyError::WrongSignature));
}

#[test]
fn signature_in_another_encoding_is_refused() {
    for change in [
        (|value: &str| value.to_uppercase().replace("SIGNATURE=", "Signature=")) as fn(&str) -> _,
        |value| value.replace("Signature=30", "Signature=3081"),
        |value| format!("{value}00"),
        |value| format!("{value}*"),
        |value| value[..value.len() - 2].to_owned(),
        |value| format!("{}{}", &value[..value.find("Signature=").unwrap() + 10], "ab".repeat(32)),
    ] {
        let mut parts = signed(&SIGNER);
        replace(&mut parts.headers, "authorization", |value| {
            let at = value.find("Signature=").unwrap();
            format!("{}{}", &value[..at], change(&value[at..]))
        });
        let error = AuthorizationError::Signature;
        assert_eq!(
            verify(&verifier(), &parts).err(),
            Some(VerifyError::Authorization { error, form: Form::Header })
        );
    }
}

#[test]
fn both_halves_of_s_are_accepted() {
    let parts = signed(&SIGNER);
    let mut mirrored = parts.clone();
    replace(&mut mirrored.headers, "authorization", |value| {
        let (head, digits) = value.split_once("Signature=").unwrap();
        let signature = p256::ecdsa::Signature::from_der(&hex::decode(digits).unwrap()).unwrap();
        let other = p256::ecdsa::Signature::from_scalars(signature.r(), -*signature.s()).unwrap();
        format!("{head}Signature={}", hex::encode(other.to_der().as_bytes()))
    });
    assert_ne!(parts.headers, mirrored.headers);
    assert!(verify(&verifier(), &parts).is_ok());
    assert!(verify(&verifier(), &mirrored).is_ok());
}

#[test]
fn region_set_must_be_signed_and_stand_once_in_its_place() {
    let name = crate::fields::X_AMZ_REGION_SET;
    let lenient = verifier().with_exemption(Exemption::AnyoneMayChangeHeader(name.clone()));
    let parts = signed(&SIGNER);
    let read = |parts: &request::Parts| lenient.read(parts, now()).err();

    let mut unsigned = parts.clone();
    replace(&mut unsigned.headers, "authorization", |value| value.replace(";x-amz-region-set", ""));
    assert_eq!(read(&unsigned), Some(VerifyError::HeadersNotSigned { names: vec![name.clone()] }));

    let mut missing = parts.clone();
    missing.headers.remove(&name);
    let field = |name, form| {
        let error = AuthorizationError::MissingField(name);
        Some(VerifyError::Authorization { error, form })
    };
    assert_eq!(read(&missing), field("x-amz-region-set", Form::Header));

    let twice = Some(VerifyError::DuplicateHeader { name: name.clone() });
    let mut doubled = parts.clone();
    doubled.headers.append(&name, HeaderValue::from_static("*"));
    assert_eq!(read(&doubled), twice);
    let in_query = with_query(&parts, |uri| format!("{uri}&X-Amz-Region-Set=%2A"));
    assert_eq!(read(&in_query), twice);

    let url = presigned(&SIGNER);
    let without = with_query(&url, |uri| uri.replace("X-Amz-Region-Set=%2A&", ""));
    assert_eq!(read(&without), field("X-Amz-Region-Set", Form::Query));
    let misspelt = with_query(&url, |uri| uri.replace("X-Amz-Region-Set", "x-amz-region-set"));
    assert_eq!(read(&misspelt), field("X-Amz-Region-Set", Form::Query));
    let doubled = with_query(&url, |uri| format!("{uri}&X-Amz-Region-Set=%2A"));
    let name = "x-amz-region-set".to_owned();
    assert_eq!(read(&doubled), Some(VerifyError::DuplicateParameter { name }));
    let mut in_header = url.clone();
    in_header.headers.insert(crate::fields::X_AMZ_REGION_SET, HeaderValue::from_static("*"));
    assert_eq!(read(&in_header), twice);
}

#[test]
fn malformed_region_set_is_refused_with_its_text() {
    for set in ["us-east-1, us-west-2", "us-east-1,", "", "**", "us-east-1;*"] {
        let mut parts = signed(&SIGNER);
        parts.headers.insert("x-amz-region-set", HeaderValue::from_static(set));
        let error = verifier().read(&parts, now()).unwrap_err();
        assert_eq!(error, VerifyError::InvalidRegionSet { given: set.to_owned() });
        assert!(error.to_string().contains(&format!("{set:?}")), "{error}");
        assert_eq!(error.refusal(Protocol::S3).status(), 400);
    }
}

#[test]
fn scope_with_a_region_and_the_other_algorithms_signature_are_refused() {
    let malformed = |error| Some(VerifyError::Authorization { error, form: Form::Header });
    let mut parts = signed(&SIGNER);
    replace(&mut parts.headers, "authorization", |value| value.replace("/s3/", "/us-east-1/s3/"));
    assert_eq!(verify(&verifier(), &parts).err(), malformed(AuthorizationError::Credential));

    let mut renamed = signed(&Signer::new(REGION, S3));
    replace(&mut renamed.headers, "authorization", |value| {
        value.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256").replace("/us-east-1/", "/")
    });
    renamed.headers.insert("x-amz-region-set", HeaderValue::from_static("*"));
    replace(&mut renamed.headers, "authorization", |value| {
        value.replace("x-amz-date,", "x-amz-date;x-amz-region-set,")
    });
    assert_eq!(verify(&verifier(), &renamed).err(), malformed(AuthorizationError::Signature));
}

#[test]
fn stream_of_the_other_algorithm_is_refused() {
    for (signer, payload, other) in [
        (SIGNER, PayloadHash::StreamingEcdsa, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        (SIGNER, PayloadHash::StreamingEcdsa, "STREAMING-AWS4-HMAC-SHA256-EVENTS"),
        (
            Signer::new(REGION, S3),
            PayloadHash::StreamingSigned,
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
        ),
    ] {
        let mut request = Request::put("https://mrap.example.com/a").body(()).unwrap();
        signer.sign_hashed(&mut request, payload, &key(), now()).unwrap();
        assert!(verifier().read(&request, now()).is_ok());
        request.headers_mut().insert("x-amz-content-sha256", HeaderValue::from_static(other));
        let error = verifier().read(&request, now()).err();
        assert_eq!(error, Some(VerifyError::InvalidPayloadHeader));
    }
}

#[test]
fn unknown_key_is_refused_like_a_wrong_signature() {
    let parts = signed(&SIGNER);
    let unknown = verifier().read(&parts, now()).unwrap().verify(None).err().unwrap();
    assert_eq!(unknown, VerifyError::UnknownKey);
    let wrong = Credentials::new("AKIDEXAMPLE", "another");
    let wrong = verifier().read(&parts, now()).unwrap().verify(Some(&wrong)).err().unwrap();
    assert_eq!(wrong, VerifyError::WrongSignature);
    let [unknown, wrong] = [unknown, wrong].map(|error| error.refusal(Protocol::S3));
    assert_eq!((unknown.status(), unknown.code()), (wrong.status(), wrong.code()));
    let swapped = Credentials::new("AKIDEXAMPLF", key().secret_access_key());
    let swapped = verifier().read(&parts, now()).unwrap().verify(Some(&swapped)).err();
    assert_eq!(swapped, Some(VerifyError::KeyOfAnother));
}

#[test]
fn verifications_are_bounded_by_the_second_and_shared_by_clones() {
    let limits = Limits::DEFAULT.with_ecdsa_per_second(2);
    let verifier = verifier().with_limits(limits);
    let parts = signed(&SIGNER);
    assert!(verify(&verifier, &parts).is_ok());
    let unknown = verifier.clone().read(&parts, now()).unwrap().verify(None);
    assert_eq!(unknown.err(), Some(VerifyError::UnknownKey), "an unknown key counts too");
    let third = verify(&verifier, &parts).unwrap_err();
    assert_eq!(third, VerifyError::TooManyEcdsa { limit: 2 });
    assert_eq!(third.refusal(Protocol::S3).status(), 503);
    assert_eq!(third.refusal(Protocol::Json).status(), 503);
    assert!(verify(&verifier, &signed(&Signer::new(REGION, S3))).is_ok(), "HMAC has no bound");
    let later = now().offset(1).unwrap();
    assert!(verifier.read(&parts, later).unwrap().verify(Some(&key())).is_ok());
}

#[test]
fn public_key_is_that_of_the_published_private_key() {
    let secret = "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom";
    let key = SigningKey::derive_for_regions("AKISORANDOMAASORANDOM", secret);
    let expected = "0415d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb\
        0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0";
    assert_eq!(hex::encode(key.public_key().unwrap()), expected);
    assert_eq!(SigningKey::from_bytes(b"key").public_key(), None);
    assert_eq!(format!("{key:?}"), "SigningKey(redacted)");
}

#[test]
fn refusals_of_sigv4a_are_told_in_each_protocol() {
    let protocols = [Protocol::S3, Protocol::Query, Protocol::Json, Protocol::RestJson];
    let told = |error: &VerifyError| {
        protocols.map(|protocol| {
            let refusal = error.refusal(protocol);
            (refusal.status().as_u16(), refusal.code())
        })
    };
    let busy = VerifyError::TooManyEcdsa { limit: 9 };
    let unavailable = (503, "ServiceUnavailable");
    assert_eq!(told(&busy), [(503, "SlowDown"), unavailable, unavailable, unavailable]);
    assert!(busy.to_string().contains("more than 9"));
    let response: http::Response<String> = busy.refusal(Protocol::Grpc).into_response();
    assert_eq!(response.headers()["grpc-status"], "14");
    let set = VerifyError::InvalidRegionSet { given: "a,".to_owned() };
    let incomplete = "IncompleteSignatureException";
    assert_eq!(
        told(&set),
        [
            (400, "AuthorizationHeaderMalformed"),
            (400, "IncompleteSignature"),
            (400, incomplete),
            (403, incomplete)
        ]
    );
}
