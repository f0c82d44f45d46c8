//! What the decoder must refuse, each by its name, and that nothing hangs on how a body is split.

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use crate::scope::{CredentialScope, Region, Service};
use crate::sign::signing_key::SigningKey;
use crate::stream::*;

const SHA256: &str = "x-amz-checksum-sha256";
/// Of `hello world`.
const HELLO_SHA256: &str = "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";

fn chain(seed: char) -> ChunkSigner {
    let (region, service) = (Region::from_static("us-east-1"), Service::from_static("s3"));
    let time = "20150830T123600Z".parse().unwrap();
    let key = SigningKey::derive("secret", &CredentialScope::new(time, &region, &service));
    ChunkSigner::new(key, time, region, service, &seed.to_string().repeat(64))
}

fn headers(length: &str, trailers: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-decoded-content-length", length.parse().unwrap());
    for names in trailers {
        headers.append("x-amz-trailer", names.parse().unwrap());
    }
    headers
}

/// A signed chunk as it goes on the wire, and the chain after it.
fn chunk(chain: &mut ChunkSigner, data: &str) -> String {
    let signature = chain.sign(data.as_bytes());
    let end = if data.is_empty() { "" } else { "\r\n" };
    format!("{:x};chunk-signature={signature}\r\n{data}{end}", data.len())
}

/// `hello` and ` world` in two signed chunks, without the final one.
fn two_chunks(chain: &mut ChunkSigner) -> String {
    chunk(chain, "hello") + &chunk(chain, " world")
}

fn signed() -> String {
    let mut chain = chain('a');
    two_chunks(&mut chain) + &chunk(&mut chain, "") + "\r\n"
}

/// The signed stream with the given trailer lines under a right signature of `fields`.
fn signed_trailers(lines: &str, fields: &[(&'static str, &str)]) -> String {
    let mut chain = chain('a');
    let body = two_chunks(&mut chain) + &chunk(&mut chain, "");
    let fields = fields.iter().map(|(name, value)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    });
    let signature = chain.sign_trailers(&HeaderMap::from_iter(fields));
    format!("{body}{lines}x-amz-trailer-signature:{signature}\r\n\r\n")
}

fn hello_trailer() -> String {
    format!("{SHA256}:{HELLO_SHA256}\r\n")
}

type Outcome = (Vec<u8>, Result<HeaderMap, DecodeError>);

fn run<'a>(mut decoder: Decoder, parts: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut plain = Vec::new();
    for mut part in parts {
        loop {
            match decoder.decode(&mut part) {
                Ok(Some(bytes)) => plain.extend_from_slice(&bytes),
                Ok(None) => break,
                Err(error) => {
                    // Fused: whatever comes next, the error stays.
                    assert_eq!(decoder.decode(&mut &b"0\r\n\r\n"[..]), Err(error));
                    assert_eq!(decoder.decode(&mut &b""[..]), Err(error));
                    assert_eq!(decoder.finish(), Err(error));
                    return (plain, Err(error));
                }
            }
        }
    }
    (plain, decoder.finish())
}

/// Decodes whole and byte by byte; both must agree.
fn decode(framing: &Framing, headers: &HeaderMap, wire: &[u8]) -> Outcome {
    let start = || Decoder::new(framing.clone(), headers);
    let whole = match start() {
        Ok(decoder) => run(decoder, [wire]),
        Err(error) => return (Vec::new(), Err(error)),
    };
    let bytes = run(start().unwrap(), wire.chunks(1));
    assert_eq!(whole, bytes);
    whole
}

fn decode_signed(wire: &str) -> Outcome {
    decode(&Framing::Signed(chain('a')), &headers("11", &[]), wire.as_bytes())
}

fn decode_trailer(wire: &str) -> Outcome {
    let headers = headers("11", &[SHA256]);
    decode(&Framing::SignedTrailer(chain('a')), &headers, wire.as_bytes())
}

fn decode_unsigned(wire: &str) -> Outcome {
    decode(&Framing::UnsignedTrailer, &headers("11", &[SHA256]), wire.as_bytes())
}

/// Refused, and nothing but verified chunks came out.
fn assert_refused((plain, outcome): Outcome, error: DecodeError) {
    assert_eq!(outcome, Err(error));
    assert!([&b""[..], b"hello", b"hello world"].contains(&plain.as_slice()), "{plain:?}");
}

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
    assert_eq!(run(decoder, [header.as_bytes()]).1, Err(DecodeError::ChunkTooLarge));
    let bounded = || Decoder::new(framing(), &headers("11", &[])).unwrap();
    let small = run(bounded().with_max_chunk(5), [signed().as_bytes()]);
    assert_refused(small, DecodeError::ChunkTooLarge);
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

#[test]
fn trailer_declaration_must_fit_the_payload_type() {
    let of = |framing, trailers: &[&str]| {
        Decoder::new(framing, &headers("11", trailers)).map(|_| ()).unwrap_err()
    };
    let signed = || Framing::SignedTrailer(chain('a'));
    let invalid = DecodeError::InvalidTrailerDeclaration;
    assert_eq!(of(Framing::Signed(chain('a')), &[SHA256]), invalid);
    assert_eq!(of(signed(), &[]), DecodeError::MissingTrailerDeclaration);
    assert_eq!(of(Framing::UnsignedTrailer, &[]), DecodeError::MissingTrailerDeclaration);
    assert_eq!(of(Framing::UnsignedTrailer, &["x-amz-meta-a"]), DecodeError::MissingChecksum);
    for names in ["", ",", "a b", "a,", "x-a,X-A", "x-amz-trailer-signature"] {
        assert_eq!(of(signed(), &[names]), invalid, "{names}");
    }
    assert_eq!(of(signed(), &[SHA256, SHA256]), invalid);
    let many: Vec<String> = (0..101).map(|n| format!("x-{n}")).collect();
    assert_eq!(of(signed(), &[&many.join(",")]), DecodeError::TrailersTooLarge);
}

#[test]
fn checksum_that_this_build_cannot_compute_is_refused() {
    let outcome =
        Decoder::new(Framing::SignedTrailer(chain('a')), &headers("11", &["x-amz-checksum-crc32"]));
    let refused = outcome.err() == Some(DecodeError::UnsupportedChecksum);
    assert_eq!(refused, !cfg!(feature = "crc32"));
}

#[test]
fn trailer_undeclared_missing_or_duplicated_is_refused() {
    let good = hello_trailer();
    let fields = [(SHA256, HELLO_SHA256)];
    let more = format!("{good}x-amz-meta-a:1\r\n");
    let both = [(SHA256, HELLO_SHA256), ("x-amz-meta-a", "1")];
    assert_refused(decode_trailer(&signed_trailers(&more, &both)), DecodeError::UndeclaredTrailer);
    assert_refused(decode_trailer(&signed_trailers("", &[])), DecodeError::MissingTrailer);
    let twice = format!("{good}{good}");
    assert_refused(
        decode_trailer(&signed_trailers(&twice, &fields)),
        DecodeError::DuplicateTrailer,
    );
    let undeclared = format!("b\r\nhello world\r\n0\r\n{more}\r\n");
    assert_refused(decode_unsigned(&undeclared), DecodeError::UndeclaredTrailer);
    assert_refused(decode_unsigned("b\r\nhello world\r\n0\r\n\r\n"), DecodeError::MissingTrailer);
}

#[test]
fn trailer_in_a_stream_without_trailers_is_refused() {
    let mut chain = chain('a');
    let body = two_chunks(&mut chain) + &chunk(&mut chain, "");
    let wire = format!("{body}{}\r\n", hello_trailer());
    assert_refused(decode_signed(&wire), DecodeError::UndeclaredTrailer);
}

#[test]
fn trailer_changed_or_unsigned_under_a_signed_sentinel_is_refused() {
    let wrong = format!("{SHA256}:{}\r\n", HELLO_SHA256.replace('u', "v"));
    let outcome = decode_trailer(&signed_trailers(&wrong, &[(SHA256, HELLO_SHA256)]));
    assert_refused(outcome, DecodeError::TrailerSignatureMismatch);
    let mut chain = chain('a');
    let body = two_chunks(&mut chain) + &chunk(&mut chain, "");
    let unsigned = format!("{body}{}\r\n", hello_trailer());
    assert_refused(decode_trailer(&unsigned), DecodeError::MissingTrailerSignature);
}

#[test]
fn trailer_behind_the_signature_is_refused() {
    let wire = signed_trailers("", &[]);
    let wire = format!("{}{}\r\n", wire.strip_suffix("\r\n").unwrap(), hello_trailer());
    assert_refused(decode_trailer(&wire), DecodeError::InvalidTrailer);
}

#[test]
fn trailers_under_16_kib_are_read() {
    let (name, value) = ("x-amz-meta-note", "a".repeat(15 * 1024));
    let lines = format!("{}{name}:{value}\r\n", hello_trailer());
    let wire = signed_trailers(&lines, &[(SHA256, HELLO_SHA256), (name, &value)]);
    let headers = headers("11", &[SHA256, name]);
    let (plain, outcome) = decode(&Framing::SignedTrailer(chain('a')), &headers, wire.as_bytes());
    assert_eq!(plain, b"hello world");
    assert_eq!(outcome.unwrap()[name], value);
}

#[test]
fn trailers_over_16_kib_are_refused() {
    let long = format!("{SHA256}:{}\r\n", "a".repeat(17 * 1024));
    assert_refused(decode_trailer(&signed_trailers(&long, &[])), DecodeError::TrailersTooLarge);
    let lines = "x:1\r\n".repeat(4000);
    let outcome = decode_trailer(&signed_trailers(&lines, &[]));
    assert_refused(outcome, DecodeError::UndeclaredTrailer);
}

#[test]
fn trailer_that_is_no_field_is_refused() {
    for line in ["no colon", ":value", "a b:c", "a:\u{1}", "x-amz-trailer-signature:00"] {
        let outcome = decode_trailer(&signed_trailers(&format!("{line}\r\n"), &[]));
        assert!(outcome.1.is_err(), "{line}");
    }
}

#[test]
fn checksum_trailer_that_does_not_match_is_refused_even_signed() {
    let wrong = HELLO_SHA256.replace('u', "v");
    let lines = format!("{SHA256}:{wrong}\r\n");
    let signed = signed_trailers(&lines, &[(SHA256, &wrong)]);
    assert_refused(decode_trailer(&signed), DecodeError::ChecksumMismatch);
    let unsigned = format!("b\r\nhello world\r\n0\r\n{lines}\r\n");
    assert_refused(decode_unsigned(&unsigned), DecodeError::ChecksumMismatch);
}

#[test]
fn every_checksum_of_this_build_is_verified() {
    for checksum in Checksum::ALL {
        let mut hasher = checksum.start();
        hasher.update(b"hello world");
        let (name, value) = (checksum.trailer(), hasher.finish());
        let headers = headers("11", &[name.as_str()]);
        let wire = |value: &str| format!("b\r\nhello world\r\n0\r\n{name}:{value}\r\n\r\n");
        let of = |value: &str| decode(&Framing::UnsignedTrailer, &headers, wire(value).as_bytes());
        assert!(of(&value).1.is_ok(), "{checksum:?}");
        let wrong = if value.starts_with('A') { 'B' } else { 'A' }.to_string() + &value[1..];
        assert_eq!(of(&wrong).1, Err(DecodeError::ChecksumMismatch), "{checksum:?}");
    }
}

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

pub(super) fn seeded(plan: &AwsChunked) -> crate::Signed {
    let signer = crate::Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let mut request = http::Request::put("https://s3.amazonaws.com/b/k").body(()).unwrap();
    plan.set_headers(request.headers_mut());
    let time: crate::SigningTime = "20150830T123600Z".parse().unwrap();
    let credentials = crate::Credentials::new("AKID", "secret");
    signer.compute(&request, plan.payload(), &credentials, time).unwrap()
}

pub(super) fn encode<'a>(plan: &AwsChunked, parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut encoder = plan.encoder(seeded(plan)).unwrap();
    let mut wire = Vec::new();
    for mut part in parts {
        while let Some(chunk) = encoder.encode(&mut part).unwrap() {
            wire.extend_from_slice(&chunk);
        }
    }
    wire.extend_from_slice(&encoder.finish(&HeaderMap::new()).unwrap());
    assert_eq!(encoder.finish(&HeaderMap::new()), Err(EncodeError::Ended));
    wire
}

#[test]
fn body_that_ends_early_or_goes_on_fails_before_the_final_chunk() {
    let plan = AwsChunked::signed(5);
    let encoder = || plan.encoder(seeded(&plan)).unwrap();
    let mut short = encoder();
    assert_eq!(short.encode(&mut &b"four"[..]), Ok(None));
    let error = EncodeError::TooShort { declared: 5, received: 4 };
    assert_eq!(short.finish(&HeaderMap::new()), Err(error.clone()));
    assert_eq!(short.encode(&mut &b"!"[..]), Err(error));
    let mut long = encoder();
    let mut input = &b"sixsix"[..];
    assert!(long.encode(&mut input).unwrap().is_some());
    let error = EncodeError::TooLong { declared: 5 };
    assert_eq!(long.encode(&mut input), Err(error.clone()));
    assert_eq!(long.finish(&HeaderMap::new()), Err(error));
}

#[test]
fn callers_trailers_must_be_those_planned() {
    let name = HeaderName::from_static("x-amz-meta-a");
    let plan = AwsChunked::signed(0).with_trailer(name.clone(), 2);
    let finish = |fields: &[(&'static str, &'static str)]| {
        let fields = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        plan.encoder(seeded(&plan)).unwrap().finish(&HeaderMap::from_iter(fields))
    };
    assert!(finish(&[("x-amz-meta-a", "ab")]).is_ok());
    let missing = Err(EncodeError::MissingTrailer { name });
    assert_eq!(finish(&[]), missing);
    assert_eq!(finish(&[("x-amz-meta-a", "abc")]), missing);
    let unplanned = EncodeError::UnplannedTrailer { name: HeaderName::from_static("x-b") };
    assert_eq!(finish(&[("x-amz-meta-a", "ab"), ("x-b", "1")]), Err(unplanned));
}

#[test]
fn body_read_before_its_request_is_signed_is_an_error() {
    let plan = AwsChunked::signed(5);
    let (mut early, _signer) = plan.deferred_encoder();
    assert_eq!(early.encode(&mut &b"hello"[..]), Err(EncodeError::NotSigned));
    let (mut encoder, signer) = plan.deferred_encoder();
    signer.sign_with(seeded(&plan)).unwrap();
    let mut direct = plan.encoder(seeded(&plan)).unwrap();
    assert_eq!(encoder.encode(&mut &b"hello"[..]), direct.encode(&mut &b"hello"[..]));
}

#[test]
fn reader_gives_the_same_bytes_and_reports_a_wrong_length() {
    use std::io::Read;
    let body: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let plan = AwsChunked::signed(body.len() as u64).with_checksum(Checksum::Sha256);
    let read = |source: &[u8]| {
        let mut wire = Vec::new();
        let mut reader = AwsChunkedReader::new(source, plan.encoder(seeded(&plan)).unwrap());
        reader.read_to_end(&mut wire).map(|_| wire)
    };
    assert!(read(&body).unwrap() == encode(&plan, [&body[..]]));
    let cause = |source: &[u8]| {
        let error = read(source).unwrap_err();
        error.get_ref().and_then(|inner| inner.downcast_ref::<EncodeError>()).cloned()
    };
    let received = body.len() as u64 - 1;
    let short = EncodeError::TooShort { declared: 100_000, received };
    assert_eq!(cause(&body[1..]), Some(short));
    let long = [&body[..], b"x"].concat();
    assert_eq!(cause(&long), Some(EncodeError::TooLong { declared: 100_000 }));
}

#[test]
fn plan_of_an_absurd_length_takes_no_memory_before_its_bytes_come() {
    let plan = AwsChunked::signed(u64::MAX).with_chunk_size(usize::MAX).unwrap();
    let mut encoder = plan.encoder(seeded(&plan)).unwrap();
    assert_eq!(encoder.encode(&mut &b"few"[..]), Ok(None));
    let error = EncodeError::TooShort { declared: u64::MAX, received: 3 };
    assert_eq!(encoder.finish(&HeaderMap::new()), Err(error));
}

#[test]
fn no_secret_is_in_any_debug_text() {
    let chain = chain('a');
    let plan = AwsChunked::signed(5);
    let decoder = Decoder::new(Framing::Signed(chain.clone()), &headers("77", &[])).unwrap();
    let decoder = format!("{decoder:?}");
    assert!(decoder.contains("77"), "{decoder}");
    let key = format!("{chain:?}{decoder}");
    assert!(!key.contains("secret") && !key.contains("aaaa"));
    let encoder = format!("{:?}", plan.encoder(seeded(&plan)).unwrap());
    assert!(!encoder.contains("secret"));
}
