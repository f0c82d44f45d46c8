//! The checksums that S3 accepts as trailers.

use http::HeaderName;
use sha2::{Digest, Sha256};

use crate::fields::name;
use crate::text::base64::encode;

/// A checksum of the plain body, sent and verified as the trailer `x-amz-checksum-...`.
///
/// Every algorithm but SHA-256 is a cargo feature of the same name. The trailer's value is the
/// checksum's big-endian bytes in base64.
/// Source: Amazon S3 User Guide, "Checking object integrity".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checksum {
    /// CRC-32 (ISO-HDLC): `x-amz-checksum-crc32`.
    #[cfg(feature = "crc32")]
    Crc32,
    /// CRC-32C (Castagnoli): `x-amz-checksum-crc32c`.
    #[cfg(feature = "crc32c")]
    Crc32c,
    /// CRC-64/NVME, S3's own default: `x-amz-checksum-crc64nvme`.
    #[cfg(feature = "crc64nvme")]
    Crc64Nvme,
    /// SHA-1: `x-amz-checksum-sha1`.
    #[cfg(feature = "sha1")]
    Sha1,
    /// SHA-256: `x-amz-checksum-sha256`.
    Sha256,
}

/// The beginning of the names of all checksum trailers, including those of future algorithms.
const TRAILER_PREFIX: &str = "x-amz-checksum-";

impl Checksum {
    /// The algorithms that this build can compute.
    pub(super) const ALL: &[Self] = &[
        #[cfg(feature = "crc32")]
        Self::Crc32,
        #[cfg(feature = "crc32c")]
        Self::Crc32c,
        #[cfg(feature = "crc64nvme")]
        Self::Crc64Nvme,
        #[cfg(feature = "sha1")]
        Self::Sha1,
        Self::Sha256,
    ];

    /// The name of its trailer.
    pub fn trailer(self) -> HeaderName {
        HeaderName::from_static(match self {
            #[cfg(feature = "crc32")]
            Self::Crc32 => name::CHECKSUM_CRC32,
            #[cfg(feature = "crc32c")]
            Self::Crc32c => name::CHECKSUM_CRC32C,
            #[cfg(feature = "crc64nvme")]
            Self::Crc64Nvme => name::CHECKSUM_CRC64NVME,
            #[cfg(feature = "sha1")]
            Self::Sha1 => name::CHECKSUM_SHA1,
            Self::Sha256 => name::CHECKSUM_SHA256,
        })
    }

    /// The algorithm whose trailer this is, if this build can compute it.
    pub(super) fn of_trailer(name: &HeaderName) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.trailer() == *name)
    }

    /// Whether this is the trailer of an algorithm, known to this build or not.
    pub(crate) fn is_trailer(name: &HeaderName) -> bool {
        name.as_str().starts_with(TRAILER_PREFIX)
    }

    /// The length of its trailer's value, in bytes: base64 of the checksum.
    pub(super) fn value_length(self) -> usize {
        let bytes: usize = match self {
            #[cfg(feature = "crc32")]
            Self::Crc32 => 4,
            #[cfg(feature = "crc32c")]
            Self::Crc32c => 4,
            #[cfg(feature = "crc64nvme")]
            Self::Crc64Nvme => 8,
            #[cfg(feature = "sha1")]
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        };
        bytes.div_ceil(3) * 4
    }

    pub(super) fn start(self) -> Hasher {
        match self {
            #[cfg(feature = "crc32")]
            Self::Crc32 => Hasher::Crc32(crc32fast::Hasher::new()),
            #[cfg(feature = "crc32c")]
            Self::Crc32c => Hasher::Crc32c(0),
            #[cfg(feature = "crc64nvme")]
            Self::Crc64Nvme => Hasher::Crc64Nvme(crc64fast_nvme::Digest::new()),
            #[cfg(feature = "sha1")]
            Self::Sha1 => Hasher::Sha1(sha1::Sha1::new()),
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
        }
    }
}

/// A checksum being computed.
#[derive(Clone)]
pub(super) enum Hasher {
    #[cfg(feature = "crc32")]
    Crc32(crc32fast::Hasher),
    #[cfg(feature = "crc32c")]
    Crc32c(u32),
    #[cfg(feature = "crc64nvme")]
    Crc64Nvme(crc64fast_nvme::Digest),
    #[cfg(feature = "sha1")]
    Sha1(sha1::Sha1),
    Sha256(Sha256),
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            #[cfg(feature = "crc32")]
            Self::Crc32(state) => state.update(bytes),
            #[cfg(feature = "crc32c")]
            Self::Crc32c(state) => *state = crc32c::crc32c_append(*state, bytes),
            #[cfg(feature = "crc64nvme")]
            Self::Crc64Nvme(state) => state.write(bytes),
            #[cfg(feature = "sha1")]
            Self::Sha1(state) => state.update(bytes),
            Self::Sha256(state) => state.update(bytes),
        }
    }

    /// The value of the trailer.
    pub(super) fn finish(self) -> String {
        match self {
            #[cfg(feature = "crc32")]
            Self::Crc32(state) => encode(state.finalize().to_be_bytes()),
            #[cfg(feature = "crc32c")]
            Self::Crc32c(state) => encode(state.to_be_bytes()),
            #[cfg(feature = "crc64nvme")]
            Self::Crc64Nvme(state) => encode(state.sum64().to_be_bytes()),
            #[cfg(feature = "sha1")]
            Self::Sha1(state) => encode(state.finalize()),
            Self::Sha256(state) => encode(state.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `123456789`: the check values of the CRC catalogue, and those of FIPS 180-4 tools.
    #[test]
    fn checksums_have_their_published_check_values() {
        let of = |checksum: Checksum| {
            let mut whole = checksum.start();
            whole.update(b"123456789");
            let mut split = checksum.start();
            b"123456789".chunks(4).for_each(|part| split.update(part));
            let value = whole.finish();
            assert_eq!(value, split.finish(), "{checksum:?}");
            assert_eq!(value.len(), checksum.value_length(), "{checksum:?}");
            value
        };
        #[cfg(feature = "crc32")]
        assert_eq!(of(Checksum::Crc32), encode(0xcbf4_3926_u32.to_be_bytes()));
        #[cfg(feature = "crc32c")]
        assert_eq!(of(Checksum::Crc32c), encode(0xe306_9283_u32.to_be_bytes()));
        #[cfg(feature = "crc64nvme")]
        assert_eq!(of(Checksum::Crc64Nvme), encode(0xae8b_1486_0a79_9888_u64.to_be_bytes()));
        #[cfg(feature = "sha1")]
        assert_eq!(of(Checksum::Sha1), "98O8HYCOBHMq32eZZczDTKeuNEE=");
        assert_eq!(of(Checksum::Sha256), "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
    }

    #[test]
    fn every_algorithm_is_found_by_its_trailer() {
        for checksum in Checksum::ALL {
            assert!(Checksum::is_trailer(&checksum.trailer()));
            assert_eq!(Checksum::of_trailer(&checksum.trailer()), Some(*checksum));
        }
        assert!(Checksum::is_trailer(&HeaderName::from_static("x-amz-checksum-crc32")));
        assert!(Checksum::is_trailer(&HeaderName::from_static("x-amz-checksum-of-tomorrow")));
        assert!(!Checksum::is_trailer(&HeaderName::from_static("x-amz-meta-checksum")));
    }
}
