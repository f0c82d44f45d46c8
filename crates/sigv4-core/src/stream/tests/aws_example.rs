//! The upload that the S3 documentation computes: 65 KiB of `a`, with and without a trailer.

use http::{HeaderMap, HeaderName, HeaderValue, Request};

use crate::credentials::Credentials;
use crate::scope::{Region, Service};
use crate::sign::signed::Signed;
use crate::sign::signer::Signer;
use crate::stream::*;
use crate::time::SigningTime;
use crate::{HeaderSelection, PayloadHash};

const LENGTH: usize = 66_560;
const CRC32C: HeaderName = HeaderName::from_static("x-amz-checksum-crc32c");

/// The example's request, signed as published with the given plan's payload.
fn signed(plan: &AwsChunked, listed: &[&'static str]) -> Signed {
    let names: Vec<_> = listed.iter().map(|name| HeaderName::from_static(name)).collect();
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"))
        .with_signed_headers(HeaderSelection::Listed(names.into()));
    let credentials =
        Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let time: SigningTime = "20130524T000000Z".parse().unwrap();
    let mut request = Request::put("https://s3.amazonaws.com/examplebucket/chunkObject.txt")
        .header("x-amz-storage-class", "REDUCED_REDUNDANCY")
        .body(())
        .unwrap();
    plan.set_headers(request.headers_mut());
    signer.compute(&request, plan.payload(), &credentials, time).unwrap()
}

fn plain() -> Signed {
    signed(&AwsChunked::signed(LENGTH as u64), &["content-encoding", "content-length"])
}

#[test]
fn seed_is_the_requests_signature() {
    assert_eq!(
        plain().signature().to_string(),
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    );
}

#[test]
fn each_chunk_has_the_published_signature() {
    let mut chunks = plain().into_chunks().unwrap();
    let data = [b'a'; LENGTH];
    for (chunk, signature) in [
        (&data[..65_536], "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (&data[65_536..], "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (&[], "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ] {
        assert_eq!(chunks.sign(chunk).to_string(), signature);
    }
}

#[test]
fn body_on_the_wire_is_the_published_one() {
    let mut encoder = AwsChunked::signed(LENGTH as u64).encoder(plain()).unwrap();
    let data = [b'a'; LENGTH];
    let mut input = &data[..];
    let mut wire = Vec::new();
    while let Some(chunk) = encoder.encode(&mut input).unwrap() {
        wire.extend_from_slice(&chunk);
    }
    wire.extend_from_slice(&encoder.finish(&HeaderMap::new()).unwrap());
    let expected = [
        b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        &b"\r\n"[..],
        &data[..65_536],
        b"\r\n",
        b"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        b"\r\n",
        &data[65_536..],
        b"\r\n",
        b"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        b"\r\n\r\n",
    ]
    .concat();
    assert!(wire == expected);
    assert_eq!(wire.len(), 66_824);
}

#[test]
fn trailer_has_the_published_signature() {
    // The example does not sign content-length.
    let plan = AwsChunked::signed(LENGTH as u64).with_trailer(CRC32C, 8);
    let signed = signed(&plan, &["content-encoding"]);
    assert_eq!(
        signed.signature().to_string(),
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    );
    let data = [b'a'; LENGTH];
    let mut encoder = plan.encoder(signed).unwrap();
    let mut wire = Vec::new();
    let mut input = &data[..];
    while let Some(chunk) = encoder.encode(&mut input).unwrap() {
        wire.extend_from_slice(&chunk);
    }
    let trailers = HeaderMap::from_iter([(CRC32C, HeaderValue::from_static("sOO8/Q=="))]);
    let end = encoder.finish(&trailers).unwrap();
    let expected = "0;chunk-signature=\
        2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n\
        x-amz-checksum-crc32c:sOO8/Q==\r\n\
        x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\
        \r\n";
    assert_eq!(str::from_utf8(&end).unwrap(), expected);
    assert_eq!(plan.encoded_length(), (wire.len() + end.len()) as u64);
}

#[cfg(feature = "crc32c")]
#[test]
fn crc32c_of_the_example_is_computed_on_the_way() {
    let planned = AwsChunked::signed(LENGTH as u64).with_trailer(CRC32C, 8);
    let plan = AwsChunked::signed(LENGTH as u64).with_checksum(Checksum::Crc32c);
    assert_eq!(plan.encoded_length(), planned.encoded_length());
    let mut encoder = plan.encoder(signed(&plan, &["content-encoding"])).unwrap();
    let mut input = &[b'a'; LENGTH][..];
    while encoder.encode(&mut input).unwrap().is_some() {}
    let end = encoder.finish(&HeaderMap::new()).unwrap();
    assert!(str::from_utf8(&end).unwrap().contains("\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n"));
}

#[test]
fn only_a_streamed_payload_has_chunks_or_events() {
    use crate::SignError::NotStreamed;
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let request = Request::put("https://s3.amazonaws.com/b/k").body(()).unwrap();
    let time: SigningTime = "20130524T000000Z".parse().unwrap();
    let credentials = Credentials::new("AKID", "secret");
    for (payload, chunks, events) in [
        (PayloadHash::EMPTY, false, false),
        (PayloadHash::Unsigned, false, false),
        (PayloadHash::StreamingUnsignedTrailer, false, false),
        (PayloadHash::StreamingSigned, true, false),
        (PayloadHash::StreamingSignedTrailer, true, false),
        (PayloadHash::StreamingEvents, false, true),
    ] {
        let signed = signer.compute(&request, payload, &credentials, time).unwrap();
        assert_eq!(signed.clone().into_chunks().err(), (!chunks).then_some(NotStreamed));
        assert_eq!(signed.clone().into_events().err(), (!events).then_some(NotStreamed));
        let plan = AwsChunked::signed(1);
        assert_eq!(plan.encoder(signed).is_ok(), payload == plan.payload());
    }
}
