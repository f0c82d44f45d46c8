//! Several threads that share one signer and one set of credentials; and requests that grow tenfold.

#![allow(clippy::unwrap_used, reason = "a bench that cannot do its work must stop")]

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use benches::Effort;
use cpu_time::ThreadTime;
use http::Request;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, SigningTime};

const SIGNER: Signer =
    Signer::new(Region::from_static("us-east-1"), Service::from_static("service"));

/// Prints what one, two and four threads do together, and what a signature costs each of them.
pub(crate) fn print(effort: Effort) {
    let times = if effort.rounds < 10 { 2_000 } else { 500_000 };
    println!("\n| threads, row a | signatures a second | of one thread | ns of CPU for each |");
    println!("| --- | ---: | ---: | ---: |");
    for (name, work) in [("one signer shared", shared as Work), ("prepared, one each", prepared)] {
        let one = best(1, times, work);
        for threads in [1, 2, 4] {
            let Speed { rate, cpu } = best(threads, times, work);
            let ratio = rate / one.rate;
            println!("| {threads}, {name} | {rate:.0} | {ratio:.2} | {cpu:.0} |");
        }
    }
}

/// Signs so many times on this thread.
type Work = fn(u32, &Credentials);

/// Signatures a second by the wall clock, and nanoseconds of a thread's CPU time for each.
struct Speed {
    rate: f64,
    cpu: f64,
}

/// The best of five.
fn best(threads: u32, times: u32, work: Work) -> Speed {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let runs = (0..5).map(|_| {
        let start = Instant::now();
        let cpu: f64 = thread::scope(|scope| {
            let run = || {
                let start = ThreadTime::now();
                work(times, &credentials);
                start.elapsed().as_secs_f64()
            };
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        let signatures = f64::from(threads * times);
        Speed { rate: signatures / start.elapsed().as_secs_f64(), cpu: cpu * 1e9 / signatures }
    });
    runs.max_by(|a, b| a.rate.total_cmp(&b.rate)).unwrap()
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

fn shared(times: u32, credentials: &Credentials) {
    let (request, time) = small_get();
    for _ in 0..times {
        black_box(SIGNER.compute(&request, PayloadHash::EMPTY, credentials, time).unwrap());
    }
}

fn prepared(times: u32, credentials: &Credentials) {
    let (request, time) = small_get();
    let mut prepared = SIGNER.prepared(credentials, time).unwrap();
    for _ in 0..times {
        black_box(prepared.compute(&request, PayloadHash::EMPTY, time).unwrap());
    }
}

fn small_get() -> (Request<()>, SystemTime) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    let url = "https://example.amazonaws.com/?Param1=value1";
    (Request::get(url).body(()).unwrap(), time)
}
