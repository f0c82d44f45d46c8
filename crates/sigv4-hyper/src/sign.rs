//! The buffering layer: reads any body, hashes it, and can sign and send it again.

use core::task::{Context, Poll};
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Request;
use http_body::Body;
use http_body_util::Full;
use sigv4_core::client::{DEFAULT_BUFFER_LIMIT, PeekedBody, Settings};
use sigv4_core::{CredentialsProvider, Signer};
use tower_layer::Layer;
use tower_service::Service;

use crate::body::buffer;
use crate::error::BoxError;
use crate::exchange::{exchange, start};
use crate::future::ResponseFuture;
use crate::settings::{defaults, settings_methods};

/// Signs requests over their whole body. It buffers the body and passes it on as `Full<Bytes>`.
///
/// Because it holds the body, it can sign the same request again: once if the response shows a
/// wrong clock, once for another region, and once with new credentials. It follows redirects within
/// the same origin if [`with_redirects`](Self::with_redirects) says so.
///
/// A request may bring its own signer or provider: put [`Overrides`](crate::Overrides) in its
/// extensions. If the extensions hold a `PayloadHash`, it is signed in place of the body's hash.
///
/// ```
/// use sigv4_core::{Credentials, Region, Service, Signer};
/// use sigv4_hyper::{AllowedHosts, SignLayer};
///
/// let signer = Signer::new(Region::from_static("eu-west-1"), Service::from_static("es"));
/// let layer = SignLayer::new(signer, Credentials::new("AKIDEXAMPLE", "secret"))
///     .with_allowed_hosts(AllowedHosts::new(["https://search.example.com"])?)
///     .with_buffer_limit(1024 * 1024);
/// # let _ = layer;
/// # Ok::<(), sigv4_hyper::InvalidHost>(())
/// ```
#[derive(Clone, Debug)]
pub struct SignLayer {
    settings: Arc<Settings>,
    buffer_limit: usize,
}

impl SignLayer {
    /// Signs with the provider's credentials. `Credentials` are a provider themselves.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self { settings: defaults(signer, provider), buffer_limit: DEFAULT_BUFFER_LIMIT }
    }

    settings_methods!();

    /// Sets how many bytes of a body are buffered at most. The default is 8 MiB.
    #[must_use]
    pub fn with_buffer_limit(self, bytes: usize) -> Self {
        Self { buffer_limit: bytes, ..self }
    }
}

impl<S> Layer<S> for SignLayer {
    type Service = Sign<S>;

    fn layer(&self, inner: S) -> Sign<S> {
        Sign { settings: Arc::clone(&self.settings), buffer_limit: self.buffer_limit, inner }
    }
}

/// The service that [`SignLayer`] creates. It fails with a [`CallError`](crate::CallError) or with
/// the inner service's error, boxed.
#[derive(Clone, Debug)]
pub struct Sign<S> {
    settings: Arc<Settings>,
    buffer_limit: usize,
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
    type Response = Response<PeekedBody<R>>;
    type Error = BoxError;
    type Future = ResponseFuture<PeekedBody<R>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The instance that was polled ready must be the one called. The clone has to become ready
        // itself.
        let clone = self.inner.clone();
        let service = core::mem::replace(&mut self.inner, clone);
        let (settings, limit) = (Arc::clone(&self.settings), self.buffer_limit);
        ResponseFuture::new(async move {
            let (mut parts, body) = request.into_parts();
            let call = start(&settings, &mut parts)?;
            let body = buffer(&mut parts, body, limit).await?;
            exchange(call, service, parts, body).await
        })
    }
}
