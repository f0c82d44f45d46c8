//! Measures whether the response time tells an unknown key from a known one, with a wrong signature
//! under each, in turn.
//!
//! Run `cargo bench -p benches --bench timing`; `-- --quick` runs a short form. The time of the key
//! store itself is not included: the result of the look-up is ready before the clock starts.
#![allow(clippy::unwrap_used, reason = "a bench that cannot do its work must stop")]

use std::convert::Infallible;
use std::time::{Duration, Instant, SystemTime};

use benches::Effort;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{Full, StreamBody};
use sigv4_core::verify::Verifier;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
use sigv4_hyper::{VerifiedBody, VerifyLayer};
use tower::{Layer as _, Service as _, service_fn};

const REGION: Region = Region::from_static("us-east-1");

/// How far the medians may differ.
const TARGET: f64 = 0.05;

/// How a store keeps its keys.
#[derive(Clone, Copy)]
enum Store {
    /// One value a key, whose signing key has been derived on an earlier request.
    Warm,
    /// The same, but each id comes for the first time that day.
    FirstOfTheDay,
    /// A new value at each look-up, so that no derived key is ever kept.
    BuildsAnew,
}

fn main() {
    let quick = Effort::from_arguments().rounds < 10;
    let count = if quick { 200 } else { 10_000 };
    println!("medians of {count} refusals each: wrong signature of a known key, unknown key");
    for (store, title) in [
        (Store::Warm, "keys kept, derived before"),
        (Store::FirstOfTheDay, "keys kept, first of the day"),
        (Store::BuildsAnew, "credentials built at each look-up"),
    ] {
        for token in [None, Some("IQoJb3JpZ2luX2VjEXAMPLE".repeat(20))] {
            let (known, unknown) = verifier(store, token.as_deref(), count);
            let title = if token.is_some() { format!("{title}, token") } else { title.into() };
            report(&title, known, unknown, Some(TARGET));
        }
    }
    for kib in [64, 900] {
        let count = if quick { 20 } else { 1_000 };
        let (known, unknown) = layer(kib * 1024, count);
        report(&format!("layer, body of {kib} KiB hashed first"), known, unknown, None);
    }
}

fn report(title: &str, known: Duration, unknown: Duration, target: Option<f64>) {
    let apart = unknown.as_secs_f64() / known.as_secs_f64() - 1.0;
    let verdict = match target {
        Some(target) if apart.abs() > target => format!(" (< {:.0} %: MISSED)", target * 100.0),
        Some(target) => format!(" (< {:.0} %)", target * 100.0),
        None => String::new(),
    };
    println!("{title:<44} {known:>10.2?} {unknown:>10.2?} {:>+6.1} %{verdict}", apart * 100.0);
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn key(id: &str, token: Option<&str>) -> Credentials {
    Credentials::new(id, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        .with_session_token(token.unwrap_or_default())
}

/// A request signed with a secret that no key has.
fn forged(service: &Service, id: &str, token: Option<&str>, payload: PayloadHash) -> Parts {
    let wrong = Credentials::new(id, "wrong").with_session_token(token.unwrap_or_default());
    let mut request = Request::put("/key").header("host", "example.com").body(()).unwrap();
    let signer = Signer::new(REGION, service.clone());
    signer.sign_hashed(&mut request, payload, &wrong, SystemTime::now()).unwrap();
    request.into_parts().0
}

/// Both medians, of the verifier alone.
fn verifier(store: Store, token: Option<&str>, count: usize) -> (Duration, Duration) {
    let s3 = Service::from_static("s3");
    let verifier = Verifier::new(REGION, s3.clone());
    let now = SystemTime::now();
    let refuse = |id: &str, key: Option<&Credentials>| {
        let parts = forged(&s3, id, token, PayloadHash::EMPTY);
        let start = Instant::now();
        let claim = verifier.read(&parts, now).unwrap();
        let refused = std::hint::black_box(claim.verify(key)).is_err();
        let taken = start.elapsed();
        assert!(refused);
        taken
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let kept = key("AKIDKNOWN", token);
    for _ in 0..3 {
        // The stand-in has seen on earlier requests whether the store keeps derived keys.
        match store {
            Store::Warm | Store::FirstOfTheDay => refuse("AKIDKNOWN", Some(&kept)),
            Store::BuildsAnew => refuse("AKIDKNOWN", Some(&key("AKIDKNOWN", token))),
        };
        refuse("AKIDUNKNOWN", None);
    }
    for nth in 0..count {
        let (id, other) = match store {
            Store::FirstOfTheDay => (format!("AKIDKNOWN{nth}"), format!("AKIDUNKNOWN{nth}")),
            Store::Warm | Store::BuildsAnew => ("AKIDKNOWN".into(), "AKIDUNKNOWN".into()),
        };
        let looked_up = match store {
            Store::Warm => kept.clone(),
            Store::FirstOfTheDay | Store::BuildsAnew => key(&id, token),
        };
        // In turn, so that a slow machine slows both.
        if nth % 2 == 0 {
            known.push(refuse(&id, Some(&looked_up)));
            unknown.push(refuse(&other, None));
        } else {
            unknown.push(refuse(&other, None));
            known.push(refuse(&id, Some(&looked_up)));
        }
    }
    (median(known), median(unknown))
}

/// Both medians, of the layer with a body that must be read before the signature can be checked.
fn layer(length: usize, count: usize) -> (Duration, Duration) {
    let api = Service::from_static("execute-api");
    let body = Bytes::from(vec![b'x'; length]);
    let parts = forged(&api, "AKIDKNOWN", None, PayloadHash::of(&body));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let guard = |id: &str| {
        let layer = VerifyLayer::new(Verifier::new(REGION, api.clone()), key(id, None));
        layer.layer(service_fn(|_: Request<VerifiedBody<Frames>>| async {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }))
    };
    let (mut with_key, mut without) = (guard("AKIDKNOWN"), guard("AKIDOTHER"));
    let refuse = |guarded: &mut Guarded| {
        // As a server reads it, 16 KiB at a time.
        let pieces: Vec<_> =
            body.chunks(16 * 1024).map(|part| Ok(Frame::data(body.slice_ref(part)))).collect();
        let mut request = Request::new(StreamBody::new(Pieces(pieces.into_iter())));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.headers_mut() = parts.headers.clone();
        request.headers_mut().insert("x-note", HeaderValue::from_static("not signed"));
        let start = Instant::now();
        let status = guarded(request, &runtime);
        let taken = start.elapsed();
        assert_eq!(status, 403);
        taken
    };
    let mut with_key: Guarded = Box::new(move |request, runtime| {
        runtime.block_on(with_key.call(request)).unwrap().status().as_u16()
    });
    let mut without: Guarded = Box::new(move |request, runtime| {
        runtime.block_on(without.call(request)).unwrap().status().as_u16()
    });
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..count {
        known.push(refuse(&mut with_key));
        unknown.push(refuse(&mut without));
    }
    (median(known), median(unknown))
}

type Frames = StreamBody<Pieces>;
type Guarded = Box<dyn FnMut(Request<Frames>, &tokio::runtime::Runtime) -> u16>;

/// Frames that are ready at once.
struct Pieces(std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>);

impl futures_util::Stream for Pieces {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}
