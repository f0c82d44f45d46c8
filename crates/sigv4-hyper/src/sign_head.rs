//! The layer that leaves the body as it is: for clients that fix its type, and for streams.

use core::task::{Context, Poll};
use std::sync::Arc;

use http::request::{Parts, Request};
use http::{Response, header};
use http_body::Body;
use sigv4_core::{CredentialsProvider, PayloadHash, Signer};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::{BoxError, Error};
use crate::future::ResponseFuture;
use crate::signing::{Signing, check_unframed, settle_length, shared_settings};

/// Signs requests whose body it neither reads nor changes: tonic's and kube's fix its type.
///
/// What the signature says of the body is, in this order: a [`PayloadHash`] in the request's
/// extensions; the caller's `x-amz-content-sha256`; what [`with_payload`](Self::with_payload) set;
/// the hash of nothing, for a body that says it is empty. Otherwise it is an error.
///
/// A body that is gone cannot be sent again. So an answer that tells of a wrong clock or of expired
/// credentials, in its headers, is returned as it is, and makes the next request right.
///
/// ```
/// use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
/// use sigv4_hyper::SignHeadLayer;
///
/// // VPC Lattice takes gRPC with unsigned payloads alone.
/// let signer =
///     Signer::new(Region::from_static("eu-west-1"), Service::from_static("vpc-lattice-svcs"));
/// let layer = SignHeadLayer::new(signer, Credentials::new("AKIDEXAMPLE", "secret"))
///     .with_payload(PayloadHash::Unsigned);
/// # let _ = layer;
/// ```
#[derive(Clone, Debug)]
pub struct SignHeadLayer {
    signing: Signing,
    payload: Option<PayloadHash>,
}

impl SignHeadLayer {
    /// A layer that signs with what the provider gives. `Credentials` are a provider themselves.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self { signing: Signing::new(signer, provider), payload: None }
    }

    shared_settings!();

    /// This layer, with what to say of a body where the request does not say it.
    #[must_use]
    pub fn with_payload(self, payload: PayloadHash) -> Self {
        Self { payload: Some(payload), ..self }
    }
}

impl<S> Layer<S> for SignHeadLayer {
    type Service = SignHead<S>;

    fn layer(&self, inner: S) -> SignHead<S> {
        SignHead { signing: Arc::new(self.signing.clone()), payload: self.payload, inner }
    }
}

/// The service that [`SignHeadLayer`] makes. It fails with an [`Error`] or with the inner service's
/// error, boxed.
#[derive(Clone, Debug)]
pub struct SignHead<S> {
    signing: Arc<Signing>,
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
        // The instance that was polled ready is the one to call; its clone waits its own turn.
        let clone = self.inner.clone();
        let service = core::mem::replace(&mut self.inner, clone);
        let (signing, set) = (Arc::clone(&self.signing), self.payload);
        ResponseFuture::new(async move {
            let (mut parts, body) = request.into_parts();
            signing.prepare(&mut parts)?;
            if let Some(length) = body.size_hint().exact() {
                settle_length(&mut parts, length)?;
            }
            let payload = payload_of(&parts, &body, set)?;
            let (exchange, _) = signing.sign(&mut parts, payload, None).await?;
            check_unframed(&parts)?;
            signing.send_once(service, Request::from_parts(parts, body), exchange).await
        })
    }
}

fn payload_of(
    parts: &Parts,
    body: &impl Body,
    set: Option<PayloadHash>,
) -> Result<PayloadHash, Error> {
    let header = parts.headers.contains_key("x-amz-content-sha256")
        && !parts.headers.contains_key(header::AUTHORIZATION);
    if let Some(asked) = parts.extensions.get::<PayloadHash>() {
        Ok(*asked)
    } else if header {
        Ok(PayloadHash::Unsigned) // which signing replaces by what the header says
    } else if let Some(set) = set {
        Ok(set)
    } else if body.is_end_stream() {
        Ok(PayloadHash::EMPTY)
    } else {
        Err(Error::PayloadUnknown)
    }
}
