//! Bodies: a stream read into memory, one held to its declared length, a response's put back.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::error::Error as StdError;

use bytes::{Bytes, BytesMut};
use http::{Extensions, HeaderMap, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use reqwest::ResponseBuilderExt;
use sigv4_core::client::UnsignableBody;

use crate::error::Error;

/// Reads a stream into memory, at most `limit` bytes of it.
pub(crate) async fn buffer(mut stream: reqwest::Body, limit: usize) -> Result<Bytes, Error> {
    let too_long = || Error::Body(UnsignableBody::TooLong { limit });
    if stream.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_long());
    }
    let mut read = BytesMut::new();
    while let Some(frame) = stream.frame().await {
        let Ok(data) = frame.map_err(|error| Error::ReadBody(error.into()))?.into_data() else {
            continue;
        };
        if read.len().saturating_add(data.len()) > limit {
            return Err(too_long());
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

/// A stream that fails unless it gives as many bytes as `content-length` declares.
///
/// HTTP/1 would cut a longer one at that length and call it a success.
pub(crate) async fn hold_to_length(
    mut stream: reqwest::Body,
    headers: &HeaderMap,
) -> Result<reqwest::Body, Error> {
    let Some(declared) = declared_length(headers) else { return Ok(stream) };
    if declared == 0 {
        // Nothing below would ask such a body for its bytes.
        let first =
            stream.frame().await.transpose().map_err(|error| Error::ReadBody(error.into()))?;
        if first.is_some_and(|frame| frame.data_ref().is_some_and(|data| !data.is_empty())) {
            return Err(UnsignableBody::WrongLength { declared }.into());
        }
    }
    Ok(reqwest::Body::wrap(Exact { inner: stream, declared, left: declared, last: None }))
}

/// The length that `content-length` declares, where it is a number.
pub(crate) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

struct Exact {
    inner: reqwest::Body,
    declared: u64,
    left: u64,
    /// The frame that completes the body, held back until the stream has ended.
    last: Option<Bytes>,
}

impl Body for Exact {
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        loop {
            let frame = ready!(Pin::new(&mut self.inner).poll_frame(context)).transpose()?;
            let wrong = UnsignableBody::WrongLength { declared: self.declared };
            let Some(frame) = frame else {
                return Poll::Ready(match self.last.take() {
                    Some(last) => Some(Ok(Frame::data(last))),
                    None if self.left > 0 => Some(Err(wrong.into())),
                    None => None,
                });
            };
            let Ok(data) = frame.into_data() else { continue };
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

/// What was read of a body, and the rest of it.
pub(crate) struct Rejoined<B> {
    pub(crate) first: Option<Bytes>,
    pub(crate) rest: B,
}

impl<B: Body<Data = Bytes> + Unpin> Body for Rejoined<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.first.take().filter(|first| !first.is_empty()) {
            Some(first) => Poll::Ready(Some(Ok(Frame::data(first)))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().map_or(0, |first| first.len() as u64);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(first));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(first));
        }
        hint
    }
}

/// Marks a response that is put together again as coming from this URL.
pub(crate) fn keep_url(url: reqwest::Url, extensions: &mut Extensions) {
    if let Ok(marked) = http::Response::builder().url(url).body(()) {
        extensions.extend(marked.into_parts().0.extensions);
    }
}

#[cfg(test)]
mod tests;
