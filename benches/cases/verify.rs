//! Verification of signed requests.

use std::future;

use benches::{Case, Contender};
use chrono::{DateTime, NaiveDate, Utc};
use http::Request;
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS,
    SignatureOptions, sigv4_validate_request,
};
use tower::{BoxError, Service, service_fn};

use super::inputs::{self, REGION, SECRET, SERVICE, now};
use super::peers::ready;
use super::{OURS, floor, ours};

/// Row h: verifies the request of row a, by a key that is at hand.
pub(crate) fn get() -> Case {
    Case {
        row: "h",
        title: "row a verified, by a key that is at hand",
        contenders: vec![
            Contender::new(OURS, ours::verified()),
            Contender::new("scratchstack-aws-signature 0.11.4", key_kept()).with_target(5.7),
            Contender::new("the same, its key derived each time", key_derived()),
            floor::blocks(7).with_multiple(3.3),
        ],
    }
}

/// scratchstack with a service that keeps the signing key.
fn key_kept() -> impl FnMut() {
    let response = signing_key();
    scratchstack(service_fn(move |_| future::ready(Ok::<_, BoxError>(response.clone()))))
}

/// scratchstack with a service that derives the signing key each time, as in its documentation.
fn key_derived() -> impl FnMut() {
    scratchstack(service_fn(|_| future::ready(Ok::<_, BoxError>(signing_key()))))
}

fn signing_key() -> GetSigningKeyResponse {
    let day = NaiveDate::from_ymd_opt(2015, 8, 30).unwrap();
    let key = SECRET.parse::<KSecretKey>().unwrap().to_ksigning(day, REGION, SERVICE);
    GetSigningKeyResponse::builder().signing_key(key).build().unwrap()
}

/// Verifies with scratchstack. It takes the request and returns its parts, which become the next
/// request.
fn scratchstack<S>(mut keys: S) -> impl FnMut()
where
    S: Service<GetSigningKeyRequest, Response = GetSigningKeyResponse, Error = BoxError> + Send,
    S::Future: Send,
{
    let time = DateTime::<Utc>::from(now());
    let mut next = Some(inputs::signed_get());
    move || {
        let (parts, _, _) = ready(sigv4_validate_request(
            next.take().unwrap(),
            REGION,
            SERVICE,
            &mut keys,
            time,
            &NO_ADDITIONAL_SIGNED_HEADERS,
            SignatureOptions::default(),
        ))
        .unwrap();
        next = Some(Request::from_parts(parts, ()));
    }
}
