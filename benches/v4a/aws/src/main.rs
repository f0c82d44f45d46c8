//! `v4a-aws sign ROUNDS`: signs ROUNDS times. See ../../instructions/run.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run has failed")]

#[path = "../../inputs.rs"]
mod inputs;

use std::hint::black_box;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4a::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;

use inputs::{ACCESS_KEY_ID, REGION_SET, SECRET, SERVICE, URI, now};

fn main() {
    let (mode, rounds) = inputs::arguments();
    assert_eq!(mode, "sign");
    let identity: Identity = Credentials::new(ACCESS_KEY_ID, SECRET, None, None, "v4a").into();
    for _ in 0..rounds {
        let body = SignableBody::Bytes(b"");
        let headers = std::iter::empty::<(&str, &str)>();
        let signable = SignableRequest::new("GET", black_box(URI), headers, body).unwrap();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region_set(REGION_SET)
            .name(SERVICE)
            .time(now())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        black_box(sign(signable, &parameters).unwrap().into_parts());
    }
}
