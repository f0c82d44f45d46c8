//! `VerifyFormLayer` before a service: forms as browsers send them, and every way to break one.

#![cfg(feature = "form")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail anywhere"
)]

mod common;

use std::collections::HashMap;
use std::convert::Infallible;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use common::{block_on, credentials, signer};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use sigv4_core::post_policy::{PolicyError, PostForm, PostPolicy};
use sigv4_core::verify::{Verifier, VerifyError};
use sigv4_core::{Credentials, Region, Service};
use sigv4_hyper::{BoxError, FileBody, FormError, KeyStore, Upload, VerifyFormLayer};
use support::wire::{ACCESS_KEY, REGION, TOKEN};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt, service_fn};

const BOUNDARY: &str = "----Boundary7MA4YWxk";
const FILE: &[u8] = b"the file's\r\n--content\r\n----Boundary7MA4YWx-";

fn verifier() -> Verifier {
    Verifier::new(Region::new(REGION).unwrap(), Service::from_static("s3"))
}

fn guard() -> VerifyFormLayer<Credentials> {
    VerifyFormLayer::new(verifier(), credentials())
}

fn policy() -> PostPolicy {
    PostPolicy::new(SystemTime::now() + Duration::from_secs(300))
        .unwrap()
        .with_equal("bucket", "photos")
        .with_prefix("key", "user/ann/")
        .with_prefix("Content-Type", "image/")
        .with_prefix("x-amz-meta-tag", "")
        .with_equal("success_action_status", "201")
        .with_file_length(1..=1000)
}

fn sign(policy: &PostPolicy) -> PostForm {
    signer("s3").sign_post_policy(policy, &credentials(), SystemTime::now()).unwrap()
}

/// A form as a browser sends it.
struct Form {
    before: Vec<(String, String)>,
    file: Vec<(String, Vec<u8>)>,
    behind: Vec<(String, String)>,
    raw_end: &'static str,
}

impl Form {
    fn new(policy: &PostPolicy) -> Self {
        let mut before: Vec<_> = [
            ("key", "user/ann/${filename}"),
            ("Content-Type", "image/png"),
            ("success_action_status", "201"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        before.extend(sign(policy).fields().map(|(name, value)| (name.into(), value.into())));
        let file = vec![("C:\\photos\\cat.png".to_owned(), FILE.to_vec())];
        Self { before, file, behind: Vec::new(), raw_end: "--\r\n" }
    }

    fn set(mut self, name: &str, value: Option<&str>) -> Self {
        self.before.retain(|(known, _)| known != name);
        self.before.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let field = |out: &mut Vec<u8>, (name, value): &(String, String)| {
            let head = "content-disposition: form-data; name=";
            out.extend(format!("--{BOUNDARY}\r\n{head}\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        };
        self.before.iter().for_each(|one| field(&mut out, one));
        for (name, content) in &self.file {
            let head = "Content-Disposition: form-data; name=\"file\"; filename=";
            let kind = "Content-Type: text/plain";
            out.extend(format!("--{BOUNDARY}\r\n{head}\"{name}\"\r\n{kind}\r\n\r\n").into_bytes());
            out.extend_from_slice(content);
            out.extend_from_slice(b"\r\n");
        }
        self.behind.iter().for_each(|one| field(&mut out, one));
        out.extend(format!("--{BOUNDARY}{}", self.raw_end).into_bytes());
        out
    }

    fn request(&self) -> Request<Full<Bytes>> {
        request(self.bytes())
    }
}

fn request(body: Vec<u8>) -> Request<Full<Bytes>> {
    Request::post("/photos")
        .header("host", "localhost")
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .header("content-length", body.len())
        .body(Full::from(body))
        .unwrap()
}

/// What the guarded service saw.
#[derive(Default)]
struct Seen {
    calls: AtomicUsize,
    heads: Mutex<Vec<http::HeaderMap>>,
    uploads: Mutex<Vec<Upload>>,
    files: Mutex<Vec<Result<Vec<u8>, String>>>,
    handed_on: AtomicUsize,
}

impl Seen {
    async fn store(self: Arc<Self>, request: Request<FileBody>) -> Response<Full<Bytes>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let (parts, mut body) = request.into_parts();
        self.heads.lock().unwrap().push(parts.headers);
        self.uploads.lock().unwrap().push(parts.extensions.get::<Upload>().unwrap().clone());
        let mut file = Vec::new();
        let outcome = loop {
            match body.frame().await {
                None => break Ok(file),
                Some(Ok(frame)) => {
                    let piece = frame.into_data().unwrap();
                    self.handed_on.fetch_add(piece.len(), Ordering::Relaxed);
                    file.extend_from_slice(&piece);
                }
                Some(Err(error)) => {
                    assert!(error.is::<FormError>(), "{error}");
                    assert!(body.frame().await.is_none(), "an error is the end");
                    break Err(error.to_string());
                }
            }
        };
        self.files.lock().unwrap().push(outcome);
        // A service that does not look at the error: the layer does.
        Response::builder().status(StatusCode::CREATED).body(Full::from("stored")).unwrap()
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn call<B>(
    layer: &VerifyFormLayer<impl KeyStore>,
    seen: &Arc<Seen>,
    request: Request<B>,
) -> Response<String>
where
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let seen = Arc::clone(seen);
    let service = service_fn(move |request| {
        let seen = Arc::clone(&seen);
        async move { Ok::<_, Infallible>(seen.store(request).await) }
    });
    let (parts, body) = layer.layer(service).oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Response::from_parts(parts, String::from_utf8(body.to_vec()).unwrap())
}

fn pass(request: Request<Full<Bytes>>) -> (Response<String>, Arc<Seen>) {
    let seen = Arc::default();
    (block_on(call(&guard(), &seen, request)), seen)
}

fn code(response: &Response<String>) -> &str {
    let text = response.body();
    text.split_once("<Code>").unwrap().1.split_once("</Code>").unwrap().0
}

#[test]
fn form_that_keeps_to_its_policy_hands_on_its_file_however_it_is_split() {
    let body = Form::new(&policy()).bytes();
    for size in (1..40).chain([100, 1000, body.len()]) {
        let pieces: Vec<Bytes> = body.chunks(size).map(Bytes::copy_from_slice).collect();
        let frames = pieces.into_iter().map(|it| Ok::<_, Infallible>(http_body::Frame::data(it)));
        let frames = StreamBody::new(futures_util::stream::iter(frames));
        let seen = Arc::default();
        let response = block_on(call(&guard(), &seen, request(Vec::new()).map(|_| frames)));
        assert_eq!(response.status(), StatusCode::CREATED, "{size}: {response:?}");
        assert_eq!(*seen.files.lock().unwrap(), [Ok(FILE.to_vec())], "{size}");
    }
}

#[test]
fn service_learns_who_signed_and_where_the_file_belongs() {
    let mut request = Form::new(&policy()).set("x-amz-meta-tag", Some("7")).request();
    request.headers_mut().insert("x-amz-copy-source", "/a/b".parse().unwrap());
    request.headers_mut().insert("authorization", "Bearer x".parse().unwrap());
    request.headers_mut().insert("user-agent", "browser".parse().unwrap());
    let (response, seen) = pass(request);
    assert_eq!((response.status(), response.body().as_str()), (StatusCode::CREATED, "stored"));
    let upload = seen.uploads.lock().unwrap().pop().unwrap();
    assert_eq!(upload.form().access_key_id(), ACCESS_KEY);
    assert_eq!((upload.bucket(), upload.key()), ("photos", "user/ann/cat.png"));
    assert_eq!(upload.file_name(), Some("cat.png"));
    assert_eq!(upload.field("X-Amz-Meta-Tag"), Some("7"));
    assert_eq!(upload.field("x-amz-security-token"), None, "the proof stays in the layer");
    assert!(!format!("{upload:?}").contains(TOKEN));
    let head = seen.heads.lock().unwrap().pop().unwrap();
    let mut names: Vec<&str> = head.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-type", "host", "user-agent"], "nothing that nobody signed");
    assert_eq!(head["content-type"], "image/png");
}

#[test]
fn altered_form_never_reaches_the_service() {
    let form = || Form::new(&policy());
    let mut last = form().before.pop().unwrap().1;
    assert_eq!(last.len(), 64, "the signature");
    last.replace_range(0..1, if last.starts_with('0') { "1" } else { "0" });
    let doubled = |name: &str, value: &str| {
        let mut form = form();
        form.before.push((name.to_owned(), value.to_owned()));
        form
    };
    let no_file = || Form { file: Vec::new(), ..form() };
    for (form, status, expected) in [
        (form().set("x-amz-signature", Some(&last)), 403, "SignatureDoesNotMatch"),
        (form().set("key", Some("user/bob/a")), 403, "AccessDenied"),
        (form().set("Content-Type", Some("text/html")), 403, "AccessDenied"),
        (form().set("acl", Some("public-read")), 403, "AccessDenied"),
        (form().set("success_action_status", None), 403, "AccessDenied"),
        (form().set("bucket", Some("other")), 403, "AccessDenied"),
        (form().set("policy", Some("bm8=")), 400, "InvalidPolicyDocument"),
        (form().set("policy", None), 400, "InvalidArgument"),
        (form().set("x-amz-signature", None), 400, "InvalidArgument"),
        (doubled("KEY", "user/ann/b"), 403, "AccessDenied"),
        (doubled("Policy", "e30="), 403, "AccessDenied"),
        (
            form().set("x-ignore-long", Some(&"a".repeat(20_000))),
            400,
            "MaxPostPreDataLengthExceeded",
        ),
        (
            form().set("x-ignore-long", Some(&"a".repeat(200_000))),
            400,
            "MaxPostPreDataLengthExceeded",
        ),
        (no_file(), 400, "IncorrectNumberOfFilesInPostRequest"),
        (Form { before: Vec::new(), behind: form().before, ..form() }, 400, "InvalidArgument"),
    ] {
        let (response, seen) = pass(form.request());
        assert_eq!(
            (response.status().as_u16(), code(&response)),
            (status, expected),
            "{response:?}"
        );
        assert!(response.extensions().get::<FormError>().is_some());
        assert_eq!(seen.calls(), 0, "{expected}");
    }
}

#[test]
fn request_that_is_no_form_for_a_bucket_is_refused() {
    let good = Form::new(&policy());
    let change = |change: &dyn Fn(&mut Request<Full<Bytes>>)| {
        let mut request = good.request();
        change(&mut request);
        request
    };
    let content_type = |text: &'static str| {
        change(&|it| drop(it.headers_mut().insert("content-type", text.parse().unwrap())))
    };
    for (request, status, expected, is_form) in [
        (change(&|it| *it.method_mut() = http::Method::PUT), 405, "MethodNotAllowed", false),
        (
            change(&|it| *it.uri_mut() = "/photos?acl".parse().unwrap()),
            405,
            "MethodNotAllowed",
            false,
        ),
        (
            change(&|it| *it.uri_mut() = "/photos/key".parse().unwrap()),
            405,
            "MethodNotAllowed",
            true,
        ),
        (change(&|it| *it.uri_mut() = "/".parse().unwrap()), 405, "MethodNotAllowed", true),
        (change(&|it| *it.uri_mut() = "/other".parse().unwrap()), 403, "AccessDenied", true),
        (content_type("text/plain"), 412, "PreconditionFailed", false),
        (content_type("multipart/form-data"), 412, "PreconditionFailed", true),
        (content_type("multipart/form-data; boundary=other"), 400, "MalformedPOSTRequest", true),
    ] {
        assert_eq!(VerifyFormLayer::<Credentials>::is_form(&request), is_form, "{request:?}");
        let (response, seen) = pass(request);
        assert_eq!((response.status().as_u16(), code(&response)), (status, expected));
        assert_eq!(seen.calls(), 0);
    }
}

#[test]
fn form_cut_off_at_any_byte_is_refused() {
    let body = Form::new(&policy()).bytes();
    // A line end behind the closing boundary may be missing.
    for length in 0..body.len() - 2 {
        let (response, seen) = pass(request(body[..length].to_vec()));
        let expected = ["MalformedPOSTRequest", "IncorrectNumberOfFilesInPostRequest"];
        assert!(expected.contains(&code(&response)), "{length}: {response:?}");
        assert!(seen.files.lock().unwrap().iter().all(Result::is_err), "{length}");
    }
    for length in body.len() - 2..=body.len() {
        assert_eq!(pass(request(body[..length].to_vec())).0.status(), StatusCode::CREATED);
    }
}

#[test]
fn broken_connection_is_no_end_of_a_form() {
    let body = Form::new(&policy()).bytes();
    for length in [10, body.len() - 30, body.len() - 2] {
        let start = Bytes::copy_from_slice(&body[..length]);
        let frames = [Ok(http_body::Frame::data(start)), Err(std::io::Error::other("broken"))];
        let frames = StreamBody::new(futures_util::stream::iter(frames));
        let seen = Arc::default();
        let response = block_on(call(&guard(), &seen, request(Vec::new()).map(|_| frames)));
        assert_eq!(code(&response), "IncompleteBody", "{length}");
        assert!(seen.files.lock().unwrap().iter().all(Result::is_err));
    }
}

#[test]
fn file_outside_the_policys_range_is_refused_and_no_byte_beyond_it_handed_on() {
    for (length, expected) in [
        (0, Some("EntityTooSmall")),
        (1, None),
        (1000, None),
        (1001, Some("EntityTooLarge")),
        (300_000, Some("EntityTooLarge")),
    ] {
        let mut form = Form::new(&policy());
        form.file[0].1 = vec![b'x'; length];
        let frames: Vec<_> = form.bytes().chunks(700).map(Bytes::copy_from_slice).collect();
        let frames = frames.into_iter().map(|it| Ok::<_, Infallible>(http_body::Frame::data(it)));
        let frames = StreamBody::new(futures_util::stream::iter(frames));
        let seen = Arc::default();
        let response = block_on(call(&guard(), &seen, request(Vec::new()).map(|_| frames)));
        match expected {
            Some(expected) => assert_eq!(code(&response), expected, "{length}"),
            None => assert_eq!(response.status(), StatusCode::CREATED, "{length}"),
        }
        assert!(seen.handed_on.load(Ordering::Relaxed) <= 1000, "{length}");
        assert_eq!(seen.files.lock().unwrap()[0].is_ok(), expected.is_none());
    }
}

#[test]
fn field_behind_the_file_has_no_effect_and_is_refused_if_it_was_meant_to_have_one() {
    for (name, expected) in [
        ("submit", None),
        ("x-amz-meta-other", None),
        ("x-amz-meta-tag", Some("InvalidArgument")),
        ("KEY", Some("InvalidArgument")),
        ("success_action_status", Some("InvalidArgument")),
        ("file", Some("IncorrectNumberOfFilesInPostRequest")),
    ] {
        let mut form = Form::new(&policy());
        form.behind.push((name.to_owned(), "value".to_owned()));
        let (response, seen) = pass(form.request());
        match expected {
            Some(expected) => {
                assert_eq!(code(&response), expected, "{name}");
                assert!(seen.files.lock().unwrap()[0].is_err());
            }
            None => {
                assert_eq!(response.status(), StatusCode::CREATED, "{name}");
                let uploads = seen.uploads.lock().unwrap();
                assert_eq!(uploads[0].field(name), None);
            }
        }
    }
    let mut form = Form::new(&policy());
    form.file.push(("second.png".to_owned(), b"x".to_vec()));
    assert_eq!(code(&pass(form.request()).0), "IncorrectNumberOfFilesInPostRequest");
    let mut form = Form::new(&policy());
    form.behind.push(("submit".to_owned(), "a".repeat(200_000)));
    let whole = block_on(call(&guard(), &Arc::default(), form.request().map(in_pieces)));
    assert_eq!(code(&whole), "MaxPostPreDataLengthExceeded", "no end of fields behind the file");
}

fn in_pieces(body: Full<Bytes>) -> impl http_body::Body<Data = Bytes, Error = Infallible> + Send {
    let body = block_on_here(body);
    let pieces: Vec<Bytes> = body.chunks(1000).map(Bytes::copy_from_slice).collect();
    let frames = pieces.into_iter().map(|piece| Ok(http_body::Frame::data(piece)));
    StreamBody::new(futures_util::stream::iter(frames))
}

/// A body that is at hand needs no runtime.
fn block_on_here(body: Full<Bytes>) -> Bytes {
    let collected = futures_util::FutureExt::now_or_never(body.collect()).unwrap().unwrap();
    collected.to_bytes()
}

#[test]
fn boundary_in_the_file_is_refused() {
    let line = format!("\r\n--{BOUNDARY}");
    for (content, expected) in [
        (format!("a{line}--\r\nb"), "MalformedPOSTRequest"),
        (format!("a{line}--"), "MalformedPOSTRequest"),
        (format!("a{line}b"), "MalformedPOSTRequest"),
        (format!("a{line}\r\nb\r\n\r\nc"), "MalformedPOSTRequest"),
        (format!("a{line}"), "MalformedPOSTRequest"),
    ] {
        let mut form = Form::new(&policy());
        form.file[0].1 = content.clone().into_bytes();
        let (response, seen) = pass(form.request());
        assert_eq!(code(&response), expected, "{content:?}");
        assert!(seen.files.lock().unwrap().iter().all(Result::is_err), "{content:?}");
    }
    let mut form = Form::new(&policy());
    form.file[0].1 = format!("a--{BOUNDARY}--\r\n--{}x", &BOUNDARY[..10]).into_bytes();
    assert_eq!(pass(form.request()).0.status(), StatusCode::CREATED, "not at the start of a line");
    let more = Form { raw_end: "--\r\nmore", ..Form::new(&policy()) };
    assert_eq!(code(&pass(more.request()).0), "MalformedPOSTRequest");
}

#[test]
fn headers_of_a_part_without_an_end_are_bounded() {
    let mut body = format!("--{BOUNDARY}\r\n").into_bytes();
    body.extend(b"x-a: b\r\n".repeat(100_000));
    let read = Arc::new(AtomicUsize::new(0));
    let pieces: Vec<Bytes> = body.chunks(1000).map(Bytes::copy_from_slice).collect();
    let counted = Arc::clone(&read);
    let frames = pieces.into_iter().map(move |piece| {
        counted.fetch_add(piece.len(), Ordering::Relaxed);
        Ok::<_, Infallible>(http_body::Frame::data(piece))
    });
    let frames = StreamBody::new(futures_util::stream::iter(frames));
    let response = block_on(call(&guard(), &Arc::default(), request(Vec::new()).map(|_| frames)));
    assert_eq!(code(&response), "MaxPostPreDataLengthExceeded");
    assert!(read.load(Ordering::Relaxed) <= 67_000, "{read:?}");
}

/// A body that is always ready: the parser would take all of it into memory at once.
#[test]
fn body_is_read_no_faster_than_its_file_is_handed_on() {
    const PIECE: usize = 1000;
    let policy = PostPolicy::new(SystemTime::now() + Duration::from_secs(60)).unwrap();
    let mut form = Form::new(&policy.with_equal("bucket", "photos").with_prefix("key", ""));
    form.before.retain(|(name, _)| name.starts_with("x-amz-") || name == "policy" || name == "key");
    form.file[0].1 = vec![b'x'; 1000 * PIECE];
    let read = Arc::new(AtomicUsize::new(0));
    let pieces: Vec<Bytes> = form.bytes().chunks(PIECE).map(Bytes::copy_from_slice).collect();
    let counted = Arc::clone(&read);
    let frames = pieces.into_iter().map(move |piece| {
        counted.fetch_add(piece.len(), Ordering::Relaxed);
        Ok::<_, Infallible>(http_body::Frame::data(piece))
    });
    let request = request(Vec::new()).map(|_| StreamBody::new(futures_util::stream::iter(frames)));
    let service = service_fn(move |request: Request<FileBody>| {
        let read = Arc::clone(&read);
        async move {
            let mut body = request.into_body();
            let (fields, mut handed_on) = (read.load(Ordering::Relaxed), 0);
            while let Some(frame) = body.frame().await {
                handed_on += frame.unwrap().into_data().unwrap().len();
                let ahead = read.load(Ordering::Relaxed) - handed_on;
                assert!(ahead <= fields + 2 * PIECE, "{ahead} bytes ahead");
            }
            assert_eq!(handed_on, 1000 * PIECE);
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }
    });
    let response = block_on(guard().layer(service).oneshot(request)).unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[test]
fn unknown_key_and_wrong_secret_get_the_same_response() {
    let none: HashMap<String, Credentials> = HashMap::new();
    let wrong = Credentials::new(ACCESS_KEY, "wrong").with_session_token(TOKEN);
    let wrong = HashMap::from([(ACCESS_KEY.to_owned(), wrong)]);
    let [unknown, mismatch] = [none, wrong].map(|keys| {
        let layer = VerifyFormLayer::new(verifier(), keys);
        block_on(call(&layer, &Arc::default(), Form::new(&policy()).request()))
    });
    assert_eq!(unknown.status(), mismatch.status());
    assert_eq!(unknown.body(), mismatch.body());
    let why = |response: &Response<String>| response.extensions().get().cloned();
    assert_eq!(why(&unknown), Some(FormError::Verify(VerifyError::UnknownKey)));
    assert_eq!(why(&mismatch), Some(FormError::Verify(VerifyError::WrongSignature)));
}

#[test]
fn failed_look_up_is_an_error_of_the_server() {
    struct Broken;
    impl KeyStore for Broken {
        async fn key(&self, _: &str) -> Result<Option<Credentials>, BoxError> {
            Err("the database is away".into())
        }
    }
    let layer = VerifyFormLayer::new(verifier(), Broken);
    let response = block_on(call(&layer, &Arc::default(), Form::new(&policy()).request()));
    assert_eq!(response.status(), 500);
    assert!(!response.body().contains("database"));
}

#[test]
fn policy_ends_by_the_clock_of_the_layer() {
    let form = Form::new(&policy());
    let late = guard().with_clock(|| SystemTime::now() + Duration::from_secs(302));
    let response = block_on(call(&late, &Arc::default(), form.request()));
    let expired = FormError::Verify(VerifyError::Policy(PolicyError::Expired));
    assert_eq!(response.extensions().get(), Some(&expired));
    assert_eq!((response.status().as_u16(), code(&response)), (403, "AccessDenied"));
}

#[test]
fn key_without_a_name_for_its_variable_is_refused() {
    let policy = PostPolicy::new(SystemTime::now() + Duration::from_secs(60)).unwrap();
    let policy = policy.with_equal("bucket", "photos").with_prefix("key", "");
    for (key, name, expected) in
        [("${filename}", "C:\\", false), ("", "a", false), ("${filename}", "a", true)]
    {
        let mut form = Form::new(&policy);
        form.before.retain(|(name, _)| name.starts_with("x-amz-") || name == "policy");
        form.before.push(("key".to_owned(), key.to_owned()));
        form.file[0].0 = name.to_owned();
        assert_eq!(pass(form.request()).0.status() == StatusCode::CREATED, expected, "{key:?}");
    }
}

#[test]
fn bucket_is_taken_from_the_host_where_the_layer_knows_its_domain() {
    let layer = guard().with_bucket_in_host("s3.example.com");
    for (host, path, expected) in [
        ("photos.s3.example.com", "/", 201),
        ("other.s3.example.com", "/", 403),
        ("s3.example.com", "/photos", 201),
        ("photos.s3.example.com", "/photos", 405),
    ] {
        let mut request = Form::new(&policy()).request();
        request.headers_mut().insert("host", host.parse().unwrap());
        *request.uri_mut() = path.parse().unwrap();
        let response = block_on(call(&layer, &Arc::default(), request));
        assert_eq!(response.status().as_u16(), expected, "{host} {path}");
    }
}

/// curl writes its forms with an encoder that is not ours.
#[test]
fn form_that_curl_sends_is_stored() {
    if Command::new("curl").arg("--version").output().is_err() {
        return eprintln!("curl is not installed");
    }
    let seen: Arc<Seen> = Arc::default();
    let form = sign(&policy());
    let output = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/photos", listener.local_addr().unwrap());
        let stored = Arc::clone(&seen);
        let service = guard().layer(service_fn(move |request| {
            let seen = Arc::clone(&stored);
            async move { Ok::<_, Infallible>(seen.store(request).await) }
        }));
        let server = tokio::spawn(async move {
            loop {
                let stream = TokioIo::new(listener.accept().await.unwrap().0);
                let service = TowerToHyperService::new(service.clone());
                tokio::spawn(async move {
                    auto::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await
                });
            }
        });
        let mut command = Command::new("curl");
        command.args(["-sS", "--noproxy", "*", "-w", " %{http_code}"]);
        command.args(["-F", "key=user/ann/${filename}", "-F", "Content-Type=image/png"]);
        command.args(["-F", "success_action_status=201"]);
        for (name, value) in form.fields() {
            command.arg("--form-string").arg(format!("{name}={value}"));
        }
        command.args(["-F", "file=a dog;filename=dog.png;type=image/png"]).arg(url);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        server.abort();
        output
    });
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "stored 201");
    assert_eq!(seen.uploads.lock().unwrap()[0].key(), "user/ann/dog.png");
    assert_eq!(*seen.files.lock().unwrap(), [Ok(b"a dog".to_vec())]);
}
