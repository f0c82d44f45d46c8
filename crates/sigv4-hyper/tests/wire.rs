//! Tests of both layers over hyper-util's client, against a raw server and an HTTP/2 server.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail anywhere"
)]

mod common;

use bytes::Bytes;
use common::{block_on, credentials, http1, http2, oracle, signer, text};
use http::Request;
use http_body_util::Full;
use sigv4_core::PayloadHash;
use sigv4_hyper::{SignHeadLayer, SignLayer};
use support::h2::{H2Server, Reply};
use support::wire::{self, AWKWARD_TARGETS, Call, Outcome};
use tower::{Layer, ServiceExt};

fn buffered(call: &Call<'_>) -> Outcome {
    let layer = SignLayer::new(signer(call.service), credentials()).with_clock(call.clock);
    let service = layer.layer(http1(call.connect_to));
    let response = block_on(service.oneshot(request(call)));
    response.map(|it| it.status().as_u16()).map_err(|error| text(&*error))
}

fn head(call: &Call<'_>) -> Outcome {
    let layer = SignHeadLayer::new(signer(call.service), credentials()).with_clock(call.clock);
    let service = layer.layer(http1(call.connect_to));
    let mut request = request(call);
    request.extensions_mut().insert(PayloadHash::of(call.body));
    let response = block_on(service.oneshot(request));
    response.map(|it| it.status().as_u16()).map_err(|error| text(&*error))
}

fn request(call: &Call<'_>) -> Request<Full<Bytes>> {
    let body = Full::from(Bytes::copy_from_slice(call.body));
    Request::builder().method(call.method).uri(call.uri).body(body).unwrap()
}

#[test]
fn awkward_targets_arrive_as_signed() {
    wire::awkward_targets(buffered);
    wire::awkward_targets(head);
}

#[test]
fn every_method_arrives_with_its_body_signed() {
    wire::methods_and_bodies(buffered);
    wire::methods_and_bodies(head);
}

#[test]
fn host_is_signed_as_it_is_sent() {
    wire::hosts(buffered);
    wire::hosts(head);
}

#[test]
fn broken_connection_is_an_error_and_never_a_truncated_success() {
    wire::broken_connections(buffered);
    wire::broken_connections(head);
}

#[test]
fn clock_that_is_off_is_corrected_once_and_absurd_dates_are_ignored() {
    wire::skewed_clock(buffered);
}

#[test]
fn http2_carries_the_authority_that_was_signed() {
    let server = H2Server::start(|_| Reply::new(200)).unwrap();
    for (uri, authority) in [
        ("http://example.com/a?b=c", "example.com"),
        ("http://EXAMPLE.com:80/a", "example.com"),
        ("http://example.com:8443/a", "example.com:8443"),
        ("http://[::1]:80/a", "[::1]"),
        ("http://[FE80::1]:9000/a", "[fe80::1]:9000"),
    ] {
        for body in ["", "hello"] {
            let layer = SignLayer::new(signer("s3"), credentials());
            let request = Request::put(uri).body(Full::<Bytes>::from(body)).unwrap();
            let sent = layer.layer(http2(server.address())).oneshot(request);
            assert_eq!(block_on(sent).unwrap().status(), 200, "{uri}");
            let received = server.received().pop().unwrap();
            assert_eq!(
                (received.authority.as_str(), received.body.as_slice()),
                (authority, body.as_bytes())
            );
            received.check(&oracle("s3")).unwrap();
        }
    }
}

#[test]
fn http2_carries_a_host_header_that_was_given_in_the_signed_form() {
    let server = H2Server::start(|_| Reply::new(200)).unwrap();
    let request = Request::get("http://example.com/")
        .header("host", "EXAMPLE.com:80")
        .body(Full::<Bytes>::default())
        .unwrap();
    let service = SignLayer::new(signer("s3"), credentials()).layer(http2(server.address()));
    assert_eq!(block_on(service.oneshot(request)).unwrap().status(), 200);
    let mut received = server.received().pop().unwrap();
    received.check(&oracle("s3")).unwrap();
    received.headers.retain(|(name, _)| name != b"host");
    received.check(&oracle("s3")).unwrap(); // over `:authority` too
}

#[test]
fn awkward_targets_arrive_as_signed_over_http2() {
    let server = H2Server::start(|_| Reply::new(200)).unwrap();
    block_on(async {
        for service in ["s3", "execute-api"] {
            let layer = SignHeadLayer::new(signer(service), credentials());
            let client = layer.layer(http2::<Full<Bytes>>(server.address()));
            for target in AWKWARD_TARGETS {
                let request = Request::get(format!("http://example.com{target}"));
                let sent = client.clone().oneshot(request.body(Full::default()).unwrap());
                assert_eq!(sent.await.unwrap().status(), 200, "{target}");
                let received = server.received().pop().unwrap();
                received.check(&oracle(service)).unwrap_or_else(|e| panic!("{target}: {e}"));
            }
        }
    });
}

#[test]
fn plus_in_a_query_is_sent_and_signed_as_a_space() {
    let server =
        support::raw::RawServer::start(|_| support::raw::Answer::Reply(Reply::new(200))).unwrap();
    let uri = format!("{}/a+b?q=c+d&e=%2B", server.endpoint());
    for send in [buffered, head] {
        let call = Call {
            service: "s3",
            method: "GET",
            uri: &uri,
            body: b"",
            connect_to: server.address(),
            clock: std::time::SystemTime::now,
        };
        assert_eq!(send(&call), Ok(200));
        let received = server.last().unwrap();
        assert_eq!(received.target, b"/a+b?q=c%20d&e=%2B");
        wire::check("s3", &received);
    }
}
