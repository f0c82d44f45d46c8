//! The steps of one request through a `VerifyLayer`, as a future.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::{Parts, Request};
use http_body::Body;
use http_body_util::{Either, Full};
use pin_project_lite::pin_project;
use sigv4_core::verify::{Claim, Protocol, VerifyError};
use tower_service::Service;

use crate::verify::body::{Refuted, VerifiedBody};
use crate::verify::gate::{Admission, Gate, refuse};
use crate::verify::held::Held;
use crate::verify::keys::{Found, KeyStore};
use crate::verify::time::Deadline;

pin_project! {
    /// The future of the inner service's response or of the refusal. `F` is the inner service's
    /// future.
    #[must_use = "a future does nothing until it is awaited"]
    pub struct VerifyFuture<S, K, B, F> {
        #[pin]
        state: State<S, K, B, F>,
    }
}

pin_project! {
    #[project = StateProjected]
    enum State<S, K, B, F> {
        LookingUp { key: LookUp, next: Option<Next<S, K, B>> },
        Holding { #[pin] body: B, deadline: Deadline, next: Option<Next<S, K, Held>> },
        // The protocol is that of a refusal, if the body is refused while it is read.
        Called { #[pin] response: F, refuted: Option<(Refuted, Protocol)> },
        Refused { response: Option<Response<Full<Bytes>>> },
    }
}

type LookUp = Pin<Box<dyn Future<Output = (Claim, Found)> + Send>>;

/// What the next state needs, until it is reached. `T` is what the request has for a body.
struct Next<S, K, T> {
    gate: Arc<Gate<K>>,
    service: S,
    parts: Parts,
    body: T,
}

impl<S, K: KeyStore, B: Body, F> VerifyFuture<S, K, B, F> {
    /// Verifies a request as far as that is possible without waiting.
    pub(crate) fn start<R, E>(gate: &Arc<Gate<K>>, service: &mut S, request: Request<B>) -> Self
    where
        S: Service<Request<VerifiedBody<B>>, Response = Response<R>, Error = E, Future = F> + Clone,
    {
        let (parts, body) = request.into_parts();
        let claim = match gate.read(&parts, &body) {
            Ok(claim) => claim,
            Err(error) => {
                drop(polled_ready(service));
                return Self { state: State::refused(gate.protocol(&parts), error) };
            }
        };
        if let Some(found) = gate.ready_key(&claim, &body) {
            return Self { state: State::admitted(gate, service, parts, body, claim, found) };
        }
        let (gate, service) = (Arc::clone(gate), polled_ready(service));
        let key = look_up(Arc::clone(&gate), claim);
        Self { state: State::LookingUp { key, next: Some(Next { gate, service, parts, body }) } }
    }
}

fn look_up<K: KeyStore>(gate: Arc<Gate<K>>, claim: Claim) -> LookUp {
    Box::pin(async move {
        let found = gate.keys.key(claim.access_key_id()).await;
        (claim, found)
    })
}

/// Takes the instance that was polled ready, and leaves its clone for the next request. To drop it
/// gives back what it reserved.
fn polled_ready<S: Clone>(service: &mut S) -> S {
    let clone = service.clone();
    core::mem::replace(service, clone)
}

impl<S, K, B, F> State<S, K, B, F> {
    fn refused(protocol: Protocol, error: VerifyError) -> Self {
        Self::Refused { response: Some(refuse(protocol, error)) }
    }

    /// Verifies the head, once the key has been looked up.
    fn admitted(
        gate: &Arc<Gate<K>>,
        service: &mut S,
        mut parts: Parts,
        body: B,
        claim: Claim,
        found: Found,
    ) -> Self
    where
        S: Service<Request<VerifiedBody<B>>, Future = F> + Clone,
        K: KeyStore,
        B: Body,
    {
        match gate.admit(&mut parts, body, claim, found) {
            Ok(Admission::Call(body, refuted)) => {
                let refuted = refuted.map(|refuted| (refuted, gate.protocol(&parts)));
                Self::Called { response: service.call(Request::from_parts(parts, body)), refuted }
            }
            Ok(Admission::Hold(body, held, deadline)) => {
                let (gate, service) = (Arc::clone(gate), polled_ready(service));
                Self::Holding {
                    body,
                    deadline,
                    next: Some(Next { gate, service, parts, body: held }),
                }
            }
            Err(error) => {
                drop(polled_ready(service));
                Self::refused(gate.protocol(&parts), error)
            }
        }
    }
}

impl<S, K> Next<S, K, Held> {
    /// Verifies the body, once it has been read.
    fn verified<B, F>(mut self, read: Result<(), VerifyError>) -> State<S, K, B, F>
    where
        S: Service<Request<VerifiedBody<B>>, Future = F>,
        K: KeyStore,
    {
        match read.and_then(|()| self.body.finish(&mut self.parts)) {
            Ok(body) => {
                let response = self.service.call(Request::from_parts(self.parts, body));
                State::Called { response, refuted: None }
            }
            Err(error) => State::refused(self.gate.protocol(&self.parts), error),
        }
    }
}

impl<S, K, B, F, R, E> Future for VerifyFuture<S, K, B, F>
where
    S: Service<Request<VerifiedBody<B>>, Response = Response<R>, Error = E, Future = F> + Clone,
    K: KeyStore,
    B: Body,
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Either<R, Full<Bytes>>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let following = match state.as_mut().project() {
                StateProjected::LookingUp { key, next } => {
                    let (claim, found) = ready!(key.as_mut().poll(context));
                    next.take().map(|Next { gate, mut service, parts, body }| {
                        State::admitted(&gate, &mut service, parts, body, claim, found)
                    })
                }
                StateProjected::Holding { body, deadline, next } => {
                    let held = next.as_mut().map(|next| &mut next.body);
                    let read = held.map(|held| held.poll_read(body, deadline, context));
                    let read = ready!(read.unwrap_or(Poll::Pending));
                    next.take().map(|next| next.verified(read))
                }
                StateProjected::Called { response, refuted } => {
                    let response = ready!(response.poll(context));
                    // The body was refused while it was read, so the response is replaced.
                    let refusal = refuted
                        .take()
                        .and_then(|(refuted, protocol)| Some(refuse(protocol, refuted.why()?)));
                    return Poll::Ready(match refusal {
                        Some(refusal) => Ok(refusal.map(Either::Right)),
                        None => response.map(|response| response.map(Either::Left)),
                    });
                }
                StateProjected::Refused { response } => {
                    let response = response.take().map(|response| response.map(Either::Right));
                    return response.map_or(Poll::Pending, |response| Poll::Ready(Ok(response)));
                }
            };
            match following {
                Some(following) => state.set(following),
                None => return Poll::Pending, // only if it is polled after its end
            }
        }
    }
}

impl<S, K, B, F> fmt::Debug for VerifyFuture<S, K, B, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyFuture").finish_non_exhaustive()
    }
}
