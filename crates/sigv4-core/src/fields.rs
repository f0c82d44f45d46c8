//! The names that SigV4 gives to its headers and query parameters.

use http::HeaderName;

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The longest life of a presigned URL, in seconds: seven days.
pub(crate) const MAX_EXPIRES: u64 = 604_800;

/// The headers that a signature adds.
pub(crate) const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
pub(crate) const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
pub(crate) const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
pub(crate) const X_AMZ_S3SESSION_TOKEN: HeaderName =
    HeaderName::from_static("x-amz-s3session-token");

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

    /// All of them: a query that holds one has been signed before.
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
