//! A reader that must have its declared length.
//!
//! HTTP/1 would cut off a longer body at the declared length and call it a success.

use std::io::{self, Read};

use crate::client::stream_payload::UnsignableBody;

/// Reads exactly the declared number of bytes, or fails before the last of them is given out.
#[derive(Debug)]
pub struct ExactReader<R> {
    inner: R,
    declared: u64,
    left: u64,
}

impl<R: Read> ExactReader<R> {
    /// Requires `inner` to have exactly `length` bytes.
    ///
    /// # Errors
    /// The reader's own error, or [`UnsignableBody::WrongLength`] as an [`io::Error`] if `length`
    /// is 0 and the reader is not empty. The latter is checked here because no client reads a body
    /// that is declared empty.
    pub fn new(mut inner: R, length: u64) -> io::Result<Self> {
        if length == 0 && inner.read(&mut [0])? > 0 {
            return Err(wrong_length(length));
        }
        Ok(Self { inner, declared: length, left: length })
    }
}

fn wrong_length(declared: u64) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, UnsignableBody::WrongLength { declared })
}

impl<R: Read> Read for ExactReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(out.len(), |left| left.min(out.len()));
        let Some(out) = out.get_mut(..most).filter(|out| !out.is_empty()) else { return Ok(0) };
        let read = self.inner.read(out)?;
        if read == 0 {
            return Err(wrong_length(self.declared));
        }
        self.left = self.left.saturating_sub(read as u64);
        // The bytes that complete the body are given out only if no more follow.
        if self.left == 0 && self.inner.read(&mut [0])? > 0 {
            return Err(wrong_length(self.declared));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], length: u64) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        ExactReader::new(bytes, length)?.read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn body_of_another_length_is_an_error() {
        assert_eq!(read(b"hello", 5).unwrap(), b"hello");
        assert_eq!(read(b"", 0).unwrap(), b"");
        for (bytes, length) in [(&b"hell"[..], 5), (b"hello!", 5), (b"h", 0)] {
            assert_eq!(read(bytes, length).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn longer_body_fails_before_its_last_byte_is_given_out() {
        let mut exact = ExactReader::new(&b"hello!"[..], 5).unwrap();
        let mut out = [0; 5];
        assert_eq!(exact.read(&mut out[..4]).unwrap(), 4);
        assert!(exact.read(&mut out[4..]).is_err());
    }
}
