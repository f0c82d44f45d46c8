//! What the work costs if it is hashing and nothing else.

use benches::Contender;
use sha2::block_api::compress256;

/// `blocks` compressions of SHA-256, 64 bytes each, one after the other.
pub(crate) fn blocks(blocks: usize) -> Contender {
    let mut state = [0x6a09_e667_u32; 8];
    let data = vec![[0x5a_u8; 64]; blocks];
    Contender::new("hashing alone", move || {
        for block in &data {
            compress256(&mut state, std::slice::from_ref(block));
        }
        state
    })
}
