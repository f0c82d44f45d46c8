//! Tests of every mode of `aws-chunked` bodies against s3s over a plain socket: the declared length
//! is sent, and changed bytes are refused.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::SystemTime;

use http::Request;
use sigv4_core::stream::{AwsChunked, AwsChunkedReader, Checksum};
use sigv4_core::{Credentials, Region, Service, Signer};
use support::s3::{ACCESS_KEY, BUCKET, S3Server, SECRET_KEY};

const CHECKSUMS: [Checksum; 5] =
    [Checksum::Crc32, Checksum::Crc32c, Checksum::Crc64Nvme, Checksum::Sha1, Checksum::Sha256];

fn content() -> Vec<u8> {
    (0..200_000_u32).flat_map(u32::to_le_bytes).take(200_001).collect()
}

/// Sends `content` as planned, after `spoil` has changed the bytes. Returns the status and the
/// response's body.
fn put(
    server: &S3Server,
    key: &str,
    plan: &AwsChunked,
    content: &[u8],
    spoil: impl FnOnce(&mut Vec<u8>),
) -> (u16, String) {
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let target = format!("/{BUCKET}/{key}");
    let mut request = Request::put(format!("{}{target}", server.endpoint())).body(()).unwrap();
    plan.set_headers(request.headers_mut());
    let signed = signer.compute(&request, plan.payload(), &credentials, SystemTime::now()).unwrap();
    signed.apply(request.headers_mut());

    let mut wire = Vec::new();
    let mut body = AwsChunkedReader::new(content, plan.encoder(signed).unwrap());
    body.read_to_end(&mut wire).unwrap();
    assert_eq!(request.headers()["content-length"], wire.len().to_string());
    spoil(&mut wire);

    let mut head = format!("PUT {target} HTTP/1.1\r\nhost: {}\r\n", server.address());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    let mut socket = TcpStream::connect(server.address()).unwrap();
    socket.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).unwrap();
    let _ = socket.write_all(&wire); // a server may refuse before reading everything
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

fn plans(length: u64) -> Vec<AwsChunked> {
    let mut plans = vec![AwsChunked::signed(length)];
    for checksum in CHECKSUMS {
        plans.push(AwsChunked::signed(length).with_checksum(checksum));
        plans.push(AwsChunked::unsigned(length, checksum));
    }
    plans
}

#[test]
fn s3s_accepts_every_mode_with_every_checksum() {
    let server = S3Server::start().unwrap();
    for content in [content(), Vec::new()] {
        for (nth, plan) in plans(content.len() as u64).into_iter().enumerate() {
            let key = format!("{nth}-{}", content.len());
            let (status, answer) = put(&server, &key, &plan, &content, |_| {});
            assert_eq!(status, 200, "{plan:?}: {answer}");
            let stored = server.object(BUCKET, &key).unwrap().content.unwrap();
            assert!(stored == content, "{plan:?}");
        }
    }
}

#[test]
fn s3s_takes_an_escaped_slash_for_the_slash_of_a_key() {
    let server = S3Server::start().unwrap();
    let content = content();
    let plan = AwsChunked::signed(content.len() as u64);
    let (status, answer) = put(&server, "a%2Fb", &plan, &content, |_| {});
    assert_eq!(status, 200, "{answer}");
    assert_eq!(server.keys(BUCKET), ["a/b"]);
    assert!(server.object(BUCKET, "a/b").unwrap().content.unwrap() == content);
    let (status, answer) = put(&server, "a/b", &plan, &content, |_| {});
    assert_eq!(status, 200, "{answer}");
    assert_eq!(server.keys(BUCKET), ["a/b"]);
}

#[test]
fn s3s_refuses_a_byte_flipped_in_any_part_of_a_signed_stream() {
    let server = S3Server::start().unwrap();
    let content = content();
    let plan = AwsChunked::signed(content.len() as u64).with_checksum(Checksum::Crc32c);
    let length = usize::try_from(plan.encoded_length()).unwrap();
    // A byte of a chunk's signature, its data, the final chunk's signature, the trailer, and its
    // signature.
    for at in [30, length / 2, length - 150, length - 100, length - 10] {
        let (status, answer) = put(&server, "flipped", &plan, &content, |wire| wire[at] ^= 1);
        assert_ne!(status, 200, "byte {at}: {answer}");
        assert!(server.object(BUCKET, "flipped").is_none(), "byte {at}");
    }
}
