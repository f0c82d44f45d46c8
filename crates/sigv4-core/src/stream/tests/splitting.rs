//! The result does not depend on how a body is split, and no unverified byte comes out.

use proptest::prelude::*;

use super::*;

#[test]
fn no_byte_comes_out_before_its_chunk_is_verified() {
    let good = signed();
    let header = good.find("\r\n").unwrap() + 2;
    let mut decoder = Decoder::new(Framing::Signed(chain('a')), &headers("11", &[])).unwrap();
    assert_eq!(decoder.decode(&mut &good.as_bytes()[..header + 4]), Ok(None));
    let mut last = &good.as_bytes()[header + 4..=header + 4];
    assert_eq!(decoder.decode(&mut last).unwrap().unwrap(), "hello");
}

#[test]
fn split_at_every_point_gives_the_same() {
    let wire = signed_trailers(&hello_trailer(), &[(SHA256, HELLO_SHA256)]);
    let headers = headers("11", &[SHA256]);
    let expected = decode_trailer(&wire);
    for at in 0..=wire.len() {
        let decoder = Decoder::new(Framing::SignedTrailer(chain('a')), &headers).unwrap();
        let (left, right) = wire.as_bytes().split_at(at);
        assert_eq!(run(decoder, [left, right]), expected, "split at {at}");
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_however_both_are_split(
        body in proptest::collection::vec(any::<u8>(), 0..40_000),
        chunk_size in 8192_usize..20_000,
        pieces in 1_usize..9_000,
        splits in 1_usize..9_000,
        mode in 0..3,
    ) {
        let length = body.len() as u64;
        let plan = match mode {
            0 => AwsChunked::signed(length),
            1 => AwsChunked::signed(length).with_checksum(Checksum::Sha256),
            _ => AwsChunked::unsigned(length, Checksum::Sha256),
        }.with_chunk_size(chunk_size).unwrap();
        let wire = encode(&plan, body.chunks(pieces));
        prop_assert_eq!(wire.len() as u64, plan.encoded_length());
        prop_assert_eq!(&wire, &encode(&plan, [&body[..]]));
        let mut headers = HeaderMap::new();
        plan.set_headers(&mut headers);
        let framing = match mode {
            0 => Framing::Signed(seeded(&plan).into_chunks().unwrap()),
            1 => Framing::SignedTrailer(seeded(&plan).into_chunks().unwrap()),
            _ => Framing::UnsignedTrailer,
        };
        let decoder = Decoder::new(framing, &headers).unwrap();
        let (plain, outcome) = run(decoder, wire.chunks(splits));
        prop_assert!(plain == body);
        prop_assert!(outcome.is_ok());
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_never_complete(wire in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (_, outcome) = decode(&Framing::Signed(chain('a')), &headers("11", &[]), &wire);
        prop_assert!(outcome.is_err());
    }
}
