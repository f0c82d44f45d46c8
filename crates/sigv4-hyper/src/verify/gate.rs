//! The steps of one request through a `VerifyLayer`: head, key, body.

use core::future::poll_fn;
use core::pin::{Pin, pin};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::{Buf, Bytes};
use http::request::Parts;
use http_body::{Body, Frame};
use sigv4_core::verify::{
    BodyBuffer, BodyRule, BodyVerifier, Claim, Protocol, Verified, Verifier, VerifyError,
};

use crate::error::BoxError;
use crate::verify::body::{Refuted, VerifiedBody};
use crate::verify::head::{describe_content, describe_unsigned, describe_whole};
use crate::verify::keys::KeyStore;
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

impl<K: KeyStore> Gate<K> {
    /// Verifies a request and puts its sender into its extensions. Returns the readable body, and a
    /// handle that tells whether the body was refused while it was read.
    pub(crate) async fn admit<B>(
        &self,
        parts: &mut Parts,
        body: B,
    ) -> Result<(VerifiedBody<B>, Option<Refuted>), VerifyError>
    where
        B: Body<Error: Into<BoxError>>,
    {
        let claim = self.verifier.read(&*parts, (self.clock)())?;
        let claim = claim.with_max_chunk(self.body_limit as u64);
        let rule = claim.body_rule();
        self.check_length(rule, body.size_hint().lower())?;
        let found = self.keys.key(claim.access_key_id()).await;
        let key = found.map_err(|_| VerifyError::LookUpFailed)?;
        let mut deadline = Deadline::start(self.body_timer.as_ref());
        if rule == BodyRule::HashFirst {
            let Some(key) = key else {
                return self.refuse_unknown(claim, body, &mut deadline).await;
            };
            let mut buffer = BodyBuffer::new(self.body_limit);
            take(body, &mut deadline, |data| buffer.push(&data)).await?;
            let verified = claim.verify_hashed(Some(&key), buffer.payload_hash())?;
            return Ok((whole(parts, verified, buffer), None));
        }
        let (verified, mut reading) = claim.verify(key.as_ref())?;
        if rule == BodyRule::Hashed {
            let buffer = self.buffer(body, &mut deadline, &mut reading).await?;
            reading.finish()?;
            return Ok((whole(parts, verified, buffer), None));
        }
        parts.extensions.insert::<Verified>(verified);
        let (body, refuted) = if rule == BodyRule::Unsigned {
            describe_unsigned(parts, body.size_hint().exact());
            VerifiedBody::unsigned(body, self.verifier.limits().stream_bytes, deadline)
        } else {
            describe_content(parts);
            VerifiedBody::streamed(body, reading, deadline)
        };
        Ok((body, Some(refuted)))
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

    /// Reads the body to its end and hashes it, as for a known key, but keeps none of it. This
    /// takes less time for large bodies (benches/timing.rs), but holds no memory for unverified
    /// clients.
    async fn refuse_unknown<B, T>(
        &self,
        claim: Claim,
        body: B,
        deadline: &mut Deadline,
    ) -> Result<T, VerifyError>
    where
        B: Body<Error: Into<BoxError>>,
    {
        let mut buffer = BodyBuffer::hash_only(self.body_limit);
        take(body, deadline, |data| buffer.push(&data)).await?;
        claim.verify_hashed(None, buffer.payload_hash()).and(Err(VerifyError::UnknownKey))
    }

    /// Holds the whole body, up to the limit, and passes it to `reading` as it arrives.
    async fn buffer<B>(
        &self,
        body: B,
        deadline: &mut Deadline,
        reading: &mut BodyVerifier,
    ) -> Result<BodyBuffer, VerifyError>
    where
        B: Body<Error: Into<BoxError>>,
    {
        let mut buffer = BodyBuffer::new(self.body_limit);
        take(body, deadline, |data| {
            buffer.push(&data)?;
            reading.update(&data)
        })
        .await?;
        Ok(buffer)
    }

    pub(crate) fn protocol(&self, parts: &Parts) -> Protocol {
        let guessed = || Protocol::of(self.verifier.service(), &parts.headers);
        self.protocol.unwrap_or_else(guessed)
    }
}

/// A body that was held until it was verified.
fn whole<B>(parts: &mut Parts, verified: Verified, buffer: BodyBuffer) -> VerifiedBody<B> {
    parts.extensions.insert(verified);
    describe_whole(parts, buffer.len());
    VerifiedBody::whole(buffer)
}

/// Reads a body to its end, within its time limit. Skips HTTP trailers, which no signature
/// covers.
async fn take<B>(
    body: B,
    deadline: &mut Deadline,
    mut each: impl FnMut(Bytes) -> Result<(), VerifyError>,
) -> Result<(), VerifyError>
where
    B: Body<Error: Into<BoxError>>,
{
    let mut body = pin!(body);
    while let Some(frame) = next_frame(body.as_mut(), deadline).await? {
        if let Ok(mut data) = frame.into_data() {
            each(data.copy_to_bytes(data.remaining()))?;
        }
    }
    Ok(())
}

async fn next_frame<B>(
    mut body: Pin<&mut B>,
    deadline: &mut Deadline,
) -> Result<Option<Frame<B::Data>>, VerifyError>
where
    B: Body,
{
    poll_fn(|context| {
        // Check the time first: a body that always has a frame ready must not escape the limit.
        if let Err(error) = deadline.check(context) {
            return core::task::Poll::Ready(Err(error));
        }
        let frame = body.as_mut().poll_frame(context);
        frame.map(|frame| frame.transpose().map_err(|_| VerifyError::BodyInterrupted))
    })
    .await
}
