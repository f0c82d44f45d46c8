//! The body of a verified request: each byte proven before it is believed, the whole at the end.

use core::fmt;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::claim::Claim;
use super::error::VerifyError;
use crate::payload::PayloadHash;
use crate::signing_key::SigningKey;

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
    /// The body comes in chunks: [`BodyVerifier::content`] gives what is proven so far.
    Streamed,
}

/// Reads a body to its end and proves that it is what was signed.
///
/// Hand it every frame as it arrives; what is left of it at the end is [`BodyVerifier::finish`].
/// After an error every later call fails too.
#[must_use = "the body is not verified before finish()"]
pub struct BodyVerifier(State);

enum State {
    Hashed { hash: Sha256, stated: [u8; 32] },
    Unsigned,
}

/// The whole body arrived as it was signed. Only [`BodyVerifier::finish`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Complete {}

impl BodyVerifier {
    pub(super) fn new(
        payload: PayloadHash,
        _key: SigningKey,
        _claim: &Claim,
    ) -> Result<Self, VerifyError> {
        match payload {
            PayloadHash::Sha256(stated) => Ok(Self(State::Hashed { hash: Sha256::new(), stated })),
            PayloadHash::Unsigned => Ok(Self(State::Unsigned)),
            _ => Err(VerifyError::UnsupportedStream),
        }
    }

    /// Takes the next bytes of the body, as they arrived.
    ///
    /// # Errors
    /// A [`VerifyError`] as soon as the bytes cannot be those that were signed.
    pub fn update(&mut self, frame: &Bytes) -> Result<(), VerifyError> {
        match &mut self.0 {
            State::Hashed { hash, .. } => hash.update(frame),
            State::Unsigned => {}
        }
        Ok(())
    }

    /// Says that the body has ended, and learns whether it was whole and unchanged.
    ///
    /// # Errors
    /// A [`VerifyError`] where it was not: nothing of the body may be used.
    pub fn finish(self) -> Result<Complete, VerifyError> {
        match self.0 {
            State::Hashed { hash, stated } => {
                let same = hash.finalize() == stated;
                if same { Ok(Complete {}) } else { Err(VerifyError::PayloadMismatch) }
            }
            State::Unsigned => Ok(Complete {}),
        }
    }
}

impl fmt::Debug for BodyVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = match self.0 {
            State::Hashed { .. } => BodyRule::Hashed,
            State::Unsigned => BodyRule::Unsigned,
        };
        f.debug_tuple("BodyVerifier").field(&rule).finish()
    }
}
