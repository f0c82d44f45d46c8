//! A body that is held until it is verified.

use core::pin::Pin;
use core::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::request::Parts;
use http_body::Body;
use sigv4_core::verify::{BodyBuffer, BodyRule, BodyVerifier, Claim, Verified, VerifyError};
use sigv4_core::{Credentials, PayloadHash};

use crate::verify::body::VerifiedBody;
use crate::verify::head::describe_whole;
use crate::verify::time::Deadline;

/// The bytes of a body, up to a limit, and what verifies them at the end.
pub(crate) struct Held {
    limit: usize,
    /// The whole body, if it came as one frame. It is not copied, because it is not held for long.
    only: Option<Bytes>,
    buffer: BodyBuffer,
    proof: Proof,
}

enum Proof {
    /// The signature is verified, and the body must be the stated one.
    OfBody(Verified, BodyVerifier),
    /// The signature covers the body's hash.
    OfHash(Claim, Credentials),
    /// No key is known. The body is hashed as for a known key, but not kept: this takes less time
    /// for large bodies (benches/timing.rs), but holds no memory for unverified clients.
    Unknown(Claim),
}

impl Held {
    /// Verifies what can be verified before the body.
    pub(crate) fn new(
        claim: Claim,
        key: Option<Credentials>,
        limit: usize,
    ) -> Result<Self, VerifyError> {
        let proof = match (claim.body_rule(), key) {
            (BodyRule::HashFirst, Some(key)) => Proof::OfHash(claim, key),
            (BodyRule::HashFirst, None) => Proof::Unknown(claim),
            (_, key) => {
                let (verified, reading) = claim.verify(key.as_ref())?;
                Proof::OfBody(verified, reading)
            }
        };
        let buffer = match proof {
            Proof::Unknown(_) => BodyBuffer::hash_only(limit),
            _ => BodyBuffer::new(limit),
        };
        Ok(Self { limit, only: None, buffer, proof })
    }

    /// Reads a body to its end, within its time limit. Skips HTTP trailers, which no signature
    /// covers.
    pub(crate) fn poll_read<B: Body>(
        &mut self,
        mut body: Pin<&mut B>,
        deadline: &mut Deadline,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), VerifyError>> {
        loop {
            // Check the time first: a body that always has a frame ready must not escape the limit.
            deadline.check(context)?;
            match ready!(body.as_mut().poll_frame(context)) {
                None => return Poll::Ready(Ok(())),
                Some(Err(_)) => return Poll::Ready(Err(VerifyError::BodyInterrupted)),
                Some(Ok(frame)) => {
                    if let Ok(mut data) = frame.into_data() {
                        let data = data.copy_to_bytes(data.remaining());
                        self.push(data, body.is_end_stream())?;
                    }
                }
            }
        }
    }

    fn push(&mut self, data: Bytes, is_last: bool) -> Result<(), VerifyError> {
        let is_only = is_last && self.only.is_none() && self.buffer.is_empty();
        if is_only && data.len() > self.limit {
            return Err(VerifyError::BodyTooLarge { limit: self.limit as u64 });
        }
        if !is_only {
            if let Some(earlier) = self.only.take() {
                self.buffer.push(&earlier)?;
            }
            self.buffer.push(&data)?;
        }
        if let Proof::OfBody(_, reading) = &mut self.proof {
            reading.update(&data)?;
        }
        if is_only {
            self.only = Some(data);
        }
        Ok(())
    }

    /// Verifies the body, and puts its sender into the request's extensions.
    pub(crate) fn finish<B>(self, parts: &mut Parts) -> Result<VerifiedBody<B>, VerifyError> {
        let Self { only, buffer, proof, .. } = self;
        let hash = || only.as_deref().map_or_else(|| buffer.payload_hash(), PayloadHash::of);
        let verified = match proof {
            Proof::OfBody(verified, reading) => reading.finish().map(|_| verified)?,
            Proof::OfHash(claim, key) => claim.verify_hashed(Some(&key), hash())?,
            Proof::Unknown(claim) => {
                claim.verify_hashed(None, hash()).and(Err(VerifyError::UnknownKey))?
            }
        };
        parts.extensions.insert::<Verified>(verified);
        let first = only.unwrap_or_default();
        describe_whole(parts, first.len() + buffer.len());
        Ok(VerifiedBody::whole(first, buffer))
    }
}
