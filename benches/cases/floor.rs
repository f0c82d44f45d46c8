//! The cost of hashing alone, which no contender can avoid.

use benches::Contender;
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

pub(crate) const NAME: &str = "hashing alone";

/// Compresses `blocks` blocks of SHA-256, 64 bytes each, one after the other.
pub(crate) fn blocks(blocks: usize) -> Contender {
    let mut state = [0x6a09_e667_u32; 8];
    let data = vec![[0x5a_u8; 64]; blocks];
    Contender::new(NAME, move || {
        for block in &data {
            compress256(&mut state, std::slice::from_ref(block));
        }
        state
    })
}

/// Computes the SHA-256 of a body.
pub(crate) fn body(body: Vec<u8>) -> Contender {
    Contender::new(NAME, move || Sha256::digest(&body))
}
