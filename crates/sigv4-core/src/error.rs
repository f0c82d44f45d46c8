//! Errors in a request, a scope or credentials, found before signing.

use core::convert::Infallible;
use core::fmt;

use http::HeaderName;

#[cfg(feature = "sigv4a")]
use crate::payload::PayloadHash;
use crate::scope::{NAME_RULE, REGION_RULE, SERVICE_RULE, ZONE_RULE};
use crate::time::SigningTime;

/// Why a request was not signed. The request is as it was before the call.
///
/// Each variant's text says what is wrong and what to do; none holds a secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// There is neither a `Host` header nor an authority in the URI. Use an absolute URI, or set
    /// `Host`.
    MissingHost,
    /// More than one `Host` header. Leave one.
    DuplicateHost,
    /// The `Host` header and the URI name different hosts. Remove the header, or make them agree.
    HostMismatch {
        /// The `Host` header, lower case and without the scheme's default port.
        header: String,
        /// The URI's authority in the same form.
        authority: String,
    },
    /// The host is empty, or has a character that is not allowed in a host name.
    InvalidHost,
    /// The URI carries `user:password@`. Remove it: the signature is the authentication.
    UserInfo,
    /// A `%` in the query that is not followed by two hex digits. Write a literal one as `%25`.
    InvalidUri,
    /// CONNECT, or the target `*`: neither has a path to sign.
    UnsupportedTarget,
    /// More than 16,384 header values: `http::HeaderMap` has no room for those of the signature.
    TooManyHeaders,
    /// The URL is longer than `http::Uri` can hold (65,534 bytes).
    UriTooLong,
    /// The target of a URL to presign has a character that `http::Uri` cannot hold, such as a space
    /// or `#`. Percent-encode it.
    NotAUri,
    /// A region that is empty, or not made of ASCII letters, digits, `-` and `_`.
    InvalidRegion {
        /// The name that was given.
        name: String,
    },
    /// An AWS availability zone, such as `us-east-1a`, was given in place of its region,
    /// `us-east-1`.
    AvailabilityZone {
        /// The name that was given.
        name: String,
    },
    /// A service that is empty, or not made of ASCII letters, digits, `-`, `_` and `.`.
    InvalidService {
        /// The name that was given.
        name: String,
    },
    /// A name that is not a signing name of AWS, such as `opensearch` or `S3`.
    NotASigningName {
        /// The name that was given.
        name: String,
        /// The signing name that is meant, such as `es` or `s3`.
        meant: &'static str,
    },
    /// An access key id that is empty, or has a control character, white space, `,`, `/` or
    /// non-ASCII. Often the id and the secret were swapped, or a line break was read from a file.
    InvalidAccessKeyId,
    /// A secret access key that is empty, or starts or ends with white space or a control
    /// character. Often a variable is not set, or a line break was read from a file.
    InvalidSecretAccessKey,
    /// A session token with a control character, non-ASCII, or a space at an end. Often a line
    /// break was read from a file.
    InvalidSessionToken,
    /// The credentials expired before the time of signing. Fetch new ones.
    CredentialsExpired {
        /// When they expired.
        at: SigningTime,
    },
    /// A time before 1970 or after 9999, which the signature's date format cannot hold.
    TimeOutOfRange,
    /// A text that is not a time in ISO 8601 basic format.
    InvalidTime,
    /// A presigned URL's lifetime is 0 s, or more than 604,800 s (seven days).
    InvalidExpiry {
        /// The requested lifetime, in seconds.
        seconds: u64,
    },
    /// The query already has a parameter of a signature. Sign the URL without it.
    AlreadyPresigned {
        /// The parameter found.
        parameter: &'static str,
    },
    /// A header named by `HeaderSelection::Listed` that the request does not have.
    MissingSignedHeader {
        /// The header that is absent.
        name: HeaderName,
    },
    /// `x-amz-content-sha256` is neither 64 lower-case hex digits nor a known sentinel.
    InvalidPayloadHeader,
    /// `x-amz-content-sha256` contradicts the given payload.
    PayloadMismatch,
    /// A text that is not a signature: 64 lower-case hex digits.
    InvalidSignature,
    /// A region set with an empty entry, a character that is not allowed in a region, or a `*` that
    /// is not at an entry's end.
    #[cfg(feature = "sigv4a")]
    InvalidRegionSet {
        /// The text given.
        given: String,
    },
    /// The parts of a stream and its request would be signed by different algorithms.
    #[cfg(feature = "sigv4a")]
    StreamOfOtherAlgorithm {
        /// The requested payload.
        payload: PayloadHash,
    },
    /// A form of SigV4a, which AWS does not define.
    #[cfg(all(feature = "sigv4a", feature = "post-policy"))]
    FormForRegionSet,
    /// Chunks or events were requested from a signature whose payload is not a stream of that kind.
    NotStreamed,
}

impl fmt::Display for SignError {
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostMismatch { header, authority } => write!(
                f,
                "the Host header ({header}) and the URI's host ({authority}) differ: remove the \
                 header, make them agree, or sign the header with Signer::with_host_from_header \
                 (HTTP/1.1 only)"
            ),
            Self::CredentialsExpired { at } => {
                write!(f, "the credentials expired at {at}: fetch new ones before signing")
            }
            Self::InvalidExpiry { seconds } => write!(
                f,
                "a presigned URL cannot live for {seconds} s: ask for 1 to 604800 s (seven days)"
            ),
            Self::AlreadyPresigned { parameter } => write!(
                f,
                "the query already has {parameter}: sign the URL as it was before it was presigned"
            ),
            Self::InvalidRegion { name } => write!(f, "the region {}: {REGION_RULE}", Name(name)),
            Self::AvailabilityZone { name } => {
                write!(f, "the region {}: {ZONE_RULE}", Name(name))
            }
            Self::InvalidService { name } => {
                write!(f, "the service {}: {SERVICE_RULE}", Name(name))
            }
            Self::NotASigningName { name, meant } => {
                write!(f, "the service {} must be given as {meant}: {NAME_RULE}", Name(name))
            }
            Self::MissingSignedHeader { name } => write!(
                f,
                "the header {name} is to be signed but is not on the request: set it before \
                 signing, or take it off the list"
            ),
            Self::MissingHost => f.write_str("the request names no host: use an absolute URI (https://host/path) or set the \
                 Host header"),
            Self::DuplicateHost => f.write_str("the request has more than one Host header: leave one"),
            Self::InvalidHost => f.write_str("the host is empty or has a character that no host name has: check the URI and \
                 the Host header"),
            Self::UserInfo => f.write_str("the URI has user information (user:password@host): remove it, the signature \
                 stands in its place"),
            Self::InvalidUri => f.write_str("the query has a % that is not followed by two hex digits: write a literal \
                 percent sign as %25"),
            Self::UnsupportedTarget => f.write_str("CONNECT requests and the target * cannot be signed: SigV4 signs a path"),
            Self::TooManyHeaders => f.write_str("the request has more than 16384 header values: send fewer, or put the data in the body"),
            Self::UriTooLong => f.write_str("the URL is longer than the 65534 bytes that http::Uri can hold: shorten the query or \
                 the session token, or use the text of a presigned URL (as_str)"),
            Self::NotAUri => f.write_str("the target has a character that no URL can hold, such as a space or #: \
                 percent-encode it"),
            Self::InvalidAccessKeyId => f.write_str("the access key id is empty or has a space, control, comma, slash or non-ASCII \
                 character: check for a line break at its end, and that id and secret are not \
                 swapped"),
            Self::InvalidSecretAccessKey => f.write_str("the secret access key is empty, or has white space or a control character at an \
                 end: check that the variable is set, and for a line break at its end"),
            Self::InvalidSessionToken => f.write_str("the session token has a control or non-ASCII character, or a space at an end: check \
                 for a line break at its end"),
            Self::TimeOutOfRange => f.write_str("the time is before 1970 or after 9999: check the clock"),
            Self::InvalidTime => f.write_str("the time is not in the form 20150830T123600Z (ISO 8601 basic, UTC)"),
            Self::InvalidPayloadHeader => f.write_str("x-amz-content-sha256 is neither 64 lower-case hex digits nor a value such as \
                 UNSIGNED-PAYLOAD: correct it, or remove it to have it set"),
            Self::PayloadMismatch => f.write_str("x-amz-content-sha256 on the request contradicts the payload given: remove the \
                 header to have it set, or give the payload that it describes"),
            Self::InvalidSignature => f.write_str("the signature is not 64 lower-case hex digits"),
            Self::NotStreamed => f.write_str("the payload that was signed is not this kind of stream: sign the request with \
                 the payload of the body's plan (chunks) or with StreamingEvents (events)"),
            #[cfg(feature = "sigv4a")]
            Self::StreamOfOtherAlgorithm { payload } => write!(
                f,
                "a body sent as {payload} is signed by another algorithm than this signer's: plan \
                 it with AwsChunked::for_signer; event streams are not defined for SigV4a"
            ),
            #[cfg(feature = "sigv4a")]
            Self::InvalidRegionSet { given } => write!(
                f,
                "{given:?} is not a region set: give names of regions with commas between them and \
                 no spaces, such as us-east-1,us-west-2, beginnings such as us-*, or * for all"
            ),
            #[cfg(all(feature = "sigv4a", feature = "post-policy"))]
            Self::FormForRegionSet => f.write_str(
                "forms are not defined for SigV4a: sign the policy for one region, with Signer::new",
            ),
        }
    }
}

/// The text of `Display`, so that an error returned from `main` shows cause and cure.
impl fmt::Debug for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for SignError {}

/// A refused name, in quotes, escaped and cut to a readable length.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 64;
        let shown: String = self.0.chars().take(SHOWN).collect();
        let more = if shown.len() < self.0.len() { "..." } else { "" };
        write!(f, "\"{}{more}\"", shown.escape_debug())
    }
}

impl From<Infallible> for SignError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
