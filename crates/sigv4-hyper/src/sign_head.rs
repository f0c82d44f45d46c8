//! The layer that leaves the body unchanged: for streams, and for clients with a fixed body type.

use core::task::{Context, Poll};
use std::sync::Arc;

use http::request::{Parts, Request};
use http::{Response, header};
use http_body::Body;
use sigv4_core::client::{CallError, Settings, UnsignableBody, settle_length};
use sigv4_core::{CredentialsProvider, PayloadHash, Signer};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::BoxError;
use crate::exchange::{send_once, sign, start};
use crate::future::ResponseFuture;
use crate::settings::{defaults, settings_methods};

/// Signs requests without reading or changing their body. tonic and kube need this because their
/// body type is fixed.
///
/// The payload that the signature covers is the first of these that is present: the [`PayloadHash`]
/// in the request's extensions; the caller's `x-amz-content-sha256`; the value set by
/// [`with_payload`](Self::with_payload); the hash of no bytes, if the body is empty. Otherwise the
/// call fails with an error that names the choices.
///
/// A body that was passed on cannot be sent again. If a response's headers show a wrong clock or
/// expired credentials, the response is returned as it is, and the next request is signed
/// correctly.
///
/// ```
/// use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
/// use sigv4_hyper::SignHeadLayer;
///
/// // VPC Lattice accepts gRPC only with unsigned payloads.
/// let signer =
///     Signer::new(Region::from_static("eu-west-1"), Service::from_static("vpc-lattice-svcs"));
/// let layer = SignHeadLayer::new(signer, Credentials::new("AKIDEXAMPLE", "secret"))
///     .with_payload(PayloadHash::Unsigned);
/// # let _ = layer;
/// ```
#[derive(Clone, Debug)]
pub struct SignHeadLayer {
    settings: Arc<Settings>,
    payload: Option<PayloadHash>,
}

impl SignHeadLayer {
    /// Signs with the provider's credentials. `Credentials` are a provider themselves.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self { settings: defaults(signer, provider), payload: None }
    }

    settings_methods!();

    /// Sets the payload to sign if the request does not specify one.
    #[must_use]
    pub fn with_payload(self, payload: PayloadHash) -> Self {
        Self { payload: Some(payload), ..self }
    }
}

impl<S> Layer<S> for SignHeadLayer {
    type Service = SignHead<S>;

    fn layer(&self, inner: S) -> SignHead<S> {
        SignHead { settings: Arc::clone(&self.settings), payload: self.payload, inner }
    }
}

/// The service that [`SignHeadLayer`] creates. It fails with a [`CallError`](crate::CallError) or
/// with the inner service's error, boxed.
#[derive(Clone, Debug)]
pub struct SignHead<S> {
    settings: Arc<Settings>,
    payload: Option<PayloadHash>,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for SignHead<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body + Send + 'static,
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
        let (settings, set) = (Arc::clone(&self.settings), self.payload);
        ResponseFuture::new(async move {
            let (mut parts, body) = request.into_parts();
            let mut call = start(&settings, &mut parts)?;
            if let Some(length) = body.size_hint().exact() {
                settle_length(&parts.method, &mut parts.headers, length)
                    .map_err(CallError::Body)?;
            }
            let payload = payload_of(&parts, &body, set)?;
            sign(&mut call, &mut parts, payload).await?;
            send_once(call, service, Request::from_parts(parts, body)).await
        })
    }
}

fn payload_of(
    parts: &Parts,
    body: &impl Body,
    set: Option<PayloadHash>,
) -> Result<PayloadHash, CallError> {
    let header = parts.headers.contains_key("x-amz-content-sha256")
        && !parts.headers.contains_key(header::AUTHORIZATION);
    if let Some(asked) = parts.extensions.get::<PayloadHash>() {
        Ok(*asked)
    } else if header {
        Ok(PayloadHash::Unsigned) // signing replaces it by the header's value
    } else if let Some(set) = set {
        Ok(set)
    } else if body.is_end_stream() {
        Ok(PayloadHash::EMPTY)
    } else {
        Err(UnsignableBody::PayloadUnknown.into())
    }
}
