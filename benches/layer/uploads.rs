//! Slow uploads, all at once, over pipes in memory: half of them in signed chunks, half hashed.

use std::time::SystemTime;

use benches::Effort;
use bytes::Bytes;
use http::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use sigv4_core::PayloadHash;
use sigv4_core::stream::AwsChunked;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tower::{Layer as _, service_fn};

use super::{SIGNER, credentials, drain, head_on_the_wire, layer};

/// The most memory that the whole program may hold at its peak, in MiB.
const TARGET: u64 = 750;

/// The content of one upload, in bytes: one chunk of the usual size.
const CONTENT: usize = 64 * 1024;

/// The bytes that each upload has sent when all of them wait.
const SENT: usize = 32 * 1024;

/// The bytes that a slow client sends at a time.
const PIECE: usize = 2 * 1024;

/// Prints the peak memory of the program while the uploads were under way.
pub(crate) fn print(effort: Effort) {
    let count = if effort.rounds < 10 { 200 } else { 10_000 };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(upload(count));
    let (sent, content) = (SENT / 1024, CONTENT / 1024);
    let peak = match peak_mib() {
        Some(peak) if peak < TARGET => format!("peak {peak} MiB (< {TARGET})"),
        Some(peak) => format!("peak {peak} MiB (< {TARGET}: MISSED)"),
        None => "peak unknown on this system".to_owned(),
    };
    println!("{count} slow uploads at once, each {sent} of {content} KiB in: {peak}");
}

async fn upload(count: usize) {
    let guarded = layer().layer(service_fn(drain));
    let bodies = [chunked(), hashed()];
    let mut clients: Vec<(DuplexStream, Bytes)> = Vec::with_capacity(count);
    for body in bodies.iter().cycle().take(count) {
        let (client, server) = duplex(PIECE);
        let service = TowerToHyperService::new(guarded.clone());
        tokio::spawn(async move {
            let http = hyper::server::conn::http1::Builder::new();
            http.serve_connection(TokioIo::new(server), service).await
        });
        clients.push((client, body.clone()));
    }
    // Every upload sends one piece before any sends its second.
    for _ in 0..SENT / PIECE {
        for (client, rest) in &mut clients {
            client.write_all(&rest.split_to(PIECE)).await.unwrap();
        }
    }
    for (mut client, rest) in clients {
        client.write_all(&rest).await.unwrap();
        let mut answer = [0; 12];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
}

/// Builds a signed upload as sent, in signed chunks.
fn chunked() -> Bytes {
    let plan = AwsChunked::signed(CONTENT as u64);
    let mut request = put();
    plan.set_headers(request.headers_mut());
    request.headers_mut().insert("content-length", plan.encoded_length().into());
    let signed =
        SIGNER.compute(&request, plan.payload(), &credentials(), SystemTime::now()).unwrap();
    signed.apply(request.headers_mut());
    let mut wire = head_on_the_wire(&request);
    let mut encoder = plan.encoder(signed).unwrap();
    let mut data = Bytes::from(vec![0x5a; CONTENT]);
    while let Some(chunk) = encoder.encode(&mut data).unwrap() {
        wire.extend_from_slice(&chunk);
    }
    wire.extend_from_slice(&encoder.finish(&HeaderMap::new()).unwrap());
    wire.into()
}

/// Builds a signed upload as sent, hashed as a whole.
fn hashed() -> Bytes {
    let mut request = put();
    request.headers_mut().insert("content-length", CONTENT.into());
    let body = vec![0x5a; CONTENT];
    let (payload, now) = (PayloadHash::of(&body), SystemTime::now());
    SIGNER.sign_hashed(&mut request, payload, &credentials(), now).unwrap();
    let mut wire = head_on_the_wire(&request);
    wire.extend_from_slice(&body);
    wire.into()
}

fn put() -> Request<()> {
    Request::put("/bucket/key").header("host", "s3.example.com").body(()).unwrap()
}

/// Returns the peak memory of this program in MiB, as Linux counts it.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024)
}
