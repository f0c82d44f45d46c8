//! A body that is held until it is proven.

use core::fmt;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::error::VerifyError;
use crate::payload::PayloadHash;
use crate::segments::Segments;

/// Holds a body of at most so many bytes until it is proven: see [`BodyRule::Hashed`] and
/// [`BodyRule::HashFirst`].
///
/// Memory grows with what arrives, however small the frames are.
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
    held: Segments,
}

impl BodyBuffer {
    /// A buffer for at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, held: Segments::default() }
    }

    /// Takes the next bytes of the body.
    ///
    /// # Errors
    /// [`VerifyError::BodyTooLarge`] where they are more than the limit leaves.
    pub fn push(&mut self, frame: &[u8]) -> Result<(), VerifyError> {
        if frame.len() > self.limit - self.held.len() {
            return Err(VerifyError::BodyTooLarge { limit: self.limit as u64 });
        }
        self.held.push(frame);
        Ok(())
    }

    /// The hash of what was taken: what [`Claim::verify_hashed`](super::Claim::verify_hashed) asks for.
    pub fn payload_hash(&self) -> PayloadHash {
        let hash = self.held.iter().fold(Sha256::new(), Sha256::chain_update);
        PayloadHash::Sha256(hash.finalize().into())
    }

    /// What was taken, in order, in pieces of at most 64 KiB.
    pub fn into_pieces(mut self) -> impl ExactSizeIterator<Item = Bytes> {
        self.held.take().into_iter()
    }
}

impl fmt::Debug for BodyBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, held } = self;
        f.debug_struct("BodyBuffer").field("limit", limit).field("held", &held.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_is_held_to_the_last_byte_of_the_limit_and_hashed() {
        let mut buffer = BodyBuffer::new(5);
        buffer.push(b"hel").unwrap();
        assert_eq!(buffer.push(b"lo!"), Err(VerifyError::BodyTooLarge { limit: 5 }));
        buffer.push(b"lo").unwrap();
        assert_eq!(buffer.push(b"!"), Err(VerifyError::BodyTooLarge { limit: 5 }));
        assert_eq!(format!("{buffer:?}"), "BodyBuffer { limit: 5, held: 5 }");
        assert_eq!(buffer.payload_hash(), PayloadHash::of(b"hello"));
        assert_eq!(buffer.into_pieces().collect::<Vec<_>>(), ["hello"]);
    }
}
