//! Two threads that sign with one signer and one set of credentials, against one thread.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use benches::Effort;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, SigningTime};

const SIGNER: Signer =
    Signer::new(Region::from_static("us-east-1"), Service::from_static("service"));

/// Prints how many times as much two threads do as one, by the wall clock: the best of five.
pub(crate) fn print(effort: Effort) {
    let times = if effort.rounds < 10 { 2_000 } else { 500_000 };
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let best = (0..5)
        .map(|_| 2.0 * seconds(1, times, &credentials) / seconds(2, times, &credentials))
        .fold(0.0, f64::max);
    let verdict = if best >= 1.9 { "" } else { ": MISSED" };
    println!("\nTwo threads, row a: {best:.2} times one thread (>= 1.9{verdict})");
}

/// How long it takes all of `threads` to sign so many `times`.
fn seconds(threads: usize, times: u32, credentials: &Credentials) -> f64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| sign(times, credentials));
        }
    });
    start.elapsed().as_secs_f64()
}

fn sign(times: u32, credentials: &Credentials) {
    let request = http::Request::get("https://example.amazonaws.com/?Param1=value1").body(());
    let (Ok(request), Ok(time)) = (request, SigningTime::from_unix(1_440_938_160)) else {
        unreachable!("both are well-formed");
    };
    for _ in 0..times {
        black_box(SIGNER.compute(&request, PayloadHash::EMPTY, credentials, time).ok());
    }
}
