//! Tests that cover several files: errors by name, options, look-ups, error responses.

mod answers;
mod clock;
mod dates_and_payloads;
mod limits;
mod protocols;
mod requests;
mod streams;
mod tokens;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode, request};
use proptest::prelude::*;

use crate::canonical::headers::HeaderSelection;
use crate::credentials::Credentials;
use crate::payload::PayloadHash;
use crate::sign::signer::Signer;
use crate::stream::{AwsChunked, Checksum};
use crate::verify::*;

pub(super) const REGION: Region = Region::from_static("us-east-1");
pub(super) const S3: Service = Service::from_static("s3");
pub(super) const IAM: Service = Service::from_static("iam");
pub(super) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

pub(super) fn now() -> SigningTime {
    "20150830T123600Z".parse().unwrap()
}

pub(super) fn key() -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET)
}

pub(super) fn signed(service: Service, credentials: &Credentials) -> request::Parts {
    let mut request = Request::put("/a/b?c=d").header("host", "example.com").body("body").unwrap();
    Signer::new(REGION, service).sign(&mut request, credentials, now()).unwrap();
    request.into_parts().0
}

pub(super) fn presigned(expires: u64, at: SigningTime) -> request::Parts {
    let request = Request::get("https://example.com/a").body(()).unwrap();
    let life = Duration::from_secs(expires);
    let presigned = Signer::new(REGION, S3).presign(&request, life, &key(), at).unwrap();
    presigned.into_request(()).unwrap().into_parts().0
}

pub(super) fn verify(
    verifier: &Verifier,
    parts: &request::Parts,
    key: Option<&Credentials>,
    body: &'static str,
) -> Result<Verified, VerifyError> {
    let claim = verifier.read(parts, now())?;
    if claim.body_rule() == BodyRule::HashFirst {
        return claim.verify_hashed(key, PayloadHash::of(body.as_bytes()));
    }
    let (verified, mut reading) = claim.verify(key)?;
    reading.update(&body.into())?;
    reading.finish()?;
    Ok(verified)
}
