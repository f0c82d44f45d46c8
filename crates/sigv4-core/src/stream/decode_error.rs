//! Why a streamed body was refused.

use core::fmt;

/// Why a body in `aws-chunked` framing was refused. The decoder returns no more content after it.
///
/// The text is for a server's log. A client gets the same refusal for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// No `x-amz-decoded-content-length`, more than one, or not a number of bytes.
    InvalidDecodedLength,
    /// `x-amz-trailer` has an invalid field name or one name twice, or the payload type allows no
    /// trailers.
    InvalidTrailerDeclaration,
    /// The payload type requires trailers, but `x-amz-trailer` declares none.
    MissingTrailerDeclaration,
    /// An unsigned stream declares no checksum, so that nothing could show it complete.
    MissingChecksum,
    /// A checksum algorithm that this build does not compute: its cargo feature is off, or it is
    /// not among [`Checksum`](super::Checksum).
    UnsupportedChecksum,
    /// A chunk header longer than 1 KiB.
    ChunkHeaderTooLong,
    /// A chunk header that is not `size;chunk-signature=hex` (unsigned: `size`), or not ended by
    /// CRLF.
    InvalidChunkHeader,
    /// The chunks are unsigned but must be signed.
    MissingChunkSignature,
    /// A signed chunk larger than the decoder allows.
    ChunkTooLarge {
        /// The bound, in bytes.
        limit: u64,
    },
    /// A chunk was changed, moved, dropped, repeated or taken from another stream.
    ChunkSignatureMismatch,
    /// A chunk's bytes are not followed by CRLF.
    MissingChunkEnd,
    /// The chunks hold more than `x-amz-decoded-content-length` says.
    TooLong,
    /// The chunks hold less than `x-amz-decoded-content-length` says.
    TooShort,
    /// Trailers over 16 KiB, or over 100 fields.
    TrailersTooLarge,
    /// A trailer is not `name:value` ended by CRLF, or follows the trailers' signature.
    InvalidTrailer,
    /// A trailer that `x-amz-trailer` does not name.
    UndeclaredTrailer,
    /// A trailer that came twice.
    DuplicateTrailer,
    /// A trailer that `x-amz-trailer` names is missing.
    MissingTrailer,
    /// The trailers are unsigned but must be signed.
    MissingTrailerSignature,
    /// The trailers' signature does not match.
    TrailerSignatureMismatch,
    /// A checksum trailer does not match the bytes received.
    ChecksumMismatch,
    /// The body ended before the stream did.
    Truncated,
    /// There are bytes after the end of the stream.
    DataAfterEnd,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChunkTooLarge { limit } => {
                return write!(
                    f,
                    "a signed chunk is larger than the {limit} bytes that are allowed"
                );
            }
            Self::InvalidDecodedLength => {
                "x-amz-decoded-content-length is missing, repeated or not a number of bytes"
            }
            Self::InvalidTrailerDeclaration => {
                "x-amz-trailer does not list distinct field names, or the payload type has no \
                 trailers"
            }
            Self::MissingTrailerDeclaration => {
                "the payload type promises trailers but x-amz-trailer declares none"
            }
            Self::MissingChecksum => "x-amz-trailer declares no checksum for an unsigned stream",
            Self::UnsupportedChecksum => {
                "x-amz-trailer declares a checksum that this build does not compute: the features \
                 crc32, crc32c, crc64nvme and sha1 of sigv4-core add theirs"
            }
            Self::ChunkHeaderTooLong => "a chunk header is longer than 1 KiB",
            Self::InvalidChunkHeader => "a chunk header is malformed",
            Self::MissingChunkSignature => "a chunk has no signature",
            Self::ChunkSignatureMismatch => "a chunk does not match its signature",
            Self::MissingChunkEnd => "a chunk is not followed by CRLF",
            Self::TooLong => "the body is longer than x-amz-decoded-content-length",
            Self::TooShort => "the body is shorter than x-amz-decoded-content-length",
            Self::TrailersTooLarge => "the trailers are over 16 KiB or 100 fields",
            Self::InvalidTrailer => "a trailer is malformed",
            Self::UndeclaredTrailer => "a trailer is not declared by x-amz-trailer",
            Self::DuplicateTrailer => "a trailer came twice",
            Self::MissingTrailer => "a trailer declared by x-amz-trailer did not come",
            Self::MissingTrailerSignature => "the trailers are not signed",
            Self::TrailerSignatureMismatch => "the trailers do not match their signature",
            Self::ChecksumMismatch => "a checksum trailer does not match the body",
            Self::Truncated => "the body ended before its final chunk",
            Self::DataAfterEnd => "bytes follow the end of the stream",
        })
    }
}

impl core::error::Error for DecodeError {}
