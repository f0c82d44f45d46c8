//! Counts the memory that a guarded server holds for unverified clients, on the server's thread
//! only.

use std::convert::Infallible;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::SystemTime;

use allocation_counter::measure;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use sigv4_core::verify::Verifier;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
use sigv4_hyper::{VerifiedBody, VerifyLayer};
use tower::{Layer as _, service_fn};

const REGION: Region = Region::from_static("us-east-1");
const MIB: u64 = 1024 * 1024;

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "secret")
}

/// Sends the requests at once, each on its own connection, to a server with a body limit of
/// 1 MiB. Returns the most bytes that the server held, and the start of each response.
///
/// A client sends all but the last byte of its request, waits until all have, and sends that byte.
fn held(
    count_of: usize,
    service: Service,
    request: &(dyn Fn() -> Vec<u8> + Sync),
) -> (u64, Vec<String>) {
    let verifier = Verifier::new(REGION, service);
    let layer = VerifyLayer::new(verifier, credentials()).with_body_limit(1024 * 1024);
    let guarded =
        layer.layer(service_fn(|request: Request<VerifiedBody<hyper::body::Incoming>>| async {
            let status = if request.into_body().collect().await.is_ok() { 200 } else { 400 };
            let mut response = Response::new(Full::<Bytes>::default());
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            Ok::<_, Infallible>(response)
        }));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let all_sent = std::sync::Barrier::new(count_of);
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..count_of).map(|_| scope.spawn(|| send(address, &request(), &all_sent))).collect();
        let serve = async {
            let mut connections = tokio::task::JoinSet::new();
            for _ in 0..count_of {
                let (stream, _) = listener.accept().await.unwrap();
                let service = TowerToHyperService::new(guarded.clone());
                connections.spawn(async move {
                    // The server sets how far hyper reads ahead: by default 400 KiB a connection.
                    let http = http1::Builder::new().max_buf_size(8 * 1024).clone();
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
            while connections.join_next().await.is_some() {}
        };
        let mut serve = Some(serve);
        let allocations = measure(|| runtime.block_on(serve.take().unwrap()));
        (allocations.bytes_max, clients.into_iter().map(|client| client.join().unwrap()).collect())
    })
}

fn send(address: SocketAddr, wire: &[u8], all_sent: &std::sync::Barrier) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    let (last, most) = wire.split_last().unwrap();
    let sent = socket.write_all(most); // a server may refuse before it has read everything
    all_sent.wait();
    let _ = sent.and_then(|()| socket.write_all(&[*last]));
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).chars().take(12).collect()
}

fn on_the_wire(request: &Request<()>, more: &str) -> Vec<u8> {
    let mut head = format!("PUT {} HTTP/1.1\r\nconnection: close\r\n{more}", request.uri().path());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    (head + "\r\n").into_bytes()
}

/// A valid head, and a chunk of garbage of this length.
fn garbage_chunk(claimed: usize, sent: usize) -> Vec<u8> {
    let mut request = Request::put("/bucket/key").header("host", "example.com").body(()).unwrap();
    let length = HeaderValue::from(claimed);
    request.headers_mut().insert("x-amz-decoded-content-length", length);
    let signer = Signer::new(REGION, Service::from_static("s3"));
    let (payload, now) = (PayloadHash::StreamingSigned, SystemTime::now());
    signer.sign_hashed(&mut request, payload, &credentials(), now).unwrap();
    let chunk_head = format!("{claimed:x};chunk-signature={}\r\n", "0".repeat(64));
    let length = format!("content-length: {}\r\n", chunk_head.len() + claimed + 100);
    let mut wire = on_the_wire(&request, &length);
    wire.extend_from_slice(chunk_head.as_bytes());
    wire.resize(wire.len() + sent, b'x');
    wire
}

#[test]
fn garbage_chunks_hold_no_more_than_the_body_limit_each() {
    let s3 = || Service::from_static("s3");
    let (held_bytes, answers) = held(20, s3(), &|| garbage_chunk(8 << 20, 8 << 20));
    println!("20 connections, 8 MiB of garbage chunk each: {} KiB held", held_bytes / 1024);
    assert!(held_bytes < 2 * MIB, "{held_bytes}: a chunk over the limit is refused by its head");
    assert!(answers.iter().all(|answer| !answer.contains("200")), "{answers:?}");

    // The largest chunk accepted: held until its last byte shows that it is not the signed one.
    let (held_bytes, answers) = held(20, s3(), &|| garbage_chunk(1 << 20, 1 << 20));
    println!("20 connections, 1 MiB of garbage chunk each: {} KiB held", held_bytes / 1024);
    assert!(held_bytes < 30 * MIB, "{held_bytes}");
    assert!(answers.iter().all(|answer| answer == "HTTP/1.1 403"), "{answers:?}");
}

#[test]
fn bodies_for_unknown_keys_are_not_kept() {
    let body = vec![b'x'; 900_000];
    let request = |key: &Credentials| {
        let mut request = Request::put("/pets").header("host", "example.com").body(()).unwrap();
        let signer = Signer::new(REGION, Service::from_static("execute-api"));
        let payload = PayloadHash::of(&body);
        signer.sign_hashed(&mut request, payload, key, SystemTime::now()).unwrap();
        let mut wire = on_the_wire(&request, &format!("content-length: {}\r\n", body.len()));
        wire.extend_from_slice(&body);
        wire
    };
    let api = || Service::from_static("execute-api");
    let unknown = Credentials::new("AKIDOTHER", "secret");
    let (held_bytes, answers) = held(150, api(), &|| request(&unknown));
    println!("150 requests of 900 kB for an unknown key: {} KiB held", held_bytes / 1024);
    assert!(held_bytes < 5 * MIB, "{held_bytes}");
    assert!(answers.iter().all(|answer| answer == "HTTP/1.1 403"), "{answers:?}");
    // A body for a known key has to be kept, so one takes more memory than eight for an unknown
    // key.
    let (held_bytes, _) = held(8, api(), &|| request(&unknown));
    assert!(held_bytes < 900_000, "{held_bytes}");
    let (held_bytes, answers) = held(8, api(), &|| request(&credentials()));
    assert!(held_bytes > 900_000, "{held_bytes}");
    assert!(answers.iter().all(|answer| answer == "HTTP/1.1 200"), "{answers:?}");
}
