//! Tests of the exact number of allocations per guarded request. This program has its own counting
//! allocator.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail anywhere")]

mod common;

use std::convert::Infallible;
use std::future::Future;
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use allocation_counter::measure;
use bytes::Bytes;
use common::{credentials, signer};
use http::{Request, Response, header};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full};
use sigv4_core::verify::Verifier;
use sigv4_core::{Credentials, PayloadHash, Region, Service};
use sigv4_hyper::{BoxError, KeyStore, VerifiedBody, VerifyLayer};
use support::wire::REGION;
use tower::{Layer, Service as _, service_fn};

/// What `Verifier::read` and `Claim::verify` allocate: one text for the access key id and the names of
/// signed headers, and the copy of the session token.
const CORE: u64 = 2;

/// The map of the request's extensions, its table, and the `Verified` in it.
const EXTENSIONS: u64 = 3;

/// A store that always has to be awaited.
struct Remote(Credentials);

impl KeyStore for Remote {
    async fn key(&self, _: &str) -> Result<Option<Credentials>, BoxError> {
        Ok(Some(self.0.clone()))
    }
}

fn layer<K: KeyStore>(service: &str, keys: K) -> VerifyLayer<K> {
    let service = Service::new(service).unwrap();
    VerifyLayer::new(Verifier::new(Region::new(REGION).unwrap(), service), keys)
}

fn signed(service: &str, body: &'static str, payload: PayloadHash) -> Request<Full<Bytes>> {
    let mut request = Request::put("https://example.com/key")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Full::from(body))
        .unwrap();
    signer(service).sign_hashed(&mut request, payload, &credentials(), SystemTime::now()).unwrap();
    request
}

/// Reads the body to its end.
async fn drain<B: Body>(request: Request<B>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let mut body = std::pin::pin!(request.into_body());
    while let Some(frame) = body.frame().await {
        assert!(frame.is_ok());
    }
    Ok(Response::new(Empty::new()))
}

/// Counts the allocations of a request through the layer, called without a server.
fn count<K: KeyStore>(layer: &VerifyLayer<K>, request: &Request<Full<Bytes>>) -> u64 {
    let mut guarded = layer.layer(service_fn(drain::<VerifiedBody<Full<Bytes>>>));
    let mut run = |request: Request<Full<Bytes>>| {
        let mut future = std::pin::pin!(guarded.call(request));
        let Poll::Ready(response) = future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        else {
            panic!("nothing here waits");
        };
        assert_eq!(response.unwrap().status(), 200);
    };
    run(request.clone()); // derives the key
    let request = request.clone();
    measure(|| run(request)).count_total
}

#[test]
fn guarded_request_allocates_only_for_the_callers_identity() {
    for service in ["execute-api", "s3"] {
        let layer = layer(service, credentials());
        for body in ["", r#"{"name":"Rex"}"#] {
            let request = signed(service, body, PayloadHash::of(body.as_bytes()));
            assert_eq!(count(&layer, &request), CORE + EXTENSIONS, "{service}: {body:?}");
        }
    }
}

#[test]
fn key_that_is_awaited_costs_one_allocation() {
    let layer = layer("s3", Remote(credentials()));
    for body in ["", "hello"] {
        let request = signed("s3", body, PayloadHash::of(body.as_bytes()));
        assert_eq!(count(&layer, &request), CORE + EXTENSIONS + 1, "{body:?}");
    }
}

#[test]
fn unsigned_body_costs_one_allocation_for_its_refusal() {
    for (body, expected) in [("", 0), ("hello", 1)] {
        let request = signed("s3", body, PayloadHash::Unsigned);
        let counted = count(&layer("s3", credentials()), &request);
        assert_eq!(counted, CORE + EXTENSIONS + expected, "{body:?}");
    }
}
