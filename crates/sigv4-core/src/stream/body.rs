//! An `http_body::Body` that frames and signs another.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::stream::encode::Encoder;
use crate::stream::plan::AwsChunked;

type BoxError = Box<dyn core::error::Error + Send + Sync>;

pin_project! {
    /// Sends another body in `aws-chunked` framing: one chunk in memory, its exact length known.
    ///
    /// The inner body's trailers become those of the framing; the plan must name them
    /// ([`AwsChunked::with_trailer`]), or have none. Errors are the inner body's, or an
    /// [`EncodeError`](crate::stream::EncodeError) in the box: a body that ends early or goes on
    /// too long fails before its final chunk is signed.
    ///
    /// It can be sent once. For another attempt, start the inner body again (clone it, or seek to
    /// the start of the file), sign again, and create another from the same plan.
    pub struct AwsChunkedBody<B>
    where
        B: Body,
    {
        #[pin]
        inner: B,
        encoder: Encoder,
        pending: Option<B::Data>,
        trailers: HeaderMap,
        left: u64,
        ended: bool,
    }
}

impl<B: Body> AwsChunkedBody<B> {
    /// Creates a body that encodes `inner`.
    pub fn new(inner: B, encoder: Encoder) -> Self {
        let left = encoder.plan().encoded_length();
        Self { inner, encoder, pending: None, trailers: HeaderMap::new(), left, ended: false }
    }

    /// The plan of this body.
    pub fn plan(&self) -> &AwsChunked {
        self.encoder.plan()
    }
}

impl<B: Body<Error: Into<BoxError>>> Body for AwsChunkedBody<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        let encoded = loop {
            if let Some(data) = this.pending {
                match this.encoder.encode(data) {
                    Ok(Some(chunk)) => break Ok(chunk),
                    Ok(None) => *this.pending = None,
                    Err(error) => break Err(error.into()),
                }
            }
            match ready!(this.inner.as_mut().poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data().map_err(Frame::into_trailers) {
                    Ok(data) => *this.pending = Some(data),
                    Err(Ok(trailers)) => this.trailers.extend(trailers),
                    Err(Err(_)) => {} // a kind of frame that is not known yet
                },
                Some(Err(error)) => break Err(error.into()),
                None => {
                    *this.ended = true;
                    break this.encoder.finish(this.trailers).map_err(Into::into);
                }
            }
        };
        *this.ended |= encoded.is_err();
        *this.left = this.left.saturating_sub(encoded.as_ref().map_or(0, Bytes::len) as u64);
        Poll::Ready(Some(encoded.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

impl<B: Body> fmt::Debug for AwsChunkedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsChunkedBody").field("plan", self.plan()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use core::task::Waker;
    use std::collections::VecDeque;
    use std::io;

    use http::{HeaderName, HeaderValue};
    use http_body_util::Full;

    use super::*;
    use crate::stream::EncodeError;
    use crate::stream::tests::{encode, seeded};

    /// Frames given one by one, each after one `Pending`.
    struct Frames(VecDeque<Frame<Bytes>>, bool);

    impl Body for Frames {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
            self.1 = !self.1;
            if self.1 { Poll::Pending } else { Poll::Ready(self.0.pop_front().map(Ok)) }
        }
    }

    fn frames(parts: &[&[u8]]) -> Frames {
        Frames(parts.iter().map(|part| Frame::data(Bytes::copy_from_slice(part))).collect(), false)
    }

    fn collect<B: Body<Error: Into<BoxError>> + Unpin>(
        mut body: AwsChunkedBody<B>,
    ) -> Result<Vec<u8>, BoxError> {
        let mut wire = Vec::new();
        let total = body.plan().encoded_length();
        loop {
            assert_eq!(body.size_hint().exact(), Some(total - wire.len() as u64));
            match Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Some(frame)) => wire.extend_from_slice(&frame?.into_data().unwrap()),
                Poll::Ready(None) => break,
                Poll::Pending => {}
            }
        }
        assert!(body.is_end_stream());
        assert_eq!(wire.len() as u64, total);
        Ok(wire)
    }

    #[test]
    fn body_is_the_same_on_the_wire_however_its_frames_are_split() {
        let plain: Vec<u8> = (0..100_000_u32).map(|n| n.to_be_bytes()[3]).collect();
        let plan = AwsChunked::signed(plain.len() as u64);
        let body = |inner| AwsChunkedBody::new(inner, plan.encoder(seeded(&plan)).unwrap());
        let expected = encode(&plan, [&plain[..]]);
        for size in [1000, 8192, 65_536, 100_000] {
            let parts: Vec<&[u8]> = plain.chunks(size).collect();
            assert!(collect(body(frames(&parts))).unwrap() == expected, "frames of {size}");
        }
        let whole = Full::new(Bytes::from(plain.clone()));
        let whole = AwsChunkedBody::new(whole, plan.encoder(seeded(&plan)).unwrap());
        assert!(collect(whole).unwrap() == expected);
    }

    #[test]
    fn inner_trailers_become_those_of_the_framing() {
        let name = HeaderName::from_static("x-amz-meta-a");
        let trailers = HeaderMap::from_iter([(name.clone(), HeaderValue::from_static("42"))]);
        let plan = AwsChunked::signed(5).with_trailer(name.clone(), 2);
        let mut inner = frames(&[b"hello"]);
        inner.0.push_back(Frame::trailers(trailers.clone()));
        let body = AwsChunkedBody::new(inner, plan.encoder(seeded(&plan)).unwrap());
        let wire = collect(body).unwrap();
        assert!(String::from_utf8(wire).unwrap().contains("\r\nx-amz-meta-a:42\r\nx-amz-trailer-"));

        let plan = AwsChunked::signed(5);
        let mut inner = frames(&[b"hello"]);
        inner.0.push_back(Frame::trailers(trailers));
        let body = AwsChunkedBody::new(inner, plan.encoder(seeded(&plan)).unwrap());
        let error = *collect(body).unwrap_err().downcast::<EncodeError>().unwrap();
        assert_eq!(error, EncodeError::UnplannedTrailer { name });
    }

    #[test]
    fn inner_body_of_another_length_fails_before_the_final_chunk() {
        let plan = AwsChunked::signed(5);
        for (parts, expected) in [
            (&[&b"four"[..]][..], EncodeError::TooShort { declared: 5, received: 4 }),
            (&[b"hello", b"!"], EncodeError::TooLong { declared: 5 }),
        ] {
            let body = AwsChunkedBody::new(frames(parts), plan.encoder(seeded(&plan)).unwrap());
            let error = *collect(body).unwrap_err().downcast::<EncodeError>().unwrap();
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn boxed_body_is_signed_after_it_was_handed_over() {
        let plan = AwsChunked::signed(5);
        let (encoder, signer) = plan.deferred_encoder();
        let body = Box::new(AwsChunkedBody::new(frames(&[b"hello"]), encoder));
        signer.sign_with(seeded(&plan)).unwrap();
        assert_eq!(collect(*body).unwrap(), encode(&plan, [&b"hello"[..]]));
    }
}
