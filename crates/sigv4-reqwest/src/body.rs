//! Bodies of async requests: buffered, framed, or held to their length; reads a response's start.

use bytes::{Bytes, BytesMut};
use http::Extensions;
use http_body::Body;
use http_body_util::BodyExt;
use reqwest::{Request, Response, ResponseBuilderExt};
use sigv4_core::client::{
    BodyPlan, Call, CallError, ExactBody, PeekedBody, UnsignableBody, settle_length,
};
use sigv4_core::stream::{AwsChunked, AwsChunkedBody};

use crate::error::Error;
use crate::exchange::Once;
use crate::sign::head;

/// Reads or wraps the body as the settings say. Returns a stream if the body can be sent only once.
pub(crate) async fn settle(
    call: &mut Call,
    request: &mut Request,
) -> Result<Option<Once<reqwest::Body>>, Error> {
    if let Some(bytes) = request.body().and_then(reqwest::Body::as_bytes) {
        let length = bytes.len() as u64;
        let method = request.method().clone();
        settle_length(&method, request.headers_mut(), length)?;
        return Ok(None);
    }
    let Some(stream) = request.body_mut().take() else {
        return Ok(None);
    };
    match call.plan(&head(request), stream.size_hint().exact())? {
        BodyPlan::Buffer { limit } => {
            *request.body_mut() = Some(buffer(stream, limit).await?.into());
            Ok(None)
        }
        BodyPlan::Chunked(plan) => {
            plan.set_headers(request.headers_mut());
            Ok(Some(frame(stream, &plan)))
        }
        BodyPlan::Unsigned { length: Some(length) } => {
            let exact = ExactBody::new(stream, length).await.map_err(read_error)?;
            Ok(Some(Once::unsigned(reqwest::Body::wrap(exact))))
        }
        _ => Ok(Some(Once::unsigned(stream))),
    }
}

/// Frames a stream as `aws-chunked`. Its chunks wait for the signature that they continue.
fn frame(stream: reqwest::Body, plan: &AwsChunked) -> Once<reqwest::Body> {
    let (encoder, chunks) = plan.deferred_encoder();
    let body = reqwest::Body::wrap(AwsChunkedBody::new(stream, encoder));
    Once { body: Some(body), payload: plan.payload(), chunks: Some(chunks) }
}

/// Reads a stream into memory, at most `limit` bytes.
pub(crate) async fn buffer(mut stream: reqwest::Body, limit: usize) -> Result<Bytes, CallError> {
    let too_long = || CallError::Body(UnsignableBody::TooLong { limit });
    if stream.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_long());
    }
    let mut read = BytesMut::new();
    while let Some(frame) = stream.frame().await {
        let Ok(data) = frame.map_err(|error| CallError::ReadBody(error.into()))?.into_data() else {
            continue;
        };
        if read.len().saturating_add(data.len()) > limit {
            return Err(too_long());
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

/// Converts a body's error: an [`UnsignableBody`] inside it is passed on; anything else is
/// `ReadBody`.
pub(crate) fn read_error(error: Box<dyn std::error::Error + Send + Sync>) -> CallError {
    match error.downcast::<UnsignableBody>() {
        Ok(ours) => (*ours).into(),
        Err(error) => CallError::ReadBody(error),
    }
}

/// Reads the start of a body until at least `most` bytes are there, and puts them back. If reading
/// fails, the error becomes part of the body.
pub(crate) async fn peek(response: &mut Response, most: usize) -> Vec<u8> {
    let url = response.url().clone();
    let taken = core::mem::replace(response, http::Response::new("").into());
    let (mut parts, body) = http::Response::from(taken).into_parts();
    let (body, read) = PeekedBody::peek(body, most).await;
    keep_url(url, &mut parts.extensions);
    *response = http::Response::from_parts(parts, reqwest::Body::wrap(body)).into();
    read
}

/// Marks a reassembled response as coming from this URL.
pub(crate) fn keep_url(url: reqwest::Url, extensions: &mut Extensions) {
    if let Ok(marked) = http::Response::builder().url(url).body(()) {
        extensions.extend(marked.into_parts().0.extensions);
    }
}
