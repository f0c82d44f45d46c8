//! Verification of signed requests.

use std::convert::Infallible;

use benches::{Case, Contender};
use chrono::{DateTime, NaiveDate, Utc};
use http::Request;
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS,
    SignatureOptions, service_for_signing_key_fn, sigv4_validate_request,
};
use tower::BoxError;

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
            Contender::new("scratchstack-aws-signature 0.11.4", scratchstack(inputs::signed_get()))
                .with_target(5.5),
            floor::blocks(7),
        ],
    }
}

/// Verifies with scratchstack. It takes the request and returns its parts, which become the next
/// request.
fn scratchstack(request: Request<()>) -> impl FnMut() -> Result<(), Infallible> {
    let day = NaiveDate::from_ymd_opt(2015, 8, 30).unwrap();
    let key = SECRET.parse::<KSecretKey>().unwrap().to_ksigning(day, REGION, SERVICE);
    let response = GetSigningKeyResponse::builder().signing_key(key).build().unwrap();
    let time = DateTime::<Utc>::from(now());
    let mut next = Some(request);
    move || {
        let response = response.clone();
        let look_up = move |_: GetSigningKeyRequest| {
            let response = response.clone();
            async move { Ok::<_, BoxError>(response) }
        };
        let mut keys = service_for_signing_key_fn(look_up);
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
        Ok(())
    }
}
