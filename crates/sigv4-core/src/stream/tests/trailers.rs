//! The decoder's errors in trailers and checksums, each by its name.

use super::*;

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
fn checksum_of_an_unknown_algorithm_is_one_that_cannot_be_computed() {
    for framing in [Framing::SignedTrailer(chain('a')), Framing::UnsignedTrailer] {
        let headers = headers("11", &["x-amz-checksum-xxhash128"]);
        let error = Decoder::new(framing, &headers).err();
        assert_eq!(error, Some(DecodeError::UnsupportedChecksum));
    }
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

/// A stream whose trailers are `between` and their valid signature, with the final CRLF.
fn minio_go(between: &str) -> String {
    let wire = signed_trailers(between, &[(SHA256, HELLO_SHA256)]);
    assert_eq!(wire.matches("x-amz-trailer-signature:").count(), 1);
    wire
}

#[test]
fn line_feed_of_minio_go_before_the_trailers_signature_is_dropped() {
    let line = hello_trailer();
    let line = line.trim_end();
    let (plain, outcome) = decode_trailer(&minio_go(&format!("{line}\n\r\n")));
    assert_eq!(plain, b"hello world");
    assert_eq!(outcome.unwrap()[SHA256], HELLO_SHA256);
}

#[test]
fn line_feed_is_dropped_nowhere_else() {
    let line = hello_trailer();
    let line = line.trim_end();
    for between in [
        format!("{line}\n"),
        format!("{line}\n\n"),
        format!("{line}\n\n\r\n"),
        format!("{line}\n\r\n\r\n"),
        format!("{line}\n\r\n\n"),
        format!("{line}\n\r\n\n\r\n"),
        format!("{line}\r\n\n"),
        format!("{line}\r\n\n\r\n"),
        format!("{line}\r\r\n"),
        format!("\n\r\n{line}\r\n"),
        format!("\n{line}\n\r\n"),
        format!("{line}\n \r\n"),
    ] {
        let (_, outcome) = decode_trailer(&minio_go(&between));
        assert_eq!(outcome, Err(DecodeError::InvalidTrailer), "{between:?}");
    }
    let wire = minio_go(&format!("{line}\n\r\n"));
    for (was, is) in [
        ("\r\n\r\n", "\n\r\n\r\n"), // after the signature
        ("\r\n\r\n", "\n\r\n"),
        ("\r\n\r\n", "\r\n\n"),
        ("6;chunk", "\n6;chunk"),
        ("hello\r\n", "hello\n\r\n"),
        ("hello\r\n", "hello\n"),
    ] {
        let changed = wire.replacen(was, is, 1);
        assert_ne!(changed, wire);
        assert!(decode_trailer(&changed).1.is_err(), "{changed:?}");
    }
    for length in 0..wire.len() {
        assert!(decode_trailer(&wire[..length]).1.is_err(), "cut after {length} bytes");
    }
    let unsigned = format!("b\r\nhello world\r\n0\r\n{line}\n\r\n");
    assert_refused(decode_unsigned(&unsigned), DecodeError::InvalidTrailer);
    assert_refused(decode_unsigned(&format!("{unsigned}\r\n")), DecodeError::InvalidTrailer);
}

#[test]
fn line_feed_alone_after_the_trailers_signature_is_an_invalid_trailer() {
    let wire = signed_trailers(&hello_trailer(), &[(SHA256, HELLO_SHA256)]);
    for end in ["\n", "\n\r\n", "\n\r\n\r\n"] {
        let (_, outcome) = decode_trailer(&format!("{}{end}", wire.trim_end()));
        assert_eq!(outcome, Err(DecodeError::InvalidTrailer), "{end:?}");
    }
}

#[test]
fn another_trailer_may_not_follow_the_line_feed_of_minio_go() {
    let line = hello_trailer();
    let line = line.trim_end();
    let headers = headers("11", &[SHA256, "x-amz-meta-a"]);
    let fields = [(SHA256, HELLO_SHA256), ("x-amz-meta-a", "1")];
    let decode_two = |lines: &str| {
        let wire = signed_trailers(lines, &fields);
        decode(&Framing::SignedTrailer(chain('a')), &headers, wire.as_bytes()).1
    };
    assert!(decode_two(&format!("x-amz-meta-a:1\r\n{line}\n\r\n")).is_ok());
    for lines in
        [format!("x-amz-meta-a:1\n{line}\n\r\n"), format!("{line}\n\r\nx-amz-meta-a:1\r\n")]
    {
        assert_eq!(decode_two(&lines), Err(DecodeError::InvalidTrailer), "{lines:?}");
    }
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
