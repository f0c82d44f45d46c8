//! The body that a guarded service reads: verified bytes, and an error if they end too early.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use sigv4_core::verify::{BodyBuffer, BodyVerifier, VerifyError};

use crate::error::BoxError;
use crate::verify::time::Deadline;

pin_project! {
    /// A request's body behind a `VerifyLayer`.
    ///
    /// Its error is a [`VerifyError`] if the body is not the signed one, too long or too slow;
    /// otherwise the inner body's own. After an error it has ended. A verified stream
    /// ends with its trailers, if it has any: all of them if they are signed, otherwise the
    /// checksums. HTTP trailers, which no signature covers, are not passed on.
    pub struct VerifiedBody<B> {
        #[pin]
        source: Source<B>,
        deadline: Deadline,
        // None if the body was verified before it is read.
        refuted: Option<Refuted>,
        has_ended: bool,
    }
}

pin_project! {
    #[project = SourceProjected]
    enum Source<B> {
        Whole { first: Bytes, rest: VecDeque<Bytes> },
        // At most `left` of `limit` bytes may still come.
        Unsigned { #[pin] inner: B, left: u64, limit: u64 },
        // None once the end has been reached. Boxed, so that moving other bodies copies less.
        Streamed { #[pin] inner: B, reading: Option<Box<BodyVerifier>> },
    }
}

impl<B> VerifiedBody<B> {
    /// Creates a body without a byte.
    pub(crate) fn empty() -> Self {
        Self::verified(Bytes::new(), VecDeque::new())
    }

    /// Creates a body that is verified.
    pub(crate) fn whole(first: Bytes, rest: BodyBuffer) -> Self {
        Self::verified(first, rest.into_pieces().collect())
    }

    fn verified(first: Bytes, rest: VecDeque<Bytes>) -> Self {
        let source = Source::Whole { first, rest };
        Self { source, deadline: Deadline::default(), refuted: None, has_ended: false }
    }

    /// Creates a body that no signature covers, of at most `limit` bytes.
    pub(crate) fn unsigned(inner: B, limit: u64, deadline: Deadline) -> (Self, Refuted) {
        Self::unverified(Source::Unsigned { inner, left: limit, limit }, deadline)
    }

    pub(crate) fn streamed(inner: B, reading: BodyVerifier, deadline: Deadline) -> (Self, Refuted) {
        Self::unverified(Source::Streamed { inner, reading: Some(Box::new(reading)) }, deadline)
    }

    /// Creates the body, and a handle that tells whether it was refused.
    fn unverified(source: Source<B>, deadline: Deadline) -> (Self, Refuted) {
        let refuted = Refuted::default();
        let body = Self { source, deadline, refuted: Some(refuted.clone()), has_ended: false };
        (body, refuted)
    }
}

/// The error of a refused body, once there is one.
#[derive(Clone, Default)]
pub(crate) struct Refuted(Arc<OnceLock<VerifyError>>);

impl Refuted {
    pub(crate) fn why(&self) -> Option<VerifyError> {
        self.0.get().cloned()
    }
}

impl<B: Body<Error: Into<BoxError>>> Body for VerifiedBody<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.project();
        if *this.has_ended {
            return Poll::Ready(None);
        }
        let outcome = match this.deadline.check(context) {
            Err(error) => Some(Err(error.into())),
            Ok(()) => ready!(poll_source(this.source, context)),
        };
        if let Some(Err(error)) = &outcome
            && let Some(refuted) = this.refuted
            && let Some(error) = error.downcast_ref::<VerifyError>()
        {
            // There is only one error: after it the body has ended.
            let _ = refuted.0.set(error.clone());
        }
        *this.has_ended = !matches!(&outcome, Some(Ok(frame)) if frame.is_data());
        Poll::Ready(outcome)
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended
            || match &self.source {
                Source::Whole { first, rest } => first.is_empty() && rest.is_empty(),
                Source::Unsigned { inner, .. } => inner.is_end_stream(),
                Source::Streamed { .. } => false,
            }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            _ if self.has_ended => SizeHint::with_exact(0),
            Source::Whole { first, rest } => {
                let pieces = rest.iter().chain([first]);
                SizeHint::with_exact(pieces.map(|piece| piece.len() as u64).sum())
            }
            Source::Unsigned { inner, .. } => inner.size_hint(),
            Source::Streamed { .. } => SizeHint::default(),
        }
    }
}

type Outcome<T> = Option<Result<T, BoxError>>;

fn poll_source<B: Body<Error: Into<BoxError>>>(
    source: Pin<&mut Source<B>>,
    context: &mut Context<'_>,
) -> Poll<Outcome<Frame<Bytes>>> {
    match source.project() {
        SourceProjected::Whole { first, rest } => {
            let first = Some(core::mem::take(first)).filter(|first| !first.is_empty());
            let piece = first.or_else(|| rest.pop_front());
            Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
        }
        SourceProjected::Unsigned { inner, left, limit } => {
            let Some(data) = ready!(poll_data(inner, context)) else {
                return Poll::Ready(None);
            };
            let counted = data.and_then(|data| match left.checked_sub(data.len() as u64) {
                Some(rest) => {
                    *left = rest;
                    Ok(Frame::data(data))
                }
                None => Err(VerifyError::BodyTooLarge { limit: *limit }.into()),
            });
            Poll::Ready(Some(counted))
        }
        SourceProjected::Streamed { inner, reading } => poll_content(inner, reading, context),
    }
}

/// Reads the next bytes of a body; skips trailers.
fn poll_data<B: Body<Error: Into<BoxError>>>(
    mut inner: Pin<&mut B>,
    context: &mut Context<'_>,
) -> Poll<Outcome<Bytes>> {
    loop {
        match ready!(inner.as_mut().poll_frame(context)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            Some(Ok(frame)) => {
                if let Ok(mut data) = frame.into_data() {
                    return Poll::Ready(Some(Ok(data.copy_to_bytes(data.remaining()))));
                }
            }
        }
    }
}

/// Reads the next verified bytes of a stream; its trailers and end only once all of it is verified.
fn poll_content<B: Body<Error: Into<BoxError>>>(
    mut inner: Pin<&mut B>,
    reading: &mut Option<Box<BodyVerifier>>,
    context: &mut Context<'_>,
) -> Poll<Outcome<Frame<Bytes>>> {
    loop {
        let Some(verifier) = reading else {
            return Poll::Ready(None);
        };
        if let Some(content) = verifier.content() {
            return Poll::Ready(Some(Ok(Frame::data(content))));
        }
        let end = match ready!(poll_data(inner.as_mut(), context)) {
            Some(Ok(data)) => verifier.update(&data).map(|()| None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => reading.take().map(|reading| reading.finish()).transpose(),
        };
        match end {
            Ok(None) => {}
            Ok(Some(complete)) => {
                let trailers = complete.trailers().clone();
                let frame = (!trailers.is_empty()).then(|| Ok(Frame::trailers(trailers)));
                return Poll::Ready(frame);
            }
            Err(error) => return Poll::Ready(Some(Err(error.into()))),
        }
    }
}

impl<B> fmt::Debug for VerifiedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedBody").finish_non_exhaustive()
    }
}
