//! One request through a signing proxy.

use core::future::poll_fn;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, Version, header};
use http_body::Body;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use sigv4_core::client::{CallError, UnsignableBody};
use tower_service::Service;

use crate::error::BoxError;
use crate::proxy::rules::{Rules, strip_hop};

/// The state that all connections of a proxy share.
pub(crate) struct Relay<S> {
    pub(crate) rules: Rules,
    pub(crate) upstream: Uri,
    pub(crate) service: S,
}

/// The response of the upstream, or why there is none.
pub(crate) async fn relay<S, R>(
    state: &Relay<S>,
    mut request: Request<Incoming>,
) -> Response<Either<R, Full<Bytes>>>
where
    S: Service<Request<Incoming>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    R: Body<Data = Bytes>,
{
    if let Err((status, why)) = state.rules.check(&request) {
        return plain(status, why);
    }
    state.rules.clean(request.headers_mut());
    match forward(state, request).await {
        Ok(mut response) => {
            strip_hop(response.headers_mut());
            response.map(Either::Left)
        }
        Err(error) => plain(status_of(&error), &with_sources(&error)),
    }
}

async fn forward<S, R>(
    state: &Relay<S>,
    request: Request<Incoming>,
) -> Result<Response<R>, BoxError>
where
    S: Service<Request<Incoming>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
{
    let (mut parts, body) = request.into_parts();
    let mut uri = state.upstream.clone().into_parts();
    uri.path_and_query = parts.uri.into_parts().path_and_query;
    parts.uri = Uri::from_parts(uri)?;
    parts.version = Version::HTTP_11;
    parts.extensions.clear(); // the incoming request must not choose how to sign
    let mut service = state.service.clone();
    poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
    service.call(Request::from_parts(parts, body)).await.map_err(Into::into)
}

/// Distinguishes errors of the program from those of the proxy or the upstream.
fn status_of(error: &BoxError) -> StatusCode {
    match error.downcast_ref::<CallError>() {
        Some(CallError::Body(UnsignableBody::TooLong { .. })) => StatusCode::PAYLOAD_TOO_LARGE,
        Some(CallError::Body(UnsignableBody::UnknownLength)) => StatusCode::LENGTH_REQUIRED,
        Some(CallError::Body(_) | CallError::Sign(_) | CallError::ReadBody(_)) => {
            StatusCode::BAD_REQUEST
        }
        _ => StatusCode::BAD_GATEWAY,
    }
}

/// An error with its causes: hyper's own says no more than "client error (Connect)".
fn with_sources(error: &BoxError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn plain<R>(status: StatusCode, text: &str) -> Response<Either<R, Full<Bytes>>> {
    let mut response = Response::new(Either::Right(Full::from(format!("{text}\n"))));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
