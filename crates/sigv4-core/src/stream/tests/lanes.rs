//! Lanes change speed and memory; the bytes on the wire stay the same.

use std::io::Read;

use proptest::prelude::*;

use super::*;

const MIN_CHUNK: usize = 8192;

fn body(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 + at / 256).to_le_bytes()[0]).collect()
}

#[test]
fn group_is_returned_as_one_where_the_processor_gains_from_it() {
    let plan = AwsChunked::signed(100_000).with_chunk_size(MIN_CHUNK).unwrap();
    let sizes = |plan: &AwsChunked| {
        let body = body(100_000);
        let mut encoder = plan.encoder(seeded(plan)).unwrap();
        let (mut rest, mut sizes) = (&body[..], Vec::new());
        while let Some(chunks) = encoder.encode(&mut rest).unwrap() {
            sizes.push(chunks.len() / MIN_CHUNK);
        }
        sizes
    };
    let alone = sizes(&plan);
    assert_eq!(alone.len(), 13);
    if sigv4_lanes::interleaves() {
        assert_eq!(sizes(&plan.clone().with_lanes(2)), [2, 2, 2, 2, 2, 2, 0]);
        assert_eq!(sizes(&plan.clone().with_lanes(9)), [4, 4, 4, 0]); // clamped to four
    } else {
        assert_eq!(sizes(&plan.clone().with_lanes(2)), alone);
    }
    assert_eq!(sizes(&plan.with_lanes(0)), alone);
}

#[test]
fn body_that_ends_early_or_goes_on_fails_before_the_final_chunk() {
    let plan = AwsChunked::signed(20_000).with_chunk_size(MIN_CHUNK).unwrap().with_lanes(4);
    let body = body(20_001);
    let mut short = plan.encoder(seeded(&plan)).unwrap();
    while short.encode(&mut &body[..MIN_CHUNK]).is_ok_and(|chunks| chunks.is_some()) {}
    let received = MIN_CHUNK as u64;
    let error = EncodeError::TooShort { declared: 20_000, received };
    assert_eq!(short.finish(&HeaderMap::new()), Err(error));
    let mut long = plan.encoder(seeded(&plan)).unwrap();
    let mut rest = &body[..];
    let outcome = loop {
        match long.encode(&mut rest) {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    assert_eq!(outcome, Err(EncodeError::TooLong { declared: 20_000 }));
}

#[test]
fn unsigned_chunks_are_not_collected() {
    let plan = AwsChunked::unsigned(20_000, Checksum::Sha256).with_chunk_size(MIN_CHUNK).unwrap();
    let plan = plan.with_lanes(4);
    let mut encoder = plan.encoder(seeded(&plan)).unwrap();
    let first = encoder.encode(&mut &body(20_000)[..]).unwrap().unwrap();
    assert_eq!(first.len(), "2000\r\n".len() + MIN_CHUNK + 2);
}

proptest! {
    #[test]
    fn any_number_of_lanes_gives_the_same_bytes(
        length in 0_usize..120_000,
        chunk_size in MIN_CHUNK..20_000,
        lanes in 2_usize..=4,
        pieces in 1_usize..50_000,
        checksum in any::<bool>(),
    ) {
        let body = body(length);
        let plan = AwsChunked::signed(length as u64).with_chunk_size(chunk_size).unwrap();
        let plan = if checksum { plan.with_checksum(Checksum::Sha256) } else { plan };
        let expected = encode(&plan, [&body[..]]);
        let plan = plan.with_lanes(lanes);
        prop_assert_eq!(plan.encoded_length(), expected.len() as u64);
        prop_assert!(encode(&plan, body.chunks(pieces)) == expected);
        let mut read = Vec::new();
        let encoder = plan.encoder(seeded(&plan)).unwrap();
        AwsChunkedReader::new(&body[..], encoder).read_to_end(&mut read).unwrap();
        prop_assert!(read == expected);
    }
}
