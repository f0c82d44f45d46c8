//! After a response: done, sign again, follow, or refuse. No I/O: a client asks, and acts.
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

/// Seconds of skew that no service refuses: the narrowest window is five minutes.
const TOLERATED_SKEW: i64 = 240;
/// 2015-01-01 and 2100-01-01: a `Date` outside them tells of a broken server, not of our clock.
const CREDIBLE_DATES: core::ops::Range<i64> = 1_420_070_400..4_102_444_800;

/// A larger difference of the clocks is not corrected: one response must not move a client by years.
const MAX_OFFSET: i64 = 24 * 60 * 60;

/// One call of a client, over all the requests that it takes.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    redirects: Redirects,
    hops: u8,
    clock_corrected: bool,
    region_corrected: bool,
    credentials_renewed: bool,
}

/// The request that an answer came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    /// Its method.
    pub(super) method: &'a Method,
    /// Its absolute URI.
    pub(super) uri: &'a Uri,
    /// The region that it was signed for.
    pub(super) region: &'a Region,
    /// The seconds that were added to the client's clock when it was signed.
    pub(super) clock_offset: i64,
}

/// What is known of a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    /// Its status.
    pub(super) status: StatusCode,
    /// Its headers.
    pub(super) headers: &'a HeaderMap,
    /// The error that its body names, where the body was read.
    pub(super) error: Option<&'a ServiceError>,
    /// The client's clock when it came, uncorrected.
    pub(super) received: SystemTime,
}

/// What to do after a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The response is the answer, good or bad.
    Done,
    /// Sign the same request once more and send it.
    SignAgain(Cause),
    /// Sign and send the request to another URI of the same origin.
    Follow(Hop),
    /// Give the caller this error.
    Refuse(RefusedRedirect),
    /// The service says that the clocks differ, by more seconds than are corrected.
    ClocksDiffer(i64),
}

/// Why a request is signed once more. A new signature can cure these three causes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The client's clock is off. Its requests to this origin are signed with these seconds added.
    ClockSkew(i64),
    /// The bucket is in this region.
    Region(Region),
    /// The service refused the credentials: they have expired or were replaced.
    Credentials,
}

impl Attempt {
    /// The start of a call.
    pub(super) fn new(redirects: Redirects) -> Self {
        Self {
            redirects,
            hops: 0,
            clock_corrected: false,
            region_corrected: false,
            credentials_renewed: false,
        }
    }

    /// What to do after an answer. Each cause is cured once; after that, its answer stands.
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
        // EC2 answers so to a wrong clock, which is corrected first, and to expired credentials.
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

/// The error's name without its decoration, from the header or from the body.
fn error_code<'a>(answer: &Answer<'a>) -> Option<&'a str> {
    let named = answer.headers.get(X_AMZN_ERRORTYPE).and_then(|value| value.to_str().ok());
    named.map(bare_code).or_else(|| answer.error.map(ServiceError::code))
}

/// Codes of credentials that have expired, were replaced or were revoked.
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

/// The region that S3 asks for. HEAD responses have no body, so only the header and the status are
/// used.
fn other_region(sent: &Sent<'_>, answer: &Answer<'_>, code: Option<&str>) -> Option<Region> {
    let wrong_region = match code {
        Some(code) => code == "AuthorizationHeaderMalformed",
        None => answer.status == StatusCode::BAD_REQUEST,
    };
    let in_header = answer.headers.get(X_AMZ_BUCKET_REGION).and_then(|value| value.to_str().ok());
    let name = in_header.or_else(|| answer.error.and_then(ServiceError::region))?;
    // Anything else may come from whoever answers in the service's place.
    let region = Region::custom(name).ok().filter(|region| is_aws_region(region.as_str()))?;
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

/// The codes that speak of time and of nothing else.
fn is_about_time(code: &str) -> bool {
    matches!(code, "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture")
}

/// The codes behind which services refuse a time. Some use them for more: the `Date` decides.
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
