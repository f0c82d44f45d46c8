//! A reader held to the length that was declared for it.
//!
//! ureq would wait for ever for a body that ends early, and cut one that goes on.

use std::io::{self, Read};

use sigv4_core::client::UnsignableBody;

/// Reads exactly so many bytes, or fails before the last of them is given out.
pub(crate) struct Exact<R> {
    inner: R,
    declared: u64,
    left: u64,
}

impl<R: Read> Exact<R> {
    pub(crate) fn new(inner: R, length: u64) -> Self {
        Self { inner, declared: length, left: length }
    }

    fn wrong_length(&self) -> io::Error {
        let declared = self.declared;
        io::Error::new(io::ErrorKind::InvalidData, UnsignableBody::WrongLength { declared })
    }
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(out.len(), |left| left.min(out.len()));
        let Some(out) = out.get_mut(..most).filter(|out| !out.is_empty()) else { return Ok(0) };
        let read = self.inner.read(out)?;
        if read == 0 {
            return Err(self.wrong_length());
        }
        self.left = self.left.saturating_sub(read as u64);
        if self.left == 0 && self.inner.read(&mut [0])? > 0 {
            return Err(self.wrong_length());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], length: u64) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Exact::new(bytes, length).read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn body_of_another_length_is_an_error() {
        assert_eq!(read(b"hello", 5).unwrap(), b"hello");
        assert_eq!(read(b"", 0).unwrap(), b"");
        assert_eq!(read(b"hell", 5).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(read(b"hello!", 5).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn longer_body_fails_before_its_last_byte_is_given_out() {
        let mut exact = Exact::new(&b"hello!"[..], 5);
        let mut out = [0; 5];
        assert_eq!(exact.read(&mut out[..4]).unwrap(), 4);
        assert!(exact.read(&mut out[4..]).is_err());
    }
}
