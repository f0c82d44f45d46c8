//! The attempt loop above the inner service.

use core::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Request, Response, header};
use http_body::Body;
use http_body_util::Full;
use sigv4_core::client::{
    Call, CallError, HopBody, Overrides, PeekedBody, Received, Resend, ServiceError, Settings,
    Step, to_wire,
};
use sigv4_core::{PayloadHash, RequestHead, Signed};
use tower_service::Service;

use crate::error::BoxError;

/// Starts a call: adds default headers, writes the target in its wire form, checks the host.
pub(crate) fn start(settings: &Arc<Settings>, parts: &mut Parts) -> Result<Call, CallError> {
    let overrides = parts.extensions.remove::<Overrides>().unwrap_or_default();
    let call = Call::new(settings, overrides, &mut parts.headers);
    to_wire(parts)?;
    call.check_host(&(&*parts).into())?;
    Ok(call)
}

/// Signs and sends a body that is in memory. Repeats this if a response requires it.
pub(crate) async fn exchange<S, R>(
    mut call: Call,
    mut service: S,
    mut parts: Parts,
    mut body: Bytes,
) -> Result<Response<PeekedBody<R>>, BoxError>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>, Error: Into<BoxError>>,
    R: Body,
{
    let asked = parts.extensions.get::<PayloadHash>().copied();
    let mut payload = asked.unwrap_or_else(|| PayloadHash::of(&body));
    loop {
        poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
        let mut signed = parts.clone();
        sign(&mut call, &mut signed, payload).await?;
        let request = Request::from_parts(signed, Full::new(body.clone()));
        let (mut head, rest) = service.call(request).await.map_err(Into::into)?.into_parts();
        let (rest, error) = if call.reads_body(&parts.method, head.status, &head.headers) {
            let (rest, start) = PeekedBody::peek(rest, ServiceError::MAX_BODY).await;
            (rest, ServiceError::read(&start))
        } else {
            (PeekedBody::untouched(rest), None)
        };
        let received =
            Received { status: head.status, headers: &head.headers, error: error.as_ref() };
        match call.after(&(&parts).into(), &received)? {
            Step::Again(_) => {}
            Step::Follow(hop) => {
                call.follow(&hop, &mut parts.headers);
                if hop.body == HopBody::Dropped {
                    (body, payload) = (Bytes::new(), PayloadHash::EMPTY);
                }
                (parts.method, parts.uri) = (hop.method, hop.uri);
                to_wire(&mut parts).map_err(CallError::Sign)?;
            }
            _ => {
                if let Some(transcript) = call.into_transcript() {
                    head.extensions.insert(transcript);
                }
                return Ok(Response::from_parts(head, rest));
            }
        }
    }
}

/// Signs a request's head.
pub(crate) async fn sign(
    call: &mut Call,
    parts: &mut Parts,
    payload: PayloadHash,
) -> Result<Signed, CallError> {
    let credentials = call.provider().credentials().await?;
    let signed = call.sign(&(&*parts).into(), payload, &credentials)?;
    signed.apply(&mut parts.headers);
    Ok(signed)
}

/// Sends a request whose body is passed on. Its response can only correct the next call.
pub(crate) async fn send_once<S, B, R>(
    mut call: Call,
    mut service: S,
    request: Request<B>,
) -> Result<Response<R>, BoxError>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>>,
{
    let (method, uri) = (request.method().clone(), request.uri().clone());
    // Of all headers, only the host is needed from here on.
    let host = request.headers().get(header::HOST).map(|host| (header::HOST, host.clone()));
    let mut response = service.call(request).await.map_err(Into::into)?;
    call.set_resend(Resend::PassedOn);
    let headers = HeaderMap::from_iter(host);
    let head = RequestHead::new(&method, &uri, &headers);
    let received = Received { status: response.status(), headers: response.headers(), error: None };
    call.after(&head, &received)?;
    if let Some(transcript) = call.into_transcript() {
        response.extensions_mut().insert(transcript);
    }
    Ok(response)
}
