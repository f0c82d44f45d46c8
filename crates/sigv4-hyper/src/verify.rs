//! The layer that guards a server: no request reaches the inner service before it is proven.

use core::fmt;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::{Buf, Bytes};
use http::request::{Parts, Request};
use http::{HeaderName, HeaderValue, Response, header};
use http_body::Body;
use http_body_util::{BodyExt, Either, Full};
use sigv4_core::verify::{
    BodyBuffer, BodyRule, BodyVerifier, Protocol, Verified, Verifier, VerifyError,
};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::BoxError;
use crate::verify_body::{Refuted, VerifiedBody};
use crate::verify_keys::KeyStore;

/// Bodies up to this many bytes are buffered where nothing else is said: 8 MiB.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The length of a stream's content, which the signature covers.
const DECODED_LENGTH: HeaderName = HeaderName::from_static("x-amz-decoded-content-length");

/// Lets through what a known key has signed, and answers the rest as AWS would.
///
/// The inner service finds the caller as [`Verified`] in the request's extensions. What it gets of
/// the body is proven: a hashed body is buffered up to a limit and checked first, a stream of signed
/// chunks is handed on chunk by chunk, each after its signature. Where a stream breaks off or is
/// changed on the way, its body ends with a [`VerifyError`]: act on a body only once it has ended
/// without one. What the inner service answers then gives way to a refusal. `UNSIGNED-PAYLOAD` is
/// handed on as it comes, as its signer chose.
///
/// A refusal has the form that the caller's protocol has for it. Its cause, in full, is the
/// [`VerifyError`] in the response's extensions: for a log, not for the caller.
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

struct Gate<K> {
    verifier: Verifier,
    keys: Arc<K>,
    body_limit: usize,
    protocol: Option<Protocol>,
    clock: fn() -> SystemTime,
}

impl<K: KeyStore> VerifyLayer<K> {
    /// A layer that verifies with the keys of a store.
    pub fn new(verifier: Verifier, keys: K) -> Self {
        let keys = Arc::new(keys);
        Self::of(Gate {
            verifier,
            keys,
            body_limit: BODY_LIMIT,
            protocol: None,
            clock: SystemTime::now,
        })
    }

    fn of(gate: Gate<K>) -> Self {
        Self { gate: Arc::new(gate) }
    }

    /// This layer, buffering hashed bodies of at most this many bytes (8 MiB).
    #[must_use]
    pub fn with_body_limit(self, bytes: usize) -> Self {
        Self::of(Gate { body_limit: bytes, ..self.gate.copied() })
    }

    /// This layer, refusing in one protocol, whatever the caller seems to speak.
    #[must_use]
    pub fn with_protocol(self, protocol: Protocol) -> Self {
        Self::of(Gate { protocol: Some(protocol), ..self.gate.copied() })
    }

    /// This layer with another clock.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> SystemTime) -> Self {
        Self::of(Gate { clock, ..self.gate.copied() })
    }
}

impl<S, K: KeyStore> Layer<S> for VerifyLayer<K> {
    type Service = Verify<S, K>;

    fn layer(&self, inner: S) -> Verify<S, K> {
        Verify { gate: Arc::clone(&self.gate), inner }
    }
}

/// The service that [`VerifyLayer`] makes. Its error is the inner service's: a refusal is an answer.
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
    type Future = VerifyFuture<R, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The instance that was polled ready is the one to call; its clone waits its own turn.
        let clone = self.inner.clone();
        let mut service = core::mem::replace(&mut self.inner, clone);
        let gate = Arc::clone(&self.gate);
        VerifyFuture(Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let protocol = gate.protocol(&parts);
            let (body, refuted) = match gate.admit(&mut parts, body).await {
                Ok(admitted) => admitted,
                Err(error) => return Ok(refuse(protocol, error).map(Either::Right)),
            };
            let answer = service.call(Request::from_parts(parts, body)).await;
            // Whatever the service made of a stream that was refuted, it is not what was asked for.
            match refuted.and_then(|refuted| refuted.why()) {
                Some(error) => Ok(refuse(protocol, error).map(Either::Right)),
                None => answer.map(|answer| answer.map(Either::Left)),
            }
        }))
    }
}

type Guarded<R, E> = Result<Response<Either<R, Full<Bytes>>>, E>;

/// The answer of the inner service, or the refusal, later.
#[must_use = "a future does nothing until it is awaited"]
pub struct VerifyFuture<R, E>(Pin<Box<dyn Future<Output = Guarded<R, E>> + Send>>);

impl<R, E> Future for VerifyFuture<R, E> {
    type Output = Guarded<R, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<R, E> fmt::Debug for VerifyFuture<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyFuture").finish_non_exhaustive()
    }
}

impl<K: KeyStore> Gate<K> {
    fn copied(&self) -> Self {
        let Self { verifier, keys, body_limit, protocol, clock } = self;
        let (verifier, keys) = (verifier.clone(), Arc::clone(keys));
        Self { verifier, keys, body_limit: *body_limit, protocol: *protocol, clock: *clock }
    }

    /// Verifies a request, notes in it who sent it, and gives back what may be read of its body;
    /// with a stream, where to learn of its end.
    async fn admit<B>(
        &self,
        parts: &mut Parts,
        body: B,
    ) -> Result<(VerifiedBody<B>, Option<Refuted>), VerifyError>
    where
        B: Body<Error: Into<BoxError>>,
    {
        let claim = self.verifier.read(&*parts, (self.clock)())?;
        let rule = claim.body_rule();
        if matches!(rule, BodyRule::Hashed | BodyRule::HashFirst)
            && body.size_hint().lower() > self.body_limit as u64
        {
            return Err(VerifyError::BodyTooLarge { limit: self.body_limit });
        }
        let found = self.keys.key(claim.access_key_id()).await;
        let key = found.map_err(|_| VerifyError::LookUpFailed)?;
        if rule == BodyRule::HashFirst {
            let body = self.buffer(body, None).await?;
            let verified = claim.verify_hashed(key.as_ref(), body.payload_hash())?;
            parts.extensions.insert(verified);
            return Ok((VerifiedBody::whole(body), None));
        }
        let (verified, mut reading) = claim.verify(key.as_ref())?;
        let admitted = match rule {
            BodyRule::Hashed => {
                let body = self.buffer(body, Some(&mut reading)).await?;
                reading.finish()?;
                (VerifiedBody::whole(body), None)
            }
            BodyRule::Unsigned => (VerifiedBody::unsigned(body), None),
            _ => {
                describe_content(parts);
                let (body, refuted) = VerifiedBody::streamed(body, reading);
                (body, Some(refuted))
            }
        };
        parts.extensions.insert::<Verified>(verified);
        Ok(admitted)
    }

    /// Holds the whole body, up to the limit, and shows it to `reading` as it comes.
    async fn buffer<B>(
        &self,
        body: B,
        mut reading: Option<&mut BodyVerifier>,
    ) -> Result<BodyBuffer, VerifyError>
    where
        B: Body<Error: Into<BoxError>>,
    {
        let mut buffer = BodyBuffer::new(self.body_limit);
        let mut body = pin!(body);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| VerifyError::BodyInterrupted)?;
            let Ok(mut data) = frame.into_data() else {
                continue; // trailers, which no signature covers
            };
            let data = data.copy_to_bytes(data.remaining());
            buffer.push(&data)?;
            if let Some(reading) = &mut reading {
                reading.update(&data)?;
            }
        }
        Ok(buffer)
    }

    fn protocol(&self, parts: &Parts) -> Protocol {
        let guessed = || Protocol::of(self.verifier.service(), &parts.headers);
        self.protocol.unwrap_or_else(guessed)
    }
}

fn refuse(protocol: Protocol, error: VerifyError) -> Response<Full<Bytes>> {
    let mut response: Response<Full<Bytes>> =
        error.refusal(protocol).into_response::<String>().map(Full::from);
    response.extensions_mut().insert(error);
    response
}

/// Makes the headers speak of a stream's content, which is what the inner service reads.
fn describe_content(parts: &mut Parts) {
    match parts.headers.get(DECODED_LENGTH).cloned() {
        Some(length) => parts.headers.insert(header::CONTENT_LENGTH, length),
        None => parts.headers.remove(header::CONTENT_LENGTH),
    };
    let codings: Vec<HeaderValue> = parts
        .headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("aws-chunked"))
        .filter_map(|coding| HeaderValue::from_str(coding).ok())
        .collect();
    parts.headers.remove(header::CONTENT_ENCODING);
    for coding in codings {
        parts.headers.append(header::CONTENT_ENCODING, coding);
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
