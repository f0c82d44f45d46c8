//! `soak [SECONDS]` (default 60): a verifying server and signing clients. Credentials rotate each
//! second.
//!
//! Fails if a request is refused, if key id, secret and token of different rotations are ever mixed
//! (the server would refuse it), or if memory grows after warming up. Prints figures.

mod keys;
mod server;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sigv4_core::{Region, Service, Signer};
use sigv4_hyper::SignLayer;
use sigv4_reqwest::SigningClient;
use tower::{Layer as _, ServiceExt as _};

use crate::keys::Keys;

pub(crate) const REGION: Region = Region::from_static("us-east-1");
pub(crate) const SERVICE: Service = Service::from_static("s3");

/// The number of clients of each kind.
const CLIENTS: usize = 4;
/// The most KiB by which memory may grow, from a third of the run to its end.
const GROWTH: u64 = 8 * 1024;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The responses that the clients have received so far.
#[derive(Default)]
struct Tally {
    accepted: AtomicU64,
    refused: AtomicU64,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome<ExitCode> {
    let seconds = std::env::args().nth(1).map_or(Ok(60), |text| text.parse::<u64>())?;
    let keys = Keys::default();
    let url = format!("http://{}", server::start(keys.clone()).await?);
    let tally = Arc::new(Tally::default());
    for client in 0..CLIENTS {
        tokio::spawn(with_reqwest(
            format!("{url}/reqwest/{client}"),
            keys.clone(),
            Arc::clone(&tally),
        ));
        tokio::spawn(with_hyper(format!("{url}/hyper/{client}"), keys.clone(), Arc::clone(&tally)));
    }

    let started = Instant::now();
    let mut warm = 0;
    for second in 1..=seconds {
        tokio::time::sleep(Duration::from_secs(1)).await;
        keys.rotate();
        if second == seconds.div_ceil(3) {
            warm = resident()?;
        }
    }
    let accepted = tally.accepted.load(Ordering::Relaxed);
    let refused = tally.refused.load(Ordering::Relaxed);
    let end = resident()?;
    let rate = accepted as f64 / started.elapsed().as_secs_f64();
    println!(
        "{accepted} requests signed and verified in {seconds} s ({rate:.0}/s), {refused} refused"
    );
    println!(
        "{} rotations; resident memory {warm} KiB when warm, {end} KiB at the end",
        keys.rotations()
    );
    let right = refused == 0 && accepted > 0 && end.saturating_sub(warm) <= GROWTH;
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn with_reqwest(url: String, keys: Keys, tally: Arc<Tally>) -> Outcome {
    let signer = Signer::new(REGION, SERVICE);
    let client = SigningClient::builder(reqwest::Client::builder(), signer, keys).build()?;
    for n in 0_u64.. {
        let response = client.put(format!("{url}/{n}?q=a+b")).body(body(n)).send().await?;
        count(&tally, response.status(), &response.bytes().await?);
    }
    Ok(())
}

async fn with_hyper(url: String, keys: Keys, tally: Arc<Tally>) -> Outcome {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let client = SignLayer::new(Signer::new(REGION, SERVICE), keys).layer(client);
    for n in 0_u64.. {
        let request = Request::put(format!("{url}/{n}")).body(Full::<Bytes>::from(body(n)))?;
        let (parts, answer) = client.clone().oneshot(request).await?.into_parts();
        count(&tally, parts.status, &answer.collect().await?.to_bytes());
    }
    Ok(())
}

/// Returns a body of 0 to 4 KiB.
fn body(n: u64) -> Vec<u8> {
    vec![b'x'; usize::try_from(n % 5 * 1024).unwrap_or(0)]
}

fn count(tally: &Tally, status: http::StatusCode, answer: &[u8]) {
    let counter = if status.is_success() { &tally.accepted } else { &tally.refused };
    if counter.fetch_add(1, Ordering::Relaxed) == 0 && !status.is_success() {
        println!("first refusal: {status} {}", String::from_utf8_lossy(answer));
    }
}

/// Returns this process's resident memory in KiB, as Linux counts it.
fn resident() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line.ok_or("no VmRSS in /proc/self/status")?.trim().trim_end_matches(" kB").parse()?)
}
