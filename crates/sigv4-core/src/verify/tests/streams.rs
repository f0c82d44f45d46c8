//! Bounds on streams, and which of their trailers are verified.

use http::HeaderMap;

use super::*;
use crate::stream::DecodeError;

/// A request with `hello` in one chunk, signed as planned: its head, and its body in full.
fn upload(plan: &AwsChunked, trailers: &HeaderMap) -> (Request<()>, Bytes) {
    let mut request = Request::put("/key").header("host", "example.com").body(()).unwrap();
    plan.set_headers(request.headers_mut());
    let signed = Signer::new(REGION, S3).compute(&request, plan.payload(), &key(), now()).unwrap();
    signed.apply(request.headers_mut());
    let mut encoder = plan.encoder(signed).unwrap();
    let mut content = Bytes::from("hello");
    let mut wire = Vec::new();
    while let Some(chunk) = encoder.encode(&mut content).unwrap() {
        wire.extend_from_slice(&chunk);
    }
    wire.extend_from_slice(&encoder.finish(trailers).unwrap());
    (request, wire.into())
}

fn read(
    verifier: &Verifier,
    lowered: u64,
    (request, wire): &(Request<()>, Bytes),
) -> Result<Complete, VerifyError> {
    let claim = verifier.read(request, now())?.with_max_chunk(lowered);
    let (_, mut reading) = claim.verify(Some(&key()))?;
    reading.update(wire)?;
    assert_eq!(reading.content().as_deref(), Some(&b"hello"[..]));
    reading.finish()
}

#[test]
fn chunk_over_the_bound_of_verifier_or_claim_is_refused() {
    let upload = upload(&AwsChunked::signed(5), &HeaderMap::new());
    for (of_verifier, of_claim, refused) in
        [(5, 5, None), (4, 9, Some(4)), (9, 4, Some(4)), (5, 9, None), (3, 4, Some(3))]
    {
        let limits = Limits::DEFAULT.with_chunk_bytes(of_verifier);
        let verifier = Verifier::new(REGION, S3).with_limits(limits);
        assert_eq!(verifier.limits(), &limits);
        let refused =
            refused.map(|limit| VerifyError::Stream(DecodeError::ChunkTooLarge { limit }));
        assert_eq!(read(&verifier, of_claim, &upload).err(), refused);
    }
}

#[test]
fn stream_over_the_bound_is_refused_before_its_body() {
    for plan in [AwsChunked::signed(5), AwsChunked::unsigned(5, Checksum::Sha256)] {
        let upload = upload(&plan, &HeaderMap::new());
        let verifier =
            |bytes| Verifier::new(REGION, S3).with_limits(Limits::DEFAULT.with_stream_bytes(bytes));
        assert!(read(&verifier(5), u64::MAX, &upload).is_ok());
        let claim = verifier(4).read(&upload.0, now()).unwrap();
        let error = claim.verify(Some(&key())).err();
        assert_eq!(error, Some(VerifyError::BodyTooLarge { limit: 4 }));
    }
}

#[test]
fn trailers_that_nothing_proves_are_not_given_out() {
    let note = HeaderName::from_static("x-amz-meta-note");
    let of = |plan: AwsChunked, change: fn(String) -> String| {
        let plan = plan.with_trailer(note.clone(), 1);
        let trailers = HeaderMap::from_iter([(note.clone(), HeaderValue::from_static("a"))]);
        let (request, wire) = upload(&plan, &trailers);
        let wire = change(String::from_utf8(wire.to_vec()).unwrap());
        read(&Verifier::new(REGION, S3), u64::MAX, &(request, wire.into()))
    };
    let changed = |wire: String| wire.replace("x-amz-meta-note:a", "x-amz-meta-note:b");
    let signed = || AwsChunked::signed(5).with_checksum(Checksum::Sha256);
    let complete = of(signed(), |wire| wire).unwrap();
    assert_eq!(complete.trailers().len(), 2);
    assert_eq!(
        of(signed(), changed),
        Err(VerifyError::Stream(DecodeError::TrailerSignatureMismatch))
    );
    let unsigned = || AwsChunked::unsigned(5, Checksum::Sha256);
    for complete in [of(unsigned(), |wire| wire), of(unsigned(), changed)] {
        let complete = complete.unwrap();
        let names: Vec<&str> = complete.trailers().keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["x-amz-checksum-sha256"]);
    }
}
