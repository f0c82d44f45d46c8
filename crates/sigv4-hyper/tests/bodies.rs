//! Tests of bodies: one layer buffers and checks them, the other passes them on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail anywhere"
)]

mod common;

use std::io;
use std::time::SystemTime;

use bytes::Bytes;
use common::{block_on, credentials, http1, ours, pieces, signer, text};
use futures_util::stream;
use http::{HeaderMap, Request};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use sigv4_core::{PayloadHash, SignError};
use sigv4_hyper::{BoxError, CallError, SignHeadLayer, SignLayer, SignStreamLayer, UnsignableBody};
use support::raw::{Answer, RawServer, Reply};
use support::wire::check;
use tower::{Layer, ServiceExt};

fn server() -> RawServer {
    RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap()
}

fn put(server: &RawServer) -> http::request::Builder {
    Request::put(format!("{}/key", server.endpoint()))
}

fn send<B>(server: &RawServer, layer: &SignLayer, request: Request<B>) -> Result<u16, BoxError>
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let sent = layer.layer(http1(server.address())).oneshot(request);
    block_on(sent).map(|response| response.status().as_u16())
}

fn send_head<B>(
    server: &RawServer,
    layer: &SignHeadLayer,
    request: Request<B>,
) -> Result<u16, BoxError>
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let sent = layer.layer(http1(server.address())).oneshot(request);
    block_on(sent).map(|response| response.status().as_u16())
}

fn layer() -> SignLayer {
    SignLayer::new(signer("s3"), credentials())
}

fn head_layer() -> SignHeadLayer {
    SignHeadLayer::new(signer("s3"), credentials())
}

#[test]
fn stream_is_buffered_hashed_and_sent_with_its_length() {
    let server = server();
    let request = put(&server).body(pieces(["hel", "", "lo"])).unwrap();
    assert_eq!(send(&server, &layer(), request).unwrap(), 200);
    let received = server.last().unwrap();
    assert_eq!(received.body, b"hello");
    assert_eq!(received.header("content-length"), ["5"]);
    assert_eq!(received.header("transfer-encoding"), Vec::<String>::new());
    check("s3", &received);
}

#[test]
fn body_over_the_limit_is_refused_whether_it_says_its_length_or_not() {
    let server = server();
    let layer = layer().with_buffer_limit(5);
    let request = put(&server).body(pieces(["hel", "lo"])).unwrap();
    assert_eq!(send(&server, &layer, request).unwrap(), 200);
    let stream = put(&server).body(pieces(["hel", "lo", "!"])).unwrap();
    let sized = put(&server).body(Full::<Bytes>::from("hello!")).unwrap();
    for error in [send(&server, &layer, stream), send(&server, &layer, sized)] {
        let error = ours(error.unwrap_err());
        assert!(
            matches!(error, CallError::Body(UnsignableBody::TooLong { limit: 5 })),
            "{error:?}"
        );
    }
    assert_eq!(server.received().len(), 1);
}

#[test]
fn body_that_fails_is_an_error_with_its_cause() {
    let server = server();
    let frames = [Ok(Frame::data(Bytes::from("hel"))), Err(io::Error::other("the disk is gone"))];
    let request = put(&server).body(StreamBody::new(stream::iter(frames))).unwrap();
    let error = ours(send(&server, &layer(), request).unwrap_err());
    assert!(matches!(error, CallError::ReadBody(_)), "{error:?}");
    assert!(text(&error).contains("the disk is gone"), "{}", text(&error));
    assert!(server.received().is_empty());
}

#[test]
fn body_of_another_length_than_declared_is_refused() {
    let server = server();
    for declared in ["4", "6", "05", "five"] {
        let request =
            put(&server).header("content-length", declared).body(pieces(["hello"])).unwrap();
        let error = ours(send(&server, &layer(), request).unwrap_err());
        assert!(
            matches!(
                &error,
                CallError::Body(UnsignableBody::WrongLength { .. } | UnsignableBody::InvalidLength)
            ),
            "{error:?}"
        );
        let request = put(&server)
            .header("content-length", declared)
            .extension(PayloadHash::Unsigned)
            .body(Full::<Bytes>::from("hello"))
            .unwrap();
        let error = ours(send_head(&server, &head_layer(), request).unwrap_err());
        assert!(
            matches!(
                &error,
                CallError::Body(UnsignableBody::WrongLength { .. } | UnsignableBody::InvalidLength)
            ),
            "{error:?}"
        );
    }
    assert!(server.received().is_empty());
    let request = put(&server).header("content-length", "5").body(pieces(["hello"])).unwrap();
    assert_eq!(send(&server, &layer(), request).unwrap(), 200);
}

#[test]
fn trailers_of_a_buffered_body_are_refused_not_dropped() {
    let server = server();
    let frames = [Ok(Frame::data(Bytes::from("hello"))), Ok(Frame::trailers(HeaderMap::new()))];
    let body = StreamBody::new(stream::iter(frames.map(|it: Result<_, io::Error>| it)));
    let request = put(&server).body(body).unwrap();
    let error = ours(send(&server, &layer(), request).unwrap_err());
    assert!(matches!(error, CallError::Body(UnsignableBody::Trailers)), "{error:?}");
    assert!(server.received().is_empty());
}

#[test]
fn stream_that_is_shorter_than_declared_does_not_arrive_whole() {
    let server = server();
    let request = put(&server)
        .header("content-length", "9")
        .extension(PayloadHash::Unsigned)
        .body(pieces(["hello"]))
        .unwrap();
    assert!(send_head(&server, &head_layer(), request).is_err());
    assert!(server.received().iter().all(|it| !it.complete));
}

#[test]
fn stream_cut_at_its_declared_length_is_not_what_its_hash_signs() {
    let server = server();
    let request = put(&server)
        .header("content-length", "3")
        .extension(PayloadHash::of(b"hello"))
        .body(pieces(["hello"]))
        .unwrap();
    // hyper cuts off everything past the length, so the service computes another hash than the
    // signed one.
    assert_eq!(send_head(&server, &head_layer(), request).unwrap(), 200);
    let checked = server.last().unwrap().check(&common::oracle("s3"));
    assert!(checked.as_ref().is_err_and(|error| error.starts_with("payload")), "{checked:?}");
}

#[test]
fn stream_with_a_hash_or_a_sentinel_is_passed_on_as_it_comes() {
    let server = server();
    for payload in [PayloadHash::of(b"hello"), PayloadHash::Unsigned] {
        let request = put(&server).extension(payload).body(pieces(["hel", "lo"])).unwrap();
        assert_eq!(send_head(&server, &head_layer(), request).unwrap(), 200);
        let received = server.last().unwrap();
        assert_eq!(received.header("x-amz-content-sha256"), [payload.to_string()]);
        assert_eq!(received.header("transfer-encoding"), ["chunked"]);
        check("s3", &received);
    }
}

#[test]
fn payload_is_taken_from_the_request_before_the_layer() {
    let server = server();
    let layer = head_layer().with_payload(PayloadHash::Unsigned);
    let hash = PayloadHash::of(b"hello");
    let by_extension = put(&server).extension(hash).body(pieces(["hello"]));
    let by_header =
        put(&server).header("x-amz-content-sha256", hash.to_string()).body(pieces(["hello"]));
    let by_layer = put(&server).body(pieces(["hello"]));
    for (request, expected) in
        [(by_extension, hash), (by_header, hash), (by_layer, PayloadHash::Unsigned)]
    {
        assert_eq!(send_head(&server, &layer, request.unwrap()).unwrap(), 200);
        let received = server.last().unwrap();
        assert_eq!(received.header("x-amz-content-sha256"), [expected.to_string()]);
        check("s3", &received);
    }
}

#[test]
fn empty_put_declares_its_length_as_servers_require() {
    let server = server();
    let empty = || put(&server).body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(send(&server, &layer(), empty()).unwrap(), 200);
    assert_eq!(send_head(&server, &head_layer(), empty()).unwrap(), 200);
    let stream = SignStreamLayer::new(signer("s3"), credentials());
    let sent = stream.layer(http1(server.address())).oneshot(empty());
    assert_eq!(block_on(sent).unwrap().status(), 200);
    for received in server.received() {
        assert_eq!(received.header("content-length"), ["0"]);
        check("s3", &received);
    }
    let get = Request::get(server.endpoint()).body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(send(&server, &layer(), get).unwrap(), 200);
    assert_eq!(server.last().unwrap().header("content-length"), Vec::<String>::new());
}

#[test]
fn empty_body_needs_no_declared_payload_and_any_other_does() {
    let server = server();
    let request = put(&server).body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(send_head(&server, &head_layer(), request).unwrap(), 200);
    check("s3", &server.last().unwrap());
    let request = put(&server).body(pieces(["hello"])).unwrap();
    let error = ours(send_head(&server, &head_layer(), request).unwrap_err());
    assert!(matches!(error, CallError::Body(UnsignableBody::PayloadUnknown)), "{error:?}");
    for choice in ["PayloadHash", "with_payload", "SignLayer"] {
        assert!(error.to_string().contains(choice), "{error}");
    }
    assert_eq!(server.received().len(), 1);
}

#[test]
fn unsigned_payload_needs_https_or_this_machine_or_permission() {
    let server = server();
    let allowed = head_layer().with_unsigned_payload_over_plain_http();
    let cases = [
        ("http://example.com/key", head_layer(), false),
        ("http://127.0.0.1.example.com/key", head_layer(), false),
        ("http://localhost/key", head_layer(), true),
        ("http://[::1]/key", head_layer(), true),
        ("https://example.com/key", head_layer(), true),
        ("http://example.com/key", allowed, true),
    ];
    for (uri, layer, sent) in cases {
        let request =
            Request::put(uri).extension(PayloadHash::Unsigned).body(pieces(["hello"])).unwrap();
        match send_head(&server, &layer, request) {
            Ok(status) => assert!(sent && status == 200, "{uri}"),
            Err(error) => {
                let error = ours(error);
                assert!(
                    matches!(error, CallError::Body(UnsignableBody::PlainHttp)),
                    "{uri}: {error:?}"
                );
                assert!(!sent, "{uri}");
            }
        }
    }
}

#[test]
fn unsigned_payload_asked_for_by_a_header_is_refused_over_plain_http_too() {
    let server = server();
    let request = Request::put("http://example.com/key")
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .body(Full::<Bytes>::from("hello"))
        .unwrap();
    let error = ours(send(&server, &layer(), request).unwrap_err());
    assert!(matches!(error, CallError::Body(UnsignableBody::PlainHttp)), "{error:?}");
    assert!(server.received().is_empty());
}

#[test]
fn payload_that_needs_signed_chunks_is_refused() {
    let server = server();
    for payload in [
        PayloadHash::StreamingSigned,
        PayloadHash::StreamingSignedTrailer,
        PayloadHash::StreamingEvents,
    ] {
        let by_extension = put(&server).extension(payload).body(pieces(["hello"]));
        let by_header = put(&server)
            .header("x-amz-content-sha256", payload.to_string())
            .body(pieces(["hello"]));
        for request in [by_extension, by_header] {
            let error = ours(send_head(&server, &head_layer(), request.unwrap()).unwrap_err());
            assert!(matches!(error, CallError::Body(UnsignableBody::NotFramed)), "{error:?}");
        }
    }
    assert!(server.received().is_empty());
}

#[test]
fn unsignable_request_is_an_error_with_the_cause() {
    let server = server();
    let cases = [
        (Request::get("/relative"), SignError::MissingHost),
        (Request::get("http://user:hunter2@h/"), SignError::UserInfo),
        (Request::get("http://h/?a=%zz"), SignError::InvalidUri),
        (
            Request::get("http://h/?X-Amz-Signature=0"),
            SignError::AlreadyPresigned { parameter: "X-Amz-Signature" },
        ),
    ];
    for (request, expected) in cases {
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        let error = ours(send(&server, &layer(), request).unwrap_err());
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert!(matches!(&error, CallError::Sign(cause) if *cause == expected), "{error:?}");
        assert_eq!(error.to_string(), expected.to_string());
    }
    let before_1970 =
        layer().with_clock(|| SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1));
    let request = put(&server).body(Empty::<Bytes>::new()).unwrap();
    let error = ours(send(&server, &before_1970, request).unwrap_err());
    assert!(matches!(error, CallError::Sign(SignError::TimeOutOfRange)), "{error:?}");
    assert!(server.received().is_empty());
}

#[test]
fn error_body_that_was_read_is_returned_whole() {
    let long = vec![b'x'; 200_000];
    let reply = long.clone();
    let server =
        RawServer::start(move |_| Answer::Reply(Reply::new(403).body(reply.clone()))).unwrap();
    let request = put(&server).body(Empty::<Bytes>::new()).unwrap();
    let body = block_on(async {
        let response = layer().layer(http1(server.address())).oneshot(request).await.unwrap();
        let body = response.into_body();
        assert_eq!(body.size_hint().exact(), Some(200_000));
        body.collect().await.unwrap().to_bytes()
    });
    assert!(body == long);
}

#[test]
fn error_body_that_breaks_off_gives_its_error_after_its_bytes() {
    let server = RawServer::start(|_| {
        Answer::Bytes(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 9\r\n\r\nhello".to_vec())
    })
    .unwrap();
    let request = put(&server).body(Empty::<Bytes>::new()).unwrap();
    block_on(async {
        let response = layer().layer(http1(server.address())).oneshot(request).await.unwrap();
        let mut body = response.into_body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "hello");
        assert!(body.frame().await.unwrap().is_err());
    });
}
