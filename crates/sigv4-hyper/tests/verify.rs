//! `VerifyLayer` before a service, called in process, by our own layers over a socket, and by curl.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail anywhere"
)]

mod common;

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use common::{block_on, credentials, http1, http2, pieces, signer};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use sigv4_core::stream::{AwsChunked, DecodeError};
use sigv4_core::verify::{Protocol, Verified, Verifier, VerifyError};
use sigv4_core::{Credentials, PayloadHash, Region, Service};
use sigv4_hyper::{BoxError, KeyStore, SignLayer, SignStreamLayer, VerifiedBody, VerifyLayer};
use support::wire::{ACCESS_KEY, REGION, SECRET_KEY};
use tokio::net::TcpListener;
use tower::{Layer, Service as _, ServiceExt, service_fn};

fn verifier(service: &str) -> Verifier {
    Verifier::new(Region::new(REGION).unwrap(), Service::new(service).unwrap())
}

/// Answers with the caller's key id, the content's length as the head says it, and the content;
/// with 400 where the body ends in an error.
async fn echo<B>(request: Request<VerifiedBody<B>>) -> Result<Response<Full<Bytes>>, Infallible>
where
    B: Body<Error: Into<BoxError>>,
{
    let (parts, body) = request.into_parts();
    let caller = parts.extensions.get::<Verified>().unwrap().access_key_id().to_owned();
    let length = parts.headers.get("content-length").cloned();
    let response = match body.collect().await {
        Ok(body) => {
            let mut response = Response::new(Full::new(body.to_bytes()));
            response.headers_mut().insert("x-caller", caller.parse().unwrap());
            if let Some(length) = length {
                response.headers_mut().insert("x-length", length);
            }
            response
        }
        Err(error) => {
            assert!(error.is::<VerifyError>(), "{error}");
            let mut response = Response::new(Full::new(error.to_string().into()));
            *response.status_mut() = StatusCode::BAD_REQUEST;
            response
        }
    };
    Ok(response)
}

/// Calls a guarded echo in process.
fn call<B>(layer: &VerifyLayer<impl KeyStore>, request: Request<B>) -> Response<Bytes>
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    block_on(async {
        let response = layer.layer(service_fn(echo)).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
    })
}

fn signed(service: &str, body: &'static str) -> Request<Full<Bytes>> {
    let mut request = Request::put("/key").header("host", "example.com").body(body).unwrap();
    signer(service).sign(&mut request, &credentials(), SystemTime::now()).unwrap();
    request.map(Full::from)
}

fn guard(service: &str) -> VerifyLayer<Credentials> {
    VerifyLayer::new(verifier(service), credentials())
}

#[test]
fn service_behind_the_layer_learns_who_called_and_reads_the_body() {
    for service in ["s3", "execute-api"] {
        let response = call(&guard(service), signed(service, "hello"));
        assert_eq!(response.status(), 200, "{service}");
        assert_eq!(response.headers()["x-caller"], ACCESS_KEY);
        assert_eq!(response.body(), "hello");
    }
}

/// A service whose instances hold a permit from being ready until they are called or dropped.
#[derive(Default)]
struct Permits {
    held: Arc<AtomicUsize>,
    is_ready: bool,
}

impl Permits {
    fn release(&mut self) {
        if std::mem::take(&mut self.is_ready) {
            self.held.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Clone for Permits {
    fn clone(&self) -> Self {
        Self { held: Arc::clone(&self.held), is_ready: false }
    }
}

impl Drop for Permits {
    fn drop(&mut self) {
        self.release();
    }
}

impl<B> tower::Service<Request<B>> for Permits {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if !std::mem::replace(&mut self.is_ready, true) {
            self.held.fetch_add(1, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert!(self.is_ready, "called before it was ready");
        self.release();
        std::future::ready(Ok(Response::default()))
    }
}

#[test]
fn refused_request_keeps_no_permit_of_the_inner_service() {
    let permits = Permits::default();
    let held = Arc::clone(&permits.held);
    let mut service = guard("execute-api").layer(permits);
    let unsigned = Request::get("/").header("host", "example.com").body(Full::default()).unwrap();
    let mut changed = signed("execute-api", "");
    *changed.uri_mut() = "/other".parse().unwrap();
    let changed_body = signed("execute-api", "hello").map(|_| Full::from("hullo"));
    for (request, status) in
        [(unsigned, 403), (changed, 403), (changed_body, 403), (signed("execute-api", "a"), 200)]
    {
        let response = block_on(async {
            let ready = ServiceExt::<Request<Full<Bytes>>>::ready(&mut service).await.unwrap();
            ready.call(request).await
        });
        assert_eq!(response.unwrap().status(), status);
        assert_eq!(held.load(Ordering::Relaxed), 0);
    }
}

#[test]
fn refused_request_never_reaches_the_inner_service() {
    let calls = Arc::new(AtomicUsize::new(0));
    let inner = {
        let calls = Arc::clone(&calls);
        service_fn(move |_: Request<VerifiedBody<Full<Bytes>>>| {
            calls.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
        })
    };
    let mut changed_body = signed("s3", "hello");
    *changed_body.body_mut() = Full::from("Hello");
    let mut added = signed("s3", "hello");
    added.headers_mut().insert("x-amz-copy-source", HeaderValue::from_static("/a/b"));
    let unsigned = Request::put("/key").header("host", "a").body(Full::from("hello")).unwrap();
    for (request, status, code) in [
        (changed_body, 400, "XAmzContentSHA256Mismatch"),
        (added, 403, "AccessDenied"),
        (unsigned, 403, "AccessDenied"),
    ] {
        let service = guard("s3").layer(inner.clone());
        let response = block_on(service.oneshot(request)).unwrap();
        assert_eq!(response.status(), status, "{code}");
        let body = block_on(response.into_body().collect()).unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains(&format!("<Code>{code}</Code>")), "{text}");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[test]
fn failed_look_up_is_an_error_of_the_server_and_never_an_accept() {
    struct Broken;
    impl KeyStore for Broken {
        async fn key(&self, _: &str) -> Result<Option<Credentials>, BoxError> {
            Err("the database is away".into())
        }
    }
    let layer = VerifyLayer::new(verifier("s3"), Broken);
    let response = call(&layer, signed("s3", "hello"));
    assert_eq!(response.status(), 500);
    assert!(!String::from_utf8_lossy(response.body()).contains("database"));
    assert_eq!(response.extensions().get(), Some(&VerifyError::LookUpFailed));
}

#[test]
fn failed_look_up_in_memory_is_an_error_of_the_server_too() {
    struct Poisoned;
    impl KeyStore for Poisoned {
        async fn key(&self, _: &str) -> Result<Option<Credentials>, BoxError> {
            panic!("the key is ready")
        }

        fn ready_key(&self, _: &str) -> Option<Result<Option<Credentials>, BoxError>> {
            Some(Err("a lock is poisoned".into()))
        }
    }
    for body in ["", "hello"] {
        let response = call(&VerifyLayer::new(verifier("s3"), Poisoned), signed("s3", body));
        assert_eq!(response.status(), 500);
        assert_eq!(response.extensions().get(), Some(&VerifyError::LookUpFailed));
    }
}

#[test]
fn store_is_asked_once_a_request_whether_its_key_is_ready_or_awaited() {
    struct Counting {
        is_ready: bool,
        asked: Arc<AtomicUsize>,
    }
    impl KeyStore for Counting {
        async fn key(&self, _: &str) -> Result<Option<Credentials>, BoxError> {
            tokio::task::yield_now().await;
            self.asked.fetch_add(1, Ordering::Relaxed);
            Ok(Some(credentials()))
        }

        fn ready_key(&self, _: &str) -> Option<Result<Option<Credentials>, BoxError>> {
            self.is_ready.then(|| {
                self.asked.fetch_add(1, Ordering::Relaxed);
                Ok(Some(credentials()))
            })
        }
    }
    for (is_ready, service, body) in [false, true].into_iter().flat_map(|is_ready| {
        [("s3", ""), ("s3", "hello"), ("execute-api", ""), ("execute-api", "hello")]
            .map(|(service, body)| (is_ready, service, body))
    }) {
        let asked = Arc::new(AtomicUsize::new(0));
        let keys = Counting { is_ready, asked: Arc::clone(&asked) };
        let response =
            call(&VerifyLayer::new(verifier(service), Arc::new(keys)), signed(service, body));
        assert_eq!((response.status().as_u16(), response.body()), (200, &Bytes::from(body)));
        assert_eq!(asked.load(Ordering::Relaxed), 1, "{service}, {body:?}, {is_ready}");
    }
}

/// A service that must be polled ready before each call, as a limit of concurrency must.
#[derive(Default)]
struct PolledReady(bool);

impl Clone for PolledReady {
    fn clone(&self) -> Self {
        Self(false)
    }
}

impl tower::Service<Request<VerifiedBody<Full<Bytes>>>> for PolledReady {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0 = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<VerifiedBody<Full<Bytes>>>) -> Self::Future {
        assert!(std::mem::take(&mut self.0), "this instance was not polled ready");
        std::future::ready(Ok(Response::default()))
    }
}

#[test]
fn instance_that_was_polled_ready_is_the_one_that_is_called() {
    struct Remote;
    impl KeyStore for Remote {
        async fn key(&self, _: &str) -> Result<Option<Credentials>, BoxError> {
            Ok(Some(credentials()))
        }
    }
    fn twice<K: KeyStore>(keys: K) {
        let mut service = VerifyLayer::new(verifier("s3"), keys).layer(PolledReady::default());
        for body in ["", "", "hello", "hello", ""] {
            let response = block_on(async {
                let service = ServiceExt::<Request<Full<Bytes>>>::ready(&mut service).await;
                service.unwrap().call(signed("s3", body)).await.unwrap()
            });
            assert_eq!(response.status(), 200);
        }
    }
    twice(credentials());
    twice(Remote);
}

#[test]
fn unknown_key_and_wrong_secret_get_the_same_answer() {
    let none: HashMap<String, Credentials> = HashMap::new();
    let wrong = HashMap::from([(ACCESS_KEY.to_owned(), Credentials::new(ACCESS_KEY, "wrong"))]);
    for (service, body) in
        [("s3", "hello"), ("execute-api", "hello"), ("s3", ""), ("execute-api", "")]
    {
        let [unknown, mismatch] = [none.clone(), wrong.clone()]
            .map(|keys| call(&VerifyLayer::new(verifier(service), keys), signed(service, body)));
        assert_eq!(unknown.status(), mismatch.status());
        assert_eq!(unknown.headers(), mismatch.headers());
        assert_eq!(unknown.body(), mismatch.body());
        assert_eq!(unknown.extensions().get(), Some(&VerifyError::UnknownKey));
        assert_eq!(mismatch.extensions().get(), Some(&VerifyError::WrongSignature));
    }
}

#[test]
fn body_over_the_limit_is_refused() {
    for service in ["s3", "execute-api"] {
        let layer = guard(service).with_body_limit(4);
        assert_eq!(call(&layer, signed(service, "four")).status(), 200);
        let response = call(&layer, signed(service, "fives"));
        let expected = VerifyError::BodyTooLarge { limit: 4 };
        assert_eq!(response.extensions().get(), Some(&expected), "{service}");
        // A body that does not say how long it is.
        let streamed = signed(service, "fives").map(|_| pieces(["fi", "ves"]));
        let response = call(&layer, streamed);
        assert_eq!(response.extensions().get(), Some(&expected), "{service}");
    }
}

#[test]
fn refusal_speaks_the_protocol_of_the_caller() {
    for (content_type, expected) in [
        ("application/x-www-form-urlencoded", "text/xml"),
        ("application/x-amz-json-1.0", "application/x-amz-json-1.1"),
        ("application/json", "application/json"),
    ] {
        let request = Request::post("/")
            .header("host", "a")
            .header("content-type", content_type)
            .body(Full::<Bytes>::default())
            .unwrap();
        let response = call(&guard("sts"), request);
        assert_eq!(response.headers()["content-type"], expected);
    }
    let fixed = guard("sts").with_protocol(Protocol::S3);
    let response = call(&fixed, Request::new(Full::<Bytes>::default()));
    assert_eq!(response.headers()["content-type"], "application/xml");
}

#[test]
fn clock_of_the_layer_counts() {
    let ahead = || SystemTime::now() + Duration::from_secs(1000);
    let response = call(&guard("s3").with_clock(ahead), signed("s3", "hello"));
    assert_eq!(response.status(), 403);
    assert!(String::from_utf8_lossy(response.body()).contains("RequestTimeTooSkewed"));
}

/// A request with a streamed body: its head, and the frames of its chunks.
fn chunked(content: &'static str, chunks: usize) -> (Request<()>, Vec<Bytes>) {
    let plan = AwsChunked::signed(content.len() as u64);
    let mut request = Request::put("/key").header("host", "example.com").body(()).unwrap();
    plan.set_headers(request.headers_mut());
    let now = SystemTime::now();
    let signed = signer("s3").compute(&request, plan.payload(), &credentials(), now).unwrap();
    signed.apply(request.headers_mut());
    let mut chain = signed.into_chunks().unwrap();
    let size = content.len().div_ceil(chunks);
    let mut frames: Vec<Bytes> = content
        .as_bytes()
        .chunks(size)
        .map(|chunk| {
            let head = format!("{:x};chunk-signature={}\r\n", chunk.len(), chain.sign(chunk));
            [head.as_bytes(), chunk, b"\r\n"].concat().into()
        })
        .collect();
    frames.push(format!("0;chunk-signature={}\r\n\r\n", chain.sign(b"")).into());
    (request, frames)
}

fn with_frames(
    request: Request<()>,
    frames: Vec<Bytes>,
) -> Request<impl Body<Data = Bytes, Error = Infallible> + Send + 'static> {
    let frames = frames.into_iter().map(|frame| Ok(http_body::Frame::data(frame)));
    request.map(|()| http_body_util::StreamBody::new(futures_util::stream::iter(frames)))
}

#[test]
fn stream_is_handed_on_decoded_with_the_length_of_its_content() {
    let (request, frames) = chunked("some content in chunks", 3);
    let response = call(&guard("s3"), with_frames(request, frames));
    assert_eq!(response.status(), 200);
    assert_eq!(response.body(), "some content in chunks");
    assert_eq!(response.headers()["x-length"], "22");
}

#[test]
fn only_proven_chunks_of_a_changed_stream_are_handed_on() {
    let (request, mut frames) = chunked("first.second", 2);
    let changed = String::from_utf8(frames[1].to_vec()).unwrap().replace("second", "sECOND");
    frames[1] = changed.into();
    let read = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&read);
    let response = block_on(async {
        let inner = service_fn(move |request: Request<VerifiedBody<_>>| {
            let kept = Arc::clone(&kept);
            async move {
                let mut body = std::pin::pin!(request.into_body());
                let mut content = Vec::new();
                let error = loop {
                    match body.frame().await.unwrap() {
                        Ok(frame) => content.extend_from_slice(&frame.into_data().unwrap()),
                        Err(error) => break error,
                    }
                };
                assert!(matches!(error.downcast_ref(), Some(VerifyError::Stream(_))), "{error}");
                assert!(body.frame().await.is_none(), "it stays ended");
                *kept.lock().unwrap() = content;
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
            }
        });
        let request = with_frames(request, frames);
        guard("s3").layer(inner).oneshot(request).await.unwrap()
    });
    assert_eq!(*read.lock().unwrap(), b"first.");
    assert_eq!(response.status(), 403, "whatever the service answered");
    let refuted = VerifyError::Stream(DecodeError::ChunkSignatureMismatch);
    assert_eq!(response.extensions().get::<VerifyError>(), Some(&refuted));
}

#[test]
fn stream_that_is_cut_ends_with_an_error() {
    let (request, mut frames) = chunked("first.second", 2);
    frames.truncate(2);
    let response = call(&guard("s3"), with_frames(request, frames));
    assert_eq!(response.status(), 400);
    assert!(String::from_utf8_lossy(response.body()).contains("<Code>IncompleteBody</Code>"));
}

#[test]
fn unsigned_payload_is_handed_on_as_it_comes() {
    let mut request =
        Request::put("https://example.com/key").body(pieces(["any", "thing"])).unwrap();
    let now = SystemTime::now();
    signer("s3").sign_hashed(&mut request, PayloadHash::Unsigned, &credentials(), now).unwrap();
    let response = call(&guard("s3").with_body_limit(1), request);
    assert_eq!(response.status(), 200);
    assert_eq!(response.body(), "anything");
}

/// A hyper server on loopback with the guarded echo, for as long as the test runs.
async fn serve(service: &'static str, key: Credentials) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let layer = VerifyLayer::new(verifier(service), key);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let guarded = TowerToHyperService::new(layer.layer(service_fn(echo)));
            tokio::spawn(async move {
                let connection = auto::Builder::new(TokioExecutor::new());
                let _ = connection.serve_connection(TokioIo::new(stream), guarded).await;
            });
        }
    });
    address
}

#[test]
fn our_own_layers_are_accepted_over_http1_and_http2() {
    block_on(async {
        let address = serve("s3", credentials()).await;
        let uri = format!("http://{address}/a%20b?q=1&q=2");
        let layer = SignLayer::new(signer("s3"), credentials());
        let request = || Request::put(&uri).body(Full::<Bytes>::from("hello")).unwrap();
        let first = layer.layer(http1(address)).oneshot(request()).await.unwrap();
        assert_eq!(first.status(), 200);
        let second = layer.layer(http2(address)).oneshot(request()).await.unwrap();
        assert_eq!(second.status(), 200);
        assert_eq!(second.into_body().collect().await.unwrap().to_bytes(), "hello");
        let layer = SignStreamLayer::new(signer("s3"), credentials());
        let third = layer.layer(http1(address)).oneshot(request()).await.unwrap();
        assert_eq!(third.status(), 200);
        assert_eq!(third.headers()["x-length"], "5");
        assert_eq!(third.into_body().collect().await.unwrap().to_bytes(), "hello");
    });
}

#[test]
fn curl_is_accepted_and_its_tampered_request_refused() {
    let plain = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let address = runtime.block_on(serve("execute-api", plain));
    let curl = |secret: &str, more: &[&str]| {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--write-out", " %{http_code}", "--data", "hello"])
            .args(["--aws-sigv4", &format!("aws:amz:{REGION}:execute-api")])
            .args(["--user", &format!("{ACCESS_KEY}:{secret}")])
            .args(more)
            .arg(format!("http://{address}/pets?a=1"))
            .output()
            .expect("curl is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(curl(SECRET_KEY, &[]), "hello 200");
    assert!(curl("wrong", &[]).ends_with(" 403"));
}
