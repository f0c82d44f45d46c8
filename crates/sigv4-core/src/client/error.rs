//! Errors between a request and its response, with texts shared by all adapters.

use core::fmt;
use std::error::Error;

use http::StatusCode;

use crate::client::attempt::Cause;
use crate::client::redirect::RefusedRedirect;
use crate::client::stream_payload::UnsignableBody;
use crate::error::SignError;
use crate::provider::CredentialsError;

/// Why a request was not signed, or not signed again.
///
/// `Display` and `Debug` show cause and cure, so that `main` may return this error.
#[non_exhaustive]
pub enum CallError {
    /// The request, the credentials or the time cannot be used for signing. Nothing was sent.
    Sign(SignError),
    /// The body cannot be signed as asked. Nothing was sent.
    Body(UnsignableBody),
    /// The body could not be read for signing. Nothing was sent.
    ReadBody(Box<dyn Error + Send + Sync>),
    /// The provider has no credentials. Nothing was sent.
    Credentials(CredentialsError),
    /// The host is not one of the [`AllowedHosts`](crate::client::AllowedHosts). Nothing was sent.
    HostNotAllowed {
        /// Scheme and authority of the request.
        origin: String,
    },
    /// The session token would go through a proxy over plain http. Nothing was sent.
    TokenThroughProxy,
    /// The server redirects to a target that this client does not follow.
    Redirect(RefusedRedirect),
    /// The request should be sent again, but its body is a stream that is used up.
    BodyNotReplayable {
        /// The status of the first response.
        status: StatusCode,
        /// Why the request should be signed again; `None` for a redirect.
        cause: Option<Cause>,
    },
    /// The service refused the time, and its clock differs by more than a day.
    ClocksDiffer {
        /// The service's clock minus this machine's, in seconds.
        seconds: i64,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sign(error) => error.fmt(f),
            Self::Body(error) => error.fmt(f),
            Self::ReadBody(error) => write!(f, "the request's body could not be read: {error}"),
            Self::Credentials(error) => error.fmt(f),
            Self::HostNotAllowed { origin } => write!(
                f,
                "{origin} is not a host that this client signs for: add it to allowed_hosts, or do \
                 not follow redirects to it"
            ),
            Self::TokenThroughProxy => f.write_str(
                "the session token would go through a proxy over plain http, where anyone on the \
                 way can read it: use https, or connect without the proxy",
            ),
            Self::Redirect(error) => error.fmt(f),
            Self::BodyNotReplayable { status, cause } => {
                write!(f, "the service responded with {status}")?;
                if let Some(cause) = cause {
                    write!(f, " ({cause})")?;
                }
                f.write_str(
                    ", and the body is a stream that is used up: send the request again with a new \
                     body, or choose StreamPayload::Buffer(limit)",
                )
            }
            Self::ClocksDiffer { seconds } => write!(
                f,
                "the service refused the time: its clock is {} days {} this machine's. Set this \
                 machine's clock, or give the client a clock that is right",
                seconds.unsigned_abs() / 86_400,
                if *seconds > 0 { "ahead of" } else { "behind" }
            ),
        }
    }
}

impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for CallError {
    /// Returns the sources below the cause that `Display` has shown.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::ReadBody(error) => error.source(),
            Self::Credentials(error) => error.source(),
            Self::Sign(_)
            | Self::Body(_)
            | Self::HostNotAllowed { .. }
            | Self::TokenThroughProxy
            | Self::Redirect(_)
            | Self::BodyNotReplayable { .. }
            | Self::ClocksDiffer { .. } => None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClockSkew(seconds) => write!(f, "the clocks differ by {seconds} s"),
            Self::Region(region) => write!(f, "the bucket is in {region}"),
            Self::Credentials => f.write_str("the credentials were refused"),
        }
    }
}

macro_rules! from {
    ($($source:ty => $variant:ident),* $(,)?) => {
        $(impl From<$source> for CallError {
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
