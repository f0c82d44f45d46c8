//! What we sign we verify, in both forms; with one thing changed we do not.
#![no_main]

#[allow(dead_code, reason = "another target uses all of it")]
#[path = "../../tests/signed.rs"]
mod signed;
mod support;

use std::time::Duration;

use arbitrary::Arbitrary;
use http::{HeaderName, HeaderValue, Request, request::Parts};
use libfuzzer_sys::fuzz_target;
use sigv4_core::verify::{BodyRule, Verified, Verifier, VerifyError};
use sigv4_core::{Credentials, HeaderSelection, PayloadHash, Region, Service, Signer, SigningTime};

use sigv4_core::service::PresignedPayload;

use crate::signed::SERVICES;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    service: u8,
    token: bool,
    presign: bool,
    all_headers: bool,
    method: u8,
    target: &'a str,
    headers: Vec<(&'a str, &'a [u8])>,
    body: &'a [u8],
    change: u8,
}

fn verify(
    verifier: &Verifier,
    parts: &Parts,
    key: &Credentials,
    body: &[u8],
) -> Result<Verified, VerifyError> {
    let now: SigningTime = "20150830T123600Z".parse().unwrap();
    let claim = verifier.read(parts, now)?;
    if claim.body_rule() == BodyRule::HashFirst {
        return claim.verify_hashed(Some(key), PayloadHash::of(body));
    }
    let (verified, mut reading) = claim.verify(Some(key))?;
    reading.update(&body.to_vec().into())?;
    reading.finish()?;
    Ok(verified)
}

fuzz_target!(|input: Input<'_>| {
    let method = ["GET", "PUT", "POST", "DELETE", "PATCH"][usize::from(input.method) % 5];
    let service = SERVICES[usize::from(input.service) % SERVICES.len()];
    let Ok(mut request) = Request::builder()
        .method(method)
        .uri(format!("http://example.com/{}", input.target))
        .body(input.body)
    else {
        return;
    };
    for (name, value) in &input.headers {
        let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value))
        else {
            return;
        };
        request.headers_mut().append(name, value);
    }
    let time: SigningTime = "20150830T123600Z".parse().unwrap();
    let region = Region::from_static("us-east-1");
    let mut key = Credentials::new("AKIDEXAMPLE", "secret");
    if input.token {
        key = key.with_session_token("TOKEN/+=");
    }
    let mut signer = Signer::new(region.clone(), Service::new(service).unwrap());
    if input.all_headers {
        signer = signer.with_signed_headers(HeaderSelection::All);
    }
    // A payload that the caller's own header names is not the body's here.
    let in_query = request.uri().query().is_some_and(|query| query.contains("Content-Sha256"));
    if in_query || request.headers().contains_key("x-amz-content-sha256") {
        return;
    }
    let parts = if input.presign {
        let payload = match signer.service().rules().presigned_payload {
            PresignedPayload::Unsigned => PayloadHash::Unsigned,
            _ => PayloadHash::of(input.body),
        };
        let hour = Duration::from_secs(3600);
        let Ok(presigned) = signer.presign_hashed(&request, payload, hour, &key, time) else {
            return;
        };
        presigned.into_request(()).unwrap().into_parts().0
    } else {
        if signer.sign(&mut request, &key, time).is_err() {
            return;
        }
        request.into_parts().0
    };
    let verifier = Verifier::new(region, Service::new(service).unwrap());
    match verify(&verifier, &parts, &key, input.body) {
        Ok(verified) => assert_eq!(verified.access_key_id(), "AKIDEXAMPLE"),
        // Two readings of our own bounds, and of what only a verifier minds.
        Err(
            VerifyError::TooManySignedHeaders { .. }
            | VerifyError::HeadTooLarge { .. }
            | VerifyError::DuplicateParameter { .. }
            | VerifyError::TwoTokens
            | VerifyError::InvalidPayloadHeader,
        ) => return,
        Err(error) => panic!("{error}: {parts:?}"),
    }
    let mut changed = parts.clone();
    let mut key = key;
    match input.change % 5 {
        0 => key = Credentials::new("AKIDEXAMPLE", "Secret"),
        1 => {
            changed.headers.append("x-amz-added", HeaderValue::from_static("1"));
        }
        2 => changed.method = "OPTIONS".parse().unwrap(),
        3 => {
            changed.headers.append("host", HeaderValue::from_static("example.org"));
        }
        _ => {
            let uri = parts.uri.to_string();
            let mark = if parts.uri.query().is_some() { '&' } else { '?' };
            let Ok(uri) = format!("{uri}{mark}added=1").parse() else { return };
            changed.uri = uri;
        }
    }
    assert!(verify(&verifier, &changed, &key, input.body).is_err());
});
