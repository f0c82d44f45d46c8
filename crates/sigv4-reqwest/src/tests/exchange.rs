use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use http::{HeaderMap, StatusCode};
use sigv4_core::client::{Overrides, Redirects, Settings};
use sigv4_core::{Credentials, Region, Service, Signer};

use crate::exchange::{Exchange, Once, start};

/// Counts how often a request's extensions, and so its headers, are copied.
struct Copies(Arc<AtomicUsize>);

impl Clone for Copies {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(&self.0))
    }
}

/// Signs two attempts, or one of a stream. Returns the number of copies after each.
fn copies(redirects: Redirects, stream: Option<reqwest::Body>) -> Vec<usize> {
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    let mut settings = Settings::new(signer, credentials.clone(), SystemTime::now);
    settings.redirects = redirects;
    let copies = Arc::<AtomicUsize>::default();
    let request = http::Request::put("https://bucket.example.com/key?a=b")
        .header("host", "bucket.example.com")
        .header("content-type", "text/plain")
        .extension(Copies(Arc::clone(&copies)))
        .body("hello")
        .unwrap();
    let mut request = reqwest::Request::try_from(request).unwrap();
    let call = start(&Arc::new(settings), Overrides::default(), &mut request).unwrap();
    let attempts = if stream.is_some() { 1 } else { 2 };
    let mut exchange = Exchange::new(call, request, stream.map(Once::unsigned));
    let counts = (0..attempts).map(|_| {
        let signed = exchange.sign(&credentials).unwrap();
        assert_eq!(signed.headers().get("content-type").unwrap(), "text/plain");
        assert_eq!(signed.url().query(), Some("a=b"));
        copies.load(Ordering::SeqCst)
    });
    let counts = counts.collect();
    let done = exchange.is_done(StatusCode::FORBIDDEN, &HeaderMap::new(), None).unwrap();
    assert!(done, "what is left of the request serves to read a refusal");
    counts
}

#[test]
fn request_is_copied_once_an_attempt() {
    assert_eq!(copies(Redirects::Refuse, None), [1, 2]);
}

#[test]
fn stream_is_not_copied_unless_a_redirect_may_drop_it() {
    let stream = || Some(reqwest::Body::wrap(String::from("hello")));
    assert_eq!(copies(Redirects::Refuse, stream()), [0]);
    assert_eq!(copies(Redirects::Return, stream()), [0]);
    assert_eq!(copies(Redirects::SameOrigin, stream()), [1]);
}
