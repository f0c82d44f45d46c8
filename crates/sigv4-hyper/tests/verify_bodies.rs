//! What the service behind `VerifyLayer` gets of a body, and what a body may cost.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail anywhere"
)]

mod common;

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use common::{block_on, credentials, pieces, signer};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use sigv4_core::stream::{AwsChunked, Checksum, DecodeError};
use sigv4_core::verify::{Limits, Verifier, VerifyError};
use sigv4_core::{Credentials, PayloadHash, Region, Service};
use sigv4_hyper::{BoxError, KeyStore, SignLayer, VerifiedBody, VerifyLayer};
use support::wire::REGION;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, Service as _, ServiceExt, service_fn};

fn verifier(service: &str) -> Verifier {
    Verifier::new(Region::new(REGION).unwrap(), Service::new(service).unwrap())
}

fn guard() -> VerifyLayer<Credentials> {
    VerifyLayer::new(verifier("s3"), credentials())
}

fn with_limits(limits: Limits) -> VerifyLayer<Credentials> {
    VerifyLayer::new(verifier("s3").with_limits(limits), credentials())
}

/// What the inner service saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    headers: HeaderMap,
    content: Bytes,
    trailers: Option<HeaderMap>,
}

/// Sends a request through the layer to a service that reads its body to the end: what it saw, and
/// the response.
fn call<B>(
    layer: &VerifyLayer<impl KeyStore>,
    request: Request<B>,
) -> (Option<Seen>, Response<Bytes>)
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let seen = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&seen);
    let inner = service_fn(move |request: Request<VerifiedBody<B>>| {
        let kept = Arc::clone(&kept);
        async move {
            let (parts, body) = request.into_parts();
            if let Ok(body) = body.collect().await {
                let trailers = body.trailers().cloned();
                let (headers, content) = (parts.headers, body.to_bytes());
                *kept.lock().unwrap() = Some(Seen { headers, content, trailers });
            }
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }
    });
    let response = block_on(async {
        let response = layer.layer(inner).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
    });
    let seen = seen.lock().unwrap().take();
    (seen, response)
}

fn error_of(response: &Response<Bytes>) -> Option<&VerifyError> {
    response.extensions().get()
}

type Frames =
    StreamBody<futures_util::stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>;

/// A signed upload in `aws-chunked` framing, all in one frame of data.
fn upload(plan: &AwsChunked, content: &'static str, trailers: &HeaderMap) -> Request<Bytes> {
    let mut request = Request::put("/key").header("host", "example.com").body(()).unwrap();
    plan.set_headers(request.headers_mut());
    let now = SystemTime::now();
    let signed = signer("s3").compute(&request, plan.payload(), &credentials(), now).unwrap();
    signed.apply(request.headers_mut());
    let mut encoder = plan.encoder(signed).unwrap();
    let mut content = Bytes::from(content);
    let mut wire = Vec::new();
    while let Some(chunk) = encoder.encode(&mut content).unwrap() {
        wire.extend_from_slice(&chunk);
    }
    wire.extend_from_slice(&encoder.finish(trailers).unwrap());
    request.map(|()| wire.into())
}

fn in_frames(request: Request<Bytes>, size: usize) -> Request<Frames> {
    request.map(|wire| {
        let frames: Vec<_> =
            wire.chunks(size).map(|part| Ok(Frame::data(Bytes::copy_from_slice(part)))).collect();
        StreamBody::new(futures_util::stream::iter(frames))
    })
}

#[test]
fn proven_trailers_reach_the_service_behind_the_body() {
    let note = HeaderName::from_static("x-amz-meta-note");
    let trailers = HeaderMap::from_iter([(note.clone(), HeaderValue::from_static("a"))]);
    for (checksum, value) in [
        (Checksum::Crc32, "NhCmhg=="),
        (Checksum::Crc32c, "mnG7TA=="),
        (Checksum::Crc64Nvme, "M3eFcAZSQlc="),
        (Checksum::Sha256, "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    ] {
        let signed = AwsChunked::signed(5).with_checksum(checksum).with_trailer(note.clone(), 1);
        let unsigned = AwsChunked::unsigned(5, checksum).with_trailer(note.clone(), 1);
        for (plan, expected) in [(signed, 2), (unsigned, 1)] {
            for size in [1, 1000] {
                let request = in_frames(upload(&plan, "hello", &trailers), size);
                let (seen, response) = call(&guard(), request);
                assert_eq!(response.status(), 200, "{plan:?}");
                let seen = seen.unwrap();
                assert_eq!(seen.content, "hello");
                let proven = seen.trailers.unwrap();
                assert_eq!(proven[checksum.trailer()], value, "{checksum:?}");
                assert_eq!(proven.len(), expected, "what is not signed is not handed on");
            }
        }
    }
    let (seen, _) =
        call(&guard(), in_frames(upload(&AwsChunked::signed(5), "hello", &HeaderMap::new()), 9));
    assert_eq!(seen.unwrap().trailers, None);
}

#[test]
fn body_ends_once_its_trailers_are_out() {
    let plan = AwsChunked::signed(5).with_checksum(Checksum::Crc32);
    let inner = service_fn(|request: Request<VerifiedBody<Frames>>| async move {
        let mut body = request.into_body();
        assert!(body.frame().await.unwrap().unwrap().is_data());
        assert!(!body.is_end_stream());
        assert!(body.frame().await.unwrap().unwrap().is_trailers());
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
        assert!(body.frame().await.is_none());
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let request = in_frames(upload(&plan, "hello", &HeaderMap::new()), 1000);
    let response = block_on(guard().layer(inner).oneshot(request)).unwrap();
    assert_eq!(response.status(), 200);
}

#[test]
fn checksum_that_cannot_be_computed_is_answered_501_without_a_word_on_features() {
    let mut request = Request::put("/key").header("host", "example.com").body(()).unwrap();
    let headers = request.headers_mut();
    headers.insert("x-amz-decoded-content-length", HeaderValue::from_static("5"));
    headers.insert("x-amz-trailer", HeaderValue::from_static("x-amz-checksum-xxhash3"));
    let payload = PayloadHash::StreamingUnsignedTrailer;
    signer("s3").sign_hashed(&mut request, payload, &credentials(), SystemTime::now()).unwrap();
    let (seen, response) =
        call(&guard(), request.map(|()| Full::<Bytes>::from("5\r\nhello\r\n0\r\n")));
    assert_eq!((seen, response.status().as_u16()), (None, 501));
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert!(text.contains("<Code>NotImplemented</Code>"), "{text}");
    assert!(!text.contains("feature") && !text.contains("sigv4"), "{text}");
    let cause = VerifyError::Stream(DecodeError::UnsupportedChecksum);
    assert_eq!(error_of(&response), Some(&cause));
    assert!(cause.to_string().contains("crc64nvme"), "the log names what would add it: {cause}");
}

#[test]
fn refusal_for_another_region_names_the_right_one_in_a_header() {
    let layer = VerifyLayer::new(
        Verifier::new(Region::from_static("eu-west-1"), Service::from_static("s3")),
        credentials(),
    );
    for method in ["HEAD", "PUT"] {
        let mut request =
            Request::builder().method(method).uri("http://example.com/key").body("").unwrap();
        signer("s3").sign(&mut request, &credentials(), SystemTime::now()).unwrap();
        let (seen, response) = call(&layer, request.map(Full::<Bytes>::from));
        assert_eq!((seen, response.status().as_u16()), (None, 400));
        assert_eq!(response.headers()["x-amz-bucket-region"], "eu-west-1", "{method}");
    }
}

#[test]
fn head_for_another_region_is_corrected_by_our_own_layer() {
    let verifier = Verifier::new(Region::from_static("eu-west-1"), Service::from_static("s3"));
    let inner = service_fn(|_: Request<VerifiedBody<Full<Bytes>>>| async {
        Ok::<_, BoxError>(Response::new(Full::<Bytes>::default()))
    });
    let guarded = VerifyLayer::new(verifier, credentials()).layer(inner);
    // A HEAD's response has no body on the wire.
    let guarded = guarded.map_response(|response| response.map(|_| Full::<Bytes>::default()));
    let request = Request::head("http://example.com/key").body(Full::<Bytes>::default()).unwrap();
    let layer = SignLayer::new(signer("s3"), credentials());
    let response = block_on(layer.layer(guarded).oneshot(request)).unwrap();
    assert_eq!(response.status(), 200);
}

#[test]
fn chunk_is_never_longer_than_the_body_limit() {
    let upload = |size: usize| {
        let plan = AwsChunked::signed(20_000).with_chunk_size(size).unwrap();
        in_frames(
            upload(&plan, Box::leak("x".repeat(20_000).into_boxed_str()), &HeaderMap::new()),
            512,
        )
    };
    let too_large = |limit| Some(VerifyError::Stream(DecodeError::ChunkTooLarge { limit }));
    let small_chunks = with_limits(Limits::DEFAULT.with_chunk_bytes(8192));
    for (layer, size, refused) in [
        (guard().with_body_limit(10_000), 16_384, too_large(10_000)),
        (guard().with_body_limit(16_384), 16_384, None),
        (small_chunks.clone(), 16_384, too_large(8192)),
        (small_chunks.clone().with_body_limit(10_000), 10_000, too_large(8192)),
        (small_chunks, 8192, None),
    ] {
        let (seen, response) = call(&layer, upload(size));
        assert_eq!(error_of(&response), refused.as_ref(), "{layer:?}");
        assert_eq!(seen.is_some(), refused.is_none());
    }
}

#[test]
fn total_of_a_stream_is_bounded_where_asked() {
    let layer = with_limits(Limits::DEFAULT.with_stream_bytes(4));
    let too_large = VerifyError::BodyTooLarge { limit: 4 };
    for plan in [AwsChunked::signed(5), AwsChunked::unsigned(5, Checksum::Crc32)] {
        let (seen, response) =
            call(&layer, in_frames(upload(&plan, "hello", &HeaderMap::new()), 9));
        assert_eq!((seen, error_of(&response)), (None, Some(&too_large)));
    }
    let unsigned = |body| {
        let mut request = Request::put("https://example.com/key").body(body).unwrap();
        let (payload, now) = (PayloadHash::Unsigned, SystemTime::now());
        signer("s3").sign_hashed(&mut request, payload, &credentials(), now).unwrap();
        request
    };
    // One that does not say how long it is.
    let (seen, response) = call(&layer, unsigned(pieces(["hel", "lo"])));
    assert_eq!((seen, error_of(&response)), (None, Some(&too_large)));
    assert_eq!(response.status(), 400);
    assert_eq!(call(&layer, unsigned(pieces(["he", "ll"]))).0.unwrap().content, "hell");
}

/// A body that gives what it has and then nothing for ever.
fn endless(first: &'static str) -> impl Body<Data = Bytes, Error = Infallible> + Send + 'static {
    let first = futures_util::stream::iter([Ok(Frame::data(Bytes::from(first)))]);
    StreamBody::new(futures_util::StreamExt::chain(first, futures_util::stream::pending()))
}

#[test]
fn body_that_is_not_proven_in_time_is_refused_in_every_form() {
    let layer = |service: &str| {
        VerifyLayer::new(verifier(service), credentials())
            .with_body_timeout(|| tokio::time::sleep(Duration::from_millis(20)))
    };
    let signed = |service: &str, payload| {
        let mut request = Request::put("https://example.com/key").body("hello!").unwrap();
        let (key, now) = (credentials(), SystemTime::now());
        match payload {
            Some(payload) => signer(service).sign_hashed(&mut request, payload, &key, now).unwrap(),
            None => signer(service).sign(&mut request, &key, now).unwrap(),
        }
        request.map(|_| endless("hello"))
    };
    let plan = AwsChunked::signed(5);
    let streamed = upload(&plan, "hello", &HeaderMap::new()).map(|_| endless("5;chunk-signature="));
    for (service, request, status) in [
        ("s3", signed("s3", None), 400),
        ("execute-api", signed("execute-api", None), 408),
        ("s3", signed("s3", Some(PayloadHash::Unsigned)), 400),
    ] {
        let (seen, response) = call(&layer(service), request);
        assert_eq!((seen, error_of(&response)), (None, Some(&VerifyError::BodyTooSlow)));
        assert_eq!(response.status(), status);
    }
    let (seen, response) = call(&layer("s3"), streamed);
    assert_eq!((seen, error_of(&response)), (None, Some(&VerifyError::BodyTooSlow)));
    let unknown =
        VerifyLayer::new(verifier("execute-api"), Credentials::new("AKIDOTHER", "secret"))
            .with_body_timeout(|| tokio::time::sleep(Duration::from_millis(20)));
    let (_, response) = call(&unknown, signed("execute-api", None));
    assert_eq!(error_of(&response), Some(&VerifyError::BodyTooSlow));
}

#[test]
fn body_that_is_always_ready_has_no_more_time_than_others() {
    let polled = Arc::new(AtomicUsize::new(0));
    let timer = {
        let polled = Arc::clone(&polled);
        move || {
            let polled = Arc::clone(&polled);
            std::future::poll_fn(move |_| {
                let is_up = polled.fetch_add(1, Ordering::Relaxed) >= 3;
                if is_up { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
            })
        }
    };
    let mut request = Request::put("https://example.com/key").body(()).unwrap();
    let (payload, now) = (PayloadHash::Unsigned, SystemTime::now());
    signer("s3").sign_hashed(&mut request, payload, &credentials(), now).unwrap();
    let request = request.map(|()| pieces(["a"; 10]));
    let (seen, response) = call(&guard().with_body_timeout(timer), request);
    assert_eq!((seen, error_of(&response)), (None, Some(&VerifyError::BodyTooSlow)));
}

#[test]
fn timer_is_started_where_the_future_is_polled_and_only_for_a_body() {
    let started = Arc::new(AtomicUsize::new(0));
    let timer = {
        let started = Arc::clone(&started);
        move || {
            started.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(60)) // panics outside a runtime
        }
    };
    let layer = guard().with_body_timeout(timer);
    for (body, payload, expected) in [
        ("", PayloadHash::EMPTY, 0),
        ("", PayloadHash::Unsigned, 0),
        ("hello", PayloadHash::of(b"hello"), 1),
        ("hello", PayloadHash::Unsigned, 2),
    ] {
        let mut request = Request::put("https://example.com/key").body(()).unwrap();
        let now = SystemTime::now();
        signer("s3").sign_hashed(&mut request, payload, &credentials(), now).unwrap();
        let request = request.map(|()| Full::<Bytes>::from(body));
        let inner = service_fn(|request: Request<VerifiedBody<Full<Bytes>>>| async {
            let content = request.into_body().collect().await.unwrap().to_bytes();
            Ok::<_, Infallible>(Response::new(Full::from(content)))
        });
        let future = layer.layer(inner).call(request);
        let response = block_on(future).unwrap();
        let content = block_on(response.into_body().collect()).unwrap().to_bytes();
        assert_eq!(content, body);
        assert_eq!(started.load(Ordering::Relaxed), expected);
    }
}

/// A body that says after its first frame that it has ended, but has more.
struct Liar(std::vec::IntoIter<&'static str>);

impl Body for Liar {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.next().map(|piece| Ok(Frame::data(Bytes::from(piece))));
        std::task::Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.0.len() < 3
    }
}

#[test]
fn every_byte_of_a_body_that_misstates_its_end_is_verified_and_counted() {
    let signed = |service: &str, payload| {
        let mut request = Request::put("https://example.com/key").body(()).unwrap();
        let now = SystemTime::now();
        signer(service).sign_hashed(&mut request, payload, &credentials(), now).unwrap();
        request.map(|()| Liar(vec!["he", "l", "lo"].into_iter()))
    };
    for service in ["s3", "execute-api"] {
        let layer =
            |limit| VerifyLayer::new(verifier(service), credentials()).with_body_limit(limit);
        let request = || signed(service, PayloadHash::of(b"hello"));
        assert_eq!(call(&layer(5), request()).0.unwrap().content, "hello", "{service}");
        let (seen, response) = call(&layer(4), request());
        let too_large = VerifyError::BodyTooLarge { limit: 4 };
        assert_eq!((seen, error_of(&response)), (None, Some(&too_large)), "{service}");
        let (seen, response) = call(&layer(5), signed(service, PayloadHash::of(b"he")));
        assert_eq!((seen, response.status().as_u16() / 100), (None, 4), "{service}");
    }
}

#[test]
fn unknown_key_gets_the_answer_of_a_wrong_one_whatever_its_body() {
    let layer =
        |key: Credentials| VerifyLayer::new(verifier("execute-api"), key).with_body_limit(6);
    let known = credentials();
    let unknown = layer(Credentials::new("AKIDOTHER", "secret"));
    let wrong = layer(Credentials::new(known.access_key_id(), "wrong"));
    for (body, expected) in [
        (["hel", "lo"], VerifyError::UnknownKey),
        (["hello", "!!"], VerifyError::BodyTooLarge { limit: 6 }),
    ] {
        let request = || {
            let mut request = Request::put("https://example.com/key").body(()).unwrap();
            let payload = PayloadHash::of(body.concat().as_bytes());
            signer("execute-api")
                .sign_hashed(&mut request, payload, &known, SystemTime::now())
                .unwrap();
            request.headers_mut().remove("x-amz-content-sha256");
            request.map(|()| pieces(body))
        };
        let [unknown, wrong] = [call(&unknown, request()).1, call(&wrong, request()).1];
        assert_eq!(error_of(&unknown), Some(&expected));
        assert_eq!(unknown.status(), wrong.status());
        assert_eq!((unknown.headers(), unknown.body()), (wrong.headers(), wrong.body()));
    }
}

/// Sends bytes to a guarded service over a socket; it answers with the framing headers it saw.
async fn exchange(wire: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let inner = service_fn(|request: Request<VerifiedBody<hyper::body::Incoming>>| async move {
        let (parts, body) = request.into_parts();
        let content = body.collect().await.unwrap().to_bytes();
        let framing = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
        let mut text = format!("content={}", String::from_utf8_lossy(&content));
        for name in framing {
            for value in parts.headers.get_all(&name) {
                text += &format!(" {name}={}", value.to_str().unwrap());
            }
        }
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(text)))
    });
    let service = TowerToHyperService::new(guard().layer(inner));
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let connection = auto::Builder::new(TokioExecutor::new());
        let _ = connection.serve_connection(TokioIo::new(stream), service).await;
    });
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(wire).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    server.abort();
    let answer = String::from_utf8(answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn head_on_the_wire(request: &Request<()>, more: &str) -> String {
    let mut head = format!("PUT {} HTTP/1.1\r\nconnection: close\r\n{more}", request.uri().path());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    head + "\r\n"
}

#[test]
fn service_sees_one_framing_header_whatever_framed_the_body_on_the_wire() {
    let request = |decoded: &str| {
        let mut request = Request::put("/key").header("host", "example.com").body(()).unwrap();
        let length = HeaderValue::from_str(decoded).unwrap();
        request.headers_mut().insert("x-amz-decoded-content-length", length);
        let (payload, now) = (PayloadHash::StreamingSigned, SystemTime::now());
        let signed = signer("s3").compute(&request, payload, &credentials(), now).unwrap();
        signed.apply(request.headers_mut());
        let mut chain = signed.into_chunks().unwrap();
        let (first, last) = (chain.sign(b"hello"), chain.sign(b""));
        let body =
            format!("5;chunk-signature={first}\r\nhello\r\n0;chunk-signature={last}\r\n\r\n");
        (request, body)
    };
    block_on(async {
        // aws-chunked over chunked transfer, and a length with zeros before it.
        let (head, body) = request("005");
        let wire = head_on_the_wire(&head, "transfer-encoding: chunked\r\n")
            + &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        assert_eq!(exchange(wire.as_bytes()).await, "content=hello content-length=5");
        let (head, body) = request("5");
        let wire = head_on_the_wire(&head, &format!("content-length: {}\r\n", body.len())) + &body;
        assert_eq!(exchange(wire.as_bytes()).await, "content=hello content-length=5");

        // A hashed body over chunked transfer, and an unsigned one.
        let signed = |payload| {
            let mut head = Request::put("/key").header("host", "example.com").body(()).unwrap();
            signer("s3")
                .sign_hashed(&mut head, payload, &credentials(), SystemTime::now())
                .unwrap();
            head_on_the_wire(&head, "transfer-encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n"
        };
        let wire = signed(PayloadHash::of(b"hello"));
        assert_eq!(exchange(wire.as_bytes()).await, "content=hello content-length=5");
        let wire = signed(PayloadHash::Unsigned);
        assert_eq!(exchange(wire.as_bytes()).await, "content=hello transfer-encoding=chunked");
    });
}

#[test]
fn table_of_bounds_in_the_readme_has_the_defaults() {
    let readme = include_str!("../README.md");
    let grouped = |number: u64| {
        let digits = number.to_string();
        let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
        String::from_utf8(groups.join(&b',')).unwrap()
    };
    let Limits { head_bytes, parameters, signed_headers, chunk_bytes, stream_bytes, .. } =
        Limits::DEFAULT;
    for (bound, setting) in [
        (head_bytes as u64, "with_head_bytes"),
        (parameters as u64, "with_parameters"),
        (signed_headers as u64, "with_signed_headers"),
        (chunk_bytes, "with_chunk_bytes"),
        (8 * 1024 * 1024, "with_body_limit"),
    ] {
        let row = readme.lines().find(|line| line.starts_with("| ") && line.contains(setting));
        assert!(row.unwrap().contains(&grouped(bound)), "{setting}: {}", grouped(bound));
    }
    assert_eq!(stream_bytes, u64::MAX, "the table says none");
    assert!(format!("{:?}", guard()).contains("body_limit: 8388608"));
}
