//! Uploads a file of 1 GiB in signed chunks with one chunk in memory, and prints the peak.
//!
//! `cargo run --release --example stream_upload [MiB]`
//!
//! The server runs in this process and verifies every chunk, so its memory is included.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use examples::Outcome;
use examples_aws::connector;
use futures_util::stream::{self, Stream};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest as _, Sha256};
use sigv4_core::stream::{AwsChunked, AwsChunkedBody, Checksum};
use sigv4_core::{Credentials, Region, Service, Signer};
use support::s3::{ACCESS_KEY, BUCKET, Kept, S3Server, SECRET_KEY};
use tokio::io::AsyncReadExt as _;

const MIB: u64 = 1024 * 1024;
const MAX_RESIDENT: u64 = 64 * MIB;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let mebibytes = std::env::args().nth(1).map_or(Ok(1024), |text| text.parse::<u64>())?;
    let (file, sha256) = Generated::new(mebibytes * MIB)?;
    let server = S3Server::start_keeping(Kept::Digest)?;

    let started = Instant::now();
    let plan = upload(&server, &file.0).await?;
    let seconds = started.elapsed().as_secs_f64();

    let stored = server.object(BUCKET, "big").ok_or("nothing was stored")?;
    if stored.sha256 != sha256 {
        return Err("the server stored something else".into());
    }
    println!(
        "sent {mebibytes} MiB ({} bytes on the wire) in {seconds:.1} s, every chunk verified by s3s",
        plan.encoded_length()
    );
    let peak = peak_resident()?;
    println!("peak resident memory, server included: {:.1} MiB", peak as f64 / MIB as f64);
    if peak < MAX_RESIDENT { Ok(()) } else { Err("that is over 64 MiB".into()) }
}

/// Plans the body, signs the request, then sends the file through the plan's encoder.
async fn upload(server: &S3Server, path: &Path) -> Outcome<AwsChunked> {
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let file = tokio::fs::File::open(path).await?;
    let plan = AwsChunked::signed(file.metadata().await?.len()).with_checksum(Checksum::Crc32);

    let mut request = http::Request::put(format!("{}/{BUCKET}/big", server.endpoint())).body(())?;
    plan.set_headers(request.headers_mut());
    let signed = signer.compute(&request, plan.payload(), &credentials, SystemTime::now())?;
    signed.apply(request.headers_mut());
    let progress = progress(plan.decoded_length())?;
    let inner = StreamBody::new(Box::pin(frames(file, progress.clone())));
    let body = AwsChunkedBody::new(inner, plan.encoder(signed)?);

    let client = Client::builder(TokioExecutor::new()).build(connector());
    let response = client.request(request.map(|()| body)).await?;
    progress.finish();
    if !response.status().is_success() {
        let answer = response.into_body().collect().await?.to_bytes();
        return Err(String::from_utf8_lossy(&answer).into());
    }
    Ok(plan)
}

/// Yields a file in pieces.
fn frames(
    file: tokio::fs::File,
    progress: ProgressBar,
) -> impl Stream<Item = std::io::Result<Frame<Bytes>>> {
    stream::try_unfold((file, progress), |(mut file, progress)| async {
        let mut piece = BytesMut::with_capacity(64 * 1024);
        let count = file.read_buf(&mut piece).await?;
        progress.inc(count as u64);
        Ok((count > 0).then(|| (Frame::data(piece.freeze()), (file, progress))))
    })
}

fn progress(bytes: u64) -> Outcome<ProgressBar> {
    let style = "{bar:40} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}";
    Ok(ProgressBar::new(bytes).with_style(ProgressStyle::with_template(style)?))
}

/// Returns the peak resident memory of the process in bytes, as Linux counts it.
fn peak_resident() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.ok_or("no VmHWM in /proc/self/status")?.trim().trim_end_matches(" kB");
    Ok(kibibytes.parse::<u64>()? * 1024)
}

/// A generated file in the temporary folder, removed at the end.
struct Generated(PathBuf);

impl Generated {
    /// Writes numbers that do not repeat within the file. Returns the file and the hash of its
    /// content.
    fn new(bytes: u64) -> Outcome<(Self, String)> {
        let path = std::env::temp_dir().join(format!("stream_upload-{}", std::process::id()));
        let generated = Self(path);
        let mut out = BufWriter::new(File::create_new(&generated.0)?);
        let mut hash = Sha256::new();
        let mut piece = Vec::new();
        for start in (0..bytes / 8).step_by(8192) {
            piece.clear();
            (start..start + 8192).for_each(|n| piece.extend_from_slice(&n.to_le_bytes()));
            hash.update(&piece);
            out.write_all(&piece)?;
        }
        out.flush()?;
        let hash = hash.finalize();
        Ok((generated, hash.iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

impl Drop for Generated {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
