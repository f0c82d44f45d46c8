//! The layer that signs a stream chunk by chunk: `aws-chunked`, for S3.

use core::task::{Context, Poll};
use std::sync::Arc;

use bytes::Bytes;
use http::request::{Parts, Request};
use http::{Response, header};
use http_body::Body;
use http_body_util::{Either, Empty};
use sigv4_core::stream::{AwsChunked, AwsChunkedBody};
use sigv4_core::{CredentialsProvider, PayloadHash, Signer};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::{BoxError, Error};
use crate::future::ResponseFuture;
use crate::signing::{Signing, settle_length, shared_settings};

/// What [`SignStream`] hands to the client: a body in signed chunks, or none.
pub type ChunkedBody<B> = Either<AwsChunkedBody<B>, Empty<Bytes>>;

/// Signs requests whose body is a stream, each chunk of it: one chunk is in memory, and the service
/// checks every one. S3 and what is compatible with it take such bodies.
///
/// The stream's length has to be known: from an [`AwsChunked`] in the request's extensions, which
/// can also name trailers; from the body itself; or from `content-length`. A stream that turns out
/// shorter or longer fails before its last chunk is signed. The body's own trailers become those of
/// the framing.
///
/// A body that is gone cannot be sent again: as with `SignHeadLayer`, an answer that tells of a wrong
/// clock or of expired credentials, in its headers, makes the next request right.
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
    signing: Signing,
    plan: fn(u64) -> AwsChunked,
}

impl SignStreamLayer {
    /// A layer that signs with what the provider gives. `Credentials` are a provider themselves.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self { signing: Signing::new(signer, provider), plan: AwsChunked::signed }
    }

    shared_settings!();

    /// This layer, framing a body of a length in bytes so; [`AwsChunked::signed`] where nothing is
    /// said.
    #[must_use]
    pub fn with_plan(self, plan: fn(u64) -> AwsChunked) -> Self {
        Self { plan, ..self }
    }
}

impl<S> Layer<S> for SignStreamLayer {
    type Service = SignStream<S>;

    fn layer(&self, inner: S) -> SignStream<S> {
        SignStream { signing: Arc::new(self.signing.clone()), plan: self.plan, inner }
    }
}

/// The service that [`SignStreamLayer`] makes. It fails with an [`Error`] or with the inner
/// service's error, boxed.
#[derive(Clone, Debug)]
pub struct SignStream<S> {
    signing: Arc<Signing>,
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
        // The instance that was polled ready is the one to call; its clone waits its own turn.
        let clone = self.inner.clone();
        let service = core::mem::replace(&mut self.inner, clone);
        let (signing, plan) = (Arc::clone(&self.signing), self.plan);
        ResponseFuture::new(async move {
            let (mut parts, body) = request.into_parts();
            signing.prepare(&mut parts)?;
            let Some(plan) = plan_of(&mut parts, &body, plan)? else {
                let (exchange, _) = signing.sign(&mut parts, PayloadHash::EMPTY, None).await?;
                let request = Request::from_parts(parts, Either::Right(Empty::new()));
                return signing.send_once(service, request, exchange).await;
            };
            plan.set_headers(&mut parts.headers);
            let (exchange, signed) = signing.sign(&mut parts, plan.payload(), None).await?;
            let encoder = plan.encoder(signed).map_err(Error::Sign)?;
            let body = Either::Left(AwsChunkedBody::new(body, encoder));
            signing.send_once(service, Request::from_parts(parts, body), exchange).await
        })
    }
}

/// How the body will be framed; `None` where there is none.
fn plan_of(
    parts: &mut Parts,
    body: &impl Body,
    plan: fn(u64) -> AwsChunked,
) -> Result<Option<AwsChunked>, Error> {
    let exact = body.size_hint().exact();
    let plan = match parts.extensions.get::<AwsChunked>() {
        Some(asked) => asked.clone(),
        None if body.is_end_stream() => return settle_length(parts, 0).map(|()| None),
        None => plan(exact.or_else(|| declared_length(parts)).ok_or(Error::LengthUnknown)?),
    };
    settle_length(parts, plan.decoded_length())?;
    match exact {
        Some(actual) if actual != plan.decoded_length() => {
            Err(Error::BodyLength { declared: plan.decoded_length().to_string(), actual })
        }
        _ => Ok(Some(plan)),
    }
}

fn declared_length(parts: &Parts) -> Option<u64> {
    parts.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
