//! SHA-256 of several messages at once, on one core.
//!
//! One SHA-256 is a chain: each step waits for the one before it, and the processor's SHA unit is idle
//! meanwhile. Interleaving the steps of up to [`LANES`] independent messages fills that time. On x86-64
//! this uses the SHA extensions if the processor has them. Elsewhere, messages are hashed one after
//! another by the crate `sha2`, with the same result.
//!
//! ```
//! let hashes = sigv4_lanes::sha256_each(&[b"abc", b"xyz"]);
//! assert_eq!(hashes[0][..4], [0xba, 0x78, 0x16, 0xbf]);
//! ```
//!
//! # Unsafe code
//! This is the only crate of its workspace with `unsafe` code, and it has one `unsafe` block: the call
//! of a function compiled for the SHA extensions, which would be undefined behaviour on a processor
//! without them. The call is a method of a value that exists only if they were detected at run time. That
//! function uses no pointers: bytes are loaded from arrays by safe code, and every length is checked.
//!
//! Both paths are tested against `sha2` on every length to 4 KiB, and under Miri.

#[cfg(target_arch = "x86_64")]
mod sha_ni;

use sha2::{Digest, Sha256};

#[cfg(target_arch = "x86_64")]
use sha_ni::ShaNi;

/// The most messages that are hashed at once.
pub const LANES: usize = 4;

/// Returns whether this processor hashes messages at once. If not, [`sha256_each`] hashes them one
/// after another, and there is no gain in collecting messages for it.
pub fn interleaves() -> bool {
    #[cfg(target_arch = "x86_64")]
    let found = ShaNi::detect().is_some();
    #[cfg(not(target_arch = "x86_64"))]
    let found = false;
    found
}

/// Returns the SHA-256 of each message, in order.
///
/// Neighbours of equal length are hashed at once, up to [`LANES`] of them.
pub fn sha256_each(messages: &[&[u8]]) -> Vec<[u8; 32]> {
    #[cfg(target_arch = "x86_64")]
    if let Some(processor) = ShaNi::detect() {
        return at_once(processor, messages);
    }
    one_by_one(messages).collect()
}

fn one_by_one(messages: &[&[u8]]) -> impl Iterator<Item = [u8; 32]> {
    messages.iter().map(|message| Sha256::digest(message).into())
}

#[cfg(target_arch = "x86_64")]
fn at_once(processor: ShaNi, mut messages: &[&[u8]]) -> Vec<[u8; 32]> {
    let mut hashes = Vec::with_capacity(messages.len());
    while let Some(first) = messages.first() {
        let equal = messages.iter().take(LANES).take_while(|next| next.len() == first.len());
        let (group, rest) = messages.split_at(equal.count());
        match *group {
            [a, b] => hashes.extend(processor.sha256([a, b])),
            [a, b, c] => hashes.extend(processor.sha256([a, b, c])),
            [a, b, c, d] => hashes.extend(processor.sha256([a, b, c, d])),
            _ => hashes.extend(one_by_one(group)),
        }
        messages = rest;
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Different bytes in each message.
    fn messages(lengths: &[usize]) -> Vec<Vec<u8>> {
        let byte = |lane: usize, at: usize| (at * 31 + at / 256 + lane * 97).to_le_bytes()[0];
        let lanes = lengths.iter().enumerate();
        lanes.map(|(lane, length)| (0..*length).map(|at| byte(lane, at)).collect()).collect()
    }

    fn assert_hashes_of(lengths: &[usize]) {
        let messages = messages(lengths);
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let expected: Vec<_> = one_by_one(&messages).collect();
        assert_eq!(sha256_each(&messages), expected, "{lengths:?}");
    }

    /// All lengths to 4 KiB, or under Miri, which is slow, those at the edges of blocks.
    fn lengths() -> impl Iterator<Item = usize> {
        (0..=4096).filter(|length| !cfg!(miri) || [0, 55, 56, 64, 119, 130].contains(length))
    }

    #[test]
    fn every_number_of_lanes_agrees_with_sha2_on_every_length() {
        for length in lengths() {
            for lanes in 2..=LANES {
                assert_hashes_of(&vec![length; lanes]);
            }
        }
    }

    #[test]
    fn any_number_of_messages_of_any_lengths_is_hashed_in_order() {
        for lengths in [
            &[][..],
            &[5],
            &[64; 9],
            &[64, 64, 63],
            &[1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5],
            &[0, 200, 200, 0, 0],
        ] {
            assert_hashes_of(lengths);
        }
    }

    #[test]
    fn answer_published_by_nist_is_met_in_each_lane() {
        let abc: [u8; 32] = [
            0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae,
            0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61,
            0xf2, 0x00, 0x15, 0xad,
        ];
        assert_eq!(sha256_each(&[&b"abc"[..]; LANES]), [abc; LANES]);
    }
}
