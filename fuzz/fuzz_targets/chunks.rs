//! Any bytes as a streamed body: decoded or refused, alike however they are cut, and never more
//! content than was declared; in a signed stream, none that was not signed.
#![no_main]

use arbitrary::Arbitrary;
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use sigv4_core::stream::{DecodeError, Decoder, Framing};
use sigv4_core::{CredentialScope, Region, Service, SigningKey};
use sigv4_core::stream::ChunkSigner;

const DECLARED: usize = 24;
const REGION: Region = Region::from_static("us-east-1");
const S3: Service = Service::from_static("s3");

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Mode {
    Signed,
    SignedTrailer,
    UnsignedTrailer,
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    mode: Mode,
    /// Chunks that are signed, so that the fuzzer gets past the first signature.
    honest: Vec<&'a [u8]>,
    body: &'a [u8],
    cut: u8,
}

fn signer() -> ChunkSigner {
    let time = "20150830T123600Z".parse().unwrap();
    let key = SigningKey::derive("secret", &CredentialScope::new(time, &REGION, &S3));
    ChunkSigner::new(key, time, REGION, S3, &"0".repeat(64))
}

fn decoder(mode: Mode) -> Decoder {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-decoded-content-length", HeaderValue::from(DECLARED));
    let framing = match mode {
        Mode::Signed => Framing::Signed(signer()),
        Mode::SignedTrailer => Framing::SignedTrailer(signer()),
        Mode::UnsignedTrailer => Framing::UnsignedTrailer,
    };
    if !matches!(mode, Mode::Signed) {
        headers.insert("x-amz-trailer", HeaderValue::from_static("x-amz-checksum-crc32"));
    }
    Decoder::new(framing, &headers).unwrap()
}

/// The content given out, and how it ended.
fn decode(mode: Mode, body: &[u8], cut: usize) -> (Vec<u8>, Result<(), DecodeError>) {
    let mut decoder = decoder(mode);
    let mut content = Vec::new();
    for mut part in body.chunks(cut.max(1)) {
        loop {
            match decoder.decode(&mut part) {
                Ok(Some(bytes)) => content.extend_from_slice(&bytes),
                Ok(None) => break,
                Err(error) => return (content, Err(error)),
            }
        }
    }
    (content, decoder.finish().map(drop))
}

fuzz_target!(|input: Input<'_>| {
    let (mut body, mut honest, mut chain) = (Vec::new(), Vec::new(), signer());
    for chunk in &input.honest {
        honest.extend_from_slice(chunk);
        body.extend_from_slice(format!("{:x}", chunk.len()).as_bytes());
        if !matches!(input.mode, Mode::UnsignedTrailer) {
            body.extend_from_slice(format!(";chunk-signature={}", chain.sign(chunk)).as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(chunk);
        if !chunk.is_empty() {
            body.extend_from_slice(b"\r\n");
        }
    }
    body.extend_from_slice(input.body);
    let whole = decode(input.mode, &body, body.len());
    assert!(whole.0.len() <= DECLARED);
    assert!(whole.1.is_err() || whole.0.len() == DECLARED);
    if !matches!(input.mode, Mode::UnsignedTrailer) {
        assert!(honest.starts_with(&whole.0));
    }
    let cut = decode(input.mode, &body, usize::from(input.cut));
    assert_eq!(whole.1, cut.1);
    match input.mode {
        // What an unsigned stream gives out before it fails depends on how it arrives.
        Mode::UnsignedTrailer if whole.1.is_err() => assert!(honest_prefix(&whole.0, &cut.0)),
        _ => assert_eq!(whole.0, cut.0),
    }
});

fn honest_prefix(a: &[u8], b: &[u8]) -> bool {
    a.starts_with(b) || b.starts_with(a)
}
