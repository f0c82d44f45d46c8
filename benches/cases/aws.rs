//! aws-sigv4 as a program without an AWS SDK would call it.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningInstructions, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use http::Request;

use super::inputs::{ACCESS_KEY_ID, REGION, SECRET, now};

pub(crate) const NAME: &str = "aws-sigv4 1.6.4";

pub(crate) fn identity() -> Identity {
    Credentials::new(ACCESS_KEY_ID, SECRET, None, None, "benches").into()
}

pub(crate) fn parameters<'a, S: Default>(
    identity: &'a Identity,
    service: &'a str,
    settings: S,
) -> SigningParams<'a, S> {
    SigningParams::builder()
        .identity(identity)
        .region(REGION)
        .name(service)
        .time(now())
        .settings(settings)
        .build()
        .unwrap()
}

/// The settings for S3.
pub(crate) fn s3() -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings
}

/// The settings for a presigned URL of S3.
pub(crate) fn s3_presigned(expires: Duration) -> SigningSettings {
    let mut settings = s3();
    settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(expires);
    settings
}

/// Signs a request whose URI is also given as text. Returns the instructions and the signature.
pub(crate) fn sign_request<B>(
    identity: &Identity,
    service: &str,
    settings: SigningSettings,
    (request, uri): (&Request<B>, &str),
    body: SignableBody<'_>,
) -> (SigningInstructions, String) {
    let headers =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, body).unwrap();
    let parameters = parameters(identity, service, settings).into();
    sign(signable, &parameters).unwrap().into_parts()
}
