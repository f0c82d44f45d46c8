//! Two threads that share one signer and one set of credentials, against one thread; and requests
//! that grow tenfold.

#![allow(clippy::unwrap_used, reason = "a bench that cannot do its work must stop")]

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use benches::Effort;
use cpu_time::ThreadTime;
use http::Request;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, SigningTime};

const SIGNER: Signer =
    Signer::new(Region::from_static("us-east-1"), Service::from_static("service"));

/// Prints how much more two threads do than one, by the wall clock: the best of five.
pub(crate) fn print(effort: Effort) {
    let times = if effort.rounds < 10 { 2_000 } else { 500_000 };
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let best = (0..5)
        .map(|_| 2.0 * seconds(1, times, &credentials) / seconds(2, times, &credentials))
        .fold(0.0, f64::max);
    let verdict = if best >= 1.9 { "" } else { ": MISSED" };
    println!("\nTwo threads, row a: {best:.2} times one thread (>= 1.9{verdict})");
}

/// Prints the cost of a signature as headers, parameters or body grow: the lowest of several runs.
pub(crate) fn print_growth(effort: Effort) {
    let times = if effort.rounds < 10 { 1 } else { 50 };
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    println!(
        "\n| microseconds for | 10 | 100 | 1,000 | 10,000 |\n| --- | ---: | ---: | ---: | ---: |"
    );
    for (what, request) in [
        ("headers", with_headers as fn(usize) -> Request<Vec<u8>>),
        ("parameters", with_parameters),
        ("KiB of body", with_body),
    ] {
        let costs = [10, 100, 1_000, 10_000].map(|count| {
            let request = request(count);
            (0..times).map(|_| microseconds(&request, &credentials)).fold(f64::MAX, f64::min)
        });
        println!("| {what} | {} |", costs.map(|cost| format!("{cost:.0}")).join(" | "));
    }
}

fn microseconds(request: &Request<Vec<u8>>, credentials: &Credentials) -> f64 {
    let time = SigningTime::from_unix(1_440_938_160).unwrap();
    let start = ThreadTime::now();
    let payload = PayloadHash::of(request.body());
    black_box(SIGNER.compute(request, payload, credentials, time).unwrap());
    start.elapsed().as_secs_f64() * 1e6
}

fn with_headers(count: usize) -> Request<Vec<u8>> {
    let mut request = Request::get("https://example.amazonaws.com/");
    // The order is shuffled: 7,919 is a prime.
    for n in (0..count).map(|n| n * 7_919 % count) {
        request = request.header(format!("x-amz-meta-{n:05}"), "value");
    }
    request.body(Vec::new()).unwrap()
}

fn with_parameters(count: usize) -> Request<Vec<u8>> {
    // Pairs are as short as possible, because `http::Uri` holds at most 65,534 bytes.
    let pairs: Vec<_> = (0..count).map(|n| format!("{:x}=", n * 7_919 % count)).collect();
    let uri = format!("https://example.amazonaws.com/?{}", pairs.join("&"));
    Request::get(uri).body(Vec::new()).unwrap()
}

fn with_body(kib: usize) -> Request<Vec<u8>> {
    Request::put("https://example.amazonaws.com/").body(vec![0x5a; kib * 1024]).unwrap()
}

/// Measures how long `threads` threads take to sign `times` times each.
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
    let request = Request::get("https://example.amazonaws.com/?Param1=value1").body(()).unwrap();
    let time = SigningTime::from_unix(1_440_938_160).unwrap();
    for _ in 0..times {
        black_box(SIGNER.compute(&request, PayloadHash::EMPTY, credentials, time).ok());
    }
}
