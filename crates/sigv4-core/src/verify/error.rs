//! Why a request was refused: in full, for the server's log.

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
/// This is for the log: it tells an unknown key from a wrong signature. What the client may learn
/// is [`VerifyError::refusal`]. Neither holds a secret or a token.
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
    /// More names than [`Limits::signed_headers`](super::Limits::signed_headers).
    TooManySignedHeaders {
        /// The bound.
        limit: usize,
    },
    /// There is no host, two of them, one that is malformed, or `Host` and `:authority` differ.
    Host(SignError),
    /// The query has a `%` without two hex digits, or a signature's parameter is not UTF-8.
    InvalidQuery,
    /// Neither an `Authorization` header nor a parameter of a presigned URL.
    NoSignature,
    /// An `Authorization` header beside parameters of a presigned URL.
    TwoMechanisms,
    /// A header of the signature is there twice, or stands in header and query.
    DuplicateHeader {
        /// The header.
        name: HeaderName,
    },
    /// A header of the signature holds other bytes than visible ASCII.
    HeaderNotText {
        /// The header.
        name: HeaderName,
    },
    /// A parameter is there twice in a presigned URL.
    DuplicateParameter {
        /// The parameter, in lower case.
        name: String,
    },
    /// A parameter of the signature in another case, or with its name escaped.
    MisspeltParameter {
        /// The parameter as it is spelt.
        name: &'static str,
    },
    /// The `Authorization` header or its parameters are malformed.
    Authorization {
        /// What is malformed.
        error: AuthorizationError,
        /// Where it stands.
        form: Form,
    },
    /// Neither `x-amz-date` nor `Date`.
    MissingDate,
    /// A `Date` header stands for `x-amz-date` but is not signed.
    DateNotSigned,
    /// The date is in none of the forms that the protocol knows.
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
        /// Where the scope stands.
        form: Form,
    },
    /// The scope names another service.
    WrongService {
        /// The service that was named.
        given: String,
        /// The service that is served.
        expected: Service,
        /// Where the scope stands.
        form: Form,
    },
    /// The scope's day is not that of the signature's date.
    WrongScopeDate {
        /// The day in the scope.
        scope: String,
        /// The date.
        time: SigningTime,
    },
    /// The clocks differ too much, or an old request was sent again.
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
    /// A presigned URL whose life is over.
    Expired {
        /// The URL's date.
        time: SigningTime,
        /// How long it lived, in seconds.
        expires: u64,
        /// The server's date.
        now: SigningTime,
    },
    /// Host or `x-amz-*` headers that arrived and are not in SignedHeaders.
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
    /// More signatures of SigV4a than [`Limits::ecdsa_per_second`](super::Limits::ecdsa_per_second).
    #[cfg(feature = "sigv4a")]
    TooManyEcdsa {
        /// The bound.
        limit: u32,
    },
    /// The service wants `x-amz-content-sha256` and it is not there.
    MissingPayloadHeader,
    /// `x-amz-content-sha256` is neither 64 lower-case hex digits nor a value that is known.
    InvalidPayloadHeader,
    /// The body is unsigned, and [`PayloadRequirement::BodyCovered`](super::PayloadRequirement).
    BodyNotCovered,
    /// Two session tokens.
    TwoTokens,
    /// A token under a name that this service has not.
    MisplacedToken,
    /// No key was found for the access key id.
    UnknownKey,
    /// The look-up gave the key of another access key id than the one asked for.
    KeyOfAnother,
    /// The look-up failed: a fault of the server, and never an accept.
    LookUpFailed,
    /// The signature is not the one that the key makes.
    WrongSignature,
    /// The key has a session token and the request none.
    MissingToken,
    /// The key has no session token and the request has.
    UnexpectedToken,
    /// The token is not that of the key.
    WrongToken,
    /// The credentials that were looked up have expired, or are malformed.
    Credentials(SignError),
    /// The body's hash is needed first: a mistake of the caller, see `Claim::body_rule`.
    BodyHashNeeded,
    /// The body is not the one whose hash was signed.
    PayloadMismatch,
    /// The body is a stream, and not the one that was signed, or not in its form.
    #[cfg(feature = "stream")]
    Stream(DecodeError),
    /// The body is a stream of events: `Claim::verify_events` reads it, and nothing else.
    UnsupportedStream,
    /// A form is malformed, or breaks the policy that it carries.
    #[cfg(feature = "post-policy")]
    Policy(PolicyError),
    /// The body is longer than the server takes.
    BodyTooLarge {
        /// The bound, in bytes.
        limit: u64,
    },
    /// The body was not proven in the time that the server gives it.
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
