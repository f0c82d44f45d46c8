//! The body of a verified request: each byte is verified before use, and the whole at the end.

use bytes::Bytes;
use core::fmt;
use http::HeaderMap;
use sha2::{Digest, Sha256};

use super::claim::Claim;
use super::error::VerifyError;
use super::streamed::StreamedBody;
use crate::credentials::Credentials;
use crate::payload::PayloadHash;

/// How the body of a claim is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyRule {
    /// The signature covers the body's hash: trust no byte before [`BodyVerifier::finish`].
    Hashed,
    /// The hash is signed but not stated: read the whole body, then [`Claim::verify_hashed`].
    HashFirst,
    /// The signature does not cover the body: anyone on the way may have changed it.
    Unsigned,
    /// The body comes in chunks: [`BodyVerifier::content`] returns their content.
    Streamed,
    /// The body is a stream of signed events: `Claim::verify_events` (feature `event-stream`).
    Events,
}

/// Reads a body to its end and proves that it is the signed one.
///
/// Pass every frame to it as it arrives, then call [`BodyVerifier::finish`]. If the rule is
/// [`BodyRule::Streamed`], the frames hold chunks and signatures, and [`BodyVerifier::content`]
/// returns the body; otherwise the frames are the body. After an error every later call fails too.
///
/// `STREAMING-UNSIGNED-PAYLOAD-TRAILER` has no chunk signatures: its content is returned as it
/// arrives, and only the checksum at the end shows whether it is complete.
#[must_use = "the body is not verified before finish()"]
pub struct BodyVerifier(State);

enum State {
    /// The hasher is created with the first byte, because most requests have no body.
    Hashed {
        hash: Option<Sha256>,
        stated: [u8; 32],
    },
    Unsigned,
    Streamed(Box<StreamedBody>),
}

/// Shows that the whole body arrived as it was signed. Only [`BodyVerifier::finish`] returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete {
    trailers: HeaderMap,
}

impl Complete {
    /// The verified trailers of a stream: all of them if they are signed; for
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER` the checksums, which match the content.
    ///
    /// They are not headers of the request: keep the two apart.
    pub fn trailers(&self) -> &HeaderMap {
        &self.trailers
    }
}

impl BodyVerifier {
    pub(super) fn new(
        payload: PayloadHash,
        known: &Credentials,
        claim: &Claim,
    ) -> Result<Self, VerifyError> {
        Ok(Self(match payload {
            PayloadHash::Sha256(stated) => State::Hashed { hash: None, stated },
            PayloadHash::Unsigned => State::Unsigned,
            stream => State::Streamed(Box::new(StreamedBody::new(stream, known, claim)?)),
        }))
    }

    /// Takes the next bytes of the body, as they arrived.
    ///
    /// # Errors
    /// A [`VerifyError`] as soon as the bytes cannot be the signed ones.
    pub fn update(&mut self, frame: &Bytes) -> Result<(), VerifyError> {
        match &mut self.0 {
            State::Hashed { hash, .. } => hash.get_or_insert_default().update(frame),
            State::Unsigned => {}
            State::Streamed(body) => body.update(frame)?,
        }
        Ok(())
    }

    /// Returns the next piece of a stream's content. In a signed stream it is verified.
    ///
    /// Call it after each [`BodyVerifier::update`] until it returns `None`; otherwise content piles
    /// up.
    pub fn content(&mut self) -> Option<Bytes> {
        match &mut self.0 {
            State::Streamed(body) => body.content(),
            State::Hashed { .. } | State::Unsigned => None,
        }
    }

    /// Ends the body and checks that it was complete and unchanged.
    ///
    /// # Errors
    /// A [`VerifyError`] if it was not. No part of the body may then be used.
    pub fn finish(self) -> Result<Complete, VerifyError> {
        match self.0 {
            State::Hashed { hash, stated } => {
                let arrived = hash
                    .map_or(PayloadHash::EMPTY, |hash| PayloadHash::Sha256(hash.finalize().into()));
                if arrived == PayloadHash::Sha256(stated) {
                    Ok(Complete { trailers: HeaderMap::new() })
                } else {
                    Err(VerifyError::PayloadMismatch)
                }
            }
            State::Unsigned => Ok(Complete { trailers: HeaderMap::new() }),
            State::Streamed(body) => Ok(Complete { trailers: body.finish()? }),
        }
    }
}

impl fmt::Debug for BodyVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = match self.0 {
            State::Hashed { .. } => BodyRule::Hashed,
            State::Unsigned => BodyRule::Unsigned,
            State::Streamed(_) => BodyRule::Streamed,
        };
        f.debug_tuple("BodyVerifier").field(&rule).finish()
    }
}
