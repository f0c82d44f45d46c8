//! The loop over attempts, above whatever sends: a client, or the rest of a middleware chain.

use core::future::Future;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body as _;
use reqwest::{Request, Response};
use sigv4_core::client::{ServiceError, StreamPayload, UnsignableBody};
use sigv4_core::stream::{AwsChunked, AwsChunkedBody};

use crate::body::{Rejoined, buffer, declared_length, hold_to_length, keep_url};
use crate::call::{Call, Once, Settle, Step, settle};
use crate::error::Error;
use crate::settings::Settings;

/// What sends one signed request.
pub(crate) trait Transport: Send {
    type Error: From<Error> + Send;

    fn send(
        &mut self,
        request: Request,
    ) -> impl Future<Output = Result<Response, Self::Error>> + Send;
}

impl Transport for &reqwest::Client {
    type Error = Error;

    async fn send(&mut self, request: Request) -> Result<Response, Error> {
        Ok(self.execute(request).await?)
    }
}

/// Signs and sends, as often as the answers call for.
pub(crate) async fn exchange<T: Transport>(
    settings: &Settings,
    mut request: Request,
    stream_payload: StreamPayload,
    mut transport: T,
) -> Result<Response, T::Error> {
    let stream = settle_body(&mut request, stream_payload).await?;
    let mut call = Call::new(settings, request, stream);
    loop {
        let credentials = settings.provider.credentials().await.map_err(Error::Credentials)?;
        let signed = call.sign(&credentials)?;
        let mut response = transport.send(signed).await?;
        let mut error = None;
        if call.needs_body(response.status(), response.headers()) {
            error = ServiceError::read(&peek(&mut response, ServiceError::MAX_BODY).await?);
        }
        let (status, headers) = (response.status(), response.headers());
        if call.after(status, headers, error.as_ref(), &credentials)? == Step::Done {
            call.keep_transcript(response.extensions_mut());
            return Ok(response);
        }
    }
}

/// Reads or wraps the body as it is to be signed; gives back what can be sent once.
async fn settle_body(
    request: &mut Request,
    choice: StreamPayload,
) -> Result<Option<Once<reqwest::Body>>, Error> {
    Ok(match settle(request, choice)? {
        Settle::AtHand => None,
        Settle::Buffer(stream, limit) => {
            *request.body_mut() = Some(buffer(stream, limit).await?.into());
            None
        }
        Settle::Chunk(stream, plan) => Some(chunk(stream, plan, request.headers_mut())?),
        Settle::Unsigned(stream) => {
            Some(Once::unsigned(hold_to_length(stream, request.headers()).await?))
        }
    })
}

/// Frames a stream as `aws-chunked`, by its own length or else the one that is declared.
fn chunk(
    stream: reqwest::Body,
    plan: fn(u64) -> AwsChunked,
    headers: &mut HeaderMap,
) -> Result<Once<reqwest::Body>, Error> {
    let length = stream.size_hint().exact().or_else(|| declared_length(headers));
    let plan = plan(length.ok_or(UnsignableBody::UnknownLength)?);
    plan.set_headers(headers);
    let (encoder, chunks) = plan.deferred_encoder();
    let body = reqwest::Body::wrap(AwsChunkedBody::new(stream, encoder));
    Ok(Once { body: Some(body), payload: plan.payload(), chunks: Some(chunks) })
}

/// Reads a body's start, until `most` bytes or more are there, and puts back what was read.
pub(crate) async fn peek(response: &mut Response, most: usize) -> Result<Bytes, Error> {
    let mut read = BytesMut::new();
    while read.len() < most {
        match response.chunk().await? {
            Some(chunk) => read.extend_from_slice(&chunk),
            None => break,
        }
    }
    let read = read.freeze();
    let url = response.url().clone();
    let response_read = core::mem::replace(response, http::Response::new("").into());
    let (mut parts, rest) = http::Response::from(response_read).into_parts();
    let body = reqwest::Body::wrap(Rejoined { first: Some(read.clone()), rest });
    keep_url(url, &mut parts.extensions);
    *response = http::Response::from_parts(parts, body).into();
    Ok(read)
}
