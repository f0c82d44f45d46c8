//! aws-sigv4, as a program without an AWS SDK would call it.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;

use super::inputs::{ACCESS_KEY_ID, REGION, SECRET, now};

pub(crate) const NAME: &str = "aws-sigv4 1.6.4";

pub(crate) fn identity() -> Identity {
    Credentials::new(ACCESS_KEY_ID, SECRET, None, None, "benches").into()
}

pub(crate) fn parameters<'a>(identity: &'a Identity, service: &'a str) -> SigningParams<'a> {
    v4::SigningParams::builder()
        .identity(identity)
        .region(REGION)
        .name(service)
        .time(now())
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into()
}

/// The signature of a request without headers.
pub(crate) fn signature(
    identity: &Identity,
    method: &str,
    uri: &str,
    body: &[u8],
    service: &str,
) -> String {
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new(method, uri, std::iter::empty(), body).unwrap();
    let (_, signature) = sign(request, &parameters(identity, service)).unwrap().into_parts();
    signature
}
