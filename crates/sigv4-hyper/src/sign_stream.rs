//! The layer that signs a stream chunk by chunk: `aws-chunked`, for S3.

use core::task::{Context, Poll};
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::{Parts, Request};
use http_body::Body;
use http_body_util::{Either, Empty};
use sigv4_core::client::{
    Call, CallError, Settings, StreamPayload, UnsignableBody, declared_length, settle_length,
};
use sigv4_core::stream::{AwsChunked, AwsChunkedBody};
use sigv4_core::{CredentialsProvider, PayloadHash, Signer};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::BoxError;
use crate::exchange::{send_once, sign, start};
use crate::future::ResponseFuture;
use crate::settings::{defaults, settings_methods};

/// The body that [`SignStream`] passes to the client: signed chunks, or nothing.
pub type ChunkedBody<B> = Either<AwsChunkedBody<B>, Empty<Bytes>>;

/// Signs each chunk of a streamed body. Only one chunk is in memory, and the service checks every
/// chunk. S3 and compatible services accept such bodies.
///
/// The stream's length must be known: from an [`AwsChunked`] in the request's extensions, which can
/// also name trailers; from the body itself; or from `content-length`. A stream that is shorter or
/// longer fails before its last chunk is signed. The body's own trailers become those of the
/// framing.
///
/// A body that was passed on cannot be sent again. As with `SignHeadLayer`, if a response's headers
/// show a wrong clock or expired credentials, only the next request is corrected.
///
/// ```
/// use sigv4_core::stream::{AwsChunked, Checksum};
/// use sigv4_core::{Credentials, Region, Service, Signer};
/// use sigv4_hyper::SignStreamLayer;
///
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let layer = SignStreamLayer::new(signer, Credentials::new("AKIDEXAMPLE", "secret"))
///     .with_plan(|length| AwsChunked::signed(length).with_checksum(Checksum::Sha256));
/// # let _ = layer;
/// ```
#[derive(Clone, Debug)]
pub struct SignStreamLayer {
    settings: Arc<Settings>,
    plan: fn(u64) -> AwsChunked,
}

impl SignStreamLayer {
    /// Signs with the provider's credentials. `Credentials` are a provider themselves.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self { settings: defaults(signer, provider), plan: AwsChunked::signed }
    }

    settings_methods!();

    /// Sets how a body of a given length is framed. The default is [`AwsChunked::signed`].
    #[must_use]
    pub fn with_plan(self, plan: fn(u64) -> AwsChunked) -> Self {
        Self { plan, ..self }
    }
}

impl<S> Layer<S> for SignStreamLayer {
    type Service = SignStream<S>;

    fn layer(&self, inner: S) -> SignStream<S> {
        SignStream { settings: Arc::clone(&self.settings), plan: self.plan, inner }
    }
}

/// The service that [`SignStreamLayer`] creates. It fails with a [`CallError`] or with the inner
/// service's error, boxed.
#[derive(Clone, Debug)]
pub struct SignStream<S> {
    settings: Arc<Settings>,
    plan: fn(u64) -> AwsChunked,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for SignStream<S>
where
    S: Service<Request<ChunkedBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data: Send> + Send + 'static,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = ResponseFuture<R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture<R> {
        // The instance that was polled ready must be the one called. The clone has to become ready
        // itself.
        let clone = self.inner.clone();
        let service = core::mem::replace(&mut self.inner, clone);
        let (settings, plan) = (Arc::clone(&self.settings), self.plan);
        ResponseFuture::new(async move {
            let (mut parts, body) = request.into_parts();
            let mut call = start(&settings, &mut parts)?;
            let plan = match call.stream_payload() {
                StreamPayload::AwsChunked(of_this_request) => of_this_request,
                _ => plan,
            };
            let Some(plan) =
                plan_of(&mut call, &mut parts, &body, plan).map_err(CallError::Body)?
            else {
                sign(&mut call, &mut parts, PayloadHash::EMPTY).await?;
                let request = Request::from_parts(parts, Either::Right(Empty::new()));
                return send_once(call, service, request).await;
            };
            plan.set_headers(&mut parts.headers);
            let signed = sign(&mut call, &mut parts, plan.payload()).await?;
            let encoder = plan.encoder(signed).map_err(CallError::Sign)?;
            let body = Either::Left(AwsChunkedBody::new(body, encoder));
            send_once(call, service, Request::from_parts(parts, body)).await
        })
    }
}

/// Returns how the body will be framed, or `None` if there is no body.
fn plan_of(
    call: &mut Call,
    parts: &mut Parts,
    body: &impl Body,
    plan: fn(u64) -> AwsChunked,
) -> Result<Option<AwsChunked>, UnsignableBody> {
    let exact = body.size_hint().exact();
    let plan = match parts.extensions.get::<AwsChunked>() {
        Some(asked) => asked.clone(),
        None if body.is_end_stream() => {
            settle_length(&parts.method, &mut parts.headers, 0)?;
            return Ok(None);
        }
        None => {
            let declared = declared_length(&parts.headers)?;
            plan(exact.or(declared).ok_or(UnsignableBody::UnknownLength)?)
        }
    };
    let declared = plan.decoded_length();
    settle_length(&parts.method, &mut parts.headers, declared)?;
    if exact.is_some_and(|actual| actual != declared) {
        return Err(UnsignableBody::WrongLength { declared });
    }
    Ok(Some(call.framed_by(plan)))
}
