//! Tests of how often a request's headers are copied. This program has its own counting allocator.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::time::SystemTime;

use allocation_counter::measure;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use sigv4_core::client::{Redirects, StreamPayload};
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
use sigv4_ureq::{Payload, SignMiddleware, SigningAgent};
use ureq::middleware::MiddlewareNext;
use ureq::{Agent, Body, SendBody};

const SIGNER: Signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "secret")
}

/// So many headers that a copy of them outweighs everything else that a call allocates. Like a
/// copy, they have no room for more.
fn headers() -> HeaderMap {
    let name = |n| HeaderName::from_bytes(format!("x-note-{n}").as_bytes()).unwrap();
    let headers: HeaderMap = (0..1000).map(|n| (name(n), HeaderValue::from_static("a"))).collect();
    headers.clone()
}

fn request<B>(body: B) -> Request<B> {
    let mut request = Request::put("http://127.0.0.1:9/key").body(body).unwrap();
    *request.headers_mut() = headers();
    request
}

/// Answers in place of the network.
fn answer(_: Request<SendBody<'_>>, _: MiddlewareNext<'_>) -> Result<Response<Body>, ureq::Error> {
    Ok(Response::new(Body::builder().data("")))
}

fn plain() -> Agent {
    Agent::config_builder().middleware(answer).build().into()
}

/// Returns the number of copies of the headers, beside what signing and sending take by themselves.
fn copies<B>(request: Request<B>, send: impl Fn(Request<B>)) -> u64 {
    let headers = headers();
    let one = measure(|| drop(std::hint::black_box(headers.clone()))).bytes_total;
    let (agent, credentials) = (plain(), credentials());
    let mut bare = self::request("hello");
    let taken = measure(|| {
        let payload = PayloadHash::Unsigned;
        SIGNER.sign_hashed(&mut bare, payload, &credentials, SystemTime::now()).unwrap();
        agent.run(bare).unwrap();
    });
    let sent = measure(|| send(request)).bytes_total;
    (sent + one / 2).saturating_sub(taken.bytes_total) / one // rounded: calls differ a little
}

#[test]
fn headers_are_copied_once_for_bytes_and_never_for_a_stream() {
    let agent = |redirects| {
        SigningAgent::builder(plain(), SIGNER, credentials())
            .stream_payload(StreamPayload::Unsigned)
            .redirects(redirects)
            .build()
    };
    let refusing = agent(Redirects::Refuse);
    assert_eq!(copies(request("hello"), |request| drop(refusing.run(request).unwrap())), 1);
    let stream = || request(Payload::reader(&b"hello"[..]));
    assert_eq!(copies(stream(), |request| drop(refusing.run(request).unwrap())), 0);
    // A redirect may drop the body and keep the headers.
    let following = agent(Redirects::SameOrigin);
    assert_eq!(copies(stream(), |request| drop(following.run(request).unwrap())), 1);
}

#[test]
fn middleware_copies_no_headers() {
    let agent: Agent = Agent::config_builder()
        .middleware(SignMiddleware::new(SIGNER, credentials()))
        .middleware(answer)
        .build()
        .into();
    assert_eq!(copies(request("hello"), |request| drop(agent.run(request).unwrap())), 0);
}
