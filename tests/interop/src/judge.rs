//! A request as it was received, put before `VerifyLayer`; and the same, changed in one place.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use percent_encoding::percent_decode;
use sigv4_core::verify::{Verifier, VerifyError};
use sigv4_core::{Credentials, Region, Service};
use sigv4_hyper::{BoxError, VerifiedBody, VerifyLayer};
use support::raw::Received;
use tower::{Layer, ServiceExt, service_fn};

/// The access key id of the peers.
pub(crate) const ACCESS_KEY: &str = "ASIAINTEROP";
/// Their secret access key.
pub(crate) const SECRET_KEY: &str = "interop/secret+key/EXAMPLE";
/// Their session token.
pub(crate) const TOKEN: &str = "interop-session-token/+=";
/// Their region.
pub(crate) const REGION: &str = "us-east-1";

/// Whether the layer lets a request through, and its body to the end.
///
/// # Errors
/// Why not.
pub(crate) fn judge(received: &Received) -> Result<(), String> {
    let service = signed_service(received).ok_or("the request is not signed")?;
    let verifier = Verifier::new(
        Region::from_static(REGION),
        Service::new(service).map_err(|error| error.to_string())?,
    );
    let keys = Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN);
    let application = service_fn(|request: Request<VerifiedBody<Full<Bytes>>>| async {
        let mut response = Response::new(Full::<Bytes>::default());
        if let Err(error) = request.into_body().collect().await {
            *response.status_mut() = StatusCode::FORBIDDEN;
            response.headers_mut().insert("x-why", text(&error.to_string()));
        }
        Ok::<_, Infallible>(response)
    });
    let guarded = VerifyLayer::new(verifier, keys).layer(application);
    let request = request(received).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let answer = runtime.map_err(|error| error.to_string())?.block_on(guarded.oneshot(request));
    let Ok(response) = answer;
    if response.status() == StatusCode::OK {
        return Ok(());
    }
    let cause = response.extensions().get::<VerifyError>().map(ToString::to_string);
    Err(cause.unwrap_or_else(|| format!("{:?}", response.headers().get("x-why"))))
}

fn text(text: &str) -> http::HeaderValue {
    http::HeaderValue::from_str(text).unwrap_or(http::HeaderValue::from_static("unreadable"))
}

fn request(received: &Received) -> Result<Request<Full<Bytes>>, BoxError> {
    let mut request =
        Request::builder().method(received.method.as_slice()).uri(received.target.as_slice());
    for (name, value) in &received.headers {
        request = request.header(name.as_slice(), value.as_slice());
    }
    Ok(request.body(Full::from(received.body.clone()))?)
}

/// The service in the credential scope, wherever the scope stands.
fn signed_service(received: &Received) -> Option<String> {
    let header = received.header("authorization").concat();
    let target = percent_decode(&received.target).decode_utf8_lossy().into_owned();
    let (before, _) = header.split_once("/aws4_request").or(target.split_once("/aws4_request"))?;
    before.rsplit('/').next().map(str::to_owned)
}

/// The request with one thing changed, and the thing's name.
#[must_use]
pub(crate) fn alterations(received: &Received) -> Vec<(&'static str, Received)> {
    let alter = |change: &dyn Fn(&mut Received)| {
        let mut altered = received.clone();
        change(&mut altered);
        altered
    };
    let mut all = vec![
        ("the method", alter(&|it| it.method = b"PATCH".to_vec())),
        ("the path", alter(&|it| it.target.insert(1, b'x'))),
        ("the query", alter(&|it| it.target.extend(query_addition(&it.target)))),
        ("the host", alter(&|it| set(it, "host", b"example.com"))),
        ("the signature", alter(&flip_signature)),
    ];
    if !received.header("authorization").is_empty() {
        all.push(("the date", alter(&|it| set(it, "x-amz-date", b"20150830T123600Z"))));
        all.push(("a header", alter(&|it| it.headers.push((b"x-amz-acl".into(), b"a".into())))));
        all.push(("the token", alter(&|it| set(it, "x-amz-security-token", b"another"))));
    }
    if !received.body.is_empty() && covers_body(received) {
        all.push(("the body", alter(&|it| it.body.push(b'x'))));
        all.push((
            "the body's end",
            alter(&|it| it.body.truncate(it.body.len().saturating_sub(1))),
        ));
    }
    all
}

fn query_addition(target: &[u8]) -> &'static [u8] {
    if target.contains(&b'?') { b"&added=1" } else { b"?added=1" }
}

/// A presigned S3 URL says nothing of the body; nor does `UNSIGNED-PAYLOAD`.
fn covers_body(received: &Received) -> bool {
    !received.header("authorization").is_empty()
        && received.header("x-amz-content-sha256").concat() != "UNSIGNED-PAYLOAD"
}

fn set(received: &mut Received, name: &str, value: &[u8]) {
    for (other, old) in &mut received.headers {
        if other.eq_ignore_ascii_case(name.as_bytes()) {
            *old = value.to_vec();
        }
    }
}

/// Turns the last digit of the signature into another.
fn flip_signature(received: &mut Received) {
    let turn = |text: &mut Vec<u8>, mark: &[u8]| {
        let Some(at) = text.windows(mark.len()).position(|window| window == mark) else { return };
        if let Some(digit) = text.get_mut(at + mark.len() + 63) {
            *digit = if *digit == b'0' { b'1' } else { b'0' };
        }
    };
    turn(&mut received.target, b"X-Amz-Signature=");
    for (name, value) in &mut received.headers {
        if name.eq_ignore_ascii_case(b"authorization") {
            turn(value, b"Signature=");
        }
    }
}
