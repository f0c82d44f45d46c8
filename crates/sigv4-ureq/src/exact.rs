//! A reader held to the length that was declared for it.
//!
//! ureq would wait for ever for a body that ends early, and cut one that goes on.

use core::fmt;
use std::error::Error;
use std::io::{self, Read};

/// A body that is not as long as it was declared to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrongLength {
    Shorter,
    Longer,
}

/// Reads exactly so many bytes, or fails before the last of them is given out.
pub(crate) struct Exact<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Exact<R> {
    pub(crate) fn new(inner: R, length: u64) -> Self {
        Self { inner, left: length }
    }
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(out.len(), |left| left.min(out.len()));
        let Some(out) = out.get_mut(..most).filter(|out| !out.is_empty()) else { return Ok(0) };
        let read = self.inner.read(out)?;
        if read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, WrongLength::Shorter));
        }
        self.left = self.left.saturating_sub(read as u64);
        if self.left == 0 && self.inner.read(&mut [0])? > 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, WrongLength::Longer));
        }
        Ok(read)
    }
}

impl fmt::Display for WrongLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shorter => "the body is shorter than the length that was declared for it",
            Self::Longer => "the body is longer than the length that was declared for it",
        })
    }
}

impl Error for WrongLength {}

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
        assert_eq!(read(b"hell", 5).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
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
