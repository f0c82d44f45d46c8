//! The last line of the canonical request: the body's hash, or a fixed text in its place.

use core::fmt;
use core::str::FromStr;

use sha2::{Digest, Sha256};

use crate::algorithm::Algorithm;
use crate::error::SignError;
use crate::head::Noted;
#[cfg(feature = "stream")]
use crate::service::UnsignedPayload;
use crate::service::{PayloadHeader, Rules};
use crate::text::hex::{from_hex, hex_of};

/// How a signature covers the body.
///
/// Source of the values and their meaning: Amazon S3 API Reference, "Authenticating Requests: Using
/// the Authorization Header", `x-amz-content-sha256`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadHash {
    /// The body's SHA-256: 32 bytes, written as lower-case hex.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`: the body is not covered. S3 accepts it; most other services do not.
    Unsigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: each chunk of the body is signed.
    StreamingSigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: each chunk and the trailers after them are
    /// signed.
    StreamingSignedTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: unsigned chunks, followed by a checksum.
    StreamingUnsignedTrailer,
    /// `STREAMING-AWS4-HMAC-SHA256-EVENTS`: each event of a stream is signed.
    StreamingEvents,
    /// `STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD`: each chunk of the body is signed by SigV4a.
    #[cfg(feature = "sigv4a")]
    StreamingEcdsa,
    /// `STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER`: so are the trailers after the chunks.
    #[cfg(feature = "sigv4a")]
    StreamingEcdsaTrailer,
}

const EMPTY_HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The values that are not hashes, with their texts.
const SENTINELS: &[(PayloadHash, &str)] = &[
    (PayloadHash::Unsigned, "UNSIGNED-PAYLOAD"),
    (PayloadHash::StreamingSigned, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
    (PayloadHash::StreamingSignedTrailer, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
    (PayloadHash::StreamingUnsignedTrailer, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    (PayloadHash::StreamingEvents, "STREAMING-AWS4-HMAC-SHA256-EVENTS"),
    #[cfg(feature = "sigv4a")]
    (PayloadHash::StreamingEcdsa, "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"),
    #[cfg(feature = "sigv4a")]
    (PayloadHash::StreamingEcdsaTrailer, "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"),
];

impl PayloadHash {
    /// The hash of an empty body.
    pub const EMPTY: Self = Self::Sha256([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// Hashes a body.
    pub fn of(body: &[u8]) -> Self {
        if body.is_empty() { Self::EMPTY } else { Self::Sha256(Sha256::digest(body).into()) }
    }

    /// The text that the canonical request and `x-amz-content-sha256` hold.
    pub(crate) fn line(&self) -> PayloadLine {
        match *self {
            // Most requests have no body.
            Self::EMPTY => PayloadLine::Constant(EMPTY_HEX),
            Self::Sha256(hash) => PayloadLine::Hex(hex_of(&hash)),
            other => PayloadLine::Constant(
                SENTINELS.iter().find(|(hash, _)| *hash == other).map_or("", |(_, text)| text),
            ),
        }
    }

    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let sentinel = || SENTINELS.iter().find(|(_, known)| known.as_bytes() == text);
        from_hex(text).map(Self::Sha256).or_else(|| sentinel().map(|(hash, _)| *hash))
    }

    /// The payload to sign: the one given, or the one that the caller's header names.
    ///
    /// If the request was signed before, the header came from that signature and is ignored.
    #[inline]
    pub(crate) fn settle(self, noted: &Noted<'_>) -> Result<Self, SignError> {
        let Some(value) = noted.content_sha256.first else {
            return Ok(self);
        };
        if noted.is_signed {
            return Ok(self);
        }
        if noted.content_sha256.is_doubled {
            return Err(SignError::InvalidPayloadHeader);
        }
        let asked = Self::read(value.as_bytes()).ok_or(SignError::InvalidPayloadHeader)?;
        match (self, asked) {
            (given, asked) if given == asked => Ok(asked),
            // "Unsigned" on either side cannot contradict the other side.
            (Self::Unsigned, _) | (Self::Sha256(_), Self::Unsigned) => Ok(asked),
            _ => Err(SignError::PayloadMismatch),
        }
    }

    /// Replaces a body's hash by `Unsigned` for a service that accepts no hash.
    #[cfg(feature = "stream")]
    pub(crate) fn as_taken_by(self, rules: &Rules) -> Self {
        match (self, rules.unsigned_payload) {
            (Self::Sha256(_), UnsignedPayload::Required) => Self::Unsigned,
            _ => self,
        }
    }

    /// Whether a signed request carries this in a header: if the service or the caller asks for it,
    /// or if the service could not derive it from the body.
    pub(crate) fn needs_header(&self, noted: &Noted<'_>, rules: &Rules) -> bool {
        rules.payload_header == PayloadHeader::Always
            || !matches!(self, Self::Sha256(_))
            || noted.content_sha256.first.is_some()
    }

    /// Whether every part of the stream, if it is one, is signed by `algorithm`.
    pub(crate) const fn fits(self, algorithm: Algorithm) -> bool {
        match (self, algorithm) {
            (Self::Sha256(_) | Self::Unsigned | Self::StreamingUnsignedTrailer, _) => true,
            (
                Self::StreamingSigned | Self::StreamingSignedTrailer | Self::StreamingEvents,
                algorithm,
            ) => matches!(algorithm, Algorithm::Hmac),
            #[cfg(feature = "sigv4a")]
            (Self::StreamingEcdsa | Self::StreamingEcdsaTrailer, algorithm) => {
                matches!(algorithm, Algorithm::Ecdsa)
            }
        }
    }

    /// A stream must be signed by the algorithm that signs the request.
    #[cfg_attr(not(feature = "sigv4a"), expect(clippy::unnecessary_wraps))]
    pub(crate) fn check(self, algorithm: Algorithm) -> Result<(), SignError> {
        #[cfg(feature = "sigv4a")]
        if !self.fits(algorithm) {
            return Err(SignError::StreamOfOtherAlgorithm { payload: self });
        }
        debug_assert!(self.fits(algorithm), "without the feature there is one algorithm");
        Ok(())
    }

    /// Chunks signed by `algorithm`, without trailers.
    #[cfg(feature = "stream")]
    pub(crate) const fn chunks(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Hmac => Self::StreamingSigned,
            #[cfg(feature = "sigv4a")]
            Algorithm::Ecdsa => Self::StreamingEcdsa,
        }
    }

    /// Chunks signed by `algorithm`, with signed trailers.
    #[cfg(feature = "stream")]
    pub(crate) const fn chunks_and_trailers(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Hmac => Self::StreamingSignedTrailer,
            #[cfg(feature = "sigv4a")]
            Algorithm::Ecdsa => Self::StreamingEcdsaTrailer,
        }
    }

    /// Whether the body is sent in signed chunks.
    #[cfg(feature = "stream")]
    pub(crate) const fn is_signed_chunks(self) -> bool {
        match self {
            Self::StreamingSigned | Self::StreamingSignedTrailer => true,
            #[cfg(feature = "sigv4a")]
            Self::StreamingEcdsa | Self::StreamingEcdsaTrailer => true,
            _ => false,
        }
    }

    /// Whether signed trailers follow the signed chunks.
    #[cfg(feature = "stream")]
    pub(crate) const fn has_signed_trailers(self) -> bool {
        match self {
            Self::StreamingSignedTrailer => true,
            #[cfg(feature = "sigv4a")]
            Self::StreamingEcdsaTrailer => true,
            _ => false,
        }
    }

    /// Whether the body is sent in chunks, signed or unsigned.
    pub fn is_stream(&self) -> bool {
        !matches!(self, Self::Sha256(_) | Self::Unsigned)
    }
}

/// A payload's text, stored without allocation.
pub(crate) enum PayloadLine {
    Hex([u8; 64]),
    Constant(&'static str),
}

impl PayloadLine {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Hex(digits) => digits,
            Self::Constant(text) => text.as_bytes(),
        }
    }
}

impl FromStr for PayloadHash {
    type Err = SignError;

    /// Reads a value of `x-amz-content-sha256`: 64 lower-case hex digits or one of the fixed
    /// values.
    fn from_str(text: &str) -> Result<Self, SignError> {
        Self::read(text.as_bytes()).ok_or(SignError::InvalidPayloadHeader)
    }
}

impl fmt::Display for PayloadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(self.line().as_bytes()).unwrap_or_default())
    }
}

impl fmt::Debug for PayloadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PayloadHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::head::Single;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /// Settles `given` on a request with this `x-amz-content-sha256`.
    fn settle(given: PayloadHash, value: &'static str) -> Result<PayloadHash, SignError> {
        let value = HeaderValue::from_static(value);
        let mut content_sha256 = Single::default();
        content_sha256.note(&value);
        given.settle(&Noted { content_sha256, ..Noted::default() })
    }

    #[test]
    fn every_value_is_read_as_it_is_written() {
        for (hash, text) in SENTINELS {
            assert_eq!(hash.to_string(), *text);
            assert_eq!(text.parse(), Ok(*hash));
        }
        assert_eq!(PayloadHash::of(b"abc").to_string(), ABC);
        assert_eq!(ABC.parse(), Ok(PayloadHash::of(b"abc")));
        assert_eq!(PayloadHash::Sha256(Sha256::digest(b"").into()), PayloadHash::EMPTY);
        assert_eq!(EMPTY_HEX.as_bytes(), hex_of(&Sha256::digest(b"").into()));
    }

    #[test]
    fn header_of_the_caller_is_honoured_where_it_does_not_contradict() {
        let given = PayloadHash::of(b"abc");
        assert_eq!(given.settle(&Noted::default()), Ok(given));
        assert_eq!(settle(given, ABC), Ok(given));
        assert_eq!(settle(given, "UNSIGNED-PAYLOAD"), Ok(PayloadHash::Unsigned));
        assert_eq!(settle(PayloadHash::Unsigned, ABC), Ok(given));
        assert_eq!(settle(PayloadHash::EMPTY, ABC), Err(SignError::PayloadMismatch));
        let streaming = settle(given, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        assert_eq!(streaming, Err(SignError::PayloadMismatch));
    }

    #[test]
    fn header_that_is_neither_a_hash_nor_a_sentinel_is_an_error() {
        for value in ["", "required", "unsigned-payload", "BA7816BF", "UNSIGNED-PAYLOAD "] {
            let settled = settle(PayloadHash::EMPTY, value);
            assert_eq!(settled, Err(SignError::InvalidPayloadHeader), "{value}");
        }
    }

    #[test]
    fn header_of_an_earlier_signature_is_replaced() {
        let value = HeaderValue::from_static(ABC);
        let mut content_sha256 = Single::default();
        content_sha256.note(&value);
        let noted = Noted { content_sha256, is_signed: true, ..Noted::default() };
        assert_eq!(PayloadHash::EMPTY.settle(&noted), Ok(PayloadHash::EMPTY));
    }
}
