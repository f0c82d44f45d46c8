//! A body that is held until it is verified.

use core::fmt;
use std::collections::VecDeque;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::error::VerifyError;
use crate::payload::PayloadHash;
use crate::segments::Segments;

/// Holds a body, up to a limit, until it is verified: see [`BodyRule::Hashed`] and
/// [`BodyRule::HashFirst`].
///
/// Memory grows with the bytes received, however small the frames are.
///
/// ```
/// use sigv4_core::verify::BodyBuffer;
///
/// let mut buffer = BodyBuffer::new(1024);
/// buffer.push(b"hel")?;
/// buffer.push(b"lo")?;
/// assert_eq!(buffer.into_pieces().flatten().collect::<Vec<u8>>(), b"hello");
/// # Ok::<(), sigv4_core::verify::VerifyError>(())
/// ```
///
/// [`BodyRule::Hashed`]: super::BodyRule::Hashed
/// [`BodyRule::HashFirst`]: super::BodyRule::HashFirst
pub struct BodyBuffer {
    limit: usize,
    held: Held,
}

enum Held {
    Bytes(Segments),
    /// Only the count and the hash.
    Hash {
        len: usize,
        hash: Sha256,
    },
}

impl BodyBuffer {
    /// Creates a buffer for at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, held: Held::Bytes(Segments::default()) }
    }

    /// Takes a body of at most `limit` bytes and keeps only its hash. For a request that will be
    /// refused in any case, because its key is unknown.
    pub fn hash_only(limit: usize) -> Self {
        Self { limit, held: Held::Hash { len: 0, hash: Sha256::new() } }
    }

    /// The number of bytes taken.
    pub fn len(&self) -> usize {
        match &self.held {
            Held::Bytes(bytes) => bytes.len(),
            Held::Hash { len, .. } => *len,
        }
    }

    /// Whether no byte has been taken.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the next bytes of the body.
    ///
    /// # Errors
    /// [`VerifyError::BodyTooLarge`] if they exceed the limit.
    pub fn push(&mut self, frame: &[u8]) -> Result<(), VerifyError> {
        if frame.len() > self.limit - self.len() {
            return Err(VerifyError::BodyTooLarge { limit: self.limit as u64 });
        }
        match &mut self.held {
            Held::Bytes(bytes) => bytes.push(frame),
            Held::Hash { len, hash } => {
                *len += frame.len();
                hash.update(frame);
            }
        }
        Ok(())
    }

    /// The hash of the bytes taken, for [`Claim::verify_hashed`](super::Claim::verify_hashed).
    pub fn payload_hash(&self) -> PayloadHash {
        let hash = match &self.held {
            Held::Bytes(bytes) => bytes.iter().fold(Sha256::new(), Sha256::chain_update),
            Held::Hash { hash, .. } => hash.clone(),
        };
        PayloadHash::Sha256(hash.finalize().into())
    }

    /// Returns the kept bytes in order, in pieces of at most 64 KiB.
    pub fn into_pieces(self) -> impl ExactSizeIterator<Item = Bytes> {
        let pieces = match self.held {
            Held::Bytes(mut bytes) => bytes.take(),
            Held::Hash { .. } => VecDeque::new(),
        };
        pieces.into_iter()
    }
}

impl fmt::Debug for BodyBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, len) = (self.limit, self.len());
        f.debug_struct("BodyBuffer").field("limit", &limit).field("len", &len).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_that_is_not_kept_has_the_same_limit_and_the_same_hash() {
        let mut buffer = BodyBuffer::hash_only(5);
        assert!(buffer.is_empty());
        buffer.push(b"hel").unwrap();
        assert!(!buffer.is_empty());
        assert_eq!(buffer.push(b"lo!"), Err(VerifyError::BodyTooLarge { limit: 5 }));
        buffer.push(b"lo").unwrap();
        assert_eq!((buffer.len(), buffer.payload_hash()), (5, PayloadHash::of(b"hello")));
        assert_eq!(buffer.into_pieces().len(), 0);
    }

    #[test]
    fn body_is_held_to_the_last_byte_of_the_limit_and_hashed() {
        let mut buffer = BodyBuffer::new(5);
        buffer.push(b"hel").unwrap();
        assert_eq!(buffer.push(b"lo!"), Err(VerifyError::BodyTooLarge { limit: 5 }));
        buffer.push(b"lo").unwrap();
        assert_eq!(buffer.push(b"!"), Err(VerifyError::BodyTooLarge { limit: 5 }));
        assert_eq!(format!("{buffer:?}"), "BodyBuffer { limit: 5, len: 5 }");
        assert_eq!(buffer.payload_hash(), PayloadHash::of(b"hello"));
        assert_eq!(buffer.into_pieces().collect::<Vec<_>>(), ["hello"]);
    }
}
