//! Sends a request as it was received to a `VerifyLayer`.

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

/// Checks that the layer accepts a request and its whole body.
///
/// # Errors
/// The cause of the refusal.
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

/// The service in the credential scope, from header or query.
fn signed_service(received: &Received) -> Option<String> {
    let header = received.header("authorization").concat();
    let target = percent_decode(&received.target).decode_utf8_lossy().into_owned();
    let (before, _) = header.split_once("/aws4_request").or(target.split_once("/aws4_request"))?;
    before.rsplit('/').next().map(str::to_owned)
}
