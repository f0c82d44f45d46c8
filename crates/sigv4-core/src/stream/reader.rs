//! A blocking reader that frames and signs another.

use core::fmt;
use std::io::{self, Read};

use bytes::{Buf, Bytes};
use http::HeaderMap;

use crate::stream::encode::Encoder;
use crate::stream::plan::AwsChunked;

/// Encodes another reader as an `aws-chunked` body, with one chunk in memory.
///
/// Errors hold an [`EncodeError`](crate::stream::EncodeError) (`io::Error::get_ref`), or are the
/// inner reader's own. To send the body again, seek the source back, sign again and create another.
///
/// ```no_run
/// # use sigv4_core::{Credentials, Region, Service, Signer};
/// # use sigv4_core::stream::*;
/// let file = std::fs::File::open("backup.tar")?;
/// let plan = AwsChunked::signed(file.metadata()?.len());
/// let mut request = http::Request::put("https://bucket.s3.us-east-1.amazonaws.com/key").body(())?;
/// plan.set_headers(request.headers_mut());
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let time = std::time::SystemTime::now();
/// let signed = signer.compute(&request, plan.payload(), &credentials, time)?;
/// signed.apply(request.headers_mut());
/// let body = AwsChunkedReader::new(file, plan.encoder(signed)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AwsChunkedReader<R> {
    inner: R,
    encoder: Encoder,
    pending: Bytes,
    ended: bool,
}

impl<R> AwsChunkedReader<R> {
    /// Creates a reader that encodes `inner`.
    pub fn new(inner: R, encoder: Encoder) -> Self {
        Self { inner, encoder, pending: Bytes::new(), ended: false }
    }

    /// The plan of this body.
    pub fn plan(&self) -> &AwsChunked {
        self.encoder.plan()
    }

    /// Returns the inner reader, at its current position.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for AwsChunkedReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if self.pending.is_empty() && !self.ended {
            self.pending = match self.encoder.encode_from(&mut self.inner)? {
                Some(chunk) => chunk,
                None => {
                    let end = self.encoder.finish(&HeaderMap::new()).map_err(io::Error::other)?;
                    self.ended = true;
                    end
                }
            };
        }
        let count = out.len().min(self.pending.len());
        let (out, _) = out.split_at_mut(count);
        self.pending.copy_to_slice(out);
        Ok(count)
    }
}

impl<R> fmt::Debug for AwsChunkedReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsChunkedReader").field("plan", self.plan()).finish_non_exhaustive()
    }
}
