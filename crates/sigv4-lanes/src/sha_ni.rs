//! SHA-256 of `N` messages of one length by the SHA extensions of x86-64, their rounds interleaved.

use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32, _mm_set_epi32, _mm_set_epi64x,
    _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
    _mm_shuffle_epi8, _mm_shuffle_epi32,
};

/// The hash state before the first block (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The constants of the rounds (FIPS 180-4, 4.2.2): sixteen rounds, four times.
const CONSTANTS: [[[u32; 4]; 4]; 4] = [
    [
        [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
        [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
        [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
        [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    ],
    [
        [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
        [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
        [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
        [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    ],
    [
        [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
        [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
        [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
        [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    ],
    [
        [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
        [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
        [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
        [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
    ],
];

type Block = [u8; 64];

/// Proof that this processor has the instructions of [`compress`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShaNi(());

impl ShaNi {
    /// Returns the proof if the processor has them. The standard library keeps the result.
    pub(crate) fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("sse4.1")
            && is_x86_feature_detected!("ssse3");
        found.then_some(Self(()))
    }

    /// Returns the SHA-256 of each message. They must be of equal length.
    pub(crate) fn sha256<const N: usize>(self, messages: [&[u8]; N]) -> [[u8; 32]; N] {
        let mut states = [INITIAL; N];
        self.compress(&mut states, messages.map(|message| message.as_chunks().0));
        let tails = messages.map(Tail::of);
        self.compress(&mut states, tails.each_ref().map(Tail::blocks));
        states.map(to_bytes)
    }

    #[expect(unsafe_code, reason = "the processor is known to have the instructions")]
    fn compress<const N: usize>(self, states: &mut [[u32; 8]; N], blocks: [&[Block]; N]) {
        // SAFETY: `compress` is unsafe to call only because it is compiled for sha, sse4.1 and ssse3.
        // A `ShaNi` is made by `detect` alone, after it has found all three.
        unsafe { compress(states, blocks) }
    }
}

/// The end of a message with its padding: one block or two.
struct Tail {
    blocks: [Block; 2],
    count: usize,
}

impl Tail {
    fn of(message: &[u8]) -> Self {
        let rest = message.as_chunks::<64>().1;
        let mut blocks = [[0; 64]; 2];
        let count = if rest.len() < 56 { 1 } else { 2 };
        let bytes = blocks.as_flattened_mut();
        for (place, byte) in bytes.iter_mut().zip(rest.iter().chain(&[0x80])) {
            *place = *byte;
        }
        let bits = (message.len() as u64).wrapping_mul(8);
        if let Some(place) = bytes.get_mut(64 * count - 8..64 * count) {
            place.copy_from_slice(&bits.to_be_bytes());
        }
        Self { blocks, count }
    }

    fn blocks(&self) -> &[Block] {
        self.blocks.get(..self.count).unwrap_or_default()
    }
}

fn to_bytes(state: [u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (place, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *place = word.to_be_bytes();
    }
    bytes
}

/// One message in the processor's registers.
#[derive(Clone, Copy)]
struct Lane {
    abef: __m128i,
    cdgh: __m128i,
    /// The sixteen words of the schedule before those of the next four rounds.
    words: [__m128i; 4],
}

/// Compresses the blocks of `N` messages, as many as the shortest has.
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn compress<const N: usize>(states: &mut [[u32; 8]; N], blocks: [&[Block]; N]) {
    let [first, second, third, fourth] = &CONSTANTS;
    let mut lanes = states.map(|state| unpack(state));
    let count = blocks.iter().map(|blocks| blocks.len()).min().unwrap_or(0);
    for at in 0..count {
        // The default is never used: `at` is in range. Without it, the compiled code is slower.
        let next = blocks.map(|blocks| blocks.get(at).unwrap_or(&[0; 64]));
        let before = lanes;
        for (lane, block) in lanes.iter_mut().zip(next) {
            lane.words = load(block);
        }
        first_rounds(&mut lanes, first);
        scheduled_rounds(&mut lanes, second);
        scheduled_rounds(&mut lanes, third);
        scheduled_rounds(&mut lanes, fourth);
        for (lane, before) in lanes.iter_mut().zip(before) {
            lane.abef = _mm_add_epi32(lane.abef, before.abef);
            lane.cdgh = _mm_add_epi32(lane.cdgh, before.cdgh);
        }
    }
    for (state, lane) in states.iter_mut().zip(lanes) {
        *state = pack(lane);
    }
}

/// Sixteen rounds on the words of the block.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn first_rounds<const N: usize>(lanes: &mut [Lane; N], constants: &[[u32; 4]; 4]) {
    for constants in constants {
        for lane in &mut *lanes {
            let [a, b, c, d] = lane.words;
            four_rounds(lane, a, constants);
            lane.words = [b, c, d, a];
        }
    }
}

/// Sixteen rounds, each four with the next words of the schedule, each lane in turn.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn scheduled_rounds<const N: usize>(lanes: &mut [Lane; N], constants: &[[u32; 4]; 4]) {
    for constants in constants {
        for lane in &mut *lanes {
            let [a, b, c, d] = lane.words;
            let sum = _mm_add_epi32(_mm_sha256msg1_epu32(a, b), _mm_alignr_epi8::<4>(d, c));
            let next = _mm_sha256msg2_epu32(sum, d);
            four_rounds(lane, next, constants);
            lane.words = [b, c, d, next];
        }
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn four_rounds(lane: &mut Lane, words: __m128i, constants: &[u32; 4]) {
    let sums = _mm_add_epi32(words, four_words(*constants));
    lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, sums);
    let upper = _mm_shuffle_epi32::<0b1110>(sums);
    lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, upper);
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn four_words([a, b, c, d]: [u32; 4]) -> __m128i {
    _mm_set_epi32(d.cast_signed(), c.cast_signed(), b.cast_signed(), a.cast_signed())
}

/// The words of a block, which are big-endian.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load(block: &Block) -> [__m128i; 4] {
    // Without a loop, so that each load is one instruction, next to its use.
    match block.as_chunks().0.first_chunk() {
        Some([a, b, c, d, e, f, g, h]) => {
            [load_four(a, b), load_four(c, d), load_four(e, f), load_four(g, h)]
        }
        None => [_mm_setzero_si128(); 4], // 64 bytes are eight times eight
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load_four(low: &[u8; 8], high: &[u8; 8]) -> __m128i {
    let reversed = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let bytes = _mm_set_epi64x(i64::from_le_bytes(*high), i64::from_le_bytes(*low));
    _mm_shuffle_epi8(bytes, reversed)
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn unpack(state: [u32; 8]) -> Lane {
    let [a, b, c, d, e, f, g, h] = state;
    let (abef, cdgh) = (four_words([f, e, b, a]), four_words([h, g, d, c]));
    Lane { abef, cdgh, words: [_mm_setzero_si128(); 4] }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn pack(lane: Lane) -> [u32; 8] {
    let Lane { abef, cdgh, .. } = lane;
    let state = [
        _mm_extract_epi32::<3>(abef),
        _mm_extract_epi32::<2>(abef),
        _mm_extract_epi32::<3>(cdgh),
        _mm_extract_epi32::<2>(cdgh),
        _mm_extract_epi32::<1>(abef),
        _mm_extract_epi32::<0>(abef),
        _mm_extract_epi32::<1>(cdgh),
        _mm_extract_epi32::<0>(cdgh),
    ];
    state.map(i32::cast_unsigned)
}
