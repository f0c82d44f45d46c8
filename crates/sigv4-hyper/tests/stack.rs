//! Tests of the layers among others: readiness, retries, redirects, hosts, changing credentials.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail anywhere"
)]

mod common;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use common::{block_on, credentials, http1, oracle, ours, pieces, signer, text};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use sigv4_core::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, PayloadHash,
};
use sigv4_hyper::{AllowedHosts, CallError, SignHeadLayer, SignLayer, SignStreamLayer};
use support::oracle::{self, Oracle, Rules};
use support::raw::{Answer, RawServer, Received, Reply};
use support::wire::{self, REGION, check};
use tower::{Layer, Service, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_http::follow_redirect::policy::{Limited, Policy, PolicyExt, clone_body_fn};

/// A service that panics if it is called without having been polled ready. Responds as configured.
struct Strict {
    polled: u8,
    answers: Arc<Mutex<Vec<u16>>>,
    calls: Arc<AtomicUsize>,
}

impl Strict {
    fn answering(answers: &[u16]) -> Self {
        let answers = Arc::new(Mutex::new(answers.to_vec()));
        Self { polled: 0, answers, calls: Arc::default() }
    }
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { polled: 0, answers: Arc::clone(&self.answers), calls: Arc::clone(&self.calls) }
    }
}

impl<B> Service<Request<B>> for Strict {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.polled = (self.polled + 1).min(2);
        if self.polled == 2 {
            return Poll::Ready(Ok(()));
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert_eq!(self.polled, 2, "called without having been ready");
        self.polled = 0;
        self.calls.fetch_add(1, Ordering::SeqCst);
        let status = self.answers.lock().unwrap().remove(0);
        let response = Response::builder().status(status);
        let response = response.header("x-amzn-errortype", "ExpiredTokenException");
        ready(Ok(response.body(Full::default()).unwrap()))
    }
}

#[test]
fn instance_that_was_ready_is_the_one_called_and_again_for_each_signature() {
    let strict = Strict::answering(&[200, 403, 200, 403, 403]);
    let renewing = Arc::new(Numbered::default());
    let mut service = SignLayer::new(signer("s3"), renewing).layer(strict.clone());
    let request = || Request::get("http://h/").body(Empty::<Bytes>::new()).unwrap();
    block_on(async {
        for (expected, calls) in [(200, 1), (200, 3), (403, 5)] {
            let ready = ServiceExt::<Request<Empty<Bytes>>>::ready(&mut service).await.unwrap();
            let response = ready.call(request()).await.unwrap();
            assert_eq!(response.status(), expected);
            assert_eq!(strict.calls.load(Ordering::SeqCst), calls);
        }
    });
    let strict = Strict::answering(&[200, 403]);
    let mut service = SignHeadLayer::new(signer("s3"), credentials()).layer(strict.clone());
    block_on(async {
        for expected in [200, 403] {
            let ready = ServiceExt::<Request<Empty<Bytes>>>::ready(&mut service).await.unwrap();
            let response = ready.call(request()).await.unwrap();
            assert_eq!(response.status(), expected);
        }
    });
    assert_eq!(strict.calls.load(Ordering::SeqCst), 2);
    let strict = Strict::answering(&[200, 403]);
    let mut service = SignStreamLayer::new(signer("s3"), credentials()).layer(strict.clone());
    block_on(async {
        for expected in [200, 403] {
            let ready = ServiceExt::<Request<Full<Bytes>>>::ready(&mut service).await.unwrap();
            let request = Request::put("http://h/").body(Full::<Bytes>::from("hello")).unwrap();
            assert_eq!(ready.call(request).await.unwrap().status(), expected);
        }
    });
    assert_eq!(strict.calls.load(Ordering::SeqCst), 2);
}

/// Counts how often a request's extensions, and so its head, are copied.
#[derive(Default)]
struct Copies(Arc<AtomicUsize>);

impl Clone for Copies {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(&self.0))
    }
}

#[test]
fn head_is_copied_once_an_attempt_and_never_for_a_body_that_is_passed_on() {
    let copies = |send: &dyn Fn(Request<Full<Bytes>>)| {
        let copies = Arc::<AtomicUsize>::default();
        let mut request = Request::put("http://h/").body(Full::<Bytes>::from("hello")).unwrap();
        request.extensions_mut().insert(PayloadHash::of(b"hello"));
        request.extensions_mut().insert(Copies(Arc::clone(&copies)));
        send(request);
        copies.load(Ordering::SeqCst)
    };
    let buffered = |answers: &[u16]| {
        let layer = SignLayer::new(signer("s3"), Arc::new(Numbered::default()));
        let service = layer.layer(Strict::answering(answers));
        copies(&|request| drop(block_on(service.clone().oneshot(request)).unwrap()))
    };
    assert_eq!((buffered(&[200]), buffered(&[403, 200])), (1, 2));
    let head = SignHeadLayer::new(signer("s3"), credentials()).layer(Strict::answering(&[200]));
    assert_eq!(copies(&|request| drop(block_on(head.clone().oneshot(request)).unwrap())), 0);
    let chunks = SignStreamLayer::new(signer("s3"), credentials()).layer(Strict::answering(&[200]));
    assert_eq!(copies(&|request| drop(block_on(chunks.clone().oneshot(request)).unwrap())), 0);
}

#[test]
fn call_without_readiness_would_be_noticed() {
    let mut strict = Strict::answering(&[200]);
    let request = Request::get("http://h/").body(()).unwrap();
    let called =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(strict.call(request))));
    assert!(called.is_err());
}

/// Retries while the status is 503.
#[derive(Clone)]
struct Until200;

impl<B, R, E> tower::retry::Policy<Request<B>, Response<R>, E> for Until200
where
    B: Clone,
{
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<B>,
        result: &mut Result<Response<R>, E>,
    ) -> Option<Ready<()>> {
        let status = result.as_ref().ok()?.status();
        (status == StatusCode::SERVICE_UNAVAILABLE).then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<B>) -> Option<Request<B>> {
        Some(request.clone())
    }
}

/// A clock that advances by a minute each time it is read.
fn minutes() -> SystemTime {
    static READ: AtomicU64 = AtomicU64::new(0);
    let minutes = READ.fetch_add(1, Ordering::SeqCst);
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200 + 60 * minutes)
}

#[test]
fn each_retry_has_its_own_date_and_signature() {
    let server = wire::failing_first(2);
    let sign = SignLayer::new(signer("s3"), credentials()).with_clock(minutes);
    let service = tower::ServiceBuilder::new()
        .layer(tower::retry::RetryLayer::new(Until200))
        .layer(sign)
        .service(http1(server.address()));
    let request = Request::put(format!("{}/key", server.endpoint()));
    let request = request.body(Full::<Bytes>::from("hello")).unwrap();
    assert_eq!(block_on(service.oneshot(request)).unwrap().status(), 200);
    let received = server.received();
    let mut signatures: Vec<_> = received.iter().map(|it| check("s3", it).signature).collect();
    let mut dates: Vec<_> = received.iter().flat_map(|it| it.header("x-amz-date")).collect();
    for seen in [&mut signatures, &mut dates] {
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 3, "{seen:?}");
    }
}

/// Redirects `/old`, and returns 200 for every other target.
fn redirecting(
    status: u16,
    location: impl Fn(&Received) -> String + Send + Sync + 'static,
) -> RawServer {
    RawServer::start(move |received| match received.target.as_slice() {
        b"/old" => Answer::Reply(Reply::new(status).header("location", &location(received))),
        _ => Answer::Reply(Reply::new(200)),
    })
    .unwrap()
}

/// Follows up to ten hops to any host, and keeps the body if the status allows it.
fn follow() -> impl Policy<Full<Bytes>, sigv4_hyper::BoxError> + Clone {
    let clone: fn(&Full<Bytes>) -> Option<Full<Bytes>> = |body| Some(body.clone());
    Limited::new(10).and::<_, Full<Bytes>, sigv4_hyper::BoxError>(clone_body_fn(clone))
}

const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

fn post_old(server: &RawServer) -> Request<Full<Bytes>> {
    Request::post(format!("{}/old", server.endpoint())).body(Full::from("hello")).unwrap()
}

#[test]
fn redirect_is_a_response_and_nothing_goes_to_its_target() {
    let other = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    for status in REDIRECTS {
        let target = format!("{}/stolen", other.endpoint());
        let server = redirecting(status, move |_| target.clone());
        for response in [
            block_on(
                SignLayer::new(signer("s3"), credentials())
                    .layer(http1(server.address()))
                    .oneshot(post_old(&server)),
            )
            .map(|it| it.status()),
            block_on(
                SignHeadLayer::new(signer("s3"), credentials())
                    .with_payload(PayloadHash::of(b"hello"))
                    .layer(http1(server.address()))
                    .oneshot(post_old(&server)),
            )
            .map(|it| it.status()),
        ] {
            assert_eq!(response.unwrap(), status);
        }
        assert_eq!(server.received().len(), 2);
    }
    assert_eq!(other.received(), []);
    assert_eq!(other.malformed(), Vec::<String>::new());
}

#[test]
fn redirect_followed_above_the_layer_is_signed_anew_on_the_allowed_host() {
    for status in REDIRECTS {
        let server = redirecting(status, |_| "/new?a=b".into());
        let hosts = AllowedHosts::new([server.endpoint()]).unwrap();
        let sign = SignLayer::new(signer("s3"), credentials()).with_allowed_hosts(hosts);
        let service = tower::ServiceBuilder::new()
            .layer(FollowRedirectLayer::with_policy(follow()))
            .layer(sign)
            .service(http1(server.address()));
        assert_eq!(block_on(service.oneshot(post_old(&server))).unwrap().status(), 200, "{status}");
        let received = server.received();
        assert_eq!(received.len(), 2, "{status}");
        let signatures = [check("s3", &received[0]), check("s3", &received[1])];
        assert_ne!(signatures[0].signature, signatures[1].signature);
    }
}

#[test]
fn redirect_followed_above_the_layer_to_another_host_is_refused() {
    let other = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let port = other.address().port();
    for status in REDIRECTS {
        for target in [
            format!("http://127.0.0.1:{port}/stolen"),
            format!("http://localhost:{port}/stolen"),
            "https://{host}/stolen".into(), // another scheme
            format!("//127.0.0.1:{port}/stolen"),
            "http://127.0.0.1.evil.example/stolen".into(),
        ] {
            let server = redirecting(status, move |received| {
                target.replace("{host}", &received.header("host").concat())
            });
            let client =
                hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
                    .build_http();
            let hosts = AllowedHosts::new([server.endpoint()]).unwrap();
            let sign = SignLayer::new(signer("s3"), credentials()).with_allowed_hosts(hosts);
            let service = tower::ServiceBuilder::new()
                .layer(FollowRedirectLayer::with_policy(follow()))
                .layer(sign)
                .service(client);
            let error = ours(block_on(service.oneshot(post_old(&server))).unwrap_err());
            assert!(matches!(error, CallError::HostNotAllowed { .. }), "{error:?}");
            assert_eq!(server.received().len(), 1);
        }
    }
    assert_eq!(other.received(), []);
    assert_eq!(other.malformed(), Vec::<String>::new());
}

#[test]
fn host_that_is_not_allowed_is_refused_by_both_layers_before_credentials_are_asked() {
    #[derive(Debug)]
    struct Never;
    impl CredentialsProvider for Never {
        fn credentials(&self) -> CredentialsFuture {
            panic!("asked for credentials")
        }
    }
    let hosts = || AllowedHosts::new(["https://*.example.com"]).unwrap();
    let strict = Strict::answering(&[]);
    let request = || Request::get("http://a.example.com/").body(pieces(["x"])).unwrap();
    let service =
        SignLayer::new(signer("s3"), Never).with_allowed_hosts(hosts()).layer(strict.clone());
    let buffered = block_on(service.oneshot(request())).unwrap_err();
    let service =
        SignHeadLayer::new(signer("s3"), Never).with_allowed_hosts(hosts()).layer(strict.clone());
    let head = block_on(service.oneshot(request())).unwrap_err();
    for error in [buffered, head].map(ours) {
        let CallError::HostNotAllowed { origin } = error else { panic!("{error:?}") };
        assert_eq!(origin, "http://a.example.com");
    }
    assert_eq!(strict.calls.load(Ordering::SeqCst), 0);
}

/// Credentials whose three parts carry one number, which changes every millisecond or when they are
/// refused.
#[derive(Debug, Default)]
struct Numbered {
    number: AtomicU64,
    refused: Mutex<Vec<String>>,
}

impl CredentialsProvider for Numbered {
    fn credentials(&self) -> CredentialsFuture {
        CredentialsFuture::ready(Ok(numbered(self.number.load(Ordering::SeqCst))))
    }

    fn rejected(&self, rejected: &Credentials) {
        self.refused.lock().unwrap().push(rejected.access_key_id().to_owned());
        self.number.fetch_add(1, Ordering::SeqCst);
    }
}

fn numbered(number: u64) -> Credentials {
    Credentials::new(format!("AKID{number}"), format!("secret{number}"))
        .with_session_token(format!("token{number}"))
}

fn numbered_oracle(service: &str, access_key: &str) -> Oracle {
    let number = access_key.strip_prefix("AKID").unwrap();
    Oracle::new(REGION, service, Rules::S3, access_key, &format!("secret{number}"))
        .with_token(&format!("token{number}"))
}

fn access_key(authorization: &str) -> &str {
    authorization.split_once("Credential=").unwrap().1.split_once('/').unwrap().0
}

/// Converts a request for the oracle, and adds the host that a client would send.
async fn received(request: Request<Full<Bytes>>) -> oracle::Request {
    let (parts, body) = request.into_parts();
    let host = parts.uri.authority().unwrap().as_str();
    let mut headers = vec![(b"host".to_vec(), host.as_bytes().to_vec())];
    headers.extend(
        parts.headers.iter().map(|(name, value)| (name.as_str().into(), value.as_bytes().to_vec())),
    );
    oracle::Request {
        method: parts.method.as_str().into(),
        path: parts.uri.path().into(),
        query: parts.uri.query().unwrap_or_default().into(),
        headers,
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_concurrent_signatures_never_mix_credentials_that_rotate() {
    let provider = Arc::new(Numbered::default());
    let seen = Arc::new(Mutex::new(std::collections::BTreeSet::new()));
    let inner = tower::service_fn({
        let seen = Arc::clone(&seen);
        move |request: Request<Full<Bytes>>| {
            let seen = Arc::clone(&seen);
            async move {
                let request = received(request).await;
                let authorization =
                    String::from_utf8(request.header("authorization").concat()).unwrap();
                let id = access_key(&authorization).to_owned();
                numbered_oracle("s3", &id).check(&request).unwrap();
                seen.lock().unwrap().insert(id);
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
            }
        }
    });
    let service = SignLayer::new(signer("s3"), Arc::clone(&provider)).layer(inner);
    let stop = Arc::new(AtomicBool::new(false));
    let rotate = std::thread::spawn({
        let (stop, provider) = (Arc::clone(&stop), Arc::clone(&provider));
        move || {
            while !stop.load(Ordering::SeqCst) {
                provider.number.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    });
    let tasks: Vec<_> = (0..10_000)
        .map(|n| {
            let request = Request::put(format!("https://h/{n}?n={n}"));
            tokio::spawn(
                service.clone().oneshot(request.body(Full::<Bytes>::from("body")).unwrap()),
            )
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().status(), 200);
    }
    stop.store(true, Ordering::SeqCst);
    rotate.join().unwrap();
    assert!(seen.lock().unwrap().len() > 10, "{:?}", seen.lock().unwrap().len());
}

/// Refuses the first request with the given reply, then accepts all.
fn refusing_first(refusal: Reply) -> RawServer {
    let first = AtomicBool::new(true);
    RawServer::start(move |_| {
        let refused = first.swap(false, Ordering::SeqCst);
        Answer::Reply(if refused { refusal.clone() } else { Reply::new(200) })
    })
    .unwrap()
}

fn expired_in_header() -> Reply {
    Reply::new(400).header("x-amzn-errortype", "ExpiredTokenException:http://internal/")
}

fn expired_in_body() -> Reply {
    Reply::new(400).body("<Error><Code>ExpiredToken</Code><Message>expired</Message></Error>")
}

#[test]
fn credentials_that_were_refused_are_renewed_and_the_request_is_sent_again() {
    for refusal in [expired_in_header(), expired_in_body()] {
        let server = refusing_first(refusal);
        let provider = Arc::new(Numbered::default());
        let layer = SignLayer::new(signer("s3"), Arc::clone(&provider));
        let request =
            Request::put(format!("{}/key", server.endpoint())).body(pieces(["hel", "lo"]));
        let sent = layer.layer(http1(server.address())).oneshot(request.unwrap());
        assert_eq!(block_on(sent).unwrap().status(), 200);
        assert_eq!(*provider.refused.lock().unwrap(), ["AKID0"]);
        let received = server.received();
        assert_eq!(received.len(), 2);
        for (number, one) in received.iter().enumerate() {
            assert_eq!(one.body, b"hello");
            one.check(&numbered_oracle("s3", &format!("AKID{number}"))).unwrap();
        }
    }
}

#[test]
fn credentials_that_stay_refused_are_tried_twice_and_the_response_is_returned() {
    let server = RawServer::start(|_| Answer::Reply(expired_in_body())).unwrap();
    let layer = SignLayer::new(signer("s3"), Arc::new(Numbered::default()));
    let request = Request::get(format!("{}/key", server.endpoint())).body(Empty::<Bytes>::new());
    let body = block_on(async {
        let sent = layer.layer(http1(server.address())).oneshot(request.unwrap());
        let response = sent.await.unwrap();
        assert_eq!(response.status(), 400);
        response.into_body().collect().await.unwrap().to_bytes()
    });
    assert_eq!(body, expired_in_body().body);
    assert_eq!(server.received().len(), 2);
}

#[test]
fn credentials_that_cannot_be_renewed_are_sent_once() {
    let server = RawServer::start(|_| Answer::Reply(expired_in_body())).unwrap();
    let layer = SignLayer::new(signer("s3"), credentials());
    let request = Request::get(format!("{}/key", server.endpoint())).body(Empty::<Bytes>::new());
    let sent = layer.layer(http1(server.address())).oneshot(request.unwrap());
    assert_eq!(block_on(sent).unwrap().status(), 400);
    assert_eq!(server.received().len(), 1);
}

#[test]
fn head_layer_sends_once_and_signs_the_next_request_correctly() {
    let server = refusing_first(expired_in_header());
    let provider = Arc::new(Numbered::default());
    let layer = SignHeadLayer::new(signer("s3"), Arc::clone(&provider));
    let client = layer.layer(http1::<Empty<Bytes>>(server.address()));
    let request = || Request::get(format!("{}/key", server.endpoint())).body(Empty::new()).unwrap();
    block_on(async {
        assert_eq!(client.clone().oneshot(request()).await.unwrap().status(), 400);
        assert_eq!(server.received().len(), 1);
        assert_eq!(*provider.refused.lock().unwrap(), ["AKID0"]);
        assert_eq!(client.clone().oneshot(request()).await.unwrap().status(), 200);
    });
    server.last().unwrap().check(&numbered_oracle("s3", "AKID1")).unwrap();
}

fn new_year() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200)
}

#[test]
fn clock_learnt_from_one_response_dates_the_next_request() {
    let date = "Mon, 01 Jan 2024 00:20:00 GMT";
    let server = refusing_first(Reply::new(403).header("date", date));
    let layer = SignHeadLayer::new(signer("s3"), credentials()).with_clock(new_year);
    block_on(async {
        for expected in [403, 200] {
            let client = layer.layer(http1(server.address())); // the layer keeps what was learnt
            let request =
                Request::get(format!("{}/key", server.endpoint())).body(Empty::<Bytes>::new());
            assert_eq!(client.oneshot(request.unwrap()).await.unwrap().status(), expected);
        }
    });
    let received = server.received();
    let dates: Vec<_> = received.iter().flat_map(|it| it.header("x-amz-date")).collect();
    assert_eq!(dates, ["20240101T000000Z", "20240101T002000Z"]);
}

#[test]
fn absurd_date_does_not_move_the_clock_of_the_next_request() {
    let server = refusing_first(Reply::new(403).header("date", "Thu, 01 Jan 1970 00:00:00 GMT"));
    let layer = SignHeadLayer::new(signer("s3"), credentials()).with_clock(new_year);
    block_on(async {
        for expected in [403, 200] {
            let client = layer.layer(http1(server.address()));
            let request =
                Request::get(format!("{}/key", server.endpoint())).body(Empty::<Bytes>::new());
            assert_eq!(client.oneshot(request.unwrap()).await.unwrap().status(), expected);
        }
    });
    assert_eq!(server.last().unwrap().header("x-amz-date"), ["20240101T000000Z"]);
}

#[test]
fn request_is_signed_once_more_for_the_region_that_the_bucket_is_in() {
    let refusal = Reply::new(400)
        .header("x-amz-bucket-region", "eu-west-1")
        .body("<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>");
    let server = refusing_first(refusal);
    let layer = SignLayer::new(signer("s3"), credentials());
    let request =
        Request::put(format!("{}/key", server.endpoint())).body(Full::<Bytes>::from("hello"));
    let sent = layer.layer(http1(server.address())).oneshot(request.unwrap());
    assert_eq!(block_on(sent).unwrap().status(), 200);
    let mut there = oracle("s3");
    there.region = "eu-west-1".into();
    server.last().unwrap().check(&there).unwrap();
    assert_eq!(server.received().len(), 2);
}

#[test]
fn provider_that_has_no_credentials_is_an_error_with_its_cause() {
    #[derive(Debug)]
    struct NoneHere;
    impl CredentialsProvider for NoneHere {
        fn credentials(&self) -> CredentialsFuture {
            CredentialsFuture::new(async { Err(CredentialsError::new("tried the environment")) })
        }
    }
    let strict = Strict::answering(&[]);
    let request = || Request::get("http://h/").body(Empty::<Bytes>::new()).unwrap();
    let service = SignLayer::new(signer("s3"), NoneHere).layer(strict.clone());
    let buffered = block_on(service.oneshot(request())).unwrap_err();
    let service = SignHeadLayer::new(signer("s3"), NoneHere).layer(strict.clone());
    let head = block_on(service.oneshot(request())).unwrap_err();
    for error in [buffered, head].map(ours) {
        assert!(matches!(error, CallError::Credentials(_)), "{error:?}");
        assert!(text(&error).ends_with("tried the environment"), "{}", text(&error));
    }
    assert_eq!(strict.calls.load(Ordering::SeqCst), 0);
}

#[test]
fn error_of_the_client_comes_through_as_its_own_type() {
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let service = SignLayer::new(signer("s3"), credentials()).layer(http1(closed));
    let request = Request::get(format!("http://{closed}/")).body(Empty::<Bytes>::new()).unwrap();
    let error = block_on(service.oneshot(request)).unwrap_err();
    assert!(error.is::<hyper_util::client::legacy::Error>(), "{error:?}");
}

#[test]
fn nothing_printed_holds_a_secret() {
    let layer = SignLayer::new(signer("s3"), credentials());
    let head = SignHeadLayer::new(signer("s3"), credentials());
    let printed = format!("{layer:?} {head:?} {:?} {:?}", layer.layer(()), head.layer(()));
    for secret in [wire::SECRET_KEY, wire::TOKEN] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
