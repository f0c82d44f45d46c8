//! Why a body cannot be encoded.

use core::fmt;

use http::HeaderName;

/// Why encoding a body failed. The bytes sent so far are not a complete body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The body was read before the request was signed. Give the signature to the
    /// [`DeferredSigner`](crate::stream::DeferredSigner) first.
    NotSigned,
    /// The body ended before its declared length.
    TooShort {
        /// The declared length in bytes.
        declared: u64,
        /// The number of bytes received.
        received: u64,
    },
    /// The body went on after its declared length.
    TooLong {
        /// The declared length in bytes.
        declared: u64,
    },
    /// A planned trailer is missing, or its value does not have the planned length.
    MissingTrailer {
        /// Its name.
        name: HeaderName,
    },
    /// A trailer was not planned.
    UnplannedTrailer {
        /// Its name.
        name: HeaderName,
    },
    /// The body has already ended. Create another encoder to send it again.
    Ended,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSigned => f.write_str(
                "the body was read before its request was signed: sign first, then send",
            ),
            Self::TooShort { declared, received } => write!(
                f,
                "the body ended after {received} of {declared} bytes: declare its true length"
            ),
            Self::TooLong { declared } => write!(
                f,
                "the body goes on after its {declared} declared bytes: declare its true length"
            ),
            Self::MissingTrailer { name } => write!(
                f,
                "the trailer {name} was planned and did not come once with the planned length"
            ),
            Self::UnplannedTrailer { name } => write!(
                f,
                "the body ends with the trailer {name}, which the plan does not name: add it with \
                 AwsChunked::with_trailer"
            ),
            Self::Ended => f.write_str(
                "the body was sent before: sign again and make a new encoder from the plan",
            ),
        }
    }
}

impl core::error::Error for EncodeError {}
