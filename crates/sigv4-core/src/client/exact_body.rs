//! A body that must have its declared length.

use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use std::error::Error;
use std::future::poll_fn;

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use crate::client::stream_payload::UnsignableBody;

type BoxError = Box<dyn Error + Send + Sync>;

/// Yields exactly the declared number of bytes, or fails before the frame that completes them.
///
/// HTTP/1 would cut off a longer body at the declared length and call it a success. Trailers are
/// dropped.
#[derive(Debug)]
pub struct ExactBody<B> {
    inner: B,
    declared: u64,
    left: u64,
    /// The frame that completes the body, held back until the stream has ended.
    last: Option<Bytes>,
}

impl<B: Body<Error: Into<BoxError>> + Unpin> ExactBody<B> {
    /// Requires `inner` to have exactly `length` bytes.
    ///
    /// # Errors
    /// The body's own error, or [`UnsignableBody::WrongLength`] if `length` is 0 and the body is
    /// not empty. The latter is checked here because no client reads a body that is declared empty.
    pub async fn new(mut inner: B, length: u64) -> Result<Self, BoxError> {
        if length == 0 {
            let mut body = pin!(&mut inner);
            while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
                let frame = frame.map_err(Into::into)?;
                if frame.data_ref().is_some_and(Buf::has_remaining) {
                    return Err(UnsignableBody::WrongLength { declared: length }.into());
                }
            }
        }
        Ok(Self { inner, declared: length, left: length, last: None })
    }
}

impl<B: Body<Error: Into<BoxError>> + Unpin> Body for ExactBody<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
            let frame = frame.transpose().map_err(Into::into)?;
            let wrong = UnsignableBody::WrongLength { declared: self.declared };
            let Some(frame) = frame else {
                return Poll::Ready(match self.last.take() {
                    Some(last) => Some(Ok(Frame::data(last))),
                    None if self.left > 0 => Some(Err(wrong.into())),
                    None => None,
                });
            };
            let Ok(mut data) = frame.into_data() else { continue };
            let data = data.copy_to_bytes(data.remaining());
            if data.is_empty() {
                continue;
            }
            let Some(left) = self.left.checked_sub(data.len() as u64) else {
                return Poll::Ready(Some(Err(wrong.into())));
            };
            self.left = left;
            if left > 0 {
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            self.last = Some(data);
        }
    }

    fn size_hint(&self) -> SizeHint {
        let held = self.last.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(self.left.saturating_add(held as u64))
    }
}
