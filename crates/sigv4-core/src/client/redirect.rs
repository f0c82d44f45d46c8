//! Redirects: where one leads, and when it is refused.

use core::fmt;
use std::error::Error;

use http::{HeaderMap, Method, StatusCode, Uri};

use crate::fields::name;

/// Hops after which a chain of redirects is taken for a loop.
pub(super) const MAX_HOPS: u8 = 10;

/// What a client does with a redirect (301, 302, 303, 307, 308 with a `Location`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redirects {
    /// A redirect is an error that names the target's origin.
    #[default]
    Refuse,
    /// A redirect is a response like any other, for the caller to read.
    Return,
    /// Followed where scheme, host and port stay the same, at most ten times, each hop signed anew.
    /// To any other origin it is an error.
    SameOrigin,
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The method of the next request.
    pub method: Method,
    /// Its absolute URI.
    pub uri: Uri,
    /// What becomes of the body.
    pub body: HopBody,
}

/// What becomes of a body on a redirect (RFC 9110, section 15.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopBody {
    /// It is sent again, so it must still be at hand.
    Kept,
    /// It is dropped, with the headers that describe it.
    Dropped,
}

/// A redirect that was not followed. The origin is that of its target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusedRedirect {
    /// The client was not asked to follow any. Ask for [`Redirects::SameOrigin`], or request the
    /// target directly.
    NotAsked {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// The target is another scheme, host or port, where a signature for this one must not go.
    OtherOrigin {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// The target leaves https for http.
    Downgrade {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// This layer passes the body on and cannot send it again, so it cannot follow. Use one that holds
    /// the body, or [`Redirects::Return`].
    BodyPassedOn {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// More than ten hops.
    TooMany {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// `Location` is not a URI with a host, or carries `user@`.
    InvalidLocation,
}

/// Removes the headers that speak of a body, when a redirect has dropped it.
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

/// 301 and 302 turn POST into GET, 303 everything but HEAD; 307 and 308 change nothing.
pub(super) fn redirected(status: StatusCode, method: &Method) -> (Method, HopBody) {
    let to_get = match status.as_u16() {
        301 | 302 => method == Method::POST,
        303 => method != Method::HEAD,
        _ => false,
    };
    if to_get { (Method::GET, HopBody::Dropped) } else { (method.clone(), HopBody::Kept) }
}

impl RefusedRedirect {
    /// Scheme, host and port of the target, where it has them.
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
                "the server redirects to {origin}, and this client follows no redirect: ask for \
                 Redirects::SameOrigin or Redirects::Return, or request the target directly"
            ),
            Self::OtherOrigin { origin } => write!(
                f,
                "the server redirects to {origin}, another origin, where this signature must not \
                 go: make a request of your own to it if you trust it"
            ),
            Self::Downgrade { origin } => write!(
                f,
                "the server redirects from https to {origin}: a signed request is not sent over \
                 plain http"
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
                    "the server redirects to {origin} after {MAX_HOPS} hops: a loop, it seems"
                )
            }
            Self::InvalidLocation => f.write_str(
                "the server redirects to a Location that is no URI with a host, or that has user \
                 information in it",
            ),
        }
    }
}

impl Error for RefusedRedirect {}
