//! Maps each refusal to AWS's error, in each protocol.

use super::error::VerifyError;
use super::form::Form;
use super::protocol::Protocol;
use crate::error::SignError;
#[cfg(feature = "stream")]
use crate::stream::DecodeError;
use crate::verify::authorization::AuthorizationError;
#[cfg(feature = "post-policy")]
use crate::verify::policy_error::PolicyError;

/// The kinds of error response that a client can tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Unsigned,
    TwoMechanisms,
    Algorithm,
    Malformed,
    Scope,
    Time,
    ExpiredUrl,
    Coverage,
    PayloadHeader,
    Signature,
    Token,
    ExpiredToken,
    Body,
    Checksum,
    Incomplete,
    Framing,
    Policy,
    TooLarge,
    TooSlow,
    BadRequest,
    NotImplemented,
    #[cfg(feature = "sigv4a")]
    Busy,
    Fault,
}

impl Answer {
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub(super) fn to(error: &VerifyError) -> Self {
        match error {
            VerifyError::NoSignature => Self::Unsigned,
            VerifyError::TwoMechanisms => Self::TwoMechanisms,
            VerifyError::Authorization { error: AuthorizationError::Algorithm, .. } => {
                Self::Algorithm
            }
            VerifyError::Authorization { .. }
            | VerifyError::DuplicateHeader { .. }
            | VerifyError::HeaderNotText { .. }
            | VerifyError::DuplicateParameter { .. }
            | VerifyError::MisspeltParameter { .. }
            | VerifyError::MissingDate
            | VerifyError::DateNotSigned
            | VerifyError::InvalidDate
            | VerifyError::InvalidExpires { .. }
            | VerifyError::TwoTokens
            | VerifyError::MisplacedToken => Self::Malformed,
            #[cfg(feature = "sigv4a")]
            VerifyError::InvalidRegionSet { .. } => Self::Malformed,
            #[cfg(feature = "sigv4a")]
            VerifyError::TooManyEcdsa { .. } => Self::Busy,
            VerifyError::WrongRegion { .. }
            | VerifyError::WrongService { .. }
            | VerifyError::WrongScopeDate { .. } => Self::Scope,
            VerifyError::TooSkewed { .. } => Self::Time,
            VerifyError::NotYetValid { .. } | VerifyError::Expired { .. } => Self::ExpiredUrl,
            VerifyError::HeadersNotSigned { .. } | VerifyError::SignedHeaderMissing { .. } => {
                Self::Coverage
            }
            VerifyError::MissingPayloadHeader
            | VerifyError::InvalidPayloadHeader
            | VerifyError::BodyNotCovered => Self::PayloadHeader,
            VerifyError::UnknownKey | VerifyError::WrongSignature | VerifyError::KeyOfAnother => {
                Self::Signature
            }
            VerifyError::MissingToken | VerifyError::UnexpectedToken | VerifyError::WrongToken => {
                Self::Token
            }
            VerifyError::Credentials(SignError::CredentialsExpired { .. }) => Self::ExpiredToken,
            VerifyError::PayloadMismatch => Self::Body,
            #[cfg(feature = "stream")]
            VerifyError::Stream(error) => Self::to_stream(*error),
            #[cfg(feature = "post-policy")]
            VerifyError::Policy(PolicyError::FileLength) => Self::TooLarge,
            #[cfg(feature = "post-policy")]
            VerifyError::Policy(_) => Self::Policy,
            VerifyError::HeadTooLarge { .. }
            | VerifyError::TooManyParameters { .. }
            | VerifyError::TooManySignedHeaders { .. }
            | VerifyError::BodyTooLarge { .. } => Self::TooLarge,
            VerifyError::BodyTooSlow => Self::TooSlow,
            VerifyError::UnsupportedTarget
            | VerifyError::Host(_)
            | VerifyError::InvalidQuery
            | VerifyError::BodyInterrupted => Self::BadRequest,
            VerifyError::UnsupportedStream => Self::NotImplemented,
            VerifyError::Clock(_)
            | VerifyError::LookUpFailed
            | VerifyError::Credentials(_)
            | VerifyError::BodyHashNeeded => Self::Fault,
        }
    }

    #[cfg(feature = "stream")]
    fn to_stream(error: DecodeError) -> Self {
        match error {
            DecodeError::ChunkSignatureMismatch
            | DecodeError::TrailerSignatureMismatch
            | DecodeError::MissingChunkSignature
            | DecodeError::MissingTrailerSignature => Self::Signature,
            DecodeError::ChecksumMismatch => Self::Checksum,
            DecodeError::UnsupportedChecksum => Self::NotImplemented,
            DecodeError::Truncated | DecodeError::TooShort | DecodeError::TooLong => {
                Self::Incomplete
            }
            _ => Self::Framing,
        }
    }

    pub(super) fn s3(self, error: &VerifyError) -> (u16, &'static str) {
        match self {
            Self::Unsigned | Self::ExpiredUrl | Self::Coverage | Self::Policy => {
                (403, "AccessDenied")
            }
            Self::TwoMechanisms => (400, "InvalidArgument"),
            Self::Algorithm | Self::BadRequest => (400, "InvalidRequest"),
            Self::Malformed | Self::Scope => match error {
                VerifyError::WrongRegion { form: Form::Query, .. }
                | VerifyError::WrongService { form: Form::Query, .. }
                | VerifyError::Authorization { form: Form::Query, .. }
                | VerifyError::DuplicateParameter { .. }
                | VerifyError::MisspeltParameter { .. }
                | VerifyError::InvalidExpires { .. } => (400, "AuthorizationQueryParametersError"),
                _ => (400, "AuthorizationHeaderMalformed"),
            },
            Self::Time => (403, "RequestTimeTooSkewed"),
            Self::PayloadHeader => match error {
                VerifyError::InvalidPayloadHeader => (400, "InvalidArgument"),
                _ => (400, "InvalidRequest"),
            },
            Self::Signature => (403, "SignatureDoesNotMatch"),
            Self::Token => (400, "InvalidToken"),
            Self::ExpiredToken => (400, "ExpiredToken"),
            Self::Body => (400, "XAmzContentSHA256Mismatch"),
            Self::Checksum => (400, "BadDigest"),
            Self::Incomplete => (400, "IncompleteBody"),
            Self::Framing => (400, "InvalidRequest"),
            Self::TooLarge => match error {
                VerifyError::BodyTooLarge { .. } => (400, "EntityTooLarge"),
                #[cfg(feature = "post-policy")]
                VerifyError::Policy(_) => (400, "EntityTooLarge"),
                _ => (400, "RequestHeaderSectionTooLarge"),
            },
            Self::TooSlow => (400, "RequestTimeout"),
            Self::NotImplemented => (501, "NotImplemented"),
            #[cfg(feature = "sigv4a")]
            Self::Busy => (503, "SlowDown"),
            Self::Fault => (500, "InternalError"),
        }
    }

    pub(super) fn query(self) -> (u16, &'static str) {
        match self {
            Self::Unsigned => (403, "MissingAuthenticationToken"),
            Self::Algorithm | Self::Malformed | Self::TwoMechanisms => (400, "IncompleteSignature"),
            Self::Scope | Self::Time | Self::Coverage | Self::Signature | Self::Body => {
                (403, "SignatureDoesNotMatch")
            }
            Self::PayloadHeader => (400, "IncompleteSignature"),
            Self::ExpiredUrl => (400, "RequestExpired"),
            Self::Token => (403, "InvalidClientTokenId"),
            Self::ExpiredToken => (403, "ExpiredToken"),
            Self::TooLarge => (413, "RequestEntityTooLarge"),
            Self::BadRequest | Self::Checksum | Self::Incomplete | Self::Framing | Self::Policy => {
                (400, "ValidationError")
            }
            Self::TooSlow => (408, "RequestTimeout"),
            Self::NotImplemented => (501, "NotImplemented"),
            #[cfg(feature = "sigv4a")]
            Self::Busy => (503, "ServiceUnavailable"),
            Self::Fault => (500, "InternalFailure"),
        }
    }

    pub(super) fn json(self) -> (u16, &'static str) {
        match self {
            Self::Unsigned => (403, "MissingAuthenticationTokenException"),
            Self::Algorithm | Self::Malformed | Self::PayloadHeader => {
                (403, "IncompleteSignatureException")
            }
            Self::TwoMechanisms
            | Self::Scope
            | Self::Time
            | Self::ExpiredUrl
            | Self::Coverage
            | Self::Signature
            | Self::Body => (403, "InvalidSignatureException"),
            Self::Token => (403, "UnrecognizedClientException"),
            Self::ExpiredToken => (403, "ExpiredTokenException"),
            Self::TooLarge => (413, "RequestEntityTooLargeException"),
            Self::BadRequest | Self::Checksum | Self::Incomplete | Self::Framing | Self::Policy => {
                (400, "ValidationException")
            }
            Self::TooSlow => (408, "RequestTimeoutException"),
            Self::NotImplemented => (501, "NotImplemented"),
            #[cfg(feature = "sigv4a")]
            Self::Busy => (503, "ServiceUnavailable"),
            Self::Fault => (500, "InternalFailure"),
        }
    }

    #[expect(clippy::too_many_lines, reason = "a table")]
    pub(super) fn message(self, error: &VerifyError, protocol: Protocol) -> String {
        let s3 = protocol == Protocol::S3;
        match self {
            Self::Unsigned if s3 => "Access Denied".into(),
            Self::Unsigned => "Missing Authentication Token".into(),
            Self::TwoMechanisms if s3 => "Only one auth mechanism allowed; only the \
                X-Amz-Algorithm query parameter, Signature query string parameter or the \
                Authorization header should be specified"
                .into(),
            Self::TwoMechanisms => "Found both 'X-Amz-Algorithm' as a query-string param and \
                'Authorization' as HTTP header."
                .into(),
            Self::Algorithm => "The authorization mechanism you have provided is not supported. \
                Please use AWS4-HMAC-SHA256."
                .into(),
            Self::Scope | Self::Time | Self::ExpiredUrl => comparison(error, protocol),
            Self::Coverage if s3 => {
                "There were headers present in the request which were not signed".into()
            }
            Self::Signature if s3 => "The request signature we calculated does not match the \
                signature you provided. Check your key and signing method."
                .into(),
            Self::Signature => "The request signature we calculated does not match the signature \
                you provided. Check your AWS Secret Access Key and signing method. Consult the \
                service documentation for details."
                .into(),
            Self::Token if s3 => "The provided token is malformed or otherwise invalid.".into(),
            Self::Token => "The security token included in the request is invalid.".into(),
            Self::ExpiredToken if s3 => "The provided token has expired.".into(),
            Self::ExpiredToken => "The security token included in the request is expired".into(),
            Self::Body if s3 => {
                "The provided 'x-amz-content-sha256' header does not match what was computed."
                    .into()
            }
            Self::PayloadHeader if matches!(error, VerifyError::MissingPayloadHeader) => {
                "Missing required header for this request: x-amz-content-sha256".into()
            }
            Self::NotImplemented => "A header you provided implies functionality that is not \
                implemented."
                .into(),
            Self::TooSlow => {
                "Your socket connection to the server was not read from or written to \
                within the timeout period."
                    .into()
            }
            #[cfg(feature = "sigv4a")]
            Self::Busy => "Please reduce your request rate.".into(),
            Self::Fault => "We encountered an internal error. Please try again.".into(),
            Self::Malformed
            | Self::Coverage
            | Self::PayloadHeader
            | Self::Body
            | Self::Checksum
            | Self::Incomplete
            | Self::Framing
            | Self::Policy
            | Self::TooLarge
            | Self::BadRequest => error.to_string(),
        }
    }
}

/// The messages that name the expected scope or time.
fn comparison(error: &VerifyError, protocol: Protocol) -> String {
    let s3 = protocol == Protocol::S3;
    let place = |form: &Form| match form {
        Form::Header | Form::Post => "The authorization header is malformed",
        Form::Query => "Error parsing the X-Amz-Credential parameter",
    };
    match error {
        VerifyError::WrongRegion { given, expected, form } if s3 => {
            format!("{}; the region '{given}' is wrong; expecting '{expected}'", place(form))
        }
        VerifyError::WrongRegion { given, .. } => {
            format!("Credential should be scoped to a valid region, not '{given}'. ")
        }
        VerifyError::WrongService { given, expected, form } if s3 => format!(
            "{}; incorrect service \"{given}\". This endpoint belongs to \"{expected}\".",
            place(form)
        ),
        VerifyError::WrongService { expected, .. } => {
            format!("Credential should be scoped to correct service: '{expected}'. ")
        }
        VerifyError::WrongScopeDate { scope, time } => format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '{scope}' != '{}', from '{time}'.",
            time.date()
        ),
        VerifyError::TooSkewed { .. } if s3 => {
            "The difference between the request time and the current time is too large.".into()
        }
        VerifyError::TooSkewed { time, now, max_skew } => {
            let minutes = max_skew / 60;
            if time < now {
                format!("Signature expired: {time} is now earlier than {now} - {minutes} min.")
            } else {
                format!(
                    "Signature not yet current: {time} is still later than {now} + {minutes} min."
                )
            }
        }
        VerifyError::NotYetValid { .. } => "Request is not yet valid".into(),
        _ => "Request has expired".into(),
    }
}

/// The elements that S3 adds to an error.
pub(super) fn s3_details(error: &VerifyError) -> Vec<(&'static str, String)> {
    match error {
        VerifyError::WrongRegion { expected, .. } => vec![("Region", expected.to_string())],
        VerifyError::TooSkewed { time, now, max_skew } => vec![
            ("RequestTime", time.to_string()),
            ("ServerTime", now.to_string()),
            ("MaxAllowedSkewMilliseconds", (max_skew * 1000).to_string()),
        ],
        VerifyError::Expired { expires, now, .. } => {
            vec![("X-Amz-Expires", expires.to_string()), ("ServerTime", now.to_string())]
        }
        VerifyError::HeadersNotSigned { names } => {
            let names: Vec<&str> = names.iter().map(http::HeaderName::as_str).collect();
            vec![("HeadersNotSigned", names.join(", "))]
        }
        _ => Vec::new(),
    }
}
