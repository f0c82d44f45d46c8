//! The decoder's errors in chunks and their order, each by its name.

use super::*;

#[test]
fn good_streams_of_every_mode_are_decoded() {
    let plain = b"hello world".to_vec();
    assert_eq!(decode_signed(&signed()), (plain.clone(), Ok(HeaderMap::new())));
    let trailers = HeaderMap::from_iter([(
        HeaderName::from_static(SHA256),
        HeaderValue::from_static(HELLO_SHA256),
    )]);
    let wire = signed_trailers(&hello_trailer(), &[(SHA256, HELLO_SHA256)]);
    assert_eq!(decode_trailer(&wire), (plain.clone(), Ok(trailers.clone())));
    let wire = format!("B\r\nhello world\r\n0\r\n{}\r\n", hello_trailer());
    assert_eq!(decode_unsigned(&wire), (plain, Ok(trailers)));
    let empty = chunk(&mut chain('a'), "") + "\r\n";
    let framing = Framing::Signed(chain('a'));
    let outcome = decode(&framing, &headers("0", &[]), empty.as_bytes());
    assert_eq!(outcome, (Vec::new(), Ok(HeaderMap::new())));
}

#[test]
fn trailer_names_in_any_case_and_blanks_around_values_are_the_same_trailers() {
    let lines = format!("X-Amz-Checksum-SHA256: \t{HELLO_SHA256} \r\n");
    assert!(decode_trailer(&signed_trailers(&lines, &[(SHA256, HELLO_SHA256)])).1.is_ok());
}

/// Every byte replaced by every other: refused, or the same text in another case.
fn assert_each_flip_is_refused(wire: &str, decode: impl Fn(&[u8]) -> Outcome) {
    for at in 0..wire.len() {
        for flip in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff] {
            let mut bytes = wire.as_bytes().to_vec();
            bytes[at] ^= flip;
            let same = bytes.eq_ignore_ascii_case(wire.as_bytes());
            let (plain, outcome) = decode(&bytes);
            assert!(outcome.is_err() || same, "byte {at} flipped by {flip:#x}");
            assert!(outcome.is_err() || plain == b"hello world");
        }
    }
}

#[test]
fn flipped_byte_anywhere_in_a_signed_stream_is_refused() {
    let headers = headers("11", &[]);
    assert_each_flip_is_refused(&signed(), |wire| {
        let (plain, outcome) = decode(&Framing::Signed(chain('a')), &headers, wire);
        assert!(b"hello world".starts_with(&plain), "a changed byte came out");
        (plain, outcome)
    });
}

#[test]
fn flipped_byte_anywhere_in_a_signed_trailer_stream_is_refused() {
    let headers = headers("11", &[SHA256]);
    let wire = signed_trailers(&hello_trailer(), &[(SHA256, HELLO_SHA256)]);
    assert_each_flip_is_refused(&wire, |wire| {
        decode(&Framing::SignedTrailer(chain('a')), &headers, wire)
    });
}

#[test]
fn flipped_byte_anywhere_in_an_unsigned_stream_is_refused() {
    let headers = headers("11", &[SHA256]);
    let wire = format!("5\r\nhello\r\n6\r\n world\r\n0\r\n{}\r\n", hello_trailer());
    assert_each_flip_is_refused(&wire, |wire| decode(&Framing::UnsignedTrailer, &headers, wire));
}

#[test]
fn stream_cut_at_any_byte_is_truncated() {
    let trailer = signed_trailers(&hello_trailer(), &[(SHA256, HELLO_SHA256)]);
    for cut in 0..trailer.len() {
        assert_refused(decode_trailer(&trailer[..cut]), DecodeError::Truncated);
    }
    for cut in 0..signed().len() {
        assert_refused(decode_signed(&signed()[..cut]), DecodeError::Truncated);
    }
}

#[test]
fn data_after_the_end_is_refused() {
    assert_refused(decode_signed(&(signed() + "\r\n")), DecodeError::DataAfterEnd);
    assert_refused(decode_signed(&(signed() + &signed())), DecodeError::DataAfterEnd);
}

#[test]
fn chunks_swapped_dropped_or_replayed_are_refused() {
    let mut chain = chain('a');
    let (first, second) = (chunk(&mut chain, "hello"), chunk(&mut chain, " world"));
    let last = chunk(&mut chain, "") + "\r\n";
    let mismatch = DecodeError::ChunkSignatureMismatch;
    assert_refused(decode_signed(&format!("{second}{first}{last}")), mismatch);
    assert_refused(decode_signed(&format!("{second}{last}")), mismatch);
    assert_refused(decode_signed(&format!("{first}{first}{second}{last}")), mismatch);
    assert_refused(decode_signed(&format!("{first}{last}")), mismatch);
}

#[test]
fn chunk_chained_to_the_seed_or_from_another_upload_is_refused() {
    let first = chunk(&mut chain('a'), "hello");
    let from_seed = chunk(&mut chain('a'), " world");
    let mismatch = DecodeError::ChunkSignatureMismatch;
    assert_refused(decode_signed(&format!("{first}{from_seed}")), mismatch);
    let mut other = chain('b');
    let spliced = two_chunks(&mut other);
    assert_refused(decode_signed(&spliced), mismatch);
}

#[test]
fn missing_final_chunk_is_refused() {
    let mut chain = chain('a');
    assert_refused(decode_signed(&two_chunks(&mut chain)), DecodeError::Truncated);
    let unsigned = format!("{}0\r\n\r\n", two_chunks(&mut self::chain('a')));
    assert_refused(decode_signed(&unsigned), DecodeError::MissingChunkSignature);
}

#[test]
fn plain_framing_under_a_signed_sentinel_is_refused() {
    let missing = DecodeError::MissingChunkSignature;
    assert_refused(decode_signed("b\r\nhello world\r\n0\r\n\r\n"), missing);
    let wire = format!("b\r\nhello world\r\n0\r\n{}\r\n", hello_trailer());
    assert_refused(decode_trailer(&wire), missing);
}

#[test]
fn signed_framing_under_the_unsigned_sentinel_is_refused() {
    assert_refused(decode_unsigned(&signed()), DecodeError::InvalidChunkHeader);
    let wire = format!(
        "b\r\nhello world\r\n0\r\n{}x-amz-trailer-signature:{}\r\n\r\n",
        hello_trailer(),
        "a".repeat(64)
    );
    assert_refused(decode_unsigned(&wire), DecodeError::UndeclaredTrailer);
}

#[test]
fn size_that_is_not_plain_hex_is_refused() {
    let rest = signed().split_once(';').unwrap().1.to_owned();
    for size in ["", "-5", "+5", " 5", "5 ", "0x5", "5h", "5_", "\u{665}", "00000000000000005"] {
        let outcome = decode_signed(&format!("{size};{rest}"));
        assert_refused(outcome, DecodeError::InvalidChunkHeader);
    }
    for size in ["c", "ffffffffffffffff", "7fffffffffffffff"] {
        assert_refused(decode_signed(&format!("{size};{rest}")), DecodeError::TooLong);
    }
}

#[test]
fn chunk_header_with_anything_else_in_it_is_refused() {
    let good = signed();
    for (from, to) in [
        (";chunk-signature=", ";Chunk-Signature="),
        (";chunk-signature=", "; chunk-signature="),
        (";chunk-signature=", ";x=1;chunk-signature="),
        ("\r\nhello", ";x=1\r\nhello"),
        ("\r\nhello", " \r\nhello"),
    ] {
        let outcome = decode_signed(&good.replacen(from, to, 1));
        assert_refused(outcome, DecodeError::InvalidChunkHeader);
    }
}

#[test]
fn line_feed_alone_is_refused_wherever_it_stands() {
    let good = signed_trailers(&hello_trailer(), &[(SHA256, HELLO_SHA256)]);
    let count = good.matches("\r\n").count();
    for nth in 0..count {
        let (at, _) = good.match_indices("\r\n").nth(nth).unwrap();
        let (mut lf, mut cr) = (good.clone(), good.clone());
        lf.remove(at);
        cr.remove(at + 1);
        assert!(decode_trailer(&lf).1.is_err(), "LF alone at {at}");
        assert!(decode_trailer(&cr).1.is_err(), "CR alone at {at}");
    }
}

#[test]
fn chunk_header_over_1_kib_is_refused() {
    let header = "0".repeat(1100);
    assert_refused(decode_signed(&header), DecodeError::ChunkHeaderTooLong);
}

#[test]
fn chunk_over_the_bound_is_refused_before_its_bytes() {
    let framing = || Framing::Signed(chain('a'));
    let decoder = Decoder::new(framing(), &headers("99999999", &[])).unwrap();
    let header = format!("1000001;chunk-signature={}\r\n", "0".repeat(64));
    assert_eq!(
        run(decoder, [header.as_bytes()]).1,
        Err(DecodeError::ChunkTooLarge { limit: 16 * 1024 * 1024 })
    );
    let bounded = || Decoder::new(framing(), &headers("11", &[])).unwrap();
    let small = run(bounded().with_max_chunk(5), [signed().as_bytes()]);
    assert_refused(small, DecodeError::ChunkTooLarge { limit: 5 });
    assert!(run(bounded().with_max_chunk(6), [signed().as_bytes()]).1.is_ok());
}

#[test]
fn memory_grows_with_what_was_received_and_not_with_what_is_claimed() {
    let mut decoder = Decoder::new(Framing::Signed(chain('a')), &headers("16777216", &[])).unwrap();
    let header = format!("1000000;chunk-signature={}\r\n", "0".repeat(64));
    assert_eq!(decoder.decode(&mut header.as_bytes()), Ok(None));
    assert_eq!(decoder.decode(&mut &[b'a'; 1000][..]), Ok(None));
    assert!(decoder.held() <= 4096, "{}", decoder.held());
    assert_eq!(decoder.decode(&mut &[b'a'; 99_000][..]), Ok(None));
    assert!(decoder.held() <= 200_000, "{}", decoder.held());
}

#[test]
fn decoded_length_missing_or_malformed_is_refused() {
    let invalid = Err(DecodeError::InvalidDecodedLength);
    let of = |headers: &HeaderMap| Decoder::new(Framing::Signed(chain('a')), headers).map(|_| ());
    assert_eq!(of(&HeaderMap::new()), invalid);
    for length in ["", "-1", "+1", "1.0", "0x1", "a", "1 ", "18446744073709551616", "1,1"] {
        assert_eq!(of(&headers(length, &[])), invalid, "{length}");
    }
    let mut twice = headers("11", &[]);
    twice.append("x-amz-decoded-content-length", HeaderValue::from_static("11"));
    assert_eq!(of(&twice), invalid);
}

#[test]
fn decoded_length_smaller_or_larger_than_the_body_is_refused() {
    let framing = Framing::Signed(chain('a'));
    for (length, error) in
        [("10", DecodeError::TooLong), ("4", DecodeError::TooLong), ("12", DecodeError::TooShort)]
    {
        let outcome = decode(&framing, &headers(length, &[]), signed().as_bytes());
        assert_refused(outcome, error);
    }
}
