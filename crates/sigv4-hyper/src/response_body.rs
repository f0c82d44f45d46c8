//! A response's body, of which the first bytes may have been read to learn an error's name.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::collections::VecDeque;

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use pin_project_lite::pin_project;

pin_project! {
    /// The body of a response that came through [`Sign`](crate::Sign): the inner service's, whole.
    ///
    /// Of answers 400, 401 and 403 the layer may have read the start, to see whether signing again
    /// would help; those bytes are given first, then the rest as it comes. So it is with what
    /// `explain` has read.
    pub struct ResponseBody<B: Body> {
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

impl<B: Body> ResponseBody<B> {
    pub(crate) fn untouched(body: B) -> Self {
        Self { state: State::Untouched { body } }
    }

    /// Reads a body's start, until `most` bytes or more are there.
    pub(crate) async fn peek(body: B, most: usize) -> (Self, Vec<u8>) {
        let (mut start, mut rest) = (VecDeque::new(), Box::pin(body));
        let mut text = Vec::new();
        while text.len() < most
            && let Some(frame) = rest.as_mut().frame().await
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

impl<B: Body> Body for ResponseBody<B> {
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

/// The same frame in `Bytes`; nothing is copied where it was in them.
fn owned<D: Buf>(frame: Frame<D>) -> Frame<Bytes> {
    frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))
}

impl<B: Body> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}
