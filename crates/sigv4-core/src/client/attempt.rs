//! After a response: done, sign again, follow, or refuse. No I/O: a client asks, and acts.
//!
//! ```text
//!        +--> sign --> send --> Attempt::after(sent, answer)
//!        |                        |-- Done       the response is the caller's
//!        +------- SignAgain ------|              clock, region or credentials, once each
//!        +------- Follow ---------|              the same origin alone, a new signature a hop
//!                                 `-- Refuse     an error that names the target's origin
//! ```

use core::fmt;
use std::error::Error;
use std::time::SystemTime;

use chrono::DateTime;
use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::client::location::{Origin, resolve};
use crate::client::service_error::{ServiceError, bare_code};
use crate::fields::{X_AMZ_BUCKET_REGION, X_AMZN_ERRORTYPE, name};
use crate::scope::Region;

/// Hops after which a chain of redirects is taken for a loop.
pub(super) const MAX_HOPS: u8 = 10;
/// Seconds of skew that no service refuses: the narrowest window is five minutes.
const TOLERATED_SKEW: i64 = 240;
/// 2015-01-01 and 2100-01-01: a `Date` outside them tells of a broken server, not of our clock.
const CREDIBLE_DATES: core::ops::Range<i64> = 1_420_070_400..4_102_444_800;

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

/// One call of a client, over all the requests that it takes.
#[derive(Clone, Debug)]
pub struct Attempt {
    redirects: Redirects,
    hops: u8,
    clock_corrected: bool,
    region_corrected: bool,
    credentials_renewed: bool,
}

/// The request that an answer came to.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its absolute URI.
    pub uri: &'a Uri,
    /// The region that it was signed for.
    pub region: &'a Region,
    /// The seconds that were added to the client's clock when it was signed.
    pub clock_offset: i64,
}

/// What is known of a response.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// The error that its body names, where the body was read.
    pub error: Option<&'a ServiceError>,
    /// The client's clock when it came, uncorrected.
    pub received: SystemTime,
}

/// What to do after a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// The response is the answer, good or bad.
    Done,
    /// Sign the same request once more and send it.
    SignAgain(Cause),
    /// Sign and send the request to another URI of the same origin.
    Follow(Hop),
    /// Give the caller this error.
    Refuse(RefusedRedirect),
}

/// Why a request is signed once more: the three causes that a new signature can cure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The client's clock is off: add these seconds to it from now on.
    ClockSkew(i64),
    /// The bucket is in this region.
    Region(Region),
    /// The session token has expired: tell the provider (`CredentialsProvider::rejected`), fetch.
    Credentials,
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
    /// It is sent again: it must be at hand still.
    Kept,
    /// It goes, and with it the headers that speak of it ([`remove_body_headers`]).
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
    /// More than ten hops.
    TooMany {
        /// Scheme, host and port of the target.
        origin: String,
    },
    /// `Location` is not a URI with a host, or carries `user@`.
    InvalidLocation,
}

impl Attempt {
    /// The start of a call.
    pub fn new(redirects: Redirects) -> Self {
        Self {
            redirects,
            hops: 0,
            clock_corrected: false,
            region_corrected: false,
            credentials_renewed: false,
        }
    }

    /// What to do after an answer. Each cause is cured once; after that, its answer stands.
    pub fn after(&mut self, sent: &Sent<'_>, answer: &Answer<'_>) -> Next {
        if let Some(cause) = self.curable(sent, answer) {
            return Next::SignAgain(cause);
        }
        let location = answer.headers.get(header::LOCATION);
        match (location, self.redirects) {
            (None, _) | (_, Redirects::Return) => Next::Done,
            (Some(location), _) if is_redirect(answer.status) => {
                self.redirect(sent, answer.status, location.as_bytes())
            }
            _ => Next::Done,
        }
    }

    fn curable(&mut self, sent: &Sent<'_>, answer: &Answer<'_>) -> Option<Cause> {
        if !may_be_signature_error(answer.status) {
            return None;
        }
        let code = error_code(answer);
        let first = |done: &mut bool| !core::mem::replace(done, true);
        if matches!(code, Some("ExpiredToken")) {
            return first(&mut self.credentials_renewed).then_some(Cause::Credentials);
        }
        if let Some(region) = other_region(sent, answer, code) {
            return first(&mut self.region_corrected).then_some(Cause::Region(region));
        }
        let offset = learnt_offset(sent, answer, code)?;
        first(&mut self.clock_corrected).then_some(Cause::ClockSkew(offset))
    }

    fn redirect(&mut self, sent: &Sent<'_>, status: StatusCode, location: &[u8]) -> Next {
        let invalid = Next::Refuse(RefusedRedirect::InvalidLocation);
        let Some(uri) = resolve(sent.uri, location) else { return invalid };
        let (Some(from), Some(to)) = (Origin::of(sent.uri), Origin::of(&uri)) else {
            return invalid;
        };
        let origin = to.to_string();
        let refused = if self.redirects == Redirects::Refuse {
            RefusedRedirect::NotAsked { origin }
        } else if from.scheme == "https" && to.scheme != "https" {
            RefusedRedirect::Downgrade { origin }
        } else if from != to {
            RefusedRedirect::OtherOrigin { origin }
        } else if self.hops >= MAX_HOPS {
            RefusedRedirect::TooMany { origin }
        } else {
            self.hops += 1;
            let (method, body) = redirected(status, sent.method);
            return Next::Follow(Hop { method, uri, body });
        };
        Next::Refuse(refused)
    }
}

/// Removes the headers that speak of a body, when a redirect has dropped it.
pub fn remove_body_headers(headers: &mut HeaderMap) {
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

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// 301 and 302 turn POST into GET, 303 everything but HEAD; 307 and 308 change nothing.
fn redirected(status: StatusCode, method: &Method) -> (Method, HopBody) {
    let to_get = match status.as_u16() {
        301 | 302 => method == Method::POST,
        303 => method != Method::HEAD,
        _ => false,
    };
    if to_get { (Method::GET, HopBody::Dropped) } else { (method.clone(), HopBody::Kept) }
}

pub(crate) fn may_be_signature_error(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 401 | 403)
}

/// The error's name without its decoration, from the header or from the body.
fn error_code<'a>(answer: &Answer<'a>) -> Option<&'a str> {
    let named = answer.headers.get(X_AMZN_ERRORTYPE).and_then(|value| value.to_str().ok());
    named.map(bare_code).or_else(|| answer.error.map(ServiceError::code))
}

/// The region that S3 asks for. A HEAD has no body: there the header and the status have to do.
fn other_region(sent: &Sent<'_>, answer: &Answer<'_>, code: Option<&str>) -> Option<Region> {
    let wrong_region = match code {
        Some(code) => code == "AuthorizationHeaderMalformed",
        None => answer.status == StatusCode::BAD_REQUEST,
    };
    let in_header = answer.headers.get(X_AMZ_BUCKET_REGION).and_then(|value| value.to_str().ok());
    let name = in_header.or_else(|| answer.error.and_then(ServiceError::region))?;
    let region = Region::custom(name).ok()?;
    (wrong_region && region != *sent.region).then_some(region)
}

/// The seconds to add to the client's clock, where the server's is far from what was signed.
fn learnt_offset(sent: &Sent<'_>, answer: &Answer<'_>, code: Option<&str>) -> Option<i64> {
    // A cached response carries the `Date` of its making.
    if !code.is_none_or(tells_of_time) || answer.headers.contains_key(header::AGE) {
        return None;
    }
    let date = answer.headers.get(header::DATE)?.to_str().ok()?;
    let server = DateTime::parse_from_rfc2822(date).ok()?.timestamp();
    let offset = server.checked_sub(unix_seconds(answer.received)?)?;
    let wrong_by = offset.checked_sub(sent.clock_offset)?;
    (CREDIBLE_DATES.contains(&server) && wrong_by.abs() > TOLERATED_SKEW).then_some(offset)
}

/// The codes behind which services refuse a time. Some use them for more: the `Date` decides.
fn tells_of_time(code: &str) -> bool {
    matches!(
        code,
        "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture"
            | "SignatureDoesNotMatch"
            | "InvalidSignature"
            | "AuthFailure"
    )
}

fn unix_seconds(time: SystemTime) -> Option<i64> {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).ok(),
        Err(before) => i64::try_from(before.duration().as_secs()).ok()?.checked_neg(),
    }
}

impl RefusedRedirect {
    /// Scheme, host and port of the target, where it has them.
    pub fn origin(&self) -> Option<&str> {
        match self {
            Self::NotAsked { origin }
            | Self::OtherOrigin { origin }
            | Self::Downgrade { origin }
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
