//! Decides what follows a response: done, sign again, follow, or refuse. Does no I/O itself.
//!
//! ```text
//!        +--> sign --> send --> Attempt::after(sent, answer)
//!        |                        |-- Done          the response is the caller's
//!        +------- SignAgain ------|                 clock, region or credentials, once each
//!        +------- Follow ---------|                 the same origin alone, a new signature a hop
//!                                 |-- Refuse        an error that names the target's origin
//!                                 `-- ClocksDiffer  an error: more than a day is not corrected
//! ```

use std::time::SystemTime;

use chrono::DateTime;
use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::client::location::{Origin, resolve};
use crate::client::redirect::{Hop, MAX_HOPS, Redirects, RefusedRedirect, is_redirect, redirected};
use crate::client::service_error::{ServiceError, bare_code};
use crate::endpoint::is_aws_region;
use crate::fields::{X_AMZ_BUCKET_REGION, X_AMZN_ERRORTYPE};
use crate::scope::Region;

/// Seconds of skew that every service accepts. The narrowest window is five minutes.
const TOLERATED_SKEW: i64 = 240;
/// 2015-01-01 to 2100-01-01. A `Date` outside this range means a broken server, not a wrong clock
/// here.
const CREDIBLE_DATES: core::ops::Range<i64> = 1_420_070_400..4_102_444_800;

/// The largest clock difference that is corrected. One response must not move a client by years.
const MAX_OFFSET: i64 = 24 * 60 * 60;

/// One call of a client, including all the requests it takes.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    redirects: Redirects,
    hops: u8,
    clock_corrected: bool,
    region_corrected: bool,
    credentials_renewed: bool,
}

/// The request that a response belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    /// The request's method.
    pub(super) method: &'a Method,
    /// The request's absolute URI.
    pub(super) uri: &'a Uri,
    /// The region that the request was signed for.
    pub(super) region: &'a Region,
    /// The seconds that were added to the client's clock for signing.
    pub(super) clock_offset: i64,
}

/// The known parts of a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    /// The response's status.
    pub(super) status: StatusCode,
    /// The response's headers.
    pub(super) headers: &'a HeaderMap,
    /// The error that the body names, if the body was read.
    pub(super) error: Option<&'a ServiceError>,
    /// The client's uncorrected clock when the response arrived.
    pub(super) received: SystemTime,
}

/// What to do after a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Returns the response to the caller, whatever its status.
    Done,
    /// Signs the same request once more and sends it.
    SignAgain(Cause),
    /// Signs the request for another URI of the same origin and sends it.
    Follow(Hop),
    /// Returns this error to the caller.
    Refuse(RefusedRedirect),
    /// The service's clock differs by this many seconds, which is too much to correct.
    ClocksDiffer(i64),
}

/// Why a request is signed once more. A new signature can fix these three causes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The client's clock is off. Requests to this origin are signed with these seconds added.
    ClockSkew(i64),
    /// The bucket is in this region.
    Region(Region),
    /// The service refused the credentials because they have expired or were replaced.
    Credentials,
}

impl Attempt {
    /// Starts a call.
    pub(super) fn new(redirects: Redirects) -> Self {
        Self {
            redirects,
            hops: 0,
            clock_corrected: false,
            region_corrected: false,
            credentials_renewed: false,
        }
    }

    /// Returns what to do after a response. Each cause is handled once; after that, the response is
    /// final.
    pub(super) fn after(&mut self, sent: &Sent<'_>, answer: &Answer<'_>) -> Next {
        if let Some(next) = self.curable(sent, answer) {
            return next;
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

    fn curable(&mut self, sent: &Sent<'_>, answer: &Answer<'_>) -> Option<Next> {
        if !may_be_signature_error(answer.status) {
            return None;
        }
        let code = error_code(answer);
        let first = |done: &mut bool| !core::mem::replace(done, true);
        if code.is_some_and(refuses_credentials) {
            return first(&mut self.credentials_renewed)
                .then_some(Next::SignAgain(Cause::Credentials));
        }
        if let Some(region) = other_region(sent, answer, code) {
            return first(&mut self.region_corrected)
                .then_some(Next::SignAgain(Cause::Region(region)));
        }
        match learnt_offset(sent, answer, code) {
            Some(offset) if offset.abs() > MAX_OFFSET => {
                return code.is_some_and(is_about_time).then_some(Next::ClocksDiffer(offset));
            }
            Some(offset) if first(&mut self.clock_corrected) => {
                return Some(Next::SignAgain(Cause::ClockSkew(offset)));
            }
            _ => {}
        }
        // EC2 sends this code for a wrong clock, which is corrected first, and for expired
        // credentials.
        (matches!(code, Some("AuthFailure" | "RequestExpired"))
            && first(&mut self.credentials_renewed))
        .then_some(Next::SignAgain(Cause::Credentials))
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

pub(crate) fn may_be_signature_error(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 401 | 403)
}

/// Returns the bare error code, from the header or from the body.
fn error_code<'a>(answer: &Answer<'a>) -> Option<&'a str> {
    let named = answer.headers.get(X_AMZN_ERRORTYPE).and_then(|value| value.to_str().ok());
    named.map(bare_code).or_else(|| answer.error.map(ServiceError::code))
}

/// Whether a code means that the credentials have expired, were replaced or were revoked.
fn refuses_credentials(code: &str) -> bool {
    matches!(
        code,
        "ExpiredToken"
            | "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "InvalidToken"
            | "TokenRefreshRequired"
            | "UnrecognizedClient"
    )
}

/// Returns the region that S3 asks for. HEAD responses have no body, so only the header and the
/// status are used.
fn other_region(sent: &Sent<'_>, answer: &Answer<'_>, code: Option<&str>) -> Option<Region> {
    let wrong_region = match code {
        Some(code) => code == "AuthorizationHeaderMalformed",
        None => answer.status == StatusCode::BAD_REQUEST,
    };
    let in_header = answer.headers.get(X_AMZ_BUCKET_REGION).and_then(|value| value.to_str().ok());
    let name = in_header.or_else(|| answer.error.and_then(ServiceError::region))?;
    // Any other name may come from a server that stands in for the service.
    let region = Region::custom(name).ok().filter(|region| is_aws_region(region.as_str()))?;
    (wrong_region && region != *sent.region).then_some(region)
}

/// Returns the seconds to add to the client's clock, if the server's is far from the signed time.
fn learnt_offset(sent: &Sent<'_>, answer: &Answer<'_>, code: Option<&str>) -> Option<i64> {
    // A cached response carries the `Date` of its creation.
    if !code.is_none_or(tells_of_time) || answer.headers.contains_key(header::AGE) {
        return None;
    }
    let date = answer.headers.get(header::DATE)?.to_str().ok()?;
    let server = DateTime::parse_from_rfc2822(date).ok()?.timestamp();
    let offset = server.checked_sub(unix_seconds(answer.received)?)?;
    let wrong_by = offset.checked_sub(sent.clock_offset)?;
    (CREDIBLE_DATES.contains(&server) && wrong_by.abs() > TOLERATED_SKEW).then_some(offset)
}

/// Whether a code is about time and nothing else.
fn is_about_time(code: &str) -> bool {
    matches!(code, "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture")
}

/// Whether services refuse a time with this code. Some use it for more, so the `Date` decides.
fn tells_of_time(code: &str) -> bool {
    is_about_time(code)
        || matches!(code, "SignatureDoesNotMatch" | "InvalidSignature" | "AuthFailure")
}

fn unix_seconds(time: SystemTime) -> Option<i64> {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).ok(),
        Err(before) => i64::try_from(before.duration().as_secs()).ok()?.checked_neg(),
    }
}
