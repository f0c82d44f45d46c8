//! The chunk decoder against a slow one that shares no code with it: both accept, with the same
//! content, or both refuse; however the body is cut.
#![no_main]

mod support;

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use sigv4_core::stream::{ChunkSigner, DecodeError, Decoder, Framing};
use sigv4_core::{CredentialScope, Region, Service, SigningKey};

use crate::support::oracle;
use crate::support::oracle::chunked::{self, Chain, Kind};

const REGION: Region = Region::from_static("us-east-1");
const S3: Service = Service::from_static("s3");
const TIME: &str = "20150830T123600Z";
const CHECKSUM: &str = "x-amz-checksum-crc32";
const NOTE: &str = "x-amz-meta-note";

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Signed,
    SignedTrailer,
    UnsignedTrailer,
}

#[derive(Arbitrary, Debug)]
struct Edit<'a> {
    at: u16,
    remove: u8,
    insert: &'a [u8],
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    mode: Mode,
    chunks: Vec<&'a [u8]>,
    /// A second trailer is declared and sent, with this value.
    note: Option<&'a str>,
    /// What ends a trailer's line, and what stands before the signature's.
    ends: [u8; 2],
    /// The declared length is that of the content, give or take.
    off_by: i8,
    edits: Vec<Edit<'a>>,
    cut: u8,
}

fn signer() -> ChunkSigner {
    let time = TIME.parse().unwrap();
    let key = SigningKey::derive("secret", &CredentialScope::new(time, &REGION, &S3));
    ChunkSigner::new(key, time, REGION, S3, &"0".repeat(64))
}

/// CRC-32 bit by bit, in base64 as the trailer has it.
fn crc32(data: &[u8]) -> String {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = u64::from(!crc) << 4; // 32 bits as six digits of six
    let text: String =
        (0..6).map(|n| digits[(bits >> (30 - 6 * n)) as usize & 63] as char).collect();
    text + "=="
}

/// A body that is right as long as nothing is edited, and the line ends are those of S3 or minio-go.
fn body(input: &Input<'_>, content: &[u8]) -> Vec<u8> {
    let (mut wire, mut chain) = (Vec::new(), signer());
    let is_signed = input.mode != Mode::UnsignedTrailer;
    let filled = input.chunks.iter().copied().filter(|chunk| !chunk.is_empty());
    for chunk in filled.chain([&b""[..]]) {
        wire.extend_from_slice(format!("{:x}", chunk.len()).as_bytes());
        if is_signed {
            wire.extend_from_slice(format!(";chunk-signature={}", chain.sign(chunk)).as_bytes());
        }
        wire.extend_from_slice(b"\r\n");
        wire.extend_from_slice(chunk);
        wire.extend_from_slice(if chunk.is_empty() { b"" } else { b"\r\n" });
    }
    if input.mode != Mode::Signed {
        let ends = ["\r\n", "\n\r\n", "\n", "\r\n\n", "\n\n\r\n", "\r\n\r\n"];
        let [one, two] = input.ends.map(|end| ends[usize::from(end) % ends.len()]);
        let mut trailers = HeaderMap::new();
        if let Some(value) = input.note.and_then(|note| HeaderValue::from_str(note).ok()) {
            wire.extend_from_slice(
                &[NOTE.as_bytes(), b":", value.as_bytes(), one.as_bytes()].concat(),
            );
            trailers.insert(NOTE, value);
        }
        let checksum = crc32(content);
        wire.extend_from_slice(format!("{CHECKSUM}:{checksum}{two}").as_bytes());
        trailers.insert(CHECKSUM, checksum.parse().unwrap());
        if is_signed {
            let signature = chain.sign_trailers(&trailers);
            wire.extend_from_slice(format!("x-amz-trailer-signature:{signature}\r\n").as_bytes());
        }
    }
    wire.extend_from_slice(b"\r\n");
    for edit in &input.edits {
        let at = usize::from(edit.at) % (wire.len() + 1);
        let end = wire.len().min(at + usize::from(edit.remove));
        wire.splice(at..end, edit.insert.iter().copied());
    }
    wire
}

/// Name and value of each trailer, sorted.
type Trailers = Vec<(String, Vec<u8>)>;

fn fast(
    mode: Mode,
    headers: &HeaderMap,
    wire: &[u8],
    cut: usize,
) -> Result<(Vec<u8>, Trailers), DecodeError> {
    let framing = match mode {
        Mode::Signed => Framing::Signed(signer()),
        Mode::SignedTrailer => Framing::SignedTrailer(signer()),
        Mode::UnsignedTrailer => Framing::UnsignedTrailer,
    };
    let mut decoder = Decoder::new(framing, headers)?;
    let mut content = Vec::new();
    for mut part in wire.chunks(cut.max(1)) {
        while let Some(bytes) = decoder.decode(&mut part)? {
            content.extend_from_slice(&bytes);
        }
    }
    let trailers = decoder.finish()?;
    let pairs = trailers.iter().map(|(name, value)| (name.to_string(), folded(value.as_bytes())));
    let mut pairs: Trailers = pairs.collect();
    pairs.sort();
    Ok((content, pairs))
}

fn folded(value: &[u8]) -> Vec<u8> {
    let words = value.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

fn slow(
    mode: Mode,
    declared: &[&str],
    length: usize,
    wire: &[u8],
) -> Result<(Vec<u8>, Trailers), String> {
    let chain = Chain {
        key: oracle::signing_key("secret", &TIME[..8], "us-east-1", "s3"),
        timestamp: TIME.into(),
        scope: format!("{}/us-east-1/s3/aws4_request", &TIME[..8]),
        seed_signature: "0".repeat(64),
    };
    let kind = match mode {
        Mode::Signed => Kind::Signed,
        Mode::SignedTrailer => Kind::SignedTrailer,
        Mode::UnsignedTrailer => Kind::UnsignedTrailer,
    };
    let decoded = chunked::decode(wire, kind, &chain)?;
    let mut trailers = decoded.trailers;
    trailers.sort();
    if decoded.data.len() != length {
        return Err("another length than declared".into());
    }
    let names: Vec<&str> = trailers.iter().map(|(name, _)| name.as_str()).collect();
    let mut expected = declared.to_vec();
    expected.sort_unstable();
    if names != expected {
        return Err("other trailers than declared".into());
    }
    for (name, value) in &trailers {
        if name == CHECKSUM && *value != crc32(&decoded.data).into_bytes() {
            return Err("another checksum".into());
        }
        if value.iter().any(|byte| *byte < b' ' && *byte != b'\t' || *byte == 0x7f) {
            return Err("a control character in a trailer".into());
        }
    }
    Ok((decoded.data, trailers))
}

fuzz_target!(|input: Input<'_>| {
    let content = input.chunks.concat();
    let Some(length) = content.len().checked_add_signed(isize::from(input.off_by)) else { return };
    let wire = body(&input, &content);
    let mut declared = Vec::new();
    if input.mode != Mode::Signed {
        declared.push(CHECKSUM);
        declared.extend(input.note.map(|_| NOTE));
    }
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-decoded-content-length", HeaderValue::from(length));
    if !declared.is_empty() {
        headers.insert("x-amz-trailer", declared.join(",").parse().unwrap());
    }
    let whole = fast(input.mode, &headers, &wire, wire.len());
    let pieces = fast(input.mode, &headers, &wire, usize::from(input.cut));
    assert_eq!(whole, pieces);
    let slow = slow(input.mode, &declared, length, &Bytes::from(wire.clone()));
    match (whole, slow) {
        (Ok(fast), Ok(slow)) => assert_eq!(fast, slow),
        (Err(_), Err(_)) => {}
        (fast, slow) => panic!("{fast:?} against {slow:?}: {}", String::from_utf8_lossy(&wire)),
    }
});
