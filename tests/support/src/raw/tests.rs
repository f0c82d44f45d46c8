use std::io::{Read, Write};
use std::net::TcpStream;

use super::*;
use crate::oracle::{self, Rules};

fn ok() -> Answer {
    Answer::Reply(Reply::new(200).body("fine"))
}

/// Sends bytes and reads until the connection ends.
fn exchange(server: &RawServer, bytes: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(server.address())?;
    stream.write_all(bytes)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn bytes_are_kept_exactly_as_received() {
    let server = RawServer::start(|_| ok()).unwrap();
    let head = b"GET /a%2f\xC3\xBC?b=+ HTTP/1.1\r\nHost: x\r\nX-A:  v  w \r\nx-a:\xFF\r\nConnection: close\r\n\r\n";
    let answer = exchange(&server, head).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nfine"),
        "{answer}"
    );
    let received = server.last().unwrap();
    assert_eq!(received.raw_head, head);
    assert_eq!(received.target, b"/a%2f\xC3\xBC?b=+");
    assert_eq!(received.headers[1], (b"X-A".to_vec(), b"v  w".to_vec()));
    assert_eq!(received.headers[2], (b"x-a".to_vec(), b"\xFF".to_vec()));
}

#[test]
fn a_connection_carries_several_requests() {
    let server = RawServer::start(|_| ok()).unwrap();
    let requests = b"PUT /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n";
    let answer = exchange(&server, requests).unwrap();
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2);
    let received = server.received();
    assert_eq!(received[0].body, b"abc");
    assert_eq!((received[1].target.as_slice(), received[1].connection), (b"/2".as_slice(), 0));
}

#[test]
fn chunked_bodies_and_their_trailers_are_read() {
    let server = RawServer::start(|_| ok()).unwrap();
    let request = b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
        3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-End: z\r\n\r\n";
    exchange(&server, request).unwrap();
    let received = server.last().unwrap();
    assert_eq!(received.body, b"abcde");
    assert_eq!(received.trailers, [(b"X-End".to_vec(), b"z".to_vec())]);
    assert!(received.complete);
}

#[test]
fn a_cut_body_is_recorded_as_incomplete() {
    let server = RawServer::start(|_| ok()).unwrap();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(b"PUT / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    let received = server.last().unwrap();
    assert_eq!((received.body.as_slice(), received.complete), (b"abc".as_slice(), false));
}

#[test]
fn a_connection_can_be_reset_before_within_and_after_a_request() {
    let request = b"PUT / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabcdef";
    let reset = |script: Script| {
        let server = RawServer::start_script(script).unwrap();
        let error = exchange(&server, request).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        server.received()
    };
    let accept = Script::answering(|_| ok()).on_accept(|_| OnAccept::Reset);
    assert_eq!(reset(accept), []);
    let within = Script::answering(|_| ok()).on_head(|_| OnHead::ResetAfter(2));
    assert_eq!(reset(within)[0].body, b"ab");
    let after = Script::answering(|_| Answer::Reset(Vec::new()));
    assert!(reset(after)[0].complete);
    let half = Script::answering(|_| Answer::Reset(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()));
    assert!(reset(half)[0].complete);
}

#[test]
fn a_client_that_expects_continue_receives_it_or_is_refused() {
    let request =
        b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n";
    let server = RawServer::start(|_| ok()).unwrap();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(request).unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    let script = Script::answering(|_| ok()).on_head(|_| OnHead::Reply(Reply::new(403)));
    let server = RawServer::start_script(script).unwrap();
    let answer = exchange(&server, request).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden"), "{answer}");
}

#[test]
fn input_that_is_not_http_is_reported() {
    let server = RawServer::start(|_| ok()).unwrap();
    let _ = exchange(&server, b"GET / HTTP/1.1\r\nbad name: x\r\n\r\n");
    drop(exchange(&server, b"GET  / HTTP/1.1\r\n\r\n"));
    let malformed = server.malformed();
    assert_eq!(malformed.len(), 2, "{malformed:?}");
    assert!(malformed[0].starts_with("header name"), "{malformed:?}");
}

#[test]
fn a_reply_may_depend_on_the_request() {
    let server = RawServer::start(|received| match received.target.as_slice() {
        b"/old" => Answer::ReplyAndClose(Reply::new(307).header("location", "/new")),
        _ => Answer::Bytes(b"HTTP/1.0 200 Fine\r\n\r\nraw".to_vec()),
    })
    .unwrap();
    let answer = exchange(&server, b"GET /old HTTP/1.1\r\n\r\n").unwrap();
    assert!(
        answer.contains("307 Temporary Redirect\r\nlocation: /new\r\nconnection: close\r\n"),
        "{answer}"
    );
    assert_eq!(
        exchange(&server, b"GET / HTTP/1.1\r\n\r\n").unwrap(),
        "HTTP/1.0 200 Fine\r\n\r\nraw"
    );
}

#[test]
fn the_reply_to_a_head_request_has_no_body() {
    let server = RawServer::start(|_| ok()).unwrap();
    let answer = exchange(&server, b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    assert!(answer.ends_with("content-length: 4\r\n\r\n"), "{answer}");
}

#[test]
fn the_signature_is_recomputed_from_the_bytes() {
    let server = RawServer::start(|_| ok()).unwrap();
    let (timestamp, scope) = ("20150830T123600Z", "20150830/us-east-1/s3/aws4_request");
    let payload = oracle::sha256_hex(b"hello");
    let host = server.address().to_string();
    let canonical = format!(
        "PUT\n/a%20b\n\nhost:{host}\nx-amz-content-sha256:{payload}\nx-amz-date:{timestamp}\n\n\
         host;x-amz-content-sha256;x-amz-date\n{payload}"
    );
    let key = oracle::signing_key("secret", "20150830", "us-east-1", "s3");
    let to_sign = oracle::string_to_sign(timestamp, scope, canonical.as_bytes());
    let signature = oracle::signature(&key, to_sign.as_bytes());
    let send = |body: &str| {
        let request = format!(
            "PUT /a%20b HTTP/1.1\r\nHost: {host}\r\nX-Amz-Date: {timestamp}\r\nx-amz-content-sha256: {payload}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=AK/{scope}, \
             SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        exchange(&server, request.as_bytes()).unwrap();
        server.last().unwrap()
    };
    let oracle = Oracle::new("us-east-1", "s3", Rules::S3, "AK", "secret");
    assert_eq!(send("hello").check(&oracle).unwrap().signature, signature);
    assert!(send("hallo").check(&oracle).unwrap_err().starts_with("payload:"));
}

#[test]
fn dropping_the_server_ends_an_idle_connection() {
    let server = RawServer::start(|_| ok()).unwrap();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut block = [0; 256];
    assert!(stream.read(&mut block).unwrap() > 0);
    drop(server);
    assert_eq!(stream.read(&mut block).unwrap(), 0);
}
