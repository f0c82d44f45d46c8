//! The full cause of a refusal, for the server's log.

use core::fmt;

use http::HeaderName;

use super::form::Form;
use crate::error::SignError;
use crate::scope::{Region, Service};
#[cfg(feature = "stream")]
use crate::stream::DecodeError;
use crate::time::SigningTime;
use crate::verify::authorization::AuthorizationError;
#[cfg(feature = "post-policy")]
use crate::verify::policy_error::PolicyError;

/// Why a request was refused.
///
/// This is for the log: it tells an unknown key from a wrong signature. Send the client
/// [`VerifyError::refusal`] instead. Neither holds a secret or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The server's clock is before 1970 or after 9999.
    Clock(SignError),
    /// A CONNECT request, or the target `*`: neither can be signed.
    UnsupportedTarget,
    /// Target and headers are longer than [`Limits::head_bytes`](super::Limits::head_bytes).
    HeadTooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The query has more parameters than [`Limits::parameters`](super::Limits::parameters).
    TooManyParameters {
        /// The bound.
        limit: usize,
    },
    /// SignedHeaders has more names than [`Limits::signed_headers`](super::Limits::signed_headers).
    TooManySignedHeaders {
        /// The bound.
        limit: usize,
    },
    /// There is no host, two of them, one that is malformed, or `Host` and `:authority` differ.
    Host(SignError),
    /// The query has a `%` without two hex digits, or a signature's parameter is not UTF-8.
    InvalidQuery,
    /// There is neither an `Authorization` header nor a parameter of a presigned URL.
    NoSignature,
    /// There are both an `Authorization` header and parameters of a presigned URL.
    TwoMechanisms,
    /// A header of the signature occurs twice, or is in both headers and query.
    DuplicateHeader {
        /// The header.
        name: HeaderName,
    },
    /// A header of the signature holds bytes that are not visible ASCII.
    HeaderNotText {
        /// The header.
        name: HeaderName,
    },
    /// A parameter of a presigned URL occurs twice.
    DuplicateParameter {
        /// The parameter, in lower case.
        name: String,
    },
    /// A parameter of the signature is in the wrong case, or its name is escaped.
    MisspeltParameter {
        /// The parameter's correct spelling.
        name: &'static str,
    },
    /// The `Authorization` header or its parameters are malformed.
    Authorization {
        /// The malformed part.
        error: AuthorizationError,
        /// Where the signature was.
        form: Form,
    },
    /// There is neither `x-amz-date` nor `Date`.
    MissingDate,
    /// A `Date` header replaces `x-amz-date` but is not signed.
    DateNotSigned,
    /// The date is not in a form that the protocol allows.
    InvalidDate,
    /// `X-Amz-Expires` is not a number of seconds from 1 to the bound.
    InvalidExpires {
        /// The bound, in seconds.
        max: u64,
    },
    /// The scope names another region.
    WrongRegion {
        /// The region that was named.
        given: String,
        /// The region that is served.
        expected: Region,
        /// Where the scope was.
        form: Form,
    },
    /// The scope names another service.
    WrongService {
        /// The service that was named.
        given: String,
        /// The service that is served.
        expected: Service,
        /// Where the scope was.
        form: Form,
    },
    /// The scope's day is not that of the signature's date.
    WrongScopeDate {
        /// The day in the scope.
        scope: String,
        /// The date.
        time: SigningTime,
    },
    /// The clocks differ by too much, or an old request was sent again.
    TooSkewed {
        /// The request's date.
        time: SigningTime,
        /// The server's.
        now: SigningTime,
        /// The bound, in seconds.
        max_skew: u64,
    },
    /// A presigned URL whose date is in the future.
    NotYetValid {
        /// The URL's date.
        time: SigningTime,
        /// The server's.
        now: SigningTime,
    },
    /// A presigned URL has expired.
    Expired {
        /// The URL's date.
        time: SigningTime,
        /// Its lifetime, in seconds.
        expires: u64,
        /// The server's date.
        now: SigningTime,
    },
    /// The host or an `x-amz-*` header arrived but is not in SignedHeaders.
    HeadersNotSigned {
        /// The headers.
        names: Vec<HeaderName>,
    },
    /// SignedHeaders names a header that did not arrive.
    SignedHeaderMissing {
        /// The header.
        name: String,
    },
    /// The region set of SigV4a is malformed.
    #[cfg(feature = "sigv4a")]
    InvalidRegionSet {
        /// The set that was given.
        given: String,
    },
    /// Too many SigV4a signatures; see
    /// [`Limits::ecdsa_per_second`](super::Limits::ecdsa_per_second).
    #[cfg(feature = "sigv4a")]
    TooManyEcdsa {
        /// The bound.
        limit: u32,
    },
    /// The service requires `x-amz-content-sha256`, and it is missing.
    MissingPayloadHeader,
    /// `x-amz-content-sha256` is neither 64 lower-case hex digits nor a known value.
    InvalidPayloadHeader,
    /// The body is unsigned, but [`PayloadRequirement::BodyCovered`](super::PayloadRequirement) is
    /// set.
    BodyNotCovered,
    /// There are two session tokens.
    TwoTokens,
    /// The token is under a name that this service does not use.
    MisplacedToken,
    /// No key was found for the access key id.
    UnknownKey,
    /// The look-up returned the key of another access key id.
    KeyOfAnother,
    /// The look-up failed. This is an error of the server, and the request is never accepted.
    LookUpFailed,
    /// The signature does not match the one computed with the key.
    WrongSignature,
    /// The key has a session token, but the request has none.
    MissingToken,
    /// The key has no session token, but the request has one.
    UnexpectedToken,
    /// The token is not the key's.
    WrongToken,
    /// The credentials that were looked up have expired, or are malformed.
    Credentials(SignError),
    /// The body's hash is needed first. This is a mistake of the caller, see `Claim::body_rule`.
    BodyHashNeeded,
    /// The body is not the one whose hash was signed.
    PayloadMismatch,
    /// The body is a stream that is malformed or is not the signed one.
    #[cfg(feature = "stream")]
    Stream(DecodeError),
    /// The body is a stream of events, which only `Claim::verify_events` reads.
    UnsupportedStream,
    /// A form is malformed, or breaks the policy that it carries.
    #[cfg(feature = "post-policy")]
    Policy(PolicyError),
    /// The body is longer than the server accepts.
    BodyTooLarge {
        /// The bound, in bytes.
        limit: u64,
    },
    /// The body was not verified within the server's time limit.
    BodyTooSlow,
    /// The body could not be read to its end.
    BodyInterrupted,
}

impl fmt::Display for VerifyError {
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock(error) => write!(f, "the server's clock: {error}"),
            Self::Host(error) => write!(f, "the host: {error}"),
            #[cfg(feature = "stream")]
            Self::Stream(error) => write!(f, "the streamed body: {error}"),
            Self::Credentials(error) => write!(f, "the key that was looked up: {error}"),
            Self::Authorization { error, form: Form::Header } => {
                write!(f, "the Authorization header: {error}")
            }
            Self::Authorization { error, form: Form::Query } => {
                write!(f, "the signature's parameters: {error}")
            }
            Self::Authorization { error, form: Form::Post } => {
                write!(f, "the form's fields: {error}")
            }
            #[cfg(feature = "post-policy")]
            Self::Policy(error) => write!(f, "Invalid according to Policy: {error}"),
            Self::HeadTooLarge { limit } => {
                write!(f, "target and headers are longer than {limit} bytes")
            }
            Self::TooManyParameters { limit } => {
                write!(f, "the query has more than {limit} parameters")
            }
            Self::TooManySignedHeaders { limit } => {
                write!(f, "SignedHeaders names more than {limit} headers")
            }
            Self::BodyTooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::DuplicateHeader { name } => write!(f, "{name} is there twice"),
            Self::HeaderNotText { name } => write!(f, "{name} is not visible ASCII"),
            Self::DuplicateParameter { name } => write!(f, "the parameter {name} is there twice"),
            Self::MisspeltParameter { name } => {
                write!(f, "a parameter is spelt otherwise than {name}")
            }
            Self::SignedHeaderMissing { name } => {
                write!(f, "the signed header {name} did not arrive: look for a proxy that drops it")
            }
            Self::InvalidExpires { max } => {
                write!(f, "X-Amz-Expires is not a number of seconds from 1 to {max}")
            }
            Self::WrongRegion { given, expected, .. } => {
                write!(f, "the scope's region is {given:?}, not {expected}")
            }
            Self::WrongService { given, expected, .. } => {
                write!(f, "the scope's service is {given:?}, not {expected}")
            }
            Self::WrongScopeDate { scope, time } => {
                write!(f, "the scope's day is {scope}, the signature's date {time}")
            }
            Self::TooSkewed { time, now, max_skew } => {
                write!(f, "signed at {time}, more than {max_skew} s from now ({now})")
            }
            Self::NotYetValid { time, now } => {
                write!(f, "the URL is valid from {time}, and it is {now}")
            }
            Self::Expired { time, expires, now } => {
                write!(f, "the URL was valid for {expires} s from {time}, and it is {now}")
            }
            #[cfg(feature = "sigv4a")]
            Self::InvalidRegionSet { given } => {
                write!(f, "the region set {given:?} is not names of regions with commas between")
            }
            #[cfg(feature = "sigv4a")]
            Self::TooManyEcdsa { limit } => {
                write!(f, "more than {limit} signatures of SigV4a came in one second")
            }
            Self::HeadersNotSigned { names } => {
                f.write_str("headers that must be signed are not:")?;
                names.iter().try_for_each(|name| write!(f, " {name}"))
            }
            Self::UnsupportedTarget => f.write_str("CONNECT and the target * cannot be signed"),
            Self::InvalidQuery => f.write_str(
                "the query has a % without two hex digits (write a literal one as %25), or a \
                 parameter of the signature is not UTF-8",
            ),
            Self::NoSignature => f.write_str("the request is not signed"),
            Self::TwoMechanisms => {
                f.write_str("there is a signature in the header and one in the query")
            }
            Self::MissingDate => f.write_str("there is neither x-amz-date nor Date"),
            Self::DateNotSigned => f.write_str(
                "there is no x-amz-date, and Date is not signed: sign Date, or send x-amz-date",
            ),
            Self::InvalidDate => f.write_str("the date is not in the form 20150830T123600Z"),
            Self::MissingPayloadHeader => f.write_str("x-amz-content-sha256 is missing"),
            Self::InvalidPayloadHeader => f.write_str(
                "x-amz-content-sha256 is neither 64 lower-case hex digits nor a value that fits the \
                 signature's algorithm, such as UNSIGNED-PAYLOAD",
            ),
            Self::BodyNotCovered => f.write_str("the signature does not cover the body"),
            Self::TwoTokens => f.write_str("there are two session tokens"),
            Self::MisplacedToken => f.write_str(
                "the session token is in x-amz-s3session-token, which only S3 Express reads: send \
                 it in x-amz-security-token",
            ),
            Self::UnknownKey => f.write_str("no key is known for the access key id"),
            Self::KeyOfAnother => f.write_str(
                "the look-up gave the key of another access key id: correct the key store",
            ),
            Self::LookUpFailed => {
                f.write_str("the look-up of the key failed: see what the key store reports")
            }
            Self::WrongSignature => f.write_str("the signature is not the one that the key makes"),
            Self::MissingToken => f.write_str("the key has a session token, the request has none"),
            Self::UnexpectedToken => {
                f.write_str("the key has no session token, the request has one")
            }
            Self::WrongToken => f.write_str("the session token is not that of the key"),
            Self::BodyHashNeeded => f.write_str("hash the body first, then call verify_hashed"),
            Self::PayloadMismatch => f.write_str("the body is not the one that was signed"),
            Self::UnsupportedStream => {
                f.write_str("the body is a stream of another kind than is read here")
            }
            Self::BodyTooSlow => {
                f.write_str("the body was not proven in the time that the server gives it")
            }
            Self::BodyInterrupted => f.write_str("the body could not be read to its end"),
        }
    }
}

impl core::error::Error for VerifyError {}
