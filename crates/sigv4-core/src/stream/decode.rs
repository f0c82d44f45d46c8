//! Reading a body in `aws-chunked` framing: verified bytes out, or a refusal.

use core::fmt;
use std::collections::VecDeque;

use bytes::Bytes;
use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::fields::{X_AMZ_DECODED_CONTENT_LENGTH, X_AMZ_TRAILER};
use crate::segments::Segments;
use crate::sign::signature::Signature;
use crate::stream::chunk_signer::{ChunkSigner, NOTHING};
use crate::stream::decode_error::DecodeError;
use crate::stream::line::{BadLine, Ending, PartialLine};
use crate::stream::trailers::Trailers;

/// The longest chunk header, CRLF included.
const MAX_CHUNK_HEADER: usize = 1024;

/// The longest trailer section.
const MAX_TRAILERS: usize = 16 * 1024;

/// The default bound on a signed chunk.
const MAX_CHUNK: u64 = 16 * 1024 * 1024;

/// The text between a chunk's size and its signature.
pub(super) const CHUNK_SIGNATURE: &[u8] = b";chunk-signature=";

/// How the chunks of a body are signed, as the request's `x-amz-content-sha256` says.
#[derive(Clone, Debug)]
pub enum Framing {
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: every chunk.
    Signed(ChunkSigner),
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: every chunk, and the trailers.
    SignedTrailer(ChunkSigner),
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: nothing; a checksum trailer covers the bytes.
    UnsignedTrailer,
}

/// Decodes a body in `aws-chunked` framing, fed with slices of any length.
///
/// In a signed stream no byte of a chunk comes out before its signature is verified. In an unsigned
/// stream there is nothing to verify until the end: bytes come out as they arrive, and only
/// [`Decoder::finish`] checks, by the checksum, that they are the ones that were sent.
///
/// Memory grows with the bytes received, up to one chunk. The outcome does not depend on how the
/// body is split. After an error every call gives that error.
///
/// ```
/// use http::HeaderMap;
/// use sigv4_core::stream::{Decoder, Framing};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-amz-decoded-content-length", "5".parse()?);
/// headers.insert("x-amz-trailer", "x-amz-checksum-sha256".parse()?);
/// let mut decoder = Decoder::new(Framing::UnsignedTrailer, &headers)?;
///
/// let mut input: &[u8] = b"5\r\nhello\r\n0\r\n\
///     x-amz-checksum-sha256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\r\n\r\n";
/// let mut plain = Vec::new();
/// while let Some(bytes) = decoder.decode(&mut input)? {
///     plain.extend_from_slice(&bytes);
/// }
/// decoder.finish()?;
/// assert_eq!(plain, b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Decoder {
    framing: Framing,
    state: State,
    /// Bytes that must still arrive before the final chunk.
    missing: u64,
    max_chunk: u64,
    line: PartialLine,
    /// The current chunk.
    chunk: Segments,
    /// Verified bytes that have not been returned yet.
    ready: VecDeque<Bytes>,
    hash: Sha256,
    trailers: Trailers,
    trailer_room: usize,
}

#[derive(Clone, Copy)]
enum State {
    ChunkHeader,
    Data { left: u64, claimed: Option<Signature> },
    DataEnd,
    Trailers(TrailerLine),
    End,
    Failed(DecodeError),
}

/// The kind of the next trailer line.
#[derive(Clone, Copy)]
enum TrailerLine {
    /// A trailer, their signature, or the empty line that ends them.
    Any,
    /// The CRLF after a trailer that ended in a line feed alone.
    LineEnd,
    /// The trailers' signature.
    Signature,
}

impl Decoder {
    /// Creates a decoder for the body of a request with these headers, which the caller has
    /// verified.
    ///
    /// Reads `x-amz-decoded-content-length` and `x-amz-trailer`.
    ///
    /// # Errors
    /// A [`DecodeError`] if no body can be valid with these headers.
    pub fn new(framing: Framing, headers: &HeaderMap) -> Result<Self, DecodeError> {
        let missing = decoded_length(headers)?;
        let trailers = Trailers::declared_by(headers)?;
        match framing {
            Framing::Signed(_) if headers.contains_key(X_AMZ_TRAILER) => {
                return Err(DecodeError::InvalidTrailerDeclaration);
            }
            Framing::Signed(_) => {}
            _ if !trailers.are_declared() => return Err(DecodeError::MissingTrailerDeclaration),
            Framing::UnsignedTrailer if !trailers.have_checksum() => {
                return Err(DecodeError::MissingChecksum);
            }
            _ => {}
        }
        Ok(Self {
            framing,
            state: State::ChunkHeader,
            missing,
            max_chunk: MAX_CHUNK,
            line: PartialLine::default(),
            chunk: Segments::default(),
            ready: VecDeque::new(),
            hash: Sha256::new(),
            trailers,
            trailer_room: MAX_TRAILERS,
        })
    }

    /// Sets the largest signed chunk, in bytes. The default is 16 MiB, which is enough for the
    /// chunks of AWS SDKs. A chunk is held in memory until it is verified.
    #[must_use]
    pub fn with_max_chunk(self, bytes: u64) -> Self {
        Self { max_chunk: bytes, ..self }
    }

    /// Takes bytes from `input` until a part of the body can be returned, or no input is left.
    ///
    /// Call it until it returns `None`, then again with the next input.
    ///
    /// # Errors
    /// A [`DecodeError`], which every later call returns too.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Bytes>, DecodeError> {
        let outcome = self.run(input);
        if let Err(error) = outcome {
            self.state = State::Failed(error);
            self.chunk = Segments::default();
        }
        outcome
    }

    /// Ends the body and returns its trailers, which are not headers of the request.
    ///
    /// Only this shows that the body is complete.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if the stream has not ended; or an earlier error of the stream.
    pub fn finish(self) -> Result<HeaderMap, DecodeError> {
        match self.state {
            State::End => Ok(self.trailers.into_received()),
            State::Failed(error) => Err(error),
            _ => Err(DecodeError::Truncated),
        }
    }

    fn run(&mut self, input: &mut &[u8]) -> Result<Option<Bytes>, DecodeError> {
        if let State::Failed(error) = self.state {
            return Err(error);
        }
        if let Some(bytes) = self.ready.pop_front() {
            return Ok(Some(bytes));
        }
        while !input.is_empty() {
            match self.state {
                State::ChunkHeader => self.chunk_header(input)?,
                State::Data { left, claimed } => {
                    if let Some(bytes) = self.data(input, left, claimed)? {
                        return Ok(Some(bytes));
                    }
                }
                State::DataEnd => self.data_end(input)?,
                State::Trailers(place) => self.trailer(input, place)?,
                State::End => return Err(DecodeError::DataAfterEnd),
                State::Failed(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn chunk_header(&mut self, input: &mut &[u8]) -> Result<(), DecodeError> {
        let line = self.line.take(input, MAX_CHUNK_HEADER).map_err(|bad| match bad {
            BadLine::TooLong => DecodeError::ChunkHeaderTooLong,
            BadLine::Malformed => DecodeError::InvalidChunkHeader,
        })?;
        let Some(line) = line else {
            return Ok(());
        };
        let signed = !matches!(self.framing, Framing::UnsignedTrailer);
        let (left, claimed) = if signed { signed_header(&line)? } else { (size(&line)?, None) };
        if left > self.missing {
            return Err(DecodeError::TooLong);
        }
        if signed && left > self.max_chunk {
            return Err(DecodeError::ChunkTooLarge { limit: self.max_chunk });
        }
        if left > 0 {
            self.state = State::Data { left, claimed };
            return Ok(());
        }
        self.verify_chunk(&NOTHING, claimed)?;
        if self.missing > 0 {
            return Err(DecodeError::TooShort);
        }
        self.state = State::Trailers(TrailerLine::Any);
        Ok(())
    }

    fn data(
        &mut self,
        input: &mut &[u8],
        left: u64,
        claimed: Option<Signature>,
    ) -> Result<Option<Bytes>, DecodeError> {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        let (part, rest) = input.split_at(here);
        *input = rest;
        self.missing -= part.len() as u64;
        let left = left - part.len() as u64;
        self.state = if left > 0 { State::Data { left, claimed } } else { State::DataEnd };
        if claimed.is_none() {
            self.trailers.update(part);
            return Ok(Some(Bytes::copy_from_slice(part)));
        }
        self.hash.update(part);
        self.chunk.push(part);
        if left > 0 {
            return Ok(None);
        }
        let hash = self.hash.finalize_reset().into();
        self.verify_chunk(&hash, claimed)?;
        self.ready = self.chunk.take();
        for segment in &self.ready {
            self.trailers.update(segment);
        }
        Ok(self.ready.pop_front())
    }

    /// Signs the received chunk as the sender should have, and compares.
    fn verify_chunk(
        &mut self,
        hash: &[u8; 32],
        claimed: Option<Signature>,
    ) -> Result<(), DecodeError> {
        match &mut self.framing {
            Framing::UnsignedTrailer => Ok(()),
            Framing::Signed(chain) | Framing::SignedTrailer(chain) => {
                let matches = claimed.is_some_and(|claimed| chain.verify_hash(hash, &claimed));
                if matches { Ok(()) } else { Err(DecodeError::ChunkSignatureMismatch) }
            }
        }
    }

    fn data_end(&mut self, input: &mut &[u8]) -> Result<(), DecodeError> {
        match self.line.take(input, 2) {
            Ok(None) => Ok(()),
            // A line of two bytes at most, its end included, is empty.
            Ok(Some(_)) => {
                self.state = State::ChunkHeader;
                Ok(())
            }
            _ => Err(DecodeError::MissingChunkEnd),
        }
    }

    fn trailer(&mut self, input: &mut &[u8], place: TrailerLine) -> Result<(), DecodeError> {
        let line = self.line.take_either(input, self.trailer_room).map_err(|bad| match bad {
            BadLine::TooLong => DecodeError::TrailersTooLarge,
            BadLine::Malformed => DecodeError::InvalidTrailer,
        })?;
        let Some((line, ending)) = line else {
            return Ok(());
        };
        self.trailer_room = self.trailer_room.saturating_sub(line.len() + 2);
        let next = match (place, ending) {
            (TrailerLine::Any, Ending::CrLf) if line.is_empty() => return self.trailers_end(),
            // minio-go ends the last trailer with LF and begins the signature's line with CRLF.
            (TrailerLine::Any, Ending::Lf) if matches!(self.framing, Framing::SignedTrailer(_)) => {
                TrailerLine::LineEnd
            }
            (TrailerLine::LineEnd, Ending::CrLf) if line.is_empty() => {
                self.state = State::Trailers(TrailerLine::Signature);
                return Ok(());
            }
            (TrailerLine::Any | TrailerLine::Signature, Ending::CrLf) => TrailerLine::Any,
            _ => return Err(DecodeError::InvalidTrailer),
        };
        self.trailers.take_line(&line)?;
        let is_signature = self.trailers.signature().is_some();
        match (place, next) {
            (TrailerLine::Signature, _) if !is_signature => {
                return Err(DecodeError::InvalidTrailer);
            }
            (_, TrailerLine::LineEnd) if is_signature => return Err(DecodeError::InvalidTrailer),
            _ => {}
        }
        self.state = State::Trailers(next);
        Ok(())
    }

    /// The empty line after the trailers.
    fn trailers_end(&mut self) -> Result<(), DecodeError> {
        match (&self.framing, self.trailers.signature()) {
            (Framing::SignedTrailer(_), None) => return Err(DecodeError::MissingTrailerSignature),
            (Framing::SignedTrailer(chain), Some(claimed)) => {
                if !chain.verify_trailers(self.trailers.received(), &claimed) {
                    return Err(DecodeError::TrailerSignatureMismatch);
                }
            }
            (_, Some(_)) => return Err(DecodeError::UndeclaredTrailer),
            (_, None) => {}
        }
        self.trailers.check_complete()?;
        self.state = State::End;
        Ok(())
    }

    /// The number of content bytes still to come.
    #[cfg(feature = "verify")]
    pub(crate) fn missing(&self) -> u64 {
        self.missing
    }
}

fn decoded_length(headers: &HeaderMap) -> Result<u64, DecodeError> {
    let mut values = headers.get_all(X_AMZ_DECODED_CONTENT_LENGTH).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(DecodeError::InvalidDecodedLength);
    };
    let digits = value.to_str().unwrap_or_default();
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()); // `parse` would take a sign
    let length = if plain { digits.parse().ok() } else { None };
    length.ok_or(DecodeError::InvalidDecodedLength)
}

/// `size;chunk-signature=hex`.
fn signed_header(line: &[u8]) -> Result<(u64, Option<Signature>), DecodeError> {
    let Some(at) = line.iter().position(|byte| *byte == b';') else {
        size(line)?;
        return Err(DecodeError::MissingChunkSignature);
    };
    let (digits, extension) = line.split_at(at);
    let signature = extension
        .strip_prefix(CHUNK_SIGNATURE)
        .and_then(Signature::from_chunk)
        .ok_or(DecodeError::InvalidChunkHeader)?;
    Ok((size(digits)?, Some(signature)))
}

/// One to sixteen hex digits of either case, and nothing else.
fn size(digits: &[u8]) -> Result<u64, DecodeError> {
    let hex = (1..=16).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    let text = str::from_utf8(digits).ok().filter(|_| hex);
    text.and_then(|text| u64::from_str_radix(text, 16).ok()).ok_or(DecodeError::InvalidChunkHeader)
}

#[cfg(test)]
impl Decoder {
    /// The bytes allocated for the current chunk.
    pub(super) fn held(&self) -> usize {
        self.chunk.capacity()
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("framing", &self.framing)
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}
