//! The layer that buffers: any body in, hashed, and at hand to be signed and sent again.

use core::future::poll_fn;
use core::task::{Context, Poll};
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::{Parts, Request};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use sigv4_core::client::{Attempt, Cause, Redirects, ServiceError};
use sigv4_core::{CredentialsProvider, PayloadHash, Signer};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::{BoxError, Error};
use crate::future::ResponseFuture;
use crate::response_body::ResponseBody;
use crate::signing::{Signing, check_unframed, settle_length, shared_settings};

/// Bodies up to this many bytes are buffered where nothing else is said: 8 MiB.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Signs requests over their whole body, which it buffers and hands on as `Full<Bytes>`.
///
/// Because it holds the body, it can sign the same request again: once after an answer that tells of
/// a wrong clock, once for another region, once with new credentials. It follows no redirect.
///
/// ```
/// use sigv4_core::{Credentials, Region, Service, Signer};
/// use sigv4_hyper::{AllowedHosts, SignLayer};
///
/// let signer = Signer::new(Region::from_static("eu-west-1"), Service::from_static("es"));
/// let layer = SignLayer::new(signer, Credentials::new("AKIDEXAMPLE", "secret"))
///     .with_hosts(AllowedHosts::new(["https://search.example.com"])?)
///     .with_body_limit(1024 * 1024);
/// # let _ = layer;
/// # Ok::<(), sigv4_hyper::InvalidHost>(())
/// ```
#[derive(Clone, Debug)]
pub struct SignLayer {
    signing: Signing,
    body_limit: usize,
}

impl SignLayer {
    /// A layer that signs with what the provider gives. `Credentials` are a provider themselves.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self { signing: Signing::new(signer, provider), body_limit: BODY_LIMIT }
    }

    shared_settings!();

    /// This layer, buffering bodies of at most this many bytes (8 MiB where nothing is said).
    #[must_use]
    pub fn with_body_limit(self, bytes: usize) -> Self {
        Self { body_limit: bytes, ..self }
    }
}

impl<S> Layer<S> for SignLayer {
    type Service = Sign<S>;

    fn layer(&self, inner: S) -> Sign<S> {
        Sign { signing: Arc::new(self.signing.clone()), body_limit: self.body_limit, inner }
    }
}

/// The service that [`SignLayer`] makes. It fails with an [`Error`] or with the inner service's
/// error, boxed.
#[derive(Clone, Debug)]
pub struct Sign<S> {
    signing: Arc<Signing>,
    body_limit: usize,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Sign<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    R: Body<Error: Send> + Send + 'static,
{
    type Response = Response<ResponseBody<R>>;
    type Error = BoxError;
    type Future = ResponseFuture<ResponseBody<R>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The instance that was polled ready is the one to call; its clone waits its own turn.
        let clone = self.inner.clone();
        let service = core::mem::replace(&mut self.inner, clone);
        let (signing, limit) = (Arc::clone(&self.signing), self.body_limit);
        ResponseFuture::new(async move {
            let (mut parts, body) = request.into_parts();
            signing.prepare(&mut parts)?;
            let body = buffer(&mut parts, body, limit).await?;
            send(&signing, service, parts, body).await
        })
    }
}

/// Signs and sends, again for each cause that another signature can cure.
async fn send<S, R>(
    signing: &Signing,
    mut service: S,
    parts: Parts,
    body: Bytes,
) -> Result<Response<ResponseBody<R>>, BoxError>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>, Error: Into<BoxError>>,
    R: Body,
{
    let asked = parts.extensions.get::<PayloadHash>().copied();
    let payload = asked.unwrap_or_else(|| PayloadHash::of(&body));
    let mut attempt = Attempt::new(Redirects::Return);
    let mut region = None;
    loop {
        poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
        let mut signed = parts.clone();
        let (mut exchange, _) = signing.sign(&mut signed, payload, region.clone()).await?;
        check_unframed(&signed)?;
        let request = Request::from_parts(signed, Full::new(body.clone()));
        let (mut head, body) = service.call(request).await.map_err(Into::into)?.into_parts();
        let (body, error) = if ServiceError::is_in_body(head.status, &head.headers) {
            let (body, start) = ResponseBody::peek(body, ServiceError::MAX_BODY).await;
            (body, ServiceError::read(&start))
        } else {
            (ResponseBody::untouched(body), None)
        };
        let answer = (head.status, &head.headers, error.as_ref());
        match signing.learn(&mut attempt, &exchange, answer) {
            None => {
                exchange.keep_transcript(&mut head.extensions);
                return Ok(Response::from_parts(head, body));
            }
            Some(Cause::Region(named)) => region = Some(named),
            Some(_) => {}
        }
    }
}

/// The whole body, where it fits and is what the head says.
async fn buffer<B>(parts: &mut Parts, body: B, limit: usize) -> Result<Bytes, Error>
where
    B: Body<Error: Into<BoxError>>,
{
    if body.size_hint().lower() > limit as u64 {
        return Err(Error::BodyTooLarge { limit });
    }
    let collected = Limited::new(body, limit).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Error::BodyTooLarge { limit }
        } else {
            Error::BodyUnreadable(error)
        }
    })?;
    if collected.trailers().is_some() {
        return Err(Error::BodyTrailers);
    }
    let bytes = collected.to_bytes();
    settle_length(parts, bytes.len() as u64)?;
    Ok(bytes)
}
