//! A response's body whose first bytes may have been read to find the error's name.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::collections::VecDeque;
use std::future::poll_fn;

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The whole body of a response. Its first bytes may already have been read.
    ///
    /// A client reads the start of the body of a 400, 401 or 403 response, to see if another
    /// signature would help. Those bytes are yielded first, then the rest.
    pub struct PeekedBody<B: Body> {
        #[pin]
        state: State<B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<B: Body> {
        Untouched { #[pin] body: B },
        Peeked { start: VecDeque<Result<Frame<Bytes>, B::Error>>, rest: Pin<Box<B>> },
    }
}

impl<B: Body> PeekedBody<B> {
    /// Wraps a body of which nothing has been read.
    pub fn untouched(body: B) -> Self {
        Self { state: State::Untouched { body } }
    }

    /// Wraps a body whose start was read by other means.
    pub fn of(start: Bytes, rest: B) -> Self {
        let start =
            Some(start).filter(|start| !start.is_empty()).map(|start| Ok(Frame::data(start)));
        Self { state: State::Peeked { start: start.into_iter().collect(), rest: Box::pin(rest) } }
    }

    /// Reads the start of a body until at least `most` bytes are there, and returns it with the
    /// whole body. If reading fails, the error becomes part of the body.
    pub async fn peek(body: B, most: usize) -> (Self, Vec<u8>) {
        let (mut start, mut rest) = (VecDeque::new(), Box::pin(body));
        let mut text = Vec::new();
        while text.len() < most
            && let Some(frame) = poll_fn(|context| rest.as_mut().poll_frame(context)).await
        {
            let frame = frame.map(owned);
            let failed = frame.is_err();
            if let Some(data) = frame.as_ref().ok().and_then(Frame::data_ref) {
                text.extend_from_slice(data);
            }
            start.push_back(frame);
            if failed {
                break;
            }
        }
        (Self { state: State::Peeked { start, rest } }, text)
    }
}

impl<B: Body> Body for PeekedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let rest = match self.project().state.project() {
            StateProjection::Untouched { body } => body,
            StateProjection::Peeked { start, rest } => {
                if let Some(frame) = start.pop_front() {
                    return Poll::Ready(Some(frame));
                }
                rest.as_mut()
            }
        };
        rest.poll_frame(context).map_ok(owned)
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Untouched { body } => body.is_end_stream(),
            State::Peeked { start, rest } => start.is_empty() && rest.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Untouched { body } => body.size_hint(),
            State::Peeked { start, rest } => {
                let frames = start.iter().filter_map(|frame| frame.as_ref().ok()?.data_ref());
                let read: u64 = frames.map(|data| data.len() as u64).sum();
                let of_rest = rest.size_hint();
                let mut hint = SizeHint::new();
                hint.set_lower(of_rest.lower().saturating_add(read));
                if let Some(upper) = of_rest.upper() {
                    hint.set_upper(upper.saturating_add(read));
                }
                hint
            }
        }
    }
}

/// Converts a frame to `Bytes`, without copying if it already holds `Bytes`.
fn owned<D: Buf>(frame: Frame<D>) -> Frame<Bytes> {
    frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))
}

impl<B: Body> fmt::Debug for PeekedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeekedBody").finish_non_exhaustive()
    }
}
