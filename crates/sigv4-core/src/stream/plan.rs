//! The plan of an `aws-chunked` body, made before its first byte because the headers are signed.

use core::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::algorithm::Algorithm;
use crate::fields::{X_AMZ_DECODED_CONTENT_LENGTH, X_AMZ_TRAILER, X_AMZ_TRAILER_SIGNATURE};
use crate::payload::PayloadHash;
use crate::sign::signer::Signer;
use crate::stream::checksum::Checksum;
use crate::stream::decode::CHUNK_SIGNATURE;

/// S3 refuses chunks under 8 KiB, except the last one.
const MIN_CHUNK: usize = 8 * 1024;
const DEFAULT_CHUNK: usize = 64 * 1024;

/// The plan of a body in `aws-chunked` framing: length, signatures, trailers.
///
/// ```
/// use http::Request;
/// use sigv4_core::stream::{AwsChunked, Checksum};
/// use sigv4_core::{Credentials, Region, Service, Signer};
///
/// let plan = AwsChunked::signed(1 << 30).with_checksum(Checksum::Sha256);
/// let mut request = Request::put("https://bucket.s3.us-east-1.amazonaws.com/key").body(())?;
/// plan.set_headers(request.headers_mut());
///
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let time = std::time::SystemTime::now();
/// let signed = signer.compute(&request, plan.payload(), &credentials, time)?;
/// signed.apply(request.headers_mut());
/// let mut encoder = plan.encoder(signed)?; // feed it the body, send what it gives
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsChunked {
    pub(super) length: u64,
    pub(super) chunk_size: usize,
    /// How many chunks are encoded at once.
    pub(super) lanes: usize,
    pub(super) signatures: Signatures,
    algorithm: Algorithm,
    pub(super) checksum: Option<Checksum>,
    /// The caller's trailers: names, and the lengths of their values.
    pub(super) trailers: Vec<(HeaderName, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signatures {
    Chunks,
    None,
}

/// A chunk size under 8 KiB, which S3 refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkTooSmall;

impl AwsChunked {
    /// Plans a body of `length` plain bytes in signed chunks.
    ///
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`; with a checksum or a trailer, `-PAYLOAD-TRAILER`.
    pub fn signed(length: u64) -> Self {
        Self {
            length,
            chunk_size: DEFAULT_CHUNK,
            lanes: 1,
            signatures: Signatures::Chunks,
            algorithm: Algorithm::Hmac,
            checksum: None,
            trailers: Vec::new(),
        }
    }

    /// Plans a body of `length` plain bytes in unsigned chunks, followed by a checksum.
    ///
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: for HTTPS only, as nothing proves who sent the bytes.
    pub fn unsigned(length: u64, checksum: Checksum) -> Self {
        let signatures = Signatures::None;
        Self { signatures, checksum: Some(checksum), ..Self::signed(length) }
    }

    /// Adapts the plan to `signer`. For a set of regions (SigV4a), signatures are longer and
    /// [`AwsChunked::payload`] is different. For one region nothing changes.
    #[must_use]
    pub fn for_signer(self, signer: &Signer) -> Self {
        Self { algorithm: signer.regions().algorithm(), ..self }
    }

    /// Adds a checksum as a trailer, computed while the body is sent.
    #[must_use]
    pub fn with_checksum(self, checksum: Checksum) -> Self {
        Self { checksum: Some(checksum), ..self }
    }

    /// Adds a trailer of the caller, whose value will have `value_length` bytes.
    ///
    /// The value is given at the end of the body (`Encoder::finish`, or the inner body's own
    /// trailers). Its length is needed now because the encoded length is sent first.
    #[must_use]
    pub fn with_trailer(mut self, name: HeaderName, value_length: usize) -> Self {
        self.trailers.retain(|(known, _)| *known != name);
        self.trailers.push((name, value_length));
        self
    }

    /// Hashes up to `lanes` signed chunks at once, at most four. The bytes sent stay the same.
    ///
    /// The encoder then holds that many chunks and returns them together, so the first is sent later.
    /// On a processor without the instructions for it, the encoder holds one chunk as before.
    #[cfg(feature = "lanes")]
    #[must_use]
    pub fn with_lanes(self, lanes: usize) -> Self {
        Self { lanes: lanes.clamp(1, sigv4_lanes::LANES), ..self }
    }

    /// Sets the chunk size to `bytes`. The default is 64 KiB.
    ///
    /// # Errors
    /// [`ChunkTooSmall`] if it is under 8 KiB.
    pub fn with_chunk_size(self, bytes: usize) -> Result<Self, ChunkTooSmall> {
        if bytes < MIN_CHUNK { Err(ChunkTooSmall) } else { Ok(Self { chunk_size: bytes, ..self }) }
    }

    /// The payload to sign the request with.
    pub fn payload(&self) -> PayloadHash {
        match self.signatures {
            Signatures::None => PayloadHash::StreamingUnsignedTrailer,
            Signatures::Chunks if self.trailer_fields().next().is_some() => {
                PayloadHash::chunks_and_trailers(self.algorithm)
            }
            Signatures::Chunks => PayloadHash::chunks(self.algorithm),
        }
    }

    /// The plain body's length in bytes.
    pub fn decoded_length(&self) -> u64 {
        self.length
    }

    /// The exact length of the encoded body in bytes, its `content-length`.
    pub fn encoded_length(&self) -> u64 {
        let chunk_size = self.chunk_size as u64;
        let (whole, rest) = (self.length / chunk_size, self.length % chunk_size);
        let mut total = whole.saturating_mul(self.chunk_length(chunk_size));
        if rest > 0 {
            total = total.saturating_add(self.chunk_length(rest));
        }
        // The final chunk has no data line, and the trailers end in an empty line.
        total.saturating_add(self.head_length(0) + 2).saturating_add(self.trailers_length())
    }

    /// Sets `content-length`, `content-encoding`, `x-amz-decoded-content-length` and, if there
    /// are trailers, `x-amz-trailer`. Call it before signing; calling it again changes nothing.
    ///
    /// `aws-chunked` is put before a content encoding that is already there.
    pub fn set_headers(&self, headers: &mut HeaderMap) {
        headers.remove(header::TRANSFER_ENCODING); // it would contradict the length
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.encoded_length()));
        headers.insert(X_AMZ_DECODED_CONTENT_LENGTH, HeaderValue::from(self.length));
        let encoding = joined_encoding(headers);
        headers.insert(header::CONTENT_ENCODING, encoding);
        let names: Vec<_> = self.trailer_fields().map(|(name, _)| name.to_string()).collect();
        match HeaderValue::try_from(names.join(",")) {
            Ok(names) if !names.is_empty() => headers.insert(X_AMZ_TRAILER, names),
            _ => headers.remove(X_AMZ_TRAILER),
        };
    }

    /// The trailers: the checksum's, then the caller's.
    pub(super) fn trailer_fields(&self) -> impl Iterator<Item = (HeaderName, usize)> + '_ {
        let checksum = self.checksum.map(|sum| (sum.trailer(), sum.value_length()));
        let replaced = checksum.as_ref().map(|(name, _)| name.clone());
        let own = self.trailers.iter().filter(move |(name, _)| Some(name) != replaced.as_ref());
        checksum.into_iter().chain(own.cloned())
    }

    fn chunk_length(&self, size: u64) -> u64 {
        size.saturating_add(self.head_length(size) + 2)
    }

    /// `size;chunk-signature=hex` and CRLF.
    pub(super) fn head_length(&self, size: u64) -> u64 {
        let digits = u64::from(size.checked_ilog(16).unwrap_or(0)) + 1;
        let signature = match self.signatures {
            Signatures::Chunks => {
                (CHUNK_SIGNATURE.len() + self.algorithm.chunk_signature_length()) as u64
            }
            Signatures::None => 0,
        };
        digits + signature + 2
    }

    fn trailers_length(&self) -> u64 {
        let line = |name: &HeaderName, value: usize| {
            (value as u64).saturating_add(name.as_str().len() as u64 + 3) // a colon and CRLF
        };
        let signature = if self.payload().has_signed_trailers() {
            line(&X_AMZ_TRAILER_SIGNATURE, self.algorithm.chunk_signature_length())
        } else {
            0
        };
        self.trailer_fields()
            .fold(signature, |sum, (name, value)| sum.saturating_add(line(&name, value)))
    }
}

/// The content encodings of the request, with `aws-chunked` first.
fn joined_encoding(headers: &HeaderMap) -> HeaderValue {
    const AWS_CHUNKED: &[u8] = b"aws-chunked";
    let present: Vec<&[u8]> = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(AWS_CHUNKED))
        .collect();
    let all: Vec<&[u8]> = core::iter::once(AWS_CHUNKED).chain(present).collect();
    HeaderValue::from_bytes(&all.join(&b',')).unwrap_or(HeaderValue::from_static("aws-chunked")) // parts of values are a value
}

impl fmt::Display for ChunkTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a chunk must have 8192 bytes or more: S3 refuses smaller ones")
    }
}

impl core::error::Error for ChunkTooSmall {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_example_upload_has_the_published_content_length() {
        assert_eq!(AwsChunked::signed(66_560).encoded_length(), 66_824);
    }

    #[test]
    fn headers_describe_the_body_and_keep_the_callers_encoding() {
        let mut headers = HeaderMap::new();
        headers.insert("content-encoding", "gzip".parse().unwrap());
        headers.append("content-encoding", "br".parse().unwrap());
        headers.insert("transfer-encoding", "chunked".parse().unwrap());
        let plan = AwsChunked::signed(5)
            .with_checksum(Checksum::Sha256)
            .with_trailer(HeaderName::from_static("x-amz-meta-a"), 1);
        plan.set_headers(&mut headers);
        plan.set_headers(&mut headers); // a retry
        assert_eq!(headers["content-encoding"], "aws-chunked,gzip,br");
        assert_eq!(headers["x-amz-decoded-content-length"], "5");
        assert_eq!(headers["content-length"], plan.encoded_length().to_string());
        assert_eq!(headers["x-amz-trailer"], "x-amz-checksum-sha256,x-amz-meta-a");
        assert_eq!(headers.len(), 4);
        AwsChunked::signed(5).set_headers(&mut headers);
        assert!(!headers.contains_key("x-amz-trailer"));
    }

    #[test]
    fn payload_follows_from_signatures_and_trailers() {
        assert_eq!(AwsChunked::signed(1).payload(), PayloadHash::StreamingSigned);
        let trailer = AwsChunked::signed(1).with_checksum(Checksum::Sha256);
        assert_eq!(trailer.payload(), PayloadHash::StreamingSignedTrailer);
        let unsigned = AwsChunked::unsigned(1, Checksum::Sha256);
        assert_eq!(unsigned.payload(), PayloadHash::StreamingUnsignedTrailer);
    }

    #[test]
    fn absurd_lengths_saturate() {
        let plan = AwsChunked::signed(u64::MAX).with_chunk_size(usize::MAX).unwrap();
        let trailer = HeaderName::from_static("x-amz-meta-a");
        assert_eq!(plan.with_trailer(trailer, usize::MAX).encoded_length(), u64::MAX);
        assert_eq!(AwsChunked::signed(u64::MAX).encoded_length(), u64::MAX);
    }

    #[test]
    fn chunk_under_8_kib_is_an_error() {
        assert_eq!(AwsChunked::signed(1).with_chunk_size(8191), Err(ChunkTooSmall));
        assert!(AwsChunked::signed(1).with_chunk_size(8192).is_ok());
    }
}
