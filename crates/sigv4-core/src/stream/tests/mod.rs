//! Whole streams: the example that AWS computes, every refusal, and how a body may be split.

mod aws_example;
mod encoding;
mod framing;
#[cfg(feature = "lanes")]
mod lanes;
mod splitting;
mod trailers;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::scope::{CredentialScope, Region, Service};
use crate::sign::signing_key::SigningKey;
use crate::stream::*;

pub(super) const SHA256: &str = "x-amz-checksum-sha256";
/// Of `hello world`.
pub(super) const HELLO_SHA256: &str = "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";

pub(super) fn chain(seed: char) -> ChunkSigner {
    let (region, service) = (Region::from_static("us-east-1"), Service::from_static("s3"));
    let time = "20150830T123600Z".parse().unwrap();
    let key = SigningKey::derive("secret", &CredentialScope::new(time, &region, &service));
    ChunkSigner::new(key, time, region, service, &seed.to_string().repeat(64))
}

pub(super) fn headers(length: &str, trailers: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-decoded-content-length", length.parse().unwrap());
    for names in trailers {
        headers.append("x-amz-trailer", names.parse().unwrap());
    }
    headers
}

/// A signed chunk as it goes on the wire, and the chain after it.
pub(super) fn chunk(chain: &mut ChunkSigner, data: &str) -> String {
    let signature = chain.sign(data.as_bytes());
    let end = if data.is_empty() { "" } else { "\r\n" };
    format!("{:x};chunk-signature={signature}\r\n{data}{end}", data.len())
}

/// `hello` and ` world` in two signed chunks, without the final one.
pub(super) fn two_chunks(chain: &mut ChunkSigner) -> String {
    chunk(chain, "hello") + &chunk(chain, " world")
}

pub(super) fn signed() -> String {
    let mut chain = chain('a');
    two_chunks(&mut chain) + &chunk(&mut chain, "") + "\r\n"
}

/// The signed stream with the given trailer lines and a valid signature of `fields`.
pub(super) fn signed_trailers(lines: &str, fields: &[(&'static str, &str)]) -> String {
    let mut chain = chain('a');
    let body = two_chunks(&mut chain) + &chunk(&mut chain, "");
    let fields = fields.iter().map(|(name, value)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    });
    let signature = chain.sign_trailers(&HeaderMap::from_iter(fields));
    format!("{body}{lines}x-amz-trailer-signature:{signature}\r\n\r\n")
}

pub(super) fn hello_trailer() -> String {
    format!("{SHA256}:{HELLO_SHA256}\r\n")
}

pub(super) type Outcome = (Vec<u8>, Result<HeaderMap, DecodeError>);

pub(super) fn run<'a>(mut decoder: Decoder, parts: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut plain = Vec::new();
    for mut part in parts {
        loop {
            match decoder.decode(&mut part) {
                Ok(Some(bytes)) => plain.extend_from_slice(&bytes),
                Ok(None) => break,
                Err(error) => {
                    // The decoder is fused: every later call returns the same error.
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

/// Decodes a body whole and byte by byte; both results must agree.
pub(super) fn decode(framing: &Framing, headers: &HeaderMap, wire: &[u8]) -> Outcome {
    let start = || Decoder::new(framing.clone(), headers);
    let whole = match start() {
        Ok(decoder) => run(decoder, [wire]),
        Err(error) => return (Vec::new(), Err(error)),
    };
    let bytes = run(start().unwrap(), wire.chunks(1));
    assert_eq!(whole, bytes);
    whole
}

pub(super) fn decode_signed(wire: &str) -> Outcome {
    decode(&Framing::Signed(chain('a')), &headers("11", &[]), wire.as_bytes())
}

pub(super) fn decode_trailer(wire: &str) -> Outcome {
    let headers = headers("11", &[SHA256]);
    decode(&Framing::SignedTrailer(chain('a')), &headers, wire.as_bytes())
}

pub(super) fn decode_unsigned(wire: &str) -> Outcome {
    decode(&Framing::UnsignedTrailer, &headers("11", &[SHA256]), wire.as_bytes())
}

/// Checks that the stream is refused and only verified chunks came out.
pub(super) fn assert_refused((plain, outcome): Outcome, error: DecodeError) {
    assert_eq!(outcome, Err(error));
    assert!([&b""[..], b"hello", b"hello world"].contains(&plain.as_slice()), "{plain:?}");
}

pub(in crate::stream) fn seeded(plan: &AwsChunked) -> crate::Signed {
    let signer = crate::Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let mut request = http::Request::put("https://s3.amazonaws.com/b/k").body(()).unwrap();
    plan.set_headers(request.headers_mut());
    let time: crate::SigningTime = "20150830T123600Z".parse().unwrap();
    let credentials = crate::Credentials::new("AKID", "secret");
    signer.compute(&request, plan.payload(), &credentials, time).unwrap()
}

pub(in crate::stream) fn encode<'a>(
    plan: &AwsChunked,
    parts: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<u8> {
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
