//! Redirects: their target, and when they are refused.

use core::fmt;
use std::error::Error;

use http::{HeaderMap, Method, StatusCode, Uri};

use crate::fields::name;

/// The most hops to follow. A longer chain is considered a loop.
pub(super) const MAX_HOPS: u8 = 10;

/// How a client handles a redirect (301, 302, 303, 307 or 308 with a `Location`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redirects {
    /// Returns an error that names the target's origin.
    #[default]
    Refuse,
    /// Returns the redirect as an ordinary response.
    Return,
    /// Follows redirects with the same scheme, host and port, at most ten hops, each with a new
    /// signature. A redirect to another origin is an error.
    SameOrigin,
}

/// The next request after a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The method of the next request.
    pub method: Method,
    /// The absolute URI of the next request.
    pub uri: Uri,
    /// What happens to the body.
    pub body: HopBody,
}

/// What happens to a body on a redirect (RFC 9110, section 15.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopBody {
    /// It is sent again, so it must still be available.
    Kept,
    /// It is dropped, together with the headers that describe it.
    Dropped,
}

/// A redirect that was not followed. `origin` is always the target's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusedRedirect {
    /// The client was not configured to follow redirects. Set [`Redirects::SameOrigin`], or request
    /// the target directly.
    NotAsked {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// The target has another scheme, host or port. The signature must not be sent there.
    OtherOrigin {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// The target changes from https to http.
    Downgrade {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// This layer passes the body on and cannot send it again, so it cannot follow. Use a layer
    /// that holds the body, or [`Redirects::Return`].
    BodyPassedOn {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// The chain has more than ten hops.
    TooMany {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// `Location` is not a URI with a host, or contains `user@`.
    InvalidLocation,
}

/// Removes the headers that describe a body, after a redirect has dropped it.
pub(super) fn remove_body_headers(headers: &mut HeaderMap) {
    for header in [
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-md5",
        "content-type",
        "expect",
        "trailer",
        "transfer-encoding",
        name::CONTENT_SHA256,
        name::DECODED_CONTENT_LENGTH,
        name::TRAILER,
    ] {
        headers.remove(header);
    }
}

pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Applies the status: 301 and 302 change POST to GET, 303 changes all but HEAD, 307 and 308
/// nothing.
pub(super) fn redirected(status: StatusCode, method: &Method) -> (Method, HopBody) {
    let to_get = match status.as_u16() {
        301 | 302 => method == Method::POST,
        303 => method != Method::HEAD,
        _ => false,
    };
    if to_get { (Method::GET, HopBody::Dropped) } else { (method.clone(), HopBody::Kept) }
}

impl RefusedRedirect {
    /// Returns scheme, host and port of the target, if it has them.
    pub fn origin(&self) -> Option<&str> {
        match self {
            Self::NotAsked { origin }
            | Self::OtherOrigin { origin }
            | Self::Downgrade { origin }
            | Self::BodyPassedOn { origin }
            | Self::TooMany { origin } => Some(origin),
            Self::InvalidLocation => None,
        }
    }
}

impl fmt::Display for RefusedRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked { origin } => write!(
                f,
                "the server redirects to {origin}, and this client does not follow redirects: ask \
                 for Redirects::SameOrigin or Redirects::Return, or request the target directly"
            ),
            Self::OtherOrigin { origin } => write!(
                f,
                "the server redirects to {origin}, another origin, where this signature must not \
                 go: make a request of your own to it if you trust it"
            ),
            Self::Downgrade { origin } => write!(
                f,
                "the server redirects from https to {origin}, and a signed request is not sent \
                 over plain http: request an https URL, or ask for Redirects::Return"
            ),
            Self::BodyPassedOn { origin } => write!(
                f,
                "the server redirects to {origin}, and a layer that passes the body on cannot send \
                 it again: follow with a layer or client that holds the body, or ask for \
                 Redirects::Return"
            ),
            Self::TooMany { origin } => {
                write!(
                    f,
                    "the server redirects to {origin} after {MAX_HOPS} hops, which looks like a \
                     loop: request the final target directly, or ask for Redirects::Return"
                )
            }
            Self::InvalidLocation => f.write_str(
                "the server redirects to a Location that is not a URI with a host, or that \
                 contains user information: ask for Redirects::Return to read it",
            ),
        }
    }
}

impl Error for RefusedRedirect {}
