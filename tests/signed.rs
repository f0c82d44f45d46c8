//! Signs a request in one of its forms, and reads it back as a server does. Used by the test and
//! the fuzz targets that change it in between.

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Request};
use sigv4_core::service::{PathEncoding, PathNormalization, PresignedPayload, SessionToken};
use sigv4_core::stream::{AwsChunked, Checksum};
use sigv4_core::verify::{BodyRule, Form, Verified, Verifier, VerifyError};
use sigv4_core::{
    Credentials, HeaderSelection, PayloadHash, Region, Service, SignError, Signer, SigningTime,
};

use crate::support::{edit, oracle};

/// Every name in the table of services, and one that is not in it.
pub(crate) const SERVICES: [&str; 23] = [
    "s3",
    "s3-outposts",
    "s3-object-lambda",
    "s3express",
    "aoss",
    "glacier",
    "s3tables",
    "vpc-lattice-svcs",
    "ebs",
    "lex",
    "mediastore",
    "omics",
    "backup-storage",
    "kinesisvideo",
    "kms",
    "lambda",
    "route53",
    "monitoring",
    "kinesis",
    "firehose",
    "elastictranscoder",
    "iotdevicegateway",
    "execute-api",
];

pub(crate) const REGION: Region = Region::from_static("us-east-1");

pub(crate) fn now() -> SigningTime {
    "20150830T123600Z".parse().unwrap()
}

pub(crate) fn key(token: bool) -> Credentials {
    let key = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    if token { key.with_session_token("TOKEN/+= a") } else { key }
}

pub(crate) fn signer(service: &str) -> Signer {
    Signer::new(REGION, Service::new(service).unwrap())
}

pub(crate) fn verify(
    service: &str,
    parts: &Parts,
    key: &Credentials,
    body: &[u8],
) -> Result<(Verified, Vec<u8>, HeaderMap), VerifyError> {
    let claim = Verifier::new(REGION, Service::new(service).unwrap()).read(parts, now())?;
    if claim.body_rule() == BodyRule::HashFirst {
        let verified = claim.verify_hashed(Some(key), PayloadHash::of(body))?;
        return Ok((verified, body.to_vec(), HeaderMap::new()));
    }
    let is_stream = claim.body_rule() == BodyRule::Streamed;
    let (verified, mut reading) = claim.verify(Some(key))?;
    reading.update(&Bytes::copy_from_slice(body))?;
    let mut content = Vec::new();
    while let Some(bytes) = reading.content() {
        content.extend_from_slice(&bytes);
    }
    let complete = reading.finish()?;
    let content = if is_stream { content } else { body.to_vec() };
    Ok((verified, content, complete.trailers().clone()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Signed,
    SignedTrailer,
    UnsignedTrailer,
}

/// A request in one of its forms, as it is sent.
pub(crate) fn send(
    service: &str,
    form: Form,
    stream: Option<Stream>,
    mut request: Request<Vec<u8>>,
    key: &Credentials,
) -> Result<(Parts, Vec<u8>), SignError> {
    let signer = signer(service).with_signed_headers(HeaderSelection::All);
    if let Some(stream) = stream {
        let length = request.body().len() as u64;
        let plan = match stream {
            Stream::Signed => AwsChunked::signed(length),
            Stream::SignedTrailer => AwsChunked::signed(length).with_checksum(Checksum::Sha256),
            Stream::UnsignedTrailer => AwsChunked::unsigned(length, Checksum::Crc32),
        };
        plan.set_headers(request.headers_mut());
        let signed = signer.compute(&request, plan.payload(), key, now())?;
        signed.apply(request.headers_mut());
        let mut encoder = plan.encoder(signed).unwrap();
        let (parts, body) = request.into_parts();
        let (mut body, mut wire) = (Bytes::from(body), Vec::new());
        while let Some(chunk) = encoder.encode(&mut body).unwrap() {
            wire.extend_from_slice(&chunk);
        }
        wire.extend_from_slice(&encoder.finish(&HeaderMap::new()).unwrap());
        return Ok((parts, wire));
    }
    if form == Form::Header {
        signer.sign(&mut request, key, now())?;
        return Ok(request.into_parts());
    }
    let payload = match signer.service().rules().presigned_payload {
        PresignedPayload::Unsigned => PayloadHash::Unsigned,
        _ => PayloadHash::of(request.body()),
    };
    let hour = Duration::from_secs(3600);
    let presigned = signer.presign_hashed(&request, payload, hour, key, now())?;
    Ok((presigned.into_request(())?.into_parts().0, request.into_body()))
}

pub(crate) fn rules_of(service: &str) -> oracle::Rules {
    let rules = *signer(service).service().rules();
    oracle::Rules {
        encoding: match rules.path_encoding {
            PathEncoding::Single => oracle::PathEncoding::Single,
            _ => oracle::PathEncoding::Double,
        },
        segments: match rules.path_normalization {
            PathNormalization::Verbatim => oracle::PathSegments::Kept,
            _ => oracle::PathSegments::Normalized,
        },
        presigned_payload: oracle::PresignedPayload::Unsigned, // not asked here
    }
}

/// The parts without the token that a service takes unsigned, which the canonical text leaves out.
pub(crate) fn without_late_token(service: &str, mut parts: Parts) -> Parts {
    if signer(service).service().rules().session_token == SessionToken::Unsigned
        && let Some((before, query)) = parts.uri.to_string().split_once('?')
    {
        let is_late = |pair: &&str| pair.starts_with("X-Amz-Security-Token=");
        let kept: Vec<&str> = query.split('&').filter(|pair| !is_late(pair)).collect();
        parts.uri = format!("{before}?{}", kept.join("&")).parse().unwrap();
    }
    parts
}

/// The canonical text of accepted bytes, and the body that was read.
pub(crate) type Accepted = (Vec<u8>, Vec<u8>, HeaderMap);

pub(crate) fn read(service: &str, key: &Credentials, wire: &[u8]) -> Option<Accepted> {
    let (parts, body) = edit::from_wire(wire)?;
    let (verified, content, trailers) = verify(service, &parts, key, &body).ok()?;
    let (list, payload) = (verified.signed_headers().to_owned(), verified.payload().to_string());
    let parts = without_late_token(service, parts);
    let text = edit::signed_text(&parts, &list, &payload, rules_of(service)).unwrap();
    // An uncovered body may be anything.
    let content = if verified.payload() == PayloadHash::Unsigned { Vec::new() } else { content };
    Some((text, content, trailers))
}
