//! The services' error codes, and the meaning of each without its message.
//!
//! Sources: Amazon S3 API Reference, "Error responses"; AWS General Reference and each service's
//! "Common errors"; Amazon EC2 API Reference, "Error codes"; Cloudflare R2, "Error codes"; the error
//! tables of MinIO, Ceph, Garage and s3s; the threads named in `tests/refusals.jsonl`.

use crate::cause::RefusalCause;
use RefusalCause as Cause;

/// Returns the meaning of a code without its message. A final `Exception` is ignored.
pub(crate) fn of_code(code: &str) -> Option<Cause> {
    let bare = bare(code);
    let known = CODES.iter().find(|(known, _)| *known == bare).map(|(_, cause)| *cause);
    known.or_else(|| OTHER.contains(&bare).then_some(Cause::NotAboutSignatures))
}

/// Whether the message is read for a more specific cause. Returns `false` if the code is about
/// something else.
pub(crate) fn may_say_more(code: &str) -> bool {
    !OTHER.contains(&bare(code))
}

/// Removes the suffix that some services add to a code.
pub(crate) fn bare(code: &str) -> &str {
    code.strip_suffix("Exception").unwrap_or(code)
}

/// Codes about the caller, without a final `Exception`.
pub(crate) const CODES: &[(&str, Cause)] = &[
    ("SignatureDoesNotMatch", Cause::SignatureMismatch),
    ("InvalidSignature", Cause::SignatureMismatch),
    ("XAmzContentSHA256Mismatch", Cause::PayloadChanged),
    ("BadDigest", Cause::ChecksumMismatch),
    ("AuthorizationHeaderMalformed", Cause::MalformedAuthorization),
    ("AuthorizationQueryParametersError", Cause::MalformedAuthorization),
    ("IncompleteSignature", Cause::MalformedAuthorization),
    ("InvalidRegion", Cause::WrongRegion),
    ("InvalidRegionName", Cause::WrongRegion),
    ("RegionDisabled", Cause::RegionDisabled),
    ("InvalidAccessKeyId", Cause::KeyUnknown),
    ("InvalidClientTokenId", Cause::KeyUnknown),
    ("UnrecognizedClient", Cause::KeyUnknown),
    ("AuthFailure", Cause::CredentialsRefused),
    ("InvalidSecurity", Cause::CredentialsRefused),
    ("InvalidToken", Cause::TokenInvalid),
    ("ExpiredToken", Cause::TokenExpired),
    ("TokenRefreshRequired", Cause::TokenExpired),
    ("RequestTimeTooSkewed", Cause::ClockSkew),
    ("RequestExpired", Cause::RequestExpired),
    ("ExpiredRequest", Cause::RequestExpired),
    ("MissingAuthenticationToken", Cause::NotSigned),
    ("MissingSecurityHeader", Cause::NotSigned),
    ("MissingSecurityElement", Cause::NotSigned),
    ("AccessDenied", Cause::AccessDenied),
    ("Unauthorized", Cause::AccessDenied),
    ("security_exception", Cause::AccessDenied),
    ("NotAuthorized", Cause::NotAuthorized),
    ("UnauthorizedOperation", Cause::NotAuthorized),
    ("InvalidIdentityToken", Cause::UserCredentials),
    ("IDPRejectedClaim", Cause::UserCredentials),
    ("Forbidden", Cause::Forbidden),
    ("gw-helper-deny", Cause::DataPolicy),
    ("network-policy-deny", Cause::NetworkPolicy),
    ("PermanentRedirect", Cause::WrongEndpoint),
    ("TemporaryRedirect", Cause::WrongEndpoint),
    ("NotSignedUp", Cause::NotSubscribed),
    ("OptInRequired", Cause::NotSubscribed),
    ("SubscriptionRequired", Cause::NotSubscribed),
    ("AccountProblem", Cause::AccountBlocked),
    ("AllAccessDisabled", Cause::AccountBlocked),
    ("Blocked", Cause::AccountBlocked),
    ("UnauthorizedAccess", Cause::AccountBlocked),
    ("UnauthorizedAccessError", Cause::AccountBlocked),
    ("NotImplemented", Cause::NotImplemented),
    ("InternalError", Cause::ServiceFailure),
    ("InternalFailure", Cause::ServiceFailure),
    ("InternalServerError", Cause::ServiceFailure),
    ("ServiceUnavailable", Cause::ServiceFailure),
    ("SlowDown", Cause::ServiceFailure),
    // The messages of these two say what is refused.
    ("InvalidArgument", Cause::NotAboutSignatures),
    ("InvalidRequest", Cause::NotAboutSignatures),
    ("BadRequest", Cause::NotAboutSignatures),
];

/// Codes about the requested operation. Their messages are not read for causes.
pub(crate) const OTHER: &[&str] = &[
    "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "BucketNotEmpty",
    "ConditionalCheckFailed",
    "Conflict",
    "DryRunOperation",
    "EntityAlreadyExists",
    "EntityTooLarge",
    "EntityTooSmall",
    "IllegalLocationConstraint",
    "InvalidAction",
    "InvalidBucketName",
    "InvalidDigest",
    "InvalidEncryptionAlgorithmError",
    "InvalidInput",
    "InvalidObjectState",
    "InvalidParameter",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "InvalidPart",
    "InvalidPartOrder",
    "InvalidQueryParameter",
    "InvalidRange",
    "InvalidRequestContent",
    "InvalidStorageClass",
    "InvalidTag",
    "InvalidURI",
    "KeyTooLongError",
    "LimitExceeded",
    "MalformedPOSTRequest",
    "MalformedPolicyDocument",
    "MalformedXML",
    "MetadataTooLarge",
    "MethodNotAllowed",
    "MissingAction",
    "MissingContentLength",
    "MissingParameter",
    "MissingRequestBodyError",
    "ModelNotReady",
    "ModelStreamError",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchEntity",
    "NoSuchKey",
    "NoSuchLifecycleConfiguration",
    "NoSuchTagSet",
    "NoSuchUpload",
    "NoSuchVersion",
    "NoSuchWebsiteConfiguration",
    "NotFound",
    "OperationAborted",
    "PackedPolicyTooLarge",
    "PreconditionFailed",
    "ProvisionedThroughputExceeded",
    "QueueDoesNotExist",
    "RequestEntityTooLarge",
    "RequestIsNotMultiPartContent",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ResourceConflict",
    "ResourceInUse",
    "ResourceNotFound",
    "Serialization",
    "ServiceQuotaExceeded",
    "Throttling",
    "ThrottlingError",
    "TooManyRequests",
    "UnexpectedContent",
    "UnknownOperation",
    "UnsupportedOperation",
    "Validation",
    "ValidationError",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_and_every_cause_stands_once() {
        for (at, (code, _)) in CODES.iter().enumerate() {
            assert!(CODES[..at].iter().all(|(other, _)| other != code), "{code}");
            assert!(!OTHER.contains(code) && bare(code) == *code, "{code}");
        }
        assert!(OTHER.windows(2).all(|pair| pair[0] < pair[1]), "sorted, and each once");
        for (at, cause) in Cause::ALL.iter().enumerate() {
            assert!(Cause::ALL[..at].iter().all(|other| other.code() != cause.code()), "{cause}");
            assert!(cause.says().ends_with('.') && cause.cure().ends_with('.'), "{cause}");
        }
    }

    #[test]
    fn code_is_known_with_and_without_its_suffix() {
        for code in ["InvalidSignature", "InvalidSignatureException"] {
            assert_eq!(of_code(code), Some(Cause::SignatureMismatch));
        }
        assert_eq!(of_code("NoSuchKey"), Some(Cause::NotAboutSignatures));
        assert_eq!(of_code("TokenCodeInvalidError"), None);
    }

    #[test]
    fn readme_shows_both_tables() {
        let readme = include_str!("../README.md");
        let causes = Cause::ALL
            .iter()
            .map(|cause| format!("| `{}` | {} | {} |", cause.code(), cause.says(), cause.cure()));
        let codes = CODES.iter().map(|(code, cause)| format!("| `{code}` | `{cause}` |"));
        let missing: Vec<String> =
            causes.chain(codes).filter(|line| !readme.contains(line)).collect();
        assert!(missing.is_empty(), "the README lacks:\n{}", missing.join("\n"));
    }
}
