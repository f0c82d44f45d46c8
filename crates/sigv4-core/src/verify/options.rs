//! The options of a verifier beside region and service. Every default is the strict choice.

use http::HeaderName;

use super::error::VerifyError;
use super::presented::Payload;
use crate::head::RequestHead;
use crate::payload::PayloadHash;

/// An exemption from one of the verifier's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exemption {
    /// Lets this `x-amz-*` header arrive unsigned. Whoever holds a signed request or a presigned
    /// URL can then add the header or change its value: let nothing depend on it.
    AnyoneMayChangeHeader(HeaderName),
}

impl Exemption {
    pub(super) fn covers(&self, name: &HeaderName) -> bool {
        let Self::AnyoneMayChangeHeader(exempt) = self;
        exempt == name
    }
}

/// How much of the body a signature must cover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadRequirement {
    /// Whatever the service accepts, including a signed `UNSIGNED-PAYLOAD`.
    #[default]
    AsService,
    /// The body's bytes must be covered: `UNSIGNED-PAYLOAD` and unsigned chunks are refused.
    BodyCovered,
}

impl PayloadRequirement {
    pub(super) fn check(self, payload: Payload) -> Result<(), VerifyError> {
        let uncovered = matches!(
            payload,
            Payload::Stated(PayloadHash::Unsigned | PayloadHash::StreamingUnsignedTrailer)
        );
        if self == Self::BodyCovered && uncovered {
            Err(VerifyError::BodyNotCovered)
        } else {
            Ok(())
        }
    }
}

/// Bounds on the work and the memory that a request costs before it is verified.
///
/// ```
/// let limits = sigv4_core::verify::Limits::DEFAULT.with_parameters(100);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of path, query, header names and header values together (128 KiB).
    pub head_bytes: usize,
    /// Parameters in the query (4,096).
    pub parameters: usize,
    /// Names in SignedHeaders (256).
    pub signed_headers: usize,
    /// Bytes of one signed chunk, which is held until its signature is checked (16 MiB: SDKs send
    /// smaller chunks).
    pub chunk_bytes: u64,
    /// Bytes of content in one streamed body, by its `x-amz-decoded-content-length` (no bound).
    pub stream_bytes: u64,
    /// SigV4a signatures verified in one second (no bound).
    #[cfg(feature = "sigv4a")]
    pub ecdsa_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Limits {
    /// The limits of a new verifier.
    pub const DEFAULT: Self = Self {
        head_bytes: 128 * 1024,
        parameters: 4096,
        signed_headers: 256,
        chunk_bytes: 16 * 1024 * 1024,
        stream_bytes: u64::MAX,
        #[cfg(feature = "sigv4a")]
        ecdsa_per_second: u32::MAX,
    };

    /// Sets the maximum of bytes in path, query, header names and header values together.
    #[must_use]
    pub const fn with_head_bytes(self, head_bytes: usize) -> Self {
        Self { head_bytes, ..self }
    }

    /// Sets the maximum number of parameters in the query.
    #[must_use]
    pub const fn with_parameters(self, parameters: usize) -> Self {
        Self { parameters, ..self }
    }

    /// Sets the maximum number of names in SignedHeaders.
    #[must_use]
    pub const fn with_signed_headers(self, signed_headers: usize) -> Self {
        Self { signed_headers, ..self }
    }

    /// Sets the maximum size of one signed chunk, in bytes.
    #[must_use]
    pub const fn with_chunk_bytes(self, chunk_bytes: u64) -> Self {
        Self { chunk_bytes, ..self }
    }

    /// Sets the maximum content of one streamed body, in bytes.
    #[must_use]
    pub const fn with_stream_bytes(self, stream_bytes: u64) -> Self {
        Self { stream_bytes, ..self }
    }

    /// Sets how many SigV4a signatures are verified in one second, by the clock passed to
    /// [`Verifier::read`](super::Verifier::read). Further ones are refused with status 503.
    ///
    /// Anyone can cause a verification, without a key. All clones of a verifier share the count.
    #[cfg(feature = "sigv4a")]
    #[must_use]
    pub const fn with_ecdsa_per_second(self, ecdsa_per_second: u32) -> Self {
        Self { ecdsa_per_second, ..self }
    }

    /// Checks the size of a head with this many bytes of headers.
    pub(super) fn check(&self, head: &RequestHead<'_>, headers: usize) -> Result<(), VerifyError> {
        let target = head.path.len() + head.query.map_or(0, str::len);
        if target.saturating_add(headers) > self.head_bytes {
            return Err(VerifyError::HeadTooLarge { limit: self.head_bytes });
        }
        Ok(())
    }
}
