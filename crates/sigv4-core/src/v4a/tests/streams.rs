//! Bodies in chunks signed by SigV4a: lengths known in advance, padding, the chain of signatures.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;
use crate::payload::PayloadHash;
use crate::sign::string_to_sign;
use crate::stream::{AwsChunked, Checksum, ChunkSigner, DecodeError};
use crate::text::Text;

/// A signed upload: its head, and its body as it goes on the wire.
fn upload(plan: &AwsChunked, data: &[u8], trailers: &HeaderMap) -> (request::Parts, Vec<u8>) {
    let mut request = Request::put("https://mrap.example.com/a").body(()).unwrap();
    plan.set_headers(request.headers_mut());
    let signed = SIGNER.compute(&request, plan.payload(), &key(), now()).unwrap();
    signed.apply(request.headers_mut());
    let mut encoder = plan.encoder(signed).unwrap();
    let (mut data, mut wire) = (data, Vec::new());
    while let Some(chunk) = encoder.encode(&mut data).unwrap() {
        wire.extend_from_slice(&chunk);
    }
    wire.extend_from_slice(&encoder.finish(trailers).unwrap());
    (request.into_parts().0, wire)
}

fn read(parts: &request::Parts, wire: &[u8], split: usize) -> Result<Vec<u8>, VerifyError> {
    let (_, mut reading) = verifier().read(parts, now())?.verify(Some(&key()))?;
    let mut content = Vec::new();
    for part in wire.chunks(split) {
        reading.update(&Bytes::copy_from_slice(part))?;
        while let Some(bytes) = reading.content() {
            content.extend_from_slice(&bytes);
        }
    }
    reading.finish()?;
    Ok(content)
}

fn plan(length: usize) -> AwsChunked {
    AwsChunked::signed(length as u64).with_chunk_size(8192).unwrap().for_signer(&SIGNER)
}

#[test]
fn body_has_the_length_that_was_announced_whatever_the_signatures_lengths() {
    for length in [0, 1, 8192, 20_000] {
        let data = vec![b'a'; length];
        let (parts, wire) = upload(&plan(length), &data, &HeaderMap::new());
        assert_eq!(parts.headers["content-length"], wire.len().to_string());
        assert_eq!(
            parts.headers["x-amz-content-sha256"],
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
        );
        for split in [1, 1000, usize::MAX] {
            assert_eq!(read(&parts, &wire, split).unwrap(), data);
        }
    }
}

#[test]
fn trailers_are_signed_and_padded_too() {
    let name = HeaderName::from_static("x-amz-meta-note");
    let plan = plan(9000).with_checksum(Checksum::Sha256).with_trailer(name.clone(), 2);
    let trailers = HeaderMap::from_iter([(name, HeaderValue::from_static("ok"))]);
    let data = vec![7; 9000];
    let (parts, wire) = upload(&plan, &data, &trailers);
    assert_eq!(parts.headers["content-length"], wire.len().to_string());
    assert_eq!(
        parts.headers["x-amz-content-sha256"],
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"
    );
    assert_eq!(read(&parts, &wire, 777).unwrap(), data);
    let at = wire.windows(2).rposition(|pair| pair == b"ok").unwrap();
    let mut changed = wire;
    changed[at] = b'k';
    let error = VerifyError::Stream(DecodeError::TrailerSignatureMismatch);
    assert_eq!(read(&parts, &changed, 777), Err(error));
}

#[test]
fn every_changed_byte_of_a_body_is_refused() {
    let name = HeaderName::from_static("x-amz-meta-note");
    let trailers = HeaderMap::from_iter([(name.clone(), HeaderValue::from_static("ok"))]);
    let (parts, wire) = upload(&plan(60).with_trailer(name, 2), &[b'a'; 60], &trailers);
    let text =
        |at: usize| String::from_utf8_lossy(&wire[at.saturating_sub(8)..at + 1]).into_owned();
    for at in 0..wire.len() {
        for flip in [1, 0x80] {
            let mut changed = wire.clone();
            changed[at] ^= flip;
            assert!(read(&parts, &changed, usize::MAX).is_err(), "byte {at}: {}", text(at));
        }
        assert!(read(&parts, &wire[..at], usize::MAX).is_err(), "cut at {at}");
    }
}

#[test]
fn chunk_of_another_body_or_in_another_order_is_refused() {
    let data = [[0; 8192], [1; 8192], [2; 8192]].concat();
    let (parts, wire) = upload(&plan(data.len()), &data, &HeaderMap::new());
    assert_eq!(read(&parts, &wire, usize::MAX).unwrap(), data);
    let length = "2000;chunk-signature=".len() + 144 + 2 + 8192 + 2;
    let mut swapped = wire.clone();
    let (first, rest) = swapped.split_at_mut(length);
    first.swap_with_slice(&mut rest[..length]);
    let error = VerifyError::Stream(DecodeError::ChunkSignatureMismatch);
    assert_eq!(read(&parts, &swapped, usize::MAX), Err(error));
}

#[test]
fn signature_enters_the_next_text_without_its_padding() {
    let request = Request::put("https://mrap.example.com/a").body(()).unwrap();
    let signed = SIGNER.compute(&request, PayloadHash::StreamingEcdsa, &key(), now()).unwrap();
    let seed = signed.signature();
    let mut chain = signed.into_chunks().unwrap();
    let chunk = chain.sign(b"chunk");
    let scope = crate::algorithm::Regions::Set(RegionSet::ALL);
    let service = S3;
    let scope = scope.scope(now(), &service);
    let key = key().signing_key(&scope);
    let hash = |data: &[u8]| match PayloadHash::of(data) {
        PayloadHash::Sha256(hash) => hash,
        _ => unreachable!(),
    };
    for (previous, data, signature) in [(seed, &b"chunk"[..], chunk), (chunk, b"", chain.sign(b""))]
    {
        let (nothing, data) = (hash(b""), hash(data));
        let previous = previous.to_string();
        let hashes = [&nothing, &data];
        let mut text = Text::<512>::new();
        string_to_sign::write_scoped(&mut text, scope.algorithm.chunk_name(), now(), &scope);
        text.extend_from_slice(&string_to_sign::chunk_rest(previous.as_bytes(), hashes));
        let shown = str::from_utf8(&text).unwrap();
        assert!(shown.starts_with("AWS4-ECDSA-P256-SHA256-PAYLOAD\n20150830T123600Z\n"));
        assert!(!shown.contains('*'));
        assert!(key.verifies(&text, &signature));
    }
}

#[test]
fn chain_made_from_its_parts_is_that_of_the_request() {
    let request = Request::put("https://mrap.example.com/a").body(()).unwrap();
    let signed =
        SIGNER.compute(&request, PayloadHash::StreamingEcdsaTrailer, &key(), now()).unwrap();
    let seed = signed.signature().to_string();
    let mut chain = signed.into_chunks().unwrap();
    let derived = crate::SigningKey::derive_for_regions("AKIDEXAMPLE", key().secret_access_key());
    let mut other = ChunkSigner::for_regions(derived, now(), RegionSet::ALL, S3, &seed);
    for data in [&b"a"[..], b"b", b""] {
        assert_eq!(chain.sign(data), other.sign(data));
    }
    assert_eq!(chain.sign_trailers(&HeaderMap::new()), other.sign_trailers(&HeaderMap::new()));
}

#[test]
fn plan_for_one_region_is_as_it_was() {
    let one = Signer::new(REGION, S3);
    let plan = AwsChunked::signed(66_560);
    assert_eq!(plan.clone().for_signer(&one), plan);
    assert_eq!(plan.for_signer(&SIGNER).for_signer(&one).encoded_length(), 66_824);
}

#[test]
fn client_plans_a_body_as_its_signer_signs_it() {
    use crate::client::{BodyPlan, Call, Overrides, Settings, StreamPayload};
    use std::sync::Arc;
    use std::time::SystemTime;

    let settings =
        Arc::new(Settings::new(Signer::new(REGION, S3), key(), || SystemTime::UNIX_EPOCH));
    let chunks = Overrides::default().stream_payload(StreamPayload::AwsChunked(AwsChunked::signed));
    let overrides = chunks.signer(SIGNER);
    let mut headers = HeaderMap::new();
    let mut call = Call::new(&settings, overrides, &mut headers);
    let request = Request::put("https://mrap.example.com/a").body(()).unwrap();
    let plan = AwsChunked::signed(7).for_signer(&SIGNER);
    let planned = call.plan(&(&request).into(), Some(7)).unwrap();
    assert_eq!(planned, BodyPlan::Chunked(plan.clone()));
    assert_eq!(call.framed_by(AwsChunked::signed(7)), plan);
    let signed = call.sign(&(&request).into(), plan.payload(), &key()).unwrap();
    assert!(plan.encoder(signed).is_ok());
}
