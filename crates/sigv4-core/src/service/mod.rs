//! The table of services' rules. No other folder but `endpoint/` knows a service's name.

use http::HeaderName;

use crate::fields;

pub(crate) mod names;

/// How a service reads a request.
///
/// `Service::with_rules` takes these for a service that is not in the table:
///
/// ```
/// use sigv4_core::Service;
/// use sigv4_core::service::{PayloadHeader, Rules};
///
/// let rules = Rules::DEFAULT.with_payload_header(PayloadHeader::Always);
/// let service = Service::with_rules("my-service", rules)?;
/// # Ok::<(), sigv4_core::SignError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Rules {
    /// Whether `.`, `..` and doubled slashes are resolved in the canonical path.
    pub path_normalization: PathNormalization,
    /// How often the canonical path is percent-encoded.
    pub path_encoding: PathEncoding,
    /// When `x-amz-content-sha256` is added to a signed request.
    pub payload_header: PayloadHeader,
    /// Whether a request may leave its body out of the signature.
    pub unsigned_payload: UnsignedPayload,
    /// The payload line of a presigned URL.
    pub presigned_payload: PresignedPayload,
    /// Where a session token goes.
    pub session_token: SessionToken,
    /// The format of the service's error responses.
    pub error_format: ErrorFormat,
    /// How far the clocks of client and service may differ, in seconds.
    pub max_skew_seconds: u32,
}

/// Whether the canonical path is normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathNormalization {
    /// Drops empty segments and `.`; `..` also drops the segment before it.
    Normalize,
    /// Keeps segments as they are; in S3 they are bytes of a key.
    Verbatim,
}

/// How the canonical path is percent-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathEncoding {
    /// The path on the wire is encoded again, so `%2F` becomes `%252F`.
    Double,
    /// Each escape on the wire is decoded and encoded once.
    Single,
}

/// When `x-amz-content-sha256` is added in the header form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayloadHeader {
    /// On every request.
    Always,
    /// If the payload is not a hash, because the service could not derive it.
    WhenNeeded,
}

/// Whether a service takes `UNSIGNED-PAYLOAD` in place of the body's hash, in the header form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnsignedPayload {
    /// It is not known to accept it.
    Refused,
    /// It accepts it, at least in the operations that upload a stream.
    Accepted,
    /// It accepts nothing else: [`Signer::sign`](crate::Signer::sign) and the clients leave the
    /// body out.
    Required,
}

/// The payload line of a presigned URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PresignedPayload {
    /// `UNSIGNED-PAYLOAD`: whoever holds the URL chooses the body.
    Unsigned,
    /// The body's hash, or that of an empty body if none is given.
    Hashed,
}

/// Where a session token goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionToken {
    /// `x-amz-security-token`, signed.
    Signed,
    /// `x-amz-security-token`, added after the signature (AWS IoT).
    Unsigned,
    /// `x-amz-s3session-token`, signed (S3 Express One Zone's session credentials).
    S3Session,
}

/// The form of a service's error responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorFormat {
    /// `<Error><Code>..</Code>..</Error>`, whatever the request's content type.
    S3,
    /// XML or JSON, depending on the request's content type.
    ByContentType,
}

impl SessionToken {
    /// The header that carries the token.
    pub(crate) fn header(self) -> HeaderName {
        match self {
            Self::Signed | Self::Unsigned => fields::X_AMZ_SECURITY_TOKEN,
            Self::S3Session => fields::X_AMZ_S3SESSION_TOKEN,
        }
    }

    /// The query parameter that carries the token.
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::Signed | Self::Unsigned => fields::query::SECURITY_TOKEN,
            Self::S3Session => fields::query::S3SESSION_TOKEN,
        }
    }
}

impl Rules {
    /// The rules of most services: the path normalised and encoded twice, no payload header.
    pub const DEFAULT: Self = Self {
        path_normalization: PathNormalization::Normalize,
        path_encoding: PathEncoding::Double,
        payload_header: PayloadHeader::WhenNeeded,
        unsigned_payload: UnsignedPayload::Refused,
        presigned_payload: PresignedPayload::Hashed,
        session_token: SessionToken::Signed,
        error_format: ErrorFormat::ByContentType,
        max_skew_seconds: 900,
    };

    /// The rules of S3 and compatible services: the path verbatim and encoded once, a payload
    /// header.
    pub const S3: Self = Self {
        path_normalization: PathNormalization::Verbatim,
        path_encoding: PathEncoding::Single,
        payload_header: PayloadHeader::Always,
        unsigned_payload: UnsignedPayload::Accepted,
        presigned_payload: PresignedPayload::Unsigned,
        session_token: SessionToken::Signed,
        error_format: ErrorFormat::S3,
        max_skew_seconds: 900,
    };

    /// The rules of the service that signs as `name`.
    pub const fn of(name: &str) -> Self {
        match name.as_bytes() {
            // botocore: `disableDoubleEncoding` in the rule sets of s3 and s3control, and nowhere else.
            b"s3" | b"s3-outposts" | b"s3-object-lambda" => Self::S3,
            b"s3express" => Self::S3.with_session_token(SessionToken::S3Session),
            // OpenSearch Serverless Developer Guide, "Signing HTTP requests"; Glacier Developer Guide,
            // "Signing requests"; s3tables: apache/iceberg-rust#1241.
            b"aoss" | b"glacier" | b"s3tables" => {
                Self::DEFAULT.with_payload_header(PayloadHeader::Always)
            }
            // VPC Lattice User Guide, "SIGv4 authenticated requests".
            b"vpc-lattice-svcs" => Self::DEFAULT
                .with_payload_header(PayloadHeader::Always)
                .with_unsigned_payload(UnsignedPayload::Required)
                .with_presigned_payload(PresignedPayload::Unsigned),
            // botocore: `unsignedPayload` of PutSnapshotBlock, PostContent and RecognizeUtterance,
            // PutObject, UploadReadSetPart, PutChunk.
            b"ebs" | b"lex" | b"mediastore" | b"omics" | b"backup-storage" => {
                Self::DEFAULT.with_unsigned_payload(UnsignedPayload::Accepted)
            }
            // PutMedia: aws/aws-sdk-js#2196. The window: the producer SDK's issue 1099.
            b"kinesisvideo" => Self::DEFAULT
                .with_unsigned_payload(UnsignedPayload::Accepted)
                .with_max_skew_seconds(300),
            // ministackorg/ministack#1745 measured these windows on AWS.
            b"kms" | b"lambda" | b"route53" | b"monitoring" => {
                Self::DEFAULT.with_max_skew_seconds(300)
            }
            // From the services' error messages, "- 5 min.": osquery#3593, aws-sdk-js#573.
            b"kinesis" | b"firehose" | b"elastictranscoder" => {
                Self::DEFAULT.with_max_skew_seconds(300)
            }
            // IoT Core Developer Guide, "IAM users, groups, and roles".
            b"iotdevicegateway" => Self::DEFAULT.with_session_token(SessionToken::Unsigned),
            _ => Self::DEFAULT,
        }
    }

    /// Sets whether the canonical path is normalised.
    #[must_use]
    pub const fn with_path_normalization(self, path_normalization: PathNormalization) -> Self {
        Self { path_normalization, ..self }
    }

    /// Sets how the canonical path is percent-encoded.
    #[must_use]
    pub const fn with_path_encoding(self, path_encoding: PathEncoding) -> Self {
        Self { path_encoding, ..self }
    }

    /// Sets when `x-amz-content-sha256` is added to a signed request.
    #[must_use]
    pub const fn with_payload_header(self, payload_header: PayloadHeader) -> Self {
        Self { payload_header, ..self }
    }

    /// Sets whether a request may leave its body out of the signature.
    #[must_use]
    pub const fn with_unsigned_payload(self, unsigned_payload: UnsignedPayload) -> Self {
        Self { unsigned_payload, ..self }
    }

    /// Sets the payload line of a presigned URL.
    #[must_use]
    pub const fn with_presigned_payload(self, presigned_payload: PresignedPayload) -> Self {
        Self { presigned_payload, ..self }
    }

    /// Sets where a session token goes.
    #[must_use]
    pub const fn with_session_token(self, session_token: SessionToken) -> Self {
        Self { session_token, ..self }
    }

    /// Sets the format of the service's error responses.
    #[must_use]
    pub const fn with_error_format(self, error_format: ErrorFormat) -> Self {
        Self { error_format, ..self }
    }

    /// Sets how far the clocks of client and service may differ, in seconds.
    #[must_use]
    pub const fn with_max_skew_seconds(self, max_skew_seconds: u32) -> Self {
        Self { max_skew_seconds, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_outside_the_table_have_the_default_rules() {
        for name in ["execute-api", "es", "dynamodb", "sts", "iam", "bedrock", "appsync"] {
            assert_eq!(Rules::of(name), Rules::DEFAULT, "{name}");
        }
    }

    #[test]
    fn services_with_a_narrow_window_are_in_the_table() {
        for (name, seconds) in [
            ("kms", 300),
            ("lambda", 300),
            ("kinesis", 300),
            ("kinesisvideo", 300),
            ("s3", 900),
            ("sts", 900),
        ] {
            assert_eq!(Rules::of(name).max_skew_seconds, seconds, "{name}");
        }
    }

    #[test]
    fn services_that_want_the_payload_in_a_header_are_in_the_table() {
        for name in ["s3", "s3express", "aoss", "glacier", "s3tables", "vpc-lattice-svcs"] {
            assert_eq!(Rules::of(name).payload_header, PayloadHeader::Always, "{name}");
        }
    }

    #[test]
    fn services_that_take_an_unsigned_payload_are_in_the_table() {
        use UnsignedPayload::{Accepted, Refused, Required};
        for (name, expected) in [
            ("s3", Accepted),
            ("kinesisvideo", Accepted),
            ("mediastore", Accepted),
            ("lex", Accepted),
            ("vpc-lattice-svcs", Required),
            ("s3tables", Refused),
            ("aoss", Refused),
            ("execute-api", Refused),
        ] {
            assert_eq!(Rules::of(name).unsigned_payload, expected, "{name}");
        }
    }

    #[test]
    fn only_s3_and_its_kin_encode_the_path_once() {
        let once = |name: &&str| Rules::of(name).path_encoding == PathEncoding::Single;
        let tables = crate::endpoint::SERVICE_TABLES.iter().flat_map(|table| table.lines());
        let names = tables.flat_map(|line| line.split(['=', '|', ' ']));
        let found: std::collections::BTreeSet<&str> = names.filter(once).collect();
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            ["s3", "s3-object-lambda", "s3-outposts", "s3express"]
        );
    }

    #[test]
    fn s3express_has_a_token_header_of_its_own() {
        assert_eq!(Rules::of("s3express").session_token, SessionToken::S3Session);
        assert_eq!(Rules::of("s3express").path_encoding, PathEncoding::Single);
    }
}
