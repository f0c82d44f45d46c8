//! What can go wrong between a request and its response, beside what ureq says of itself.

use core::fmt;
use std::error::Error as StdError;
use std::io;

use http::StatusCode;
use sigv4_core::client::{RefusedRedirect, UnsignableBody};
use sigv4_core::{CredentialsError, SignError};

/// Why a request was not signed, or has no response. [`source`](StdError::source) has the detail.
///
/// It travels in [`ureq::Error::Other`]; [`Error::of`] finds it there.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request, the credentials or the time cannot be signed. Nothing was sent.
    Sign(SignError),
    /// The body cannot be signed as asked; the source names the choices. Nothing was sent.
    Body(UnsignableBody),
    /// The reader that was to be buffered failed. Nothing was sent.
    ReadBody(io::Error),
    /// The provider has no credentials. Nothing was sent.
    Credentials(CredentialsError),
    /// The server redirects to where this client does not go; the source names the origin.
    Redirect(RefusedRedirect),
    /// The request should be sent once more, and its body is a reader that is used up. Send it again
    /// with a new body, or choose `StreamPayload::Buffer`.
    BodyNotReplayable {
        /// What the service answered to the first sending.
        status: StatusCode,
    },
}

impl Error {
    /// This crate's error in one of ureq's.
    ///
    /// ```
    /// use sigv4_core::{Credentials, Region, Service, Signer};
    ///
    /// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("es"));
    /// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    /// let agent = sigv4_ureq::SigningAgent::new(ureq::agent(), signer, credentials);
    /// let request = http::Request::get("https://user@example.com/").body(()).unwrap();
    /// let error = agent.run(request).unwrap_err();
    /// assert!(matches!(sigv4_ureq::Error::of(&error), Some(sigv4_ureq::Error::Sign(_))));
    /// ```
    pub fn of(error: &ureq::Error) -> Option<&Self> {
        match error {
            ureq::Error::Other(error) => error.downcast_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sign(_) => f.write_str("the request cannot be signed"),
            Self::Body(_) => f.write_str("the request's body cannot be signed"),
            Self::ReadBody(_) => f.write_str("the request's body cannot be read, to be signed"),
            Self::Credentials(_) => f.write_str("there are no credentials to sign with"),
            Self::Redirect(_) => f.write_str("a redirect was not followed"),
            Self::BodyNotReplayable { status } => write!(
                f,
                "the service answered {status} and the request should be sent once more, but its \
                 body is a reader that is used up: send it with a new body, or choose \
                 StreamPayload::Buffer(limit)"
            ),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Sign(source) => Some(source),
            Self::Body(source) => Some(source),
            Self::ReadBody(source) => Some(source),
            Self::Credentials(source) => Some(source),
            Self::Redirect(source) => Some(source),
            Self::BodyNotReplayable { .. } => None,
        }
    }
}

macro_rules! from {
    ($($source:ty => $variant:ident),* $(,)?) => {
        $(impl From<$source> for Error {
            fn from(source: $source) -> Self {
                Self::$variant(source)
            }
        })*
    };
}

from! {
    SignError => Sign,
    UnsignableBody => Body,
    CredentialsError => Credentials,
    RefusedRedirect => Redirect,
}

impl From<Error> for ureq::Error {
    fn from(error: Error) -> Self {
        Self::Other(Box::new(error))
    }
}
