//! Bodies that differ from their plan, each error by its name.

use super::*;

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
