//! Every refusal, for the log and in each protocol, against the table beside this file.
//!
//! `SIGV4_REWRITE=1 cargo test -p sigv4-core every_refusal` writes the table anew.

use std::fmt::Write as _;

use http::{HeaderName, Response};

use crate::error::SignError;
use crate::scope::{Region, Service};
use crate::stream::DecodeError;
use crate::time::SigningTime;
use crate::verify::authorization::AuthorizationError;
use crate::verify::policy_error::PolicyError;
use crate::verify::{Form, Protocol, VerifyError};

const TABLE: &str = include_str!("answers.txt");

#[test]
fn every_refusal_is_the_one_in_the_table() {
    let mut written = String::new();
    for error in errors() {
        describe(&mut written, &error);
    }
    #[expect(clippy::disallowed_methods, reason = "the test reads it, the core does not")]
    if std::env::var_os("SIGV4_REWRITE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/verify/tests/answers.txt");
        return std::fs::write(path, written).unwrap();
    }
    // Line by line, so that a failure shows the one that differs.
    for (written, expected) in written.lines().zip(TABLE.lines()) {
        assert_eq!(written, expected);
    }
    assert_eq!(written.lines().count(), TABLE.lines().count());
}

fn describe(out: &mut String, error: &VerifyError) {
    let _ = writeln!(out, "{error:?}\n  log: {error}");
    for protocol in [Protocol::S3, Protocol::Query, Protocol::Json, Protocol::RestJson] {
        let refusal = error.refusal(protocol);
        let (status, code, message) =
            (refusal.status().as_u16(), refusal.code(), refusal.message());
        let _ = writeln!(out, "  {protocol:?}: {status} {code}: {message}");
    }
    let s3 = error.refusal(Protocol::S3).body();
    if let Some((_, details)) = s3.split_once("</Message>").filter(|(_, rest)| *rest != "</Error>")
    {
        let _ = writeln!(out, "  S3 adds: {}", details.trim_end_matches("</Error>"));
    }
    let headers = error.refusal(Protocol::S3).headers();
    for (name, value) in headers.iter().filter(|(name, _)| *name != "content-type") {
        let _ = writeln!(out, "  S3 header: {name}: {}", value.to_str().unwrap());
    }
    let grpc: Response<String> = error.refusal(Protocol::Grpc).into_response();
    let _ = writeln!(out, "  Grpc: {}", grpc.headers()["grpc-status"].to_str().unwrap());
}

fn time(second: &str) -> SigningTime {
    format!("20150830T1236{second}Z").parse().unwrap()
}

fn errors() -> Vec<VerifyError> {
    let mut errors = of_the_head();
    errors.extend(of_scope_and_clock());
    errors.extend(of_the_proof());
    errors.extend(of_the_body());
    errors
}

fn of_the_head() -> Vec<VerifyError> {
    let name = HeaderName::from_static("x-amz-date");
    let authorization = |error, form| VerifyError::Authorization { error, form };
    vec![
        VerifyError::Clock(SignError::TimeOutOfRange),
        VerifyError::UnsupportedTarget,
        VerifyError::HeadTooLarge { limit: 9 },
        VerifyError::TooManyParameters { limit: 9 },
        VerifyError::TooManySignedHeaders { limit: 9 },
        VerifyError::Host(SignError::MissingHost),
        VerifyError::InvalidQuery,
        VerifyError::NoSignature,
        VerifyError::TwoMechanisms,
        VerifyError::DuplicateHeader { name: name.clone() },
        VerifyError::HeaderNotText { name: name.clone() },
        VerifyError::DuplicateParameter { name: "x-amz-date".into() },
        VerifyError::MisspeltParameter { name: "X-Amz-Date" },
        authorization(AuthorizationError::Algorithm, Form::Header),
        authorization(AuthorizationError::NotAField, Form::Header),
        authorization(AuthorizationError::UnknownField, Form::Header),
        authorization(AuthorizationError::DuplicateField("Signature"), Form::Header),
        authorization(AuthorizationError::MissingField("X-Amz-Date"), Form::Query),
        authorization(AuthorizationError::Credential, Form::Query),
        authorization(AuthorizationError::SignedHeaders, Form::Header),
        authorization(AuthorizationError::Signature, Form::Post),
        VerifyError::MissingDate,
        VerifyError::DateNotSigned,
        VerifyError::InvalidDate,
        VerifyError::InvalidExpires { max: 604_800 },
        VerifyError::HeadersNotSigned {
            names: vec![name.clone(), HeaderName::from_static("host")],
        },
        VerifyError::SignedHeaderMissing { name: "x-amz-meta".into() },
        VerifyError::MissingPayloadHeader,
        VerifyError::InvalidPayloadHeader,
        VerifyError::BodyNotCovered,
        VerifyError::TwoTokens,
        VerifyError::MisplacedToken,
    ]
}

fn of_scope_and_clock() -> Vec<VerifyError> {
    let region = |form| VerifyError::WrongRegion {
        given: "eu-west-1".into(),
        expected: Region::from_static("us-east-1"),
        form,
    };
    let service = |form| VerifyError::WrongService {
        given: "iam".into(),
        expected: Service::from_static("s3"),
        form,
    };
    let skewed = |time, now| VerifyError::TooSkewed { time, now, max_skew: 900 };
    vec![
        region(Form::Header),
        region(Form::Query),
        region(Form::Post),
        service(Form::Header),
        service(Form::Query),
        VerifyError::WrongScopeDate { scope: "20150829".to_owned(), time: time("00") },
        skewed(time("00"), time("01")),
        skewed(time("01"), time("00")),
        VerifyError::NotYetValid { time: time("01"), now: time("00") },
        VerifyError::Expired { time: time("00"), expires: 60, now: time("01") },
    ]
}

fn of_the_proof() -> Vec<VerifyError> {
    vec![
        VerifyError::UnknownKey,
        VerifyError::KeyOfAnother,
        VerifyError::LookUpFailed,
        VerifyError::WrongSignature,
        VerifyError::MissingToken,
        VerifyError::UnexpectedToken,
        VerifyError::WrongToken,
        VerifyError::Credentials(SignError::CredentialsExpired { at: time("00") }),
        VerifyError::Credentials(SignError::InvalidAccessKeyId),
        VerifyError::BodyHashNeeded,
    ]
}

fn of_the_body() -> Vec<VerifyError> {
    let mut errors = vec![
        VerifyError::PayloadMismatch,
        VerifyError::UnsupportedStream,
        VerifyError::Policy(PolicyError::Expired),
        VerifyError::Policy(PolicyError::FileLength),
        VerifyError::BodyTooLarge { limit: 9 },
        VerifyError::BodyTooSlow,
        VerifyError::BodyInterrupted,
    ];
    errors.extend(
        [
            DecodeError::ChunkSignatureMismatch,
            DecodeError::TrailerSignatureMismatch,
            DecodeError::MissingChunkSignature,
            DecodeError::MissingTrailerSignature,
            DecodeError::ChecksumMismatch,
            DecodeError::Truncated,
            DecodeError::TooShort,
            DecodeError::TooLong,
            DecodeError::InvalidChunkHeader,
            DecodeError::InvalidTrailer,
            DecodeError::UnsupportedChecksum,
            DecodeError::ChunkTooLarge { limit: 9 },
        ]
        .map(VerifyError::Stream),
    );
    errors
}
