//! The layer that guards browser uploads: no file reaches the inner service before its form is
//! verified.

mod body;
mod error;
mod head;
mod read;
mod upload;

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::{Parts, Request};
use http::{Method, Response, header};
use http_body::Body;
use http_body_util::{Either, Full};
use sigv4_core::verify::{Verifier, VerifyError};
use tower_layer::Layer;
use tower_service::Service;

pub use self::body::FileBody;
use self::body::Refuted;
pub use self::error::FormError;
use self::head::BucketIn;
use self::read::read_front;
pub use self::upload::Upload;
use crate::error::BoxError;
use crate::verify::keys::KeyStore;

/// Verifies browser uploads (`POST` of `multipart/form-data` with a signed policy) and refuses
/// invalid ones as S3 would.
///
/// The fields before the file are read first, at most 64 KiB with their headers, and the policy is
/// verified. Then the inner service gets the request, with the [`Upload`] in its extensions
/// and the file alone as its body: a stream in constant memory that ends with a [`FormError`] if
/// the file is shorter or longer than the policy allows or the form is cut off. Act on a file only
/// once its body has ended without an error; otherwise the response of the inner service is
/// replaced by a refusal. A policy covers the fields, never the bytes of the file.
///
/// Like S3, the layer ignores fields that follow the file, such as a submit button's. After the
/// file it refuses a second file, a field that was also before the file, and a field that the
/// policy names. It removes the headers `authorization` and `x-amz-*`, because nothing signs them.
///
/// A server for other requests too sends the forms here, see [`is_form`](Self::is_form),
/// and the rest through a [`VerifyLayer`](crate::VerifyLayer). The layer bounds memory, not time: put
/// a timeout around the server.
///
/// ```
/// use sigv4_core::verify::Verifier;
/// use sigv4_core::{Credentials, Region, Service};
/// use sigv4_hyper::VerifyFormLayer;
///
/// let verifier = Verifier::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let layer = VerifyFormLayer::new(verifier, Credentials::new("AKIDEXAMPLE", "secret"))
///     .with_bucket_in_host("s3.example.com"); // or, by default, `POST /bucket`
/// # let _ = layer;
/// ```
///
/// Source: Amazon S3 API Reference, "POST Object" and "Browser-Based Uploads Using POST".
pub struct VerifyFormLayer<K> {
    gate: Arc<Gate<K>>,
}

struct Gate<K> {
    verifier: Verifier,
    keys: Arc<K>,
    bucket: BucketIn,
    clock: fn() -> SystemTime,
}

impl<K: KeyStore> VerifyFormLayer<K> {
    /// Creates a layer that verifies with the keys of a store. The bucket is the path:
    /// `POST /bucket`.
    pub fn new(verifier: Verifier, keys: K) -> Self {
        let keys = Arc::new(keys);
        Self::of(Gate { verifier, keys, bucket: BucketIn::Path, clock: SystemTime::now })
    }

    fn of(gate: Gate<K>) -> Self {
        Self { gate: Arc::new(gate) }
    }

    /// Takes the bucket from the host too: `bucket.s3.example.com` for the domain `s3.example.com`.
    /// On any other host the bucket is still the path.
    #[must_use]
    pub fn with_bucket_in_host(self, domain: impl Into<String>) -> Self {
        Self::of(Gate { bucket: BucketIn::Host(domain.into()), ..self.gate.copied() })
    }

    /// Sets the clock for checking policies. The default is the system's.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> SystemTime) -> Self {
        Self::of(Gate { clock, ..self.gate.copied() })
    }

    /// Whether a request is a form: `POST`, without a query, and `multipart/form-data`.
    pub fn is_form<B>(request: &Request<B>) -> bool {
        request.method() == Method::POST
            && request.uri().query().is_none()
            && head::is_multipart(request.headers())
    }
}

impl<S, K: KeyStore> Layer<S> for VerifyFormLayer<K> {
    type Service = VerifyForm<S, K>;

    fn layer(&self, inner: S) -> VerifyForm<S, K> {
        VerifyForm { gate: Arc::clone(&self.gate), inner }
    }
}

/// The service that [`VerifyFormLayer`] makes. Its error is the inner service's: a refusal is a
/// response, with the [`FormError`] in its extensions for the log.
pub struct VerifyForm<S, K> {
    gate: Arc<Gate<K>>,
    inner: S,
}

type Guarded<R, E> = Result<Response<Either<R, Full<Bytes>>>, E>;

impl<S, K, B, R> Service<Request<B>> for VerifyForm<S, K>
where
    S: Service<Request<FileBody>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    K: KeyStore,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    R: Body<Data = Bytes>,
{
    type Response = Response<Either<R, Full<Bytes>>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Guarded<R, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // Call the instance that was polled ready, and leave its clone for the next request.
        let clone = self.inner.clone();
        let mut service = core::mem::replace(&mut self.inner, clone);
        let gate = Arc::clone(&self.gate);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let (file, refuted) = match gate.admit(&mut parts, body).await {
                Ok(admitted) => admitted,
                Err(error) => return Ok(error.into_response().map(Either::Right)),
            };
            let response = service.call(Request::from_parts(parts, file)).await;
            // The file was refused while it was read, so the service's response is replaced.
            match refuted.why() {
                Some(error) => Ok(error.into_response().map(Either::Right)),
                None => response.map(|response| response.map(Either::Left)),
            }
        })
    }
}

impl<K: KeyStore> Gate<K> {
    fn copied(&self) -> Self {
        let Self { verifier, keys, bucket, clock } = self;
        let (verifier, keys) = (verifier.clone(), Arc::clone(keys));
        Self { verifier, keys, bucket: bucket.clone(), clock: *clock }
    }

    /// Verifies a form, puts its `Upload` into the request's extensions, and returns its file.
    async fn admit<B>(&self, parts: &mut Parts, body: B) -> Result<(FileBody, Refuted), FormError>
    where
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        if parts.method != Method::POST || parts.uri.query().is_some() {
            return Err(FormError::Target);
        }
        let boundary = head::boundary(&parts.headers).ok_or(FormError::NotMultipart)?;
        let bucket = self.bucket.of(parts).ok_or(FormError::Target)?;
        let front = read_front(body, boundary).await?;
        let fields = front.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let claim = self.verifier.read_form(&bucket, fields, (self.clock)())?;
        let found = self.keys.key(claim.access_key_id()).await;
        let key = found.map_err(|_| VerifyError::LookUpFailed)?;
        let form = claim.verify(key.as_ref())?;
        let (file, refuted) = FileBody::new(front.rest, form.clone(), &front.fields);
        let upload = Upload::new(form, bucket, front.fields, front.file_name)?;
        head::describe_file(&mut parts.headers, upload.field(header::CONTENT_TYPE.as_str()));
        parts.extensions.insert(upload);
        Ok((file, refuted))
    }
}

impl<K> Clone for VerifyFormLayer<K> {
    fn clone(&self) -> Self {
        Self { gate: Arc::clone(&self.gate) }
    }
}

impl<S: Clone, K> Clone for VerifyForm<S, K> {
    fn clone(&self) -> Self {
        Self { gate: Arc::clone(&self.gate), inner: self.inner.clone() }
    }
}

impl<K> fmt::Debug for VerifyFormLayer<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyFormLayer")
            .field("verifier", &self.gate.verifier)
            .field("bucket", &self.gate.bucket)
            .finish_non_exhaustive()
    }
}

impl<S, K> fmt::Debug for VerifyForm<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyForm").field("verifier", &self.gate.verifier).finish_non_exhaustive()
    }
}
