//! Hashes of several chunks at once, if the feature and the processor allow it.

use crate::stream::plan::{AwsChunked, Signatures};

/// The number of chunks that the encoder collects. Unsigned chunks are not hashed.
pub(super) fn count(plan: &AwsChunked) -> usize {
    match plan.signatures {
        Signatures::Chunks if interleaves() => plan.lanes,
        Signatures::Chunks | Signatures::None => 1,
    }
}

#[cfg(feature = "lanes")]
use sigv4_lanes::{interleaves, sha256_each};

#[cfg(not(feature = "lanes"))]
fn interleaves() -> bool {
    false
}

/// The SHA-256 of each of several chunks. One alone is left to its signer.
pub(super) fn hashes(chunks: &[&[u8]]) -> Vec<[u8; 32]> {
    if chunks.len() > 1 { sha256_each(chunks) } else { Vec::new() }
}

#[cfg(not(feature = "lanes"))]
fn sha256_each(_: &[&[u8]]) -> Vec<[u8; 32]> {
    Vec::new()
}
