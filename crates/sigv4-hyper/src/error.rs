//! Why a layer did not send a request, or gave none of its answers back.

use core::error::Error as StdError;
use core::fmt;

use sigv4_core::{CredentialsError, SignError};

/// The error of the layers' services: one of ours ([`Error`]), or the inner service's own.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a request was not signed. Nothing was sent.
///
/// The services of this crate fail with [`BoxError`]; this is what to downcast it to.
///
/// ```
/// # fn handle(error: sigv4_hyper::BoxError) {
/// match error.downcast_ref::<sigv4_hyper::Error>() {
///     Some(sigv4_hyper::Error::Credentials(cause)) => eprintln!("no credentials: {cause}"),
///     Some(refused) => eprintln!("not sent: {refused}"),
///     None => eprintln!("the client failed: {error}"),
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request, the credentials or the clock cannot be signed with; the source says which.
    Sign(SignError),
    /// The provider gave no credentials. Its own error says which sources it tried.
    Credentials(CredentialsError),
    /// The host is not one of the layer's [`AllowedHosts`](crate::AllowedHosts). A redirect
    /// followed above the layer is the usual cause.
    HostNotAllowed {
        /// Scheme and authority that the request was for.
        origin: String,
    },
    /// The body has more bytes than the layer buffers. Raise the limit, or choose a layer that
    /// does not buffer.
    BodyTooLarge {
        /// The most that the layer buffers, in bytes.
        limit: usize,
    },
    /// The body has another length than `content-length` says.
    BodyLength {
        /// What the header says, as text.
        declared: String,
        /// How many bytes the body had.
        actual: u64,
    },
    /// The body ended with trailers, which no signature over a buffered body covers. S3 takes them
    /// through `SignStreamLayer`.
    BodyTrailers,
    /// The body failed while it was read. Its own error is the source.
    BodyUnreadable(BoxError),
    /// A body that is not buffered, and nothing that says how to sign it.
    PayloadUnknown,
    /// A stream that is to be sent in signed chunks, and whose length nothing tells.
    LengthUnknown,
    /// A payload whose chunks have to be signed, on a layer that leaves the body as it is.
    PayloadNeedsFraming,
    /// `UNSIGNED-PAYLOAD`, or chunks without signatures, over plain http to a host that is not this machine: anyone on the way
    /// could change the body.
    UnsignedOverHttp {
        /// The authority that the request was for.
        authority: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sign(_) => f.write_str("the request cannot be signed"),
            Self::Credentials(_) => f.write_str("there are no credentials to sign with"),
            Self::HostNotAllowed { origin } => write!(
                f,
                "{origin} is not a host this client signs for: add it to the layer's AllowedHosts, \
                 or do not follow redirects to it"
            ),
            Self::BodyTooLarge { limit } => write!(
                f,
                "the body has more than the {limit} bytes that are buffered to be signed: raise \
                 the limit with with_body_limit, or sign without buffering through SignStreamLayer \
                 (S3) or SignHeadLayer"
            ),
            Self::BodyLength { declared, actual } => write!(
                f,
                "content-length says {declared} and the body has {actual} bytes: correct the \
                 header, or leave it out"
            ),
            Self::BodyTrailers => f.write_str(
                "the body ends with trailers, which a signature over a buffered body does not \
                 cover: send it without them",
            ),
            Self::BodyUnreadable(_) => f.write_str("the request's body could not be read"),
            Self::PayloadUnknown => f.write_str(
                "nothing says how to sign a body that is not buffered: put a PayloadHash into the \
                 request's extensions (its SHA-256, or PayloadHash::Unsigned where the service \
                 takes that over https), set one for all with with_payload, buffer the body with \
                 SignLayer, or have S3 take it in signed chunks with SignStreamLayer",
            ),
            Self::LengthUnknown => f.write_str(
                "a stream in signed chunks needs its length beforehand: set content-length to that \
                 of the plain body, or put an AwsChunked into the request's extensions",
            ),
            Self::PayloadNeedsFraming => f.write_str(
                "the payload asked for has signed chunks, and this layer leaves the body as it \
                 is: send it through SignStreamLayer, or choose another PayloadHash",
            ),
            Self::UnsignedOverHttp { authority } => write!(
                f,
                "an unsigned payload to {authority} over plain http lets anyone on the way change \
                 the body: use https, have the body signed, or allow it with \
                 with_unsigned_payload_over_plain_http"
            ),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Sign(cause) => Some(cause),
            Self::Credentials(cause) => Some(cause),
            Self::BodyUnreadable(cause) => Some(&**cause),
            _ => None,
        }
    }
}

impl From<SignError> for Error {
    fn from(cause: SignError) -> Self {
        Self::Sign(cause)
    }
}

impl From<CredentialsError> for Error {
    fn from(cause: CredentialsError) -> Self {
        Self::Credentials(cause)
    }
}
