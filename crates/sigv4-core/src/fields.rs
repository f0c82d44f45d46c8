//! The names of SigV4's headers and query parameters.

use http::HeaderName;

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
#[cfg(feature = "sigv4a")]
pub(crate) const ECDSA_ALGORITHM: &str = "AWS4-ECDSA-P256-SHA256";

/// Whether an `Authorization` header is of SigV4a.
#[cfg(feature = "sigv4a")]
pub(crate) fn is_ecdsa(authorization: &http::HeaderValue) -> bool {
    let rest = authorization.as_bytes().strip_prefix(ECDSA_ALGORITHM.as_bytes());
    rest.is_some_and(|rest| rest.starts_with(b" "))
}

/// The longest validity of a presigned URL, in seconds: seven days.
pub(crate) const MAX_EXPIRES: u64 = 604_800;

/// The prefix of all of AWS's header names.
pub(crate) const X_AMZ: &str = "x-amz-";

/// Header names as text.
pub(crate) mod name {
    pub(crate) const BUCKET_REGION: &str = "x-amz-bucket-region";
    #[cfg(feature = "crc32")]
    pub(crate) const CHECKSUM_CRC32: &str = "x-amz-checksum-crc32";
    #[cfg(feature = "crc32c")]
    pub(crate) const CHECKSUM_CRC32C: &str = "x-amz-checksum-crc32c";
    #[cfg(feature = "crc64nvme")]
    pub(crate) const CHECKSUM_CRC64NVME: &str = "x-amz-checksum-crc64nvme";
    #[cfg(feature = "sha1")]
    pub(crate) const CHECKSUM_SHA1: &str = "x-amz-checksum-sha1";
    pub(crate) const CHECKSUM_SHA256: &str = "x-amz-checksum-sha256";
    pub(crate) const CONTENT_SHA256: &str = "x-amz-content-sha256";
    pub(crate) const DATE: &str = "x-amz-date";
    pub(crate) const DECODED_CONTENT_LENGTH: &str = "x-amz-decoded-content-length";
    pub(crate) const ERRORTYPE: &str = "x-amzn-errortype";
    #[cfg(feature = "sigv4a")]
    pub(crate) const REGION_SET: &str = "x-amz-region-set";
    pub(crate) const S3SESSION_TOKEN: &str = "x-amz-s3session-token";
    pub(crate) const SECURITY_TOKEN: &str = "x-amz-security-token";
    pub(crate) const TRAILER: &str = "x-amz-trailer";
    pub(crate) const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";
}

/// The headers that a signature adds.
pub(crate) const X_AMZ_DATE: HeaderName = HeaderName::from_static(name::DATE);
pub(crate) const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static(name::CONTENT_SHA256);
#[cfg(feature = "sigv4a")]
pub(crate) const X_AMZ_REGION_SET: HeaderName = HeaderName::from_static(name::REGION_SET);
pub(crate) const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static(name::SECURITY_TOKEN);
pub(crate) const X_AMZ_S3SESSION_TOKEN: HeaderName = HeaderName::from_static(name::S3SESSION_TOKEN);

/// The headers of a streamed body.
pub(crate) const X_AMZ_DECODED_CONTENT_LENGTH: HeaderName =
    HeaderName::from_static(name::DECODED_CONTENT_LENGTH);
pub(crate) const X_AMZ_TRAILER: HeaderName = HeaderName::from_static(name::TRAILER);
pub(crate) const X_AMZ_TRAILER_SIGNATURE: HeaderName =
    HeaderName::from_static(name::TRAILER_SIGNATURE);

/// The headers with which a service explains an error.
pub(crate) const X_AMZ_BUCKET_REGION: HeaderName = HeaderName::from_static(name::BUCKET_REGION);
pub(crate) const X_AMZN_ERRORTYPE: HeaderName = HeaderName::from_static(name::ERRORTYPE);

/// The parameters that a presigned URL adds.
pub(crate) mod query {
    pub(crate) const ALGORITHM: &str = "X-Amz-Algorithm";
    pub(crate) const CREDENTIAL: &str = "X-Amz-Credential";
    pub(crate) const DATE: &str = "X-Amz-Date";
    pub(crate) const EXPIRES: &str = "X-Amz-Expires";
    pub(crate) const SIGNED_HEADERS: &str = "X-Amz-SignedHeaders";
    pub(crate) const SECURITY_TOKEN: &str = "X-Amz-Security-Token";
    pub(crate) const S3SESSION_TOKEN: &str = "X-Amz-S3session-Token";
    pub(crate) const SIGNATURE: &str = "X-Amz-Signature";
    /// The payload that the signature covers, if a client put it in the query.
    pub(crate) const CONTENT_SHA256: &str = "X-Amz-Content-Sha256";

    /// The regions of a SigV4a signature. Not in `ALL`: alone, it does not sign a request.
    #[cfg(feature = "sigv4a")]
    pub(crate) const REGION_SET: &str = "X-Amz-Region-Set";

    /// All of them. A query that contains one has been signed before.
    pub(crate) const ALL: [&str; 8] = [
        ALGORITHM,
        CREDENTIAL,
        DATE,
        EXPIRES,
        SIGNED_HEADERS,
        SECURITY_TOKEN,
        S3SESSION_TOKEN,
        SIGNATURE,
    ];
}

/// The fields of a signed form (POST policy), in lower case.
pub(crate) mod form {
    pub(crate) const ALGORITHM: &str = "x-amz-algorithm";
    pub(crate) const CREDENTIAL: &str = "x-amz-credential";
    pub(crate) const DATE: &str = "x-amz-date";
    pub(crate) const TOKEN: &str = "x-amz-security-token";
    pub(crate) const BUCKET: &str = "bucket";
    pub(crate) const FILE: &str = "file";
    pub(crate) const POLICY: &str = "policy";
    pub(crate) const SIGNATURE: &str = "x-amz-signature";
}
