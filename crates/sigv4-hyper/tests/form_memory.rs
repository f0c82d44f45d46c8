//! Memory of a form of 1 GiB, read over a socket: the only test of its process.

#![cfg(all(feature = "form", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "tests may fail anywhere")]

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use sigv4_core::post_policy::PostPolicy;
use sigv4_core::verify::Verifier;
use sigv4_core::{Credentials, Region, Service, Signer};
use sigv4_hyper::{FileBody, VerifyFormLayer};
use tower::{Layer, service_fn};

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

/// Counts the file's bytes and keeps none.
async fn count(request: Request<FileBody>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut body = request.into_body();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        length += frame.unwrap().into_data().unwrap().len() as u64;
    }
    Ok(Response::new(Full::from(length.to_string())))
}

/// Sends a form with a file of this length; gives the response.
fn post(address: std::net::SocketAddr, length: u64) -> String {
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let now = SystemTime::now();
    let policy = PostPolicy::new(now + Duration::from_secs(600)).unwrap();
    let policy = policy.with_equal("bucket", "b").with_equal("key", "k").with_file_length(0..=GIB);
    let form = signer.sign_post_policy(&policy, &key(), now).unwrap();
    let mut start = String::new();
    for (name, value) in form.fields().chain([("key", "k")]) {
        let head = "content-disposition: form-data; name=";
        start += &format!("--frontier\r\n{head}\"{name}\"\r\n\r\n{value}\r\n");
    }
    start += "--frontier\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
    let end = "\r\n--frontier--\r\n";
    let total = start.len() as u64 + length + end.len() as u64;
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "content-type: multipart/form-data; boundary=frontier\r\nconnection: close";
    write!(
        stream,
        "POST /b HTTP/1.1\r\nhost: a\r\n{head}\r\ncontent-length: {total}\r\n\r\n{start}"
    )
    .unwrap();
    // Line ends everywhere: each could be the start of a boundary.
    let block = b"sixteen bytes.\r\n".repeat(4096);
    for _ in 0..length / block.len() as u64 {
        stream.write_all(&block).unwrap();
    }
    stream.write_all(end.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

fn key() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "secret")
}

/// A line of `/proc/self/status`, in bytes.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let kib: String = line.chars().filter(char::is_ascii_digit).collect();
    kib.parse::<u64>().unwrap() * 1024
}

#[test]
fn form_of_a_gibibyte_takes_less_than_16_mib_above_idle() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let verifier = Verifier::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let guarded = VerifyFormLayer::new(verifier, key()).layer(service_fn(count));
    runtime.spawn(async move {
        loop {
            let stream = TokioIo::new(listener.accept().await.unwrap().0);
            let service = TowerToHyperService::new(guarded.clone());
            tokio::spawn(async move {
                auto::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await
            });
        }
    });
    assert!(post(address, MIB).ends_with(&MIB.to_string()), "a first one, so that all is loaded");
    std::fs::write("/proc/self/clear_refs", "5").unwrap(); // the peak is what it is now
    let idle = status("VmRSS:");
    assert!(post(address, GIB).ends_with(&GIB.to_string()));
    let above = status("VmHWM:").saturating_sub(idle);
    println!("1 GiB: {} KiB above idle", above / 1024);
    assert!(above < 16 * MIB, "{above} bytes above idle");
}
