//! Runs the shared tables against the blocking client.

use std::io::Cursor;

use reqwest::blocking::{Body, Client};
use sigv4_reqwest::CallError;
use sigv4_reqwest::blocking::SigningClient;
use sigv4_reqwest::{AwsChunked, Error, Redirects, SignRequest, StreamPayload, UnsignableBody};
use support::raw::{Answer, RawServer, Reply};
use support::wire::{self, Call, Outcome};

use crate::{chain, check, credentials, host_of, ok_server, signer};

fn client() -> SigningClient {
    SigningClient::builder(Client::builder().no_proxy(), signer("s3"), credentials())
        .redirects(Redirects::SameOrigin)
        .build()
        .unwrap()
}

fn send(call: &Call<'_>) -> Outcome {
    let plain = Client::builder().no_proxy().resolve(&host_of(call.uri), call.connect_to);
    let client = SigningClient::builder(plain, signer(call.service), credentials())
        .redirects(Redirects::SameOrigin)
        .clock(call.clock)
        .build()
        .unwrap();
    let mut request = client.request(call.method.parse().unwrap(), crate::parsed(call.uri));
    if !call.body.is_empty() {
        request = request.body(call.body.to_vec());
    }
    match request.send() {
        Ok(response) => Ok(response.status().as_u16()),
        Err(error) => Err(chain(&error)),
    }
}

#[test]
fn awkward_targets_arrive_as_signed() {
    wire::awkward_targets(send);
}

#[test]
fn methods_and_bodies_arrive_as_signed() {
    wire::methods_and_bodies(send);
}

#[test]
fn hosts_arrive_as_signed() {
    wire::hosts(send);
}

#[test]
fn broken_connection_is_an_error_wherever_it_breaks() {
    wire::broken_connections(send);
}

#[test]
fn redirect_is_followed_within_the_origin_alone() {
    wire::redirects(send);
}

#[test]
fn skewed_clock_is_corrected_once_and_an_absurd_date_never() {
    wire::skewed_clock(send);
}

#[test]
fn body_of_a_reader_is_refused_buffered_or_sent_unsigned() {
    let server = ok_server();
    let put = |payload| {
        let reader = Body::new(Cursor::new("hello"));
        client().put(server.endpoint()).body(reader).stream_payload(payload).send()
    };
    let error = put(StreamPayload::Refuse).unwrap_err();
    assert!(matches!(error, Error::Call(CallError::Body(UnsignableBody::Stream))), "{error:?}");
    let error = put(StreamPayload::Buffer(4)).unwrap_err();
    assert!(
        matches!(error, Error::Call(CallError::Body(UnsignableBody::TooLong { limit: 4 }))),
        "{error:?}"
    );
    let error = put(StreamPayload::AwsChunked(AwsChunked::signed)).unwrap_err();
    assert!(
        matches!(error, Error::Call(CallError::Body(UnsignableBody::UnknownLength))),
        "{error:?}"
    );
    assert_eq!(server.received(), []);
    for payload in [StreamPayload::Buffer(5), StreamPayload::Unsigned] {
        put(payload).unwrap();
        let received = server.last().unwrap();
        assert_eq!(received.body, b"hello");
        check(&received);
    }
    assert_eq!(server.last().unwrap().header("x-amz-content-sha256"), ["UNSIGNED-PAYLOAD"]);
}

#[test]
fn reader_is_refused_buffered_chunked_or_sent_unsigned() {
    let server = ok_server();
    let put = |payload| {
        let request = client().put(server.endpoint()).sized_reader(Cursor::new("hello"), 5);
        request.stream_payload(payload).send()
    };
    let error = put(StreamPayload::Refuse).unwrap_err();
    assert!(matches!(error, Error::Call(CallError::Body(UnsignableBody::Stream))), "{error:?}");
    let error = put(StreamPayload::Buffer(4)).unwrap_err();
    assert!(
        matches!(error, Error::Call(CallError::Body(UnsignableBody::TooLong { limit: 4 }))),
        "{error:?}"
    );
    assert_eq!(server.received(), []);
    for (payload, line) in [
        (StreamPayload::Buffer(5), None),
        (StreamPayload::Unsigned, Some("UNSIGNED-PAYLOAD")),
        (StreamPayload::AwsChunked(AwsChunked::signed), Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")),
    ] {
        put(payload).unwrap();
        let received = server.last().unwrap();
        assert_eq!(wire::check("s3", &received).body, b"hello");
        if let Some(line) = line {
            assert_eq!(received.header("x-amz-content-sha256"), [line]);
        }
    }
}

#[test]
fn reader_longer_or_shorter_than_declared_never_succeeds() {
    let payloads = [
        StreamPayload::Buffer(100),
        StreamPayload::Unsigned,
        StreamPayload::AwsChunked(AwsChunked::signed),
    ];
    for payload in payloads {
        for (content, length) in [("hellox", 5), ("hell", 5), ("", 5), ("x", 0)] {
            let server = ok_server();
            let request =
                client().put(server.endpoint()).sized_reader(Cursor::new(content), length);
            let outcome = request.stream_payload(payload).send();
            assert!(outcome.is_err(), "{payload:?}: {content} as {length}");
            let whole = server.received().iter().any(|it| it.complete);
            assert!(!whole, "{payload:?}: {content} as {length}");
        }
    }
}

#[test]
fn response_that_was_read_for_its_error_is_returned_whole() {
    for length in [0, 10, 64 * 1024, 300_000] {
        let body = "<Error><Code>AccessDenied</Code>".to_owned() + &"x".repeat(length);
        let reply = Reply::new(403).header("x-amz-request-id", "17").body(body.clone());
        let server = RawServer::start(move |_| Answer::Reply(reply.clone())).unwrap();
        let url = format!("{}/key?a=b", server.endpoint());
        let response = client().get(&url).send().unwrap();
        assert_eq!(response.status(), 403);
        assert_eq!(response.headers()["x-amz-request-id"], "17");
        assert_eq!(response.url().as_str(), url);
        assert_eq!(response.text().unwrap(), body, "{length}");
    }
}

#[test]
fn extension_signs_a_request_that_can_only_be_sent() {
    let server = ok_server();
    let plain = Client::builder().no_proxy().build().unwrap();
    let request = plain.put(server.endpoint()).body("hello");
    request.sign(&signer("s3"), &credentials()).unwrap().send().unwrap();
    check(&server.last().unwrap());
}
