//! Tests of streams in signed chunks, on the wire and against s3s.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail anywhere"
)]

mod common;

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use common::{block_on, credentials, http1, http2, oracle, ours, pieces, signer, text};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use sigv4_core::Credentials;
use sigv4_core::stream::{AwsChunked, Checksum};
use sigv4_hyper::{BoxError, CallError, ChunkedBody, SignStreamLayer, UnsignableBody};
use support::h2::H2Server;
use support::raw::{Answer, RawServer, Reply};
use support::s3::{ACCESS_KEY, BUCKET, S3Server, SECRET_KEY};
use support::wire::{self, AWKWARD_TARGETS, Call, Outcome, check};
use tower::{Layer, ServiceExt};

fn server() -> RawServer {
    RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap()
}

fn put(server: &RawServer) -> http::request::Builder {
    Request::put(format!("{}/key", server.endpoint()))
}

fn layer() -> SignStreamLayer {
    SignStreamLayer::new(signer("s3"), credentials())
}

fn send<B>(
    server: &RawServer,
    layer: &SignStreamLayer,
    request: Request<B>,
) -> Result<u16, BoxError>
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let sent = layer.layer(http1(server.address())).oneshot(request);
    block_on(sent).map(|response| response.status().as_u16())
}

fn streamed(call: &Call<'_>) -> Outcome {
    let layer = SignStreamLayer::new(signer(call.service), credentials()).with_clock(call.clock);
    let body = Full::new(Bytes::copy_from_slice(call.body));
    let request = Request::builder().method(call.method).uri(call.uri).body(body).unwrap();
    let response = block_on(layer.layer(http1(call.connect_to)).oneshot(request));
    response.map(|it| it.status().as_u16()).map_err(|error| text(&*error))
}

#[test]
fn awkward_targets_and_hosts_arrive_as_signed() {
    wire::awkward_targets(streamed);
    wire::hosts(streamed);
}

#[test]
fn broken_connection_is_an_error_and_never_a_truncated_success() {
    wire::broken_connections(streamed);
}

#[test]
fn every_chunk_arrives_signed_with_the_exact_length() {
    let server = server();
    let large: &'static str = "x".repeat(200_000).leak();
    for (parts, length) in [(["hel", "lo"], 5), ([large, "!"], 200_001)] {
        let request = put(&server).header("content-length", length).body(pieces(parts)).unwrap();
        assert_eq!(send(&server, &layer(), request).unwrap(), 200);
        let received = server.last().unwrap();
        let plan = AwsChunked::signed(length);
        assert_eq!(received.header("content-length"), [plan.encoded_length().to_string()]);
        assert_eq!(received.header("x-amz-decoded-content-length"), [length.to_string()]);
        assert_eq!(received.header("content-encoding"), ["aws-chunked"]);
        assert!(received.header("transfer-encoding").is_empty());
        assert_eq!(received.header("x-amz-content-sha256"), ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD"]);
        assert_eq!(check("s3", &received).body, parts.concat().as_bytes());
    }
}

#[test]
fn trailers_of_the_body_and_a_checksum_become_those_of_the_framing() {
    let server = server();
    let name = HeaderName::from_static("x-amz-meta-sum");
    let trailers = HeaderMap::from_iter([(name.clone(), HeaderValue::from_static("42"))]);
    let frames = [Frame::data(Bytes::from("hello")), Frame::trailers(trailers)];
    let body = StreamBody::new(stream::iter(frames.map(Ok::<_, io::Error>)));
    let plan = AwsChunked::signed(5).with_checksum(Checksum::Sha256).with_trailer(name, 2);
    let request = put(&server).extension(plan).body(body).unwrap();
    assert_eq!(send(&server, &layer(), request).unwrap(), 200);
    let checked = check("s3", &server.last().unwrap());
    assert_eq!(checked.body, b"hello");
    let names: Vec<_> = checked.trailers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x-amz-checksum-sha256", "x-amz-meta-sum"]);
}

#[test]
fn plan_of_the_layer_is_used_for_every_stream() {
    let server = server();
    let layer = layer().with_plan(|length| AwsChunked::unsigned(length, Checksum::Sha256));
    let request = put(&server).header("content-length", 5).body(pieces(["hello"])).unwrap();
    assert_eq!(send(&server, &layer, request).unwrap(), 200);
    let received = server.last().unwrap();
    assert_eq!(received.header("x-amz-content-sha256"), ["STREAMING-UNSIGNED-PAYLOAD-TRAILER"]);
    check("s3", &received);

    let elsewhere = Request::put("http://example.com/key").header("content-length", 5);
    let error = send(&server, &layer, elsewhere.body(pieces(["hello"])).unwrap()).unwrap_err();
    assert!(matches!(ours(error), CallError::Body(UnsignableBody::PlainHttp)));
    assert_eq!(server.received().len(), 1);
}

#[test]
fn empty_body_is_signed_as_such_and_not_framed() {
    let server = server();
    let request = Request::get(format!("{}/key", server.endpoint())).body(Empty::<Bytes>::new());
    assert_eq!(send(&server, &layer(), request.unwrap()).unwrap(), 200);
    let received = server.last().unwrap();
    assert!(received.header("content-encoding").is_empty());
    assert!(received.body.is_empty());
    check("s3", &received);
}

#[test]
fn stream_of_another_length_than_declared_never_arrives_whole() {
    let server = server();
    for declared in [4, 6, 100_000] {
        let request = put(&server).header("content-length", declared).body(pieces(["hel", "lo"]));
        let error = send(&server, &layer(), request.unwrap()).unwrap_err();
        let told = if declared < 5 { "goes on after" } else { "ended after" };
        assert!(text(&*error).contains(told), "{declared}: {}", text(&*error));
    }
    assert!(server.received().iter().all(|it| !it.complete));
    for declared in ["4", "6"] {
        let request = put(&server).header("content-length", declared);
        let request = request.body(Full::<Bytes>::from("hello")).unwrap();
        let error = ours(send(&server, &layer(), request).unwrap_err());
        assert!(matches!(error, CallError::Body(UnsignableBody::WrongLength { .. })), "{error:?}");
    }
    let planned = put(&server).extension(AwsChunked::signed(6)).body(Full::<Bytes>::from("hello"));
    let error = ours(send(&server, &layer(), planned.unwrap()).unwrap_err());
    assert!(matches!(error, CallError::Body(UnsignableBody::WrongLength { .. })), "{error:?}");
}

#[test]
fn stream_of_unknown_length_is_refused_with_what_to_do() {
    let server = server();
    let request = put(&server).body(pieces(["hello"])).unwrap();
    let error = ours(send(&server, &layer(), request).unwrap_err());
    assert!(matches!(error, CallError::Body(UnsignableBody::UnknownLength)), "{error:?}");
    assert!(error.to_string().contains("content-length"), "{error}");
    assert!(server.received().is_empty());
}

#[test]
fn one_chunk_is_in_memory_whatever_the_length_of_the_stream() {
    const LENGTH: usize = 64 << 20;
    const PIECE: usize = 16 << 10;
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let frames = stream::iter(0..LENGTH / PIECE).map(move |_| {
        counted.fetch_add(PIECE, Ordering::SeqCst);
        Ok::<_, io::Error>(Frame::data(Bytes::from_static(&[7; PIECE])))
    });
    let inner = tower::service_fn(move |request: Request<ChunkedBody<_>>| {
        let read = Arc::clone(&read);
        async move {
            let mut body = request.into_body();
            let mut sent = 0;
            while let Some(frame) = body.frame().await {
                sent += frame.unwrap().into_data().unwrap().len();
                let ahead = read.load(Ordering::SeqCst).saturating_sub(sent);
                assert!(ahead <= 128 << 10, "{ahead} bytes are held");
            }
            assert!(sent > LENGTH);
            Ok::<_, Infallible>(Response::new(()))
        }
    });
    let request = Request::put("https://h/key").extension(AwsChunked::signed(LENGTH as u64));
    let sent = layer().layer(inner).oneshot(request.body(StreamBody::new(frames)).unwrap());
    assert_eq!(block_on(sent).unwrap().status(), 200);
}

#[test]
fn chunks_arrive_signed_over_http2() {
    let server = H2Server::start(|_| Reply::new(200)).unwrap();
    block_on(async {
        let client = layer().layer(http2(server.address()));
        for target in AWKWARD_TARGETS {
            let request = Request::put(format!("http://example.com{target}"));
            let request = request.header("content-length", 5).body(pieces(["hel", "lo"])).unwrap();
            assert_eq!(client.clone().oneshot(request).await.unwrap().status(), 200);
            let received = server.received().pop().unwrap();
            assert_eq!(received.check(&oracle("s3")).unwrap().body, b"hello");
        }
    });
}

#[test]
fn s3s_accepts_the_chunks_with_and_without_trailers() {
    let server = S3Server::start().unwrap();
    let layer = SignStreamLayer::new(signer("s3"), Credentials::new(ACCESS_KEY, SECRET_KEY));
    let large: &'static str = "x".repeat(200_000).leak();
    let plans = [
        AwsChunked::signed(200_005),
        AwsChunked::signed(200_005).with_checksum(Checksum::Sha256),
        AwsChunked::unsigned(200_005, Checksum::Sha256),
    ];
    for plan in plans {
        let sentinel = plan.payload();
        let request = Request::put(format!("{}/{BUCKET}/{sentinel}", server.endpoint()))
            .extension(plan)
            .body(pieces([large, "hello"]))
            .unwrap();
        let sent = layer.layer(http1(server.address())).oneshot(request);
        assert_eq!(block_on(sent).unwrap().status(), 200, "{sentinel}");
        let object = server.object(BUCKET, &sentinel.to_string()).unwrap();
        assert_eq!(object.size, 200_005, "{sentinel}");
    }
}
