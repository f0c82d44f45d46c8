//! The layer that guards a server: no request reaches the inner service before it is verified.

mod body;
mod future;
mod gate;
mod head;
mod held;
pub(crate) mod keys;
mod time;

use core::fmt;
use core::future::Future;
use core::task::{Context, Poll};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::Response;
use http::request::Request;
use http_body::Body;
use http_body_util::{Either, Full};
use sigv4_core::verify::{Protocol, Verifier};
use tower_layer::Layer;
use tower_service::Service;

pub use self::body::VerifiedBody;
pub use self::future::VerifyFuture;
use self::gate::Gate;
pub use self::keys::KeyStore;
use self::time::Timer;
use crate::error::BoxError;

/// Default limit of buffered bodies and of signed chunks, in bytes: 8 MiB.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Passes on requests that a known key has signed, and refuses the others as AWS would.
///
/// The inner service finds the caller as [`Verified`](crate::Verified) in the request's extensions.
/// The body is verified: a hashed body is buffered up to a limit and checked first. A
/// stream of signed chunks is passed on chunk by chunk, each after its signature is checked,
/// followed by the verified trailers as a frame. If a stream breaks off or is changed on the way,
/// its body ends with a [`VerifyError`](crate::VerifyError): act on a body only once it has ended
/// without one. The response of the inner service is then replaced by a refusal. An
/// `UNSIGNED-PAYLOAD` body is passed on as it comes, as its signer chose.
///
/// The headers describe the body that the inner service reads: one of `content-length` and
/// `transfer-encoding` gives its length, and `aws-chunked` is removed from `content-encoding`. S3's
/// signature does not distinguish `/a%2Fb` from `/a/b`: route on the decoded path.
///
/// A refusal is in the caller's protocol. Its full cause is the
/// [`VerifyError`](crate::VerifyError) in the response's extensions: for a log, not for the caller.
///
/// ```
/// use sigv4_core::{Credentials, Region, Service};
/// use sigv4_core::verify::Verifier;
/// use sigv4_hyper::VerifyLayer;
///
/// let verifier = Verifier::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let layer = VerifyLayer::new(verifier, Credentials::new("AKIDEXAMPLE", "secret"))
///     .with_body_limit(1024 * 1024);
/// # let _ = layer;
/// ```
pub struct VerifyLayer<K> {
    gate: Arc<Gate<K>>,
}

impl<K: KeyStore> VerifyLayer<K> {
    /// Creates a layer that verifies with the keys of a store.
    pub fn new(verifier: Verifier, keys: K) -> Self {
        let keys = Arc::new(keys);
        Self::of(Gate {
            verifier,
            keys,
            body_limit: BODY_LIMIT,
            body_timer: None,
            protocol: None,
            clock: SystemTime::now,
        })
    }

    fn of(gate: Gate<K>) -> Self {
        Self { gate: Arc::new(gate) }
    }

    /// Sets how many bytes are held before they are verified: of a hashed body, or of one signed
    /// chunk. The default is 8 MiB. The verifier's
    /// [`Limits::chunk_bytes`](sigv4_core::verify::Limits::chunk_bytes) can lower the limit of
    /// chunks.
    #[must_use]
    pub fn with_body_limit(self, bytes: usize) -> Self {
        Self::of(Gate { body_limit: bytes, ..Gate::clone(&self.gate) })
    }

    /// Limits the time in which a body must arrive and be verified. By default there is no limit:
    /// a signed request whose last byte never comes stays open.
    ///
    /// `timer` returns a future that is ready when the time is up. It is called once a request that
    /// has a body, when the key has been looked up. A body that is too slow is refused with S3's
    /// `RequestTimeout` (408 elsewhere). The time that the inner service takes between two frames
    /// counts too.
    ///
    /// ```
    /// use std::time::Duration;
    /// # use sigv4_core::{Credentials, Region, Service};
    /// # use sigv4_core::verify::Verifier;
    /// # use sigv4_hyper::VerifyLayer;
    /// # let verifier = Verifier::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    /// # let keys = Credentials::new("AKIDEXAMPLE", "secret");
    /// let layer = VerifyLayer::new(verifier, keys)
    ///     .with_body_timeout(|| tokio::time::sleep(Duration::from_secs(300)));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_body_timeout<T, F>(self, timer: T) -> Self
    where
        T: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + Sync + 'static,
    {
        Self::of(Gate { body_timer: Some(Timer::new(timer)), ..Gate::clone(&self.gate) })
    }

    /// Sets the protocol of refusals. The default is the one that the caller seems to speak.
    #[must_use]
    pub fn with_protocol(self, protocol: Protocol) -> Self {
        Self::of(Gate { protocol: Some(protocol), ..Gate::clone(&self.gate) })
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> SystemTime) -> Self {
        Self::of(Gate { clock, ..Gate::clone(&self.gate) })
    }
}

impl<S, K: KeyStore> Layer<S> for VerifyLayer<K> {
    type Service = Verify<S, K>;

    fn layer(&self, inner: S) -> Verify<S, K> {
        Verify { gate: Arc::clone(&self.gate), inner }
    }
}

/// The service of a [`VerifyLayer`]. Its error is the inner service's: a refusal is a response.
///
/// If the key is ready ([`KeyStore::ready_key`]) and nothing of the body has to be awaited, the
/// request is verified in `call` and passed on at once.
pub struct Verify<S, K> {
    gate: Arc<Gate<K>>,
    inner: S,
}

impl<S, K, B, R> Service<Request<B>> for Verify<S, K>
where
    S: Service<Request<VerifiedBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    K: KeyStore,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    R: Body<Data = Bytes>,
{
    type Response = Response<Either<R, Full<Bytes>>>;
    type Error = S::Error;
    type Future = VerifyFuture<S, K, B, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        VerifyFuture::start(&self.gate, &mut self.inner, request)
    }
}

impl<K> Clone for VerifyLayer<K> {
    fn clone(&self) -> Self {
        Self { gate: Arc::clone(&self.gate) }
    }
}

impl<S: Clone, K> Clone for Verify<S, K> {
    fn clone(&self) -> Self {
        Self { gate: Arc::clone(&self.gate), inner: self.inner.clone() }
    }
}

impl<K> fmt::Debug for VerifyLayer<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyLayer")
            .field("verifier", &self.gate.verifier)
            .field("body_limit", &self.gate.body_limit)
            .finish_non_exhaustive()
    }
}

impl<S, K> fmt::Debug for Verify<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verify").field("verifier", &self.gate.verifier).finish_non_exhaustive()
    }
}
