//! The body of a verified request: each byte proven before it is believed, the whole at the end.

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
    /// The signature covers the body's hash: believe no byte before [`BodyVerifier::finish`].
    Hashed,
    /// The hash is signed but not stated: read the whole body, then [`Claim::verify_hashed`].
    HashFirst,
    /// The signature says nothing of the body: whoever was on the way may have changed it.
    Unsigned,
    /// The body comes in chunks: [`BodyVerifier::content`] gives what was in them.
    Streamed,
    /// The body is a stream of signed events: `Claim::verify_events` (feature `event-stream`).
    Events,
}

/// Reads a body to its end and proves that it is what was signed.
///
/// Hand it every frame as it arrives, then call [`BodyVerifier::finish`]. Where the rule is
/// [`BodyRule::Streamed`], the frames hold chunks and signatures, and [`BodyVerifier::content`]
/// gives the body; elsewhere the frames are the body. After an error every later call fails too.
///
/// `STREAMING-UNSIGNED-PAYLOAD-TRAILER` has no chunk signatures: its content is given out as it
/// comes, and only the end tells by the checksum whether it was whole.
#[must_use = "the body is not verified before finish()"]
pub struct BodyVerifier(State);

enum State {
    /// There is no hasher before there are bytes: most requests have none.
    Hashed {
        hash: Option<Sha256>,
        stated: [u8; 32],
    },
    Unsigned,
    Streamed(Box<StreamedBody>),
}

/// The whole body arrived as it was signed. Only [`BodyVerifier::finish`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete {
    trailers: HeaderMap,
}

impl Complete {
    /// The proven trailers of a stream: all that are signed; of
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER` the checksums, which the content has confirmed.
    ///
    /// They are not headers of the request: do not mix them.
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
    /// A [`VerifyError`] as soon as the bytes cannot be those that were signed.
    pub fn update(&mut self, frame: &Bytes) -> Result<(), VerifyError> {
        match &mut self.0 {
            State::Hashed { hash, .. } => hash.get_or_insert_default().update(frame),
            State::Unsigned => {}
            State::Streamed(body) => body.update(frame)?,
        }
        Ok(())
    }

    /// The next piece of a stream's content: in a signed stream, one that is proven.
    ///
    /// Take all there is after each [`BodyVerifier::update`]; it would pile up otherwise.
    pub fn content(&mut self) -> Option<Bytes> {
        match &mut self.0 {
            State::Streamed(body) => body.content(),
            State::Hashed { .. } | State::Unsigned => None,
        }
    }

    /// Says that the body has ended, and learns whether it was whole and unchanged.
    ///
    /// # Errors
    /// A [`VerifyError`] where it was not: nothing of the body may be used.
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
