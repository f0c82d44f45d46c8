//! `SigningProxy` between raw sockets: what it refuses, what it hands on, and that it streams.

#![cfg(feature = "proxy")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail anywhere"
)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use bytes::Bytes;
use common::{credentials, oracle, signer};
use http::{HeaderName, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sigv4_core::PayloadHash;
use sigv4_hyper::{BoxError, ProxyError, SignHeadLayer, SignLayer, SignStreamLayer, SigningProxy};
use support::raw::{Answer, RawServer, Reply};
use support::wire::{AWKWARD_TARGETS, TOKEN};
use tokio::runtime::Runtime;
use tower::Layer;
use tower_service::Service;

fn client<B>() -> Client<HttpConnector, B>
where
    B: http_body::Body<Data: Send> + Send,
{
    Client::builder(TokioExecutor::new()).build_http()
}

/// A proxy that runs until it is dropped.
struct Running {
    address: SocketAddr,
    _runtime: Runtime,
}

impl Running {
    fn with<S, R>(upstream: &str, service: S, kept: Option<&'static str>) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<R>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        R: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let runtime = Runtime::new().unwrap();
        let upstream: Uri = upstream.parse().unwrap();
        let mut proxy = runtime.block_on(SigningProxy::bind(0, &upstream, service)).unwrap();
        if let Some(name) = kept {
            proxy = proxy.with_kept_header(HeaderName::from_static(name));
        }
        let address = proxy.address();
        assert_eq!(proxy.endpoint(), format!("http://{address}"));
        assert!(address.ip().is_loopback());
        runtime.spawn(proxy.serve());
        Self { address, _runtime: runtime }
    }

    fn signing(service: &str, upstream: &str) -> Self {
        let layer = SignLayer::new(signer(service), credentials()).with_buffer_limit(100);
        Self::with(upstream, layer.layer(client::<Full<Bytes>>()), Some("x-amz-target"))
    }

    /// Sends a head, and a body, as they stand; gives status and response.
    fn send(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = head.replace("HOST", &self.address.to_string());
        write!(stream, "{head}connection: close, x-mine\r\n\r\n{body}").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        if let Some(rest) = text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n") {
            text = rest.to_owned(); // asked for with `expect`
        }
        (text.get(9..12).map_or(0, |status| status.parse().unwrap()), text)
    }
}

fn upstream() -> RawServer {
    let judge = oracle("es");
    RawServer::start(move |received| {
        let reply = match received.check(&judge) {
            Ok(_) => Reply::new(200).header("x-kept", "1").header("keep-alive", "timeout=5"),
            Err(reason) => Reply::new(403).body(reason),
        };
        Answer::Reply(reply)
    })
    .unwrap()
}

#[test]
fn request_of_a_program_is_signed_for_the_upstream() {
    let server = upstream();
    let proxy = Running::signing("es", &server.endpoint());
    let head = "POST /books/_doc/a%20b?q=a+b HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5\r\n\
        content-type: application/json\r\nx-mine: 1\r\nte: trailers\r\nproxy-connection: close\r\n\
        authorization: Basic YTpi\r\nx-amz-security-token: stale\r\nx-amz-copy-source: /a/b\r\n\
        x-amz-target: DynamoDB_20120810.ListTables\r\nexpect: 100-continue\r\n";
    let (status, text) = proxy.send(head, "hello");
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("x-kept: 1") && !text.contains("keep-alive"), "{text}");
    let sent = server.last().unwrap();
    assert_eq!(sent.target, b"/books/_doc/a%20b?q=a%20b");
    assert_eq!(sent.body, b"hello");
    assert_eq!(sent.header("host"), [server.address().to_string()]);
    assert_eq!(sent.header("x-amz-security-token"), [TOKEN]);
    assert_eq!(sent.header("x-amz-target"), ["DynamoDB_20120810.ListTables"]);
    assert_eq!(sent.header("content-type"), ["application/json"]);
    assert!(sent.header("authorization")[0].contains("x-amz-target"), "a kept header is signed");
    for name in ["x-mine", "te", "proxy-connection", "x-amz-copy-source", "expect", "connection"] {
        assert!(sent.header(name).is_empty(), "{name}");
    }
}

#[test]
fn awkward_targets_arrive_as_signed() {
    let server = upstream();
    let proxy = Running::signing("es", &server.endpoint());
    for target in AWKWARD_TARGETS {
        let (status, text) = proxy.send(&format!("GET {target} HTTP/1.1\r\nhost: HOST\r\n"), "");
        assert_eq!(status, 200, "{target}: {text}");
    }
    assert_eq!(server.received().len(), AWKWARD_TARGETS.len());
}

#[test]
fn web_page_cannot_reach_it_and_nothing_reaches_the_upstream() {
    let server = upstream();
    let proxy = Running::signing("es", &server.endpoint());
    let port = proxy.address.port();
    for (line, rest, expected) in [
        // The page's own name, made to resolve to this machine.
        ("GET / HTTP/1.1", format!("host: rebound.example.com:{port}"), 421),
        ("GET / HTTP/1.1", "host: 127.0.0.1".to_owned(), 421),
        ("GET / HTTP/1.0", "accept: */*".to_owned(), 421),
        ("POST /_bulk HTTP/1.1", "host: HOST\r\norigin: https://example.com".to_owned(), 403),
        ("POST /_bulk HTTP/1.1", "host: HOST\r\norigin: null".to_owned(), 403),
        ("GET / HTTP/1.1", "host: HOST\r\nsec-fetch-site: cross-site".to_owned(), 403),
        ("GET http://example.com/ HTTP/1.1", "host: HOST".to_owned(), 400),
        ("GET http://HOST/ HTTP/1.1", "host: HOST".to_owned(), 400),
        ("OPTIONS * HTTP/1.1", "host: HOST".to_owned(), 400),
        ("CONNECT example.com:443 HTTP/1.1", "host: HOST".to_owned(), 400),
        ("CONNECT HOST HTTP/1.1", "host: HOST".to_owned(), 400),
    ] {
        let (status, text) = proxy.send(&format!("{line}\r\n{rest}\r\n"), "");
        assert_eq!(status, expected, "{line} {rest}: {text}");
    }
    assert!(server.received().is_empty());
    for origin in [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")] {
        let head = format!("GET / HTTP/1.1\r\nhost: localhost:{port}\r\norigin: {origin}\r\n");
        assert_eq!(proxy.send(&head, "").0, 200, "a page of the upstream's own");
    }
}

#[test]
fn curl_that_takes_it_for_a_forward_proxy_is_refused() {
    if Command::new("curl").arg("--version").output().is_err() {
        return eprintln!("curl is not installed");
    }
    let server = upstream();
    let proxy = Running::signing("es", &server.endpoint());
    let endpoint = format!("http://{}", proxy.address);
    let curl = |arguments: &[&str]| {
        let mut command = Command::new("curl");
        command.args(["-s", "-o", "/dev/null", "-w", "%{http_code} %{http_connect}"]);
        String::from_utf8(command.args(arguments).output().unwrap().stdout).unwrap()
    };
    assert_eq!(curl(&["-x", &endpoint, "--noproxy", "", "http://example.com/"]), "400 000");
    assert_eq!(curl(&["-x", &endpoint, "--noproxy", "", "https://example.com/"]), "000 400");
    assert!(server.received().is_empty());
    assert_eq!(curl(&["--noproxy", "*", &format!("{endpoint}/_search")]), "200 000");
}

#[test]
fn request_that_cannot_be_signed_or_sent_gets_a_status_and_the_reason() {
    let server = upstream();
    let proxy = Running::signing("es", &server.endpoint());
    let long = "x".repeat(101);
    let head = "PUT / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 101\r\n";
    let (status, text) = proxy.send(head, &long);
    assert_eq!(status, 413, "{text}");
    let presigned = "GET /?X-Amz-Signature=0 HTTP/1.1\r\nhost: HOST\r\n";
    let (status, text) = proxy.send(presigned, "");
    assert!(status == 400 && text.contains("X-Amz-Signature"), "{text}");
    assert!(server.received().is_empty());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", taken.local_addr().unwrap());
    drop(taken);
    let (status, text) =
        Running::signing("es", &nobody).send("GET / HTTP/1.1\r\nhost: HOST\r\n", "");
    assert!(status == 502 && text.contains("refused"), "hyper's own reason: {text}");
    let stream = SignStreamLayer::new(signer("s3"), credentials()).layer(client());
    let chunked = "PUT / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n";
    let (status, text) = Running::with(&server.endpoint(), stream, None).send(chunked, "0\r\n\r\n");
    assert_eq!(status, 411, "{text}");
}

/// An upstream that answers half a body, waits to be told, and answers the rest.
#[test]
fn response_is_handed_on_while_it_still_comes() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (seen, wait) = mpsc::channel();
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        read_head(&stream);
        (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst").unwrap();
        wait.recv().unwrap(); // never, were the response held back until it is whole
        (&stream).write_all(b"later").unwrap();
    });
    let proxy = Running::signing("es", &endpoint);
    let mut stream = TcpStream::connect(proxy.address).unwrap();
    write!(stream, "GET / HTTP/1.1\r\nhost: {}\r\n\r\n", proxy.address).unwrap();
    read_head(&stream);
    let mut half = [0; 5];
    stream.read_exact(&mut half).unwrap();
    assert_eq!(&half, b"first");
    seen.send(()).unwrap();
    stream.read_exact(&mut half).unwrap();
    assert_eq!(&half, b"later");
    server.join().unwrap();
}

/// A program that sends half a body, waits until the upstream has it, and sends the rest.
fn request_streams(service: &dyn Fn(&str) -> Running, upstream_reads: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (seen, wait) = mpsc::channel();
    let mark = upstream_reads.to_owned();
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        read_head(&stream);
        read_to(&stream, &mark);
        seen.send(()).unwrap();
        read_to(&stream, "later");
        (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    let proxy = service(&endpoint);
    let mut stream = TcpStream::connect(proxy.address).unwrap();
    let first = "first".repeat(20_000);
    let length = first.len() + 5;
    let address = proxy.address;
    write!(
        stream,
        "PUT /b/k HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n\r\n{first}"
    )
    .unwrap();
    wait.recv().unwrap(); // never, were the body held back until it is whole
    stream.write_all(b"later").unwrap();
    assert!(read_head(&stream).starts_with("HTTP/1.1 200"));
    server.join().unwrap();
}

#[test]
fn request_is_handed_on_while_it_still_comes() {
    let unsigned = |endpoint: &str| {
        let layer = SignHeadLayer::new(signer("s3"), credentials());
        let layer = layer.with_payload(PayloadHash::Unsigned);
        Running::with(endpoint, layer.layer(client::<Incoming>()), None)
    };
    request_streams(&unsigned, "first");
    let chunked = |endpoint: &str| {
        let layer = SignStreamLayer::new(signer("s3"), credentials());
        Running::with(endpoint, layer.layer(client()), None)
    };
    request_streams(&chunked, "chunk-signature=");
}

/// Reads a head byte for byte, and nothing behind it.
fn read_head(stream: &TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        let mut stream = stream;
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Reads until this text has come.
fn read_to(stream: &TcpStream, mark: &str) {
    let mut reader = BufReader::with_capacity(1, stream);
    let mut text = Vec::new();
    while !text.ends_with(mark.as_bytes()) {
        let byte = reader.fill_buf().unwrap()[0];
        reader.consume(1);
        text.push(byte);
    }
}

#[test]
fn upstream_is_a_scheme_and_a_host_and_a_port_is_taken_once() {
    let runtime = Runtime::new().unwrap();
    let bind = |port, upstream: &'static str| {
        let service = SignLayer::new(signer("es"), credentials()).layer(client::<Full<Bytes>>());
        runtime.block_on(SigningProxy::bind(port, &Uri::from_static(upstream), service))
    };
    for wrong in ["/", "example.com", "ftp://example.com", "http://a@b", "http://a/b", "http://a?b"]
    {
        assert!(matches!(bind(0, wrong), Err(ProxyError::Upstream)), "{wrong}");
    }
    let first = bind(0, "https://example.com/").unwrap();
    let second = bind(first.address().port(), "https://example.com").unwrap_err();
    assert!(second.to_string().contains("port 0"), "{second}");
}

#[test]
fn connections_end_with_the_proxy() {
    let server = upstream();
    let proxy = Running::signing("es", &server.endpoint());
    let mut stream = TcpStream::connect(proxy.address).unwrap();
    for _ in 0..2 {
        write!(stream, "GET / HTTP/1.1\r\nhost: {}\r\n\r\n", proxy.address).unwrap();
        assert!(read_head(&stream).starts_with("HTTP/1.1 200"), "one connection, two requests");
    }
    drop(proxy);
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
}
