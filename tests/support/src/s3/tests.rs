use std::net::TcpStream;

use super::*;
use crate::oracle::{self, Rules};
use crate::test_client::Client;

fn send(server: &S3Server, method: &str, target: &str, body: &[u8]) -> (u16, String) {
    send_as(server, method, target, body, SECRET_KEY)
}

fn send_as(
    server: &S3Server,
    method: &str,
    target: &str,
    body: &[u8],
    secret_key: &str,
) -> (u16, String) {
    client(&server.endpoint(), secret_key).send(method, target, body)
}

fn client<'a>(endpoint: &'a str, secret_key: &'a str) -> Client<'a> {
    let (token, service, rules) = (None, "s3", Rules::S3);
    Client { endpoint, access_key: ACCESS_KEY, secret_key, token, service, rules }
}

#[test]
fn an_object_is_stored_read_listed_and_deleted() {
    let server = S3Server::start().unwrap();
    assert_eq!(send(&server, "PUT", "/bucket/a.txt", b"hello").0, 200);
    assert_eq!(send(&server, "GET", "/bucket/a.txt", b"").1, "hello");
    let (status, listing) = send(&server, "GET", "/bucket?list-type=2&prefix=a", b"");
    assert_eq!(status, 200);
    assert!(
        listing.contains("<Key>a.txt</Key>") && listing.contains("<KeyCount>1</KeyCount>"),
        "{listing}"
    );
    assert_eq!(send(&server, "HEAD", "/bucket/a.txt", b"").0, 200);
    assert_eq!(send(&server, "DELETE", "/bucket/a.txt", b"").0, 204);
    assert_eq!(send(&server, "GET", "/bucket/a.txt", b"").0, 404);
}

#[test]
fn awkward_keys_are_kept_as_they_were_decoded() {
    let server = S3Server::start().unwrap();
    let cases = [
        ("a%20b+c", "a b+c"),
        ("a//b/", "a//b/"),
        ("./a/../b", "./a/../b"),
        ("%C3%BC/%E2%82%AC", "ü/€"),
        ("$~'()*%25", "$~'()*%"),
    ];
    for (path, key) in cases {
        let (status, body) = send(&server, "PUT", &format!("/bucket/{path}"), path.as_bytes());
        assert_eq!(status, 200, "{path}: {body}");
        let content = server.object(BUCKET, key).and_then(|object| object.content);
        assert_eq!(content.as_deref(), Some(path.as_bytes()), "{key}");
    }
}

#[test]
fn s3s_takes_an_escaped_slash_for_the_slash_of_a_key() {
    let server = S3Server::start().unwrap();
    let (status, body) = send(&server, "PUT", "/bucket/a%2Fb", b"hello");
    assert_eq!(status, 200, "{body}");
    assert_eq!(server.keys(BUCKET), ["a/b"]);
    assert_eq!(send(&server, "GET", "/bucket/a/b", b"").1, "hello");
}

#[test]
fn a_wrong_secret_is_refused() {
    let server = S3Server::start().unwrap();
    let (status, body) = send_as(&server, "PUT", "/bucket/a", b"", "another");
    assert_eq!(status, 403);
    assert!(body.contains("SignatureDoesNotMatch"), "{body}");
    assert!(server.keys(BUCKET).is_empty());
}

#[test]
fn signed_chunks_are_decoded_and_a_spoilt_one_is_refused() {
    let server = S3Server::start().unwrap();
    let endpoint = server.endpoint();
    let client = client(&endpoint, SECRET_KEY);
    let (first, second) = ([b'a'; 8192], *b"the end");
    let chunks = [first.as_slice(), &second];
    assert_eq!(client.put_chunks("/bucket/a", &chunks, |_| {}), (200, String::new()));
    let content = server.object(BUCKET, "a").unwrap().content.unwrap();
    assert_eq!(content, chunks.concat());
    let spoil = |framed: &mut Vec<u8>| framed[1000] = b'b';
    let (status, body) = client.put_chunks("/bucket/b", &chunks, spoil);
    assert!(status == 403 && body.contains("SignatureDoesNotMatch"), "{status} {body}");
    assert!(server.object(BUCKET, "b").is_none());
}

#[test]
fn a_body_that_differs_from_its_hash_is_refused() {
    let server = S3Server::start().unwrap();
    let endpoint = server.endpoint();
    let client = client(&endpoint, SECRET_KEY);
    let signed =
        client.sign("PUT", "/bucket/a", &[("x-amz-content-sha256", &oracle::sha256_hex(b"hello"))]);
    let (status, body) = client.exchange("PUT", "/bucket/a", &signed.headers, b"hallo");
    assert!(status == 400 && body.contains("BadDigest"), "{status} {body}");
    assert!(server.keys(BUCKET).is_empty());
}

#[test]
fn digest_mode_keeps_size_and_hash_only() {
    let server = S3Server::start_keeping(Kept::Digest).unwrap();
    send(&server, "PUT", "/bucket/a", b"hello");
    let object = server.object(BUCKET, "a").unwrap();
    assert_eq!((object.size, object.content), (5, None));
    assert_eq!(object.sha256, oracle::sha256_hex(b"hello"));
}

#[test]
fn a_dropped_server_no_longer_listens() {
    let server = S3Server::start().unwrap();
    let address = server.address();
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_server_starts_and_stops_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = S3Server::start().unwrap();
        tokio::net::TcpStream::connect(server.address()).await.unwrap();
    });
}
