//! The steps of one request through a `VerifyLayer`: head, key, body.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use http_body::Body;
use http_body_util::Full;
use sigv4_core::verify::{
    BodyRule, BodyVerifier, Claim, Protocol, Verified, Verifier, VerifyError,
};
use sigv4_core::{Credentials, PayloadHash};

use crate::verify::body::{Refuted, VerifiedBody};
use crate::verify::head::{describe_content, describe_unsigned, describe_whole};
use crate::verify::held::Held;
use crate::verify::keys::{Found, KeyStore};
use crate::verify::time::{Deadline, Timer};

/// The settings of a layer.
pub(crate) struct Gate<K> {
    pub(crate) verifier: Verifier,
    pub(crate) keys: Arc<K>,
    pub(crate) body_limit: usize,
    pub(crate) body_timer: Option<Timer>,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) clock: fn() -> SystemTime,
}

impl<K> Clone for Gate<K> {
    fn clone(&self) -> Self {
        Self {
            verifier: self.verifier.clone(),
            keys: Arc::clone(&self.keys),
            body_limit: self.body_limit,
            body_timer: self.body_timer.clone(),
            protocol: self.protocol,
            clock: self.clock,
        }
    }
}

/// What follows once the head is verified.
#[expect(clippy::large_enum_variant, reason = "it is taken apart at once")]
pub(crate) enum Admission<B> {
    /// Call the inner service. The handle tells whether the body was refused while it was read.
    Call(VerifiedBody<B>, Option<Refuted>),
    /// Hold the body until it is verified.
    Hold(B, Held, Deadline),
}

impl<K: KeyStore> Gate<K> {
    /// Reads the claim of a request's head, and refuses a body whose declared length is too long.
    pub(crate) fn read(&self, parts: &Parts, body: &impl Body) -> Result<Claim, VerifyError> {
        let claim = self.verifier.read(parts, (self.clock)())?;
        self.check_length(claim.body_rule(), body.size_hint().lower())?;
        Ok(claim)
    }

    /// Refuses a body whose declared length is too long.
    fn check_length(&self, rule: BodyRule, least: u64) -> Result<(), VerifyError> {
        let limit = match rule {
            BodyRule::Hashed | BodyRule::HashFirst => self.body_limit as u64,
            BodyRule::Unsigned => self.verifier.limits().stream_bytes,
            _ => return Ok(()), // the head states the length of the content; the verifier checks it
        };
        if least > limit { Err(VerifyError::BodyTooLarge { limit }) } else { Ok(()) }
    }

    /// Returns the look-up of a claim's key, if nothing has to be awaited for it.
    pub(crate) fn ready_key(&self, claim: &Claim, body: &impl Body) -> Option<Found> {
        // A timer may need the runtime that polls the future.
        let needs_timer = self.body_timer.is_some() && !body.is_end_stream();
        if needs_timer { None } else { self.keys.ready_key(claim.access_key_id()) }
    }

    /// Verifies a request's head, and its body if that has ended. Puts the sender into the
    /// request's extensions.
    pub(crate) fn admit<B: Body>(
        &self,
        parts: &mut Parts,
        body: B,
        claim: Claim,
        found: Found,
    ) -> Result<Admission<B>, VerifyError> {
        let key = found.map_err(|_| VerifyError::LookUpFailed)?;
        match claim.body_rule() {
            rule @ (BodyRule::Hashed | BodyRule::HashFirst | BodyRule::Unsigned)
                if body.is_end_stream() =>
            {
                parts.extensions.insert::<Verified>(verify_empty(claim, key.as_ref())?);
                match rule {
                    BodyRule::Unsigned => describe_unsigned(parts, body.size_hint().exact()),
                    _ => describe_whole(parts, 0),
                }
                Ok(Admission::Call(VerifiedBody::empty(), None))
            }
            BodyRule::Hashed | BodyRule::HashFirst => {
                let held = Held::new(claim, key, self.body_limit)?;
                let deadline = self.deadline(&body);
                Ok(Admission::Hold(body, held, deadline))
            }
            rule => {
                let claim = claim.with_max_chunk(self.body_limit as u64);
                let (verified, reading) = claim.verify(key.as_ref())?;
                parts.extensions.insert::<Verified>(verified);
                Ok(self.pass_on(parts, body, reading, rule))
            }
        }
    }

    /// Admits a body that is passed on as it arrives.
    fn pass_on<B: Body>(
        &self,
        parts: &mut Parts,
        body: B,
        reading: BodyVerifier,
        rule: BodyRule,
    ) -> Admission<B> {
        let deadline = self.deadline(&body);
        let (body, refuted) = if rule == BodyRule::Unsigned {
            describe_unsigned(parts, body.size_hint().exact());
            VerifiedBody::unsigned(body, self.verifier.limits().stream_bytes, deadline)
        } else {
            describe_content(parts);
            VerifiedBody::streamed(body, reading, deadline)
        };
        Admission::Call(body, Some(refuted))
    }

    /// Starts the time of a body that has not ended.
    fn deadline(&self, body: &impl Body) -> Deadline {
        Deadline::start(self.body_timer.as_ref().filter(|_| !body.is_end_stream()))
    }

    pub(crate) fn protocol(&self, parts: &Parts) -> Protocol {
        let guessed = || Protocol::of(self.verifier.service(), &parts.headers);
        self.protocol.unwrap_or_else(guessed)
    }
}

/// Verifies a claim whose body has ended without a byte.
fn verify_empty(claim: Claim, key: Option<&Credentials>) -> Result<Verified, VerifyError> {
    if claim.body_rule() == BodyRule::HashFirst {
        let verified = claim.verify_hashed(key, PayloadHash::EMPTY)?;
        return key.map(|_| verified).ok_or(VerifyError::UnknownKey);
    }
    let (verified, reading) = claim.verify(key)?;
    reading.finish()?;
    Ok(verified)
}

pub(crate) fn refuse(protocol: Protocol, error: VerifyError) -> Response<Full<Bytes>> {
    let mut response: Response<Full<Bytes>> =
        error.refusal(protocol).into_response::<String>().map(Full::from);
    response.extensions_mut().insert(error);
    response
}
