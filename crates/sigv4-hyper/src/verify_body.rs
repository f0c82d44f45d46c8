//! The body that a guarded service reads: proven bytes, and an error where they end too early.

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

pin_project! {
    /// A request's body behind a `VerifyLayer`.
    ///
    /// Its error is a [`VerifyError`] where the body is not what was signed, or the inner body's own.
    /// After an error it has ended. HTTP trailers, which no signature covers, are not handed on.
    pub struct VerifiedBody<B> {
        #[pin]
        source: Source<B>,
    }
}

pin_project! {
    #[project = SourceProjected]
    enum Source<B> {
        Whole { pieces: VecDeque<Bytes> },
        Unsigned { #[pin] inner: B },
        // None once it has ended, well or not.
        Streamed { #[pin] inner: B, reading: Option<BodyVerifier>, refuted: Refuted },
    }
}

impl<B> VerifiedBody<B> {
    pub(crate) fn whole(body: BodyBuffer) -> Self {
        Self { source: Source::Whole { pieces: body.into_pieces().collect() } }
    }

    pub(crate) fn unsigned(inner: B) -> Self {
        Self { source: Source::Unsigned { inner } }
    }

    /// A stream, and where to learn whether it was refuted.
    pub(crate) fn streamed(inner: B, reading: BodyVerifier) -> (Self, Refuted) {
        let refuted = Refuted::default();
        let source = Source::Streamed { inner, reading: Some(reading), refuted: refuted.clone() };
        (Self { source }, refuted)
    }
}

/// Why a stream was refuted, once it was.
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
        match self.project().source.project() {
            SourceProjected::Whole { pieces } => {
                Poll::Ready(pieces.pop_front().map(|piece| Ok(Frame::data(piece))))
            }
            SourceProjected::Unsigned { inner } => {
                let data = ready!(poll_data(inner, context));
                Poll::Ready(data.map(|data| data.map(Frame::data)))
            }
            SourceProjected::Streamed { inner, reading, refuted } => {
                let outcome = ready!(poll_content(inner, reading, context));
                if !matches!(outcome, Some(Ok(_))) {
                    *reading = None;
                }
                if let Some(Err(error)) = &outcome
                    && let Some(error) = error.downcast_ref::<VerifyError>()
                {
                    // The first error is the only one: from then on the stream has ended.
                    let _ = refuted.0.set(error.clone());
                }
                Poll::Ready(outcome.map(|data| data.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Whole { pieces } => pieces.is_empty(),
            Source::Unsigned { inner } => inner.is_end_stream(),
            Source::Streamed { reading, .. } => reading.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole { pieces } => {
                SizeHint::with_exact(pieces.iter().map(|piece| piece.len() as u64).sum())
            }
            Source::Unsigned { inner } => inner.size_hint(),
            Source::Streamed { .. } => SizeHint::default(),
        }
    }
}

/// The next bytes of a body; trailers are passed over.
fn poll_data<B: Body<Error: Into<BoxError>>>(
    mut inner: Pin<&mut B>,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, BoxError>>> {
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

/// The next proven bytes of a stream; its end only after everything has been proven.
fn poll_content<B: Body<Error: Into<BoxError>>>(
    mut inner: Pin<&mut B>,
    reading: &mut Option<BodyVerifier>,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, BoxError>>> {
    loop {
        let Some(verifier) = reading else {
            return Poll::Ready(None);
        };
        if let Some(content) = verifier.content() {
            return Poll::Ready(Some(Ok(content)));
        }
        let step: Result<(), VerifyError> = match ready!(poll_data(inner.as_mut(), context)) {
            Some(Ok(data)) => verifier.update(&data),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => match reading.take().map(BodyVerifier::finish) {
                Some(Err(error)) => Err(error),
                _ => return Poll::Ready(None),
            },
        };
        if let Err(error) = step {
            return Poll::Ready(Some(Err(error.into())));
        }
    }
}

impl<B> fmt::Debug for VerifiedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedBody").finish_non_exhaustive()
    }
}
