//! Verifying: builds the same canonical text as signing, from the received request.
//!
//! ```text
//! request head --Verifier::read--> Claim --Claim::verify(key)--> Verified, BodyVerifier --finish--> Complete
//!   parse, algorithm, scope,         |         signature, token                  payload
//!   clock, coverage                  +-- access_key_id(): look the key up here
//! ```
//!
//! There is no other way to a [`Verified`], and no step can be left out.

mod answer;
#[cfg(feature = "sigv4a")]
mod asymmetric;
pub(crate) mod authorization;
mod body;
mod buffer;
mod claim;
mod dates;
mod error;
mod form;
mod headers;
mod options;
#[cfg(feature = "post-policy")]
pub(crate) mod policy_error;
mod presented;
pub(crate) mod proof;
mod protocol;
mod query;
pub(crate) mod realm;
mod refusal;
mod stand_in;
mod streamed;
#[cfg(test)]
#[cfg(all(feature = "stream", feature = "post-policy"))]
mod tests;

use std::sync::Arc;

use http::{HeaderName, Method};
use sha2::{Digest, Sha256};
use smallvec::SmallVec;

pub use self::authorization::{Authorization, AuthorizationError};
pub use self::body::{BodyRule, BodyVerifier, Complete};
pub use self::buffer::BodyBuffer;
pub use self::claim::{Claim, Verified};
pub use self::error::VerifyError;
pub use self::form::Form;
pub use self::options::{Exemption, Limits, PayloadRequirement};
pub use self::protocol::Protocol;
use self::query::QueryFields;
use self::realm::Realm;
pub use self::refusal::Refusal;

use self::authorization::Accepts;
use self::claim::Names;
use self::headers::SignatureHeaders;
use self::presented::Presented;
use crate::canonical::CanonicalRequest;
use crate::canonical::headers::Lines;
use crate::error::SignError;
use crate::fields::{self, MAX_EXPIRES};
use crate::head::{RequestHead, Single};
use crate::scope::{CredentialScope, Region, Service};
use crate::service::SessionToken;
use crate::text::Text;
use crate::text::split;
use crate::time::SigningTime;

/// Verifies requests to one service in one region. Cheap to clone.
///
/// ```
/// use std::time::SystemTime;
/// use sigv4_core::{Credentials, Region, Service, Signer};
/// use sigv4_core::verify::Verifier;
///
/// let region = Region::from_static("us-east-1");
/// let service = Service::from_static("s3");
/// let verifier = Verifier::new(region.clone(), service.clone());
/// let known = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
///
/// # let mut request = http::Request::put("/key").header("host", "example.com").body("hello")?;
/// # Signer::new(region, service).sign(&mut request, &known, SystemTime::now())?;
/// let (parts, body) = request.into_parts();
/// let claim = verifier.read(&parts, SystemTime::now())?; // proves nothing yet
/// let key = (claim.access_key_id() == "AKIDEXAMPLE").then_some(&known);
/// let (verified, mut reading) = claim.verify(key)?;
/// reading.update(&body.into())?;
/// reading.finish()?; // until here, the body could still be another one
/// assert_eq!(verified.access_key_id(), "AKIDEXAMPLE");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The protocol allows a request to be replayed while its date is inside the window. If that
/// matters, remember the signatures seen ([`Verified::signature`]) for that long.
#[derive(Clone, Debug)]
pub struct Verifier {
    realm: Arc<Realm>,
    pub(crate) max_skew: u64,
    pub(crate) max_expires: u64,
    exemptions: Vec<Exemption>,
    payload: PayloadRequirement,
    limits: Limits,
    /// Whether and how SigV4a is accepted.
    #[cfg(feature = "sigv4a")]
    asymmetric: Option<Arc<asymmetric::Meter>>,
}

impl Verifier {
    /// Creates a verifier for a service in a region, with AWS's limits.
    pub fn new(region: Region, service: Service) -> Self {
        let max_skew = u64::from(service.rules().max_skew_seconds);
        Self {
            realm: Arc::new(Realm::new(region, service)),
            max_skew,
            max_expires: MAX_EXPIRES,
            exemptions: Vec::new(),
            payload: PayloadRequirement::default(),
            limits: Limits::default(),
            #[cfg(feature = "sigv4a")]
            asymmetric: None,
        }
    }

    /// Sets how far the clocks of client and server may differ, in seconds.
    ///
    /// The default is the service's own window: 15 minutes, or 5 for a few (`service::Rules`).
    #[must_use]
    pub fn with_max_skew(self, seconds: u64) -> Self {
        Self { max_skew: seconds.min(MAX_EXPIRES), ..self }
    }

    /// Shortens the longest lifetime of presigned URLs, in seconds. The default is seven days.
    #[must_use]
    pub fn with_max_expires(self, seconds: u64) -> Self {
        Self { max_expires: seconds.min(MAX_EXPIRES), ..self }
    }

    /// Adds an exemption from one of the rules.
    #[must_use]
    pub fn with_exemption(mut self, exemption: Exemption) -> Self {
        self.exemptions.push(exemption);
        self
    }

    /// Sets how much of the payload the signature must cover.
    #[must_use]
    pub fn with_payload_requirement(self, payload: PayloadRequirement) -> Self {
        Self { payload, ..self }
    }

    /// Sets the bounds on the work that a request can cause before it is verified.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The bounds on the work that an unverified request causes.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The region.
    pub fn region(&self) -> &Region {
        &self.realm.region
    }

    /// The service.
    pub fn service(&self) -> &Service {
        &self.realm.service
    }

    /// Reads a request's claim and checks its syntax, algorithm, scope, clock and coverage.
    ///
    /// This proves nothing. Look up the key of [`Claim::access_key_id`], then verify.
    ///
    /// # Errors
    /// A [`VerifyError`]; its [`refusal`](VerifyError::refusal) is the error response to send.
    pub fn read<'a>(
        &self,
        head: impl Into<RequestHead<'a>>,
        now: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Claim, VerifyError> {
        let now = now.try_into().map_err(|error| VerifyError::Clock(error.into()))?;
        self.read_head(&head.into(), now)
    }

    fn read_head(&self, head: &RequestHead<'_>, now: SigningTime) -> Result<Claim, VerifyError> {
        if head.method == Method::CONNECT || head.path == "*" {
            return Err(VerifyError::UnsupportedTarget);
        }
        let headers = SignatureHeaders::read(head.headers);
        self.limits.check(head, headers.bytes)?;
        let host = head.host(headers.host).map_err(VerifyError::Host)?;
        let mut query = QueryFields::default();
        query.read(head.query.unwrap_or_default(), self.limits.parameters)?;
        let rules = self.service().rules();
        let mut presented = Presented::read(head, headers, &query, rules, self.accepts())?;
        #[cfg(feature = "sigv4a")]
        let asymmetric = self.asymmetric_part(presented.authorization.scope())?;
        let signed = self.signed_headers(&presented)?;
        let time = presented.time(&signed)?;

        self.check_scope(presented.authorization.scope(), presented.form, time)?;
        self.check_clock(&presented, time, now)?;
        self.check_coverage(head, &signed)?;
        let payload = presented.payload(&query, rules)?;
        payload.check(presented.authorization.scope())?;
        self.payload.check(payload)?;

        let mut lines = Lines::default();
        collect(&mut lines, head, &host, &signed, &mut presented.headers)?;
        let hash = self.hash_to_payload(head, &lines, presented.token.as_deref())?;
        let authorization = &presented.authorization;
        Ok(Claim {
            names: Names::new(authorization.access_key_id(), authorization.signed_headers()),
            token: presented.token,
            signature: authorization.signature(),
            form: presented.form,
            time,
            now,
            realm: Arc::clone(&self.realm),
            payload,
            hash,
            stream_headers: payload.stream_headers(head.headers),
            limits: self.limits,
            #[cfg(feature = "sigv4a")]
            asymmetric,
        })
    }

    fn signed_headers<'a>(
        &self,
        presented: &Presented<'a>,
    ) -> Result<SmallVec<[&'a str; 16]>, VerifyError> {
        let mut names = SmallVec::new();
        for name in split::parts(presented.authorization.signed_headers(), b';') {
            if names.len() == self.limits.signed_headers {
                return Err(VerifyError::TooManySignedHeaders { limit: names.len() });
            }
            names.push(name);
        }
        Ok(names)
    }

    /// The accepted algorithms of `Authorization` headers and URLs.
    fn accepts(&self) -> Accepts {
        #[cfg(feature = "sigv4a")]
        if self.asymmetric.is_some() {
            return Accepts::Both;
        }
        Accepts::Hmac
    }

    pub(crate) fn realm(&self) -> &Arc<Realm> {
        &self.realm
    }

    pub(crate) fn check_scope(
        &self,
        scope: CredentialScope<'_>,
        form: Form,
        time: SigningTime,
    ) -> Result<(), VerifyError> {
        if !scope.covers(self.region().as_str()) {
            return Err(VerifyError::WrongRegion {
                given: scope.region.to_owned(),
                expected: self.region().clone(),
                form,
            });
        }
        if scope.service != self.service().as_str() {
            return Err(VerifyError::WrongService {
                given: scope.service.to_owned(),
                expected: self.service().clone(),
                form,
            });
        }
        if scope.date != time.scope_date() {
            return Err(VerifyError::WrongScopeDate { scope: scope.date().to_owned(), time });
        }
        Ok(())
    }

    fn check_clock(
        &self,
        presented: &Presented<'_>,
        time: SigningTime,
        now: SigningTime,
    ) -> Result<(), VerifyError> {
        let age = now.unix() - time.unix();
        let skew = i64::try_from(self.max_skew).unwrap_or(i64::MAX);
        let Some(expires) = presented.expires(self.max_expires)? else {
            return if age.abs() > skew {
                Err(VerifyError::TooSkewed { time, now, max_skew: self.max_skew })
            } else {
                Ok(())
            };
        };
        if age < -skew {
            return Err(VerifyError::NotYetValid { time, now });
        }
        if age > i64::try_from(expires).unwrap_or(i64::MAX) {
            return Err(VerifyError::Expired { time, expires, now });
        }
        Ok(())
    }

    /// Checks that the host and every `x-amz-*` header that arrived are signed. A token that the
    /// service takes unsigned is exempt: it is compared with the key's.
    fn check_coverage(&self, head: &RequestHead<'_>, signed: &[&str]) -> Result<(), VerifyError> {
        let late_token = self.service().rules().session_token == SessionToken::Unsigned;
        let covered = |name: &str| signed.binary_search(&name).is_ok();
        let is_exempt = |name: &HeaderName| {
            // Its value is in the canonical request in any case, as the last line.
            *name == fields::X_AMZ_CONTENT_SHA256
                || late_token && *name == fields::X_AMZ_SECURITY_TOKEN
                || self.exemptions.iter().any(|exemption| exemption.covers(name))
        };
        let mut names = Vec::new();
        if !covered("host") {
            names.push(http::header::HOST);
        }
        for name in head.headers.keys().filter(|name| name.as_str().starts_with(fields::X_AMZ)) {
            if !covered(name.as_str()) && !is_exempt(name) {
                names.push(name.clone());
            }
        }
        if names.is_empty() { Ok(()) } else { Err(VerifyError::HeadersNotSigned { names }) }
    }

    /// The hash of the canonical request up to its last line, which may depend on the body.
    fn hash_to_payload(
        &self,
        head: &RequestHead<'_>,
        lines: &Lines<'_>,
        token: Option<&String>,
    ) -> Result<Sha256, VerifyError> {
        let request = CanonicalRequest {
            method: head.method.as_str(),
            path: head.path,
            query: head.query.unwrap_or_default(),
            query_overlay: None,
            headers: lines,
            rules: self.service().rules(),
        };
        let mut text = Text::new();
        let written = request.write_to_payload(&mut text);
        let hash = Sha256::new_with_prefix(&*text);
        if token.is_some() {
            text.wipe(); // the token is among the headers, or in the query
        }
        written.map(|_| hash).map_err(|_| VerifyError::InvalidQuery)
    }
}

/// Adds the lines of the signed headers, whose names are sorted.
fn collect<'a>(
    lines: &mut Lines<'a>,
    head: &RequestHead<'a>,
    host: &'a str,
    signed: &[&'a str],
    found: &mut SignatureHeaders<'a>,
) -> Result<(), VerifyError> {
    for name in signed {
        if *name == "host" {
            lines.push(name, host.as_bytes());
            continue;
        }
        if let Some(Single { first: Some(value), is_doubled: false }) = found.named(name) {
            lines.push(name, value.as_bytes());
            continue;
        }
        let mut values = head.headers.get_all(*name).iter().peekable();
        if values.peek().is_none() {
            return Err(VerifyError::SignedHeaderMissing { name: (*name).to_owned() });
        }
        values.for_each(|value| lines.push(name, value.as_bytes()));
    }
    lines.sort(); // they are in order: this marks the names that repeat
    Ok(())
}
