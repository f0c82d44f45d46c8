//! Readers as bodies.

use std::io::{self, Read};

use reqwest::blocking::{Body, Request};
use sigv4_core::client::{StreamPayload, UnsignableBody};
use sigv4_core::stream::AwsChunkedReader;

use crate::body::declared_length;
use crate::call::Once;
use crate::error::Error;
use crate::sign::check_transport;

type BoxRead = Box<dyn Read + Send>;

/// A reader, and its length in bytes where it was said.
pub(super) struct Source {
    pub(super) reader: BoxRead,
    pub(super) length: Option<u64>,
}

impl Source {
    /// Reads or wraps it as it is to be signed; gives back what can be sent once.
    pub(super) fn settle(
        self,
        request: &mut Request,
        choice: StreamPayload,
    ) -> Result<Option<Once<Body>>, Error> {
        check_transport(request.url(), choice)?;
        let length = self.length.or_else(|| declared_length(request.headers()));
        match choice {
            StreamPayload::Buffer(limit) => {
                *request.body_mut() = Some(buffer(self.reader, length, limit)?.into());
                Ok(None)
            }
            StreamPayload::AwsChunked(plan) => {
                let plan = plan(length.ok_or(UnsignableBody::UnknownLength)?);
                plan.set_headers(request.headers_mut());
                let (encoder, chunks) = plan.deferred_encoder();
                let reader = AwsChunkedReader::new(self.reader, encoder);
                let body = Some(Body::sized(reader, plan.encoded_length()));
                Ok(Some(Once { body, payload: plan.payload(), chunks: Some(chunks) }))
            }
            _ => {
                let body = match length {
                    Some(length) => Body::sized(Exact::new(self.reader, length)?, length),
                    None => Body::new(self.reader),
                };
                Ok(Some(Once::unsigned(body)))
            }
        }
    }
}

fn buffer(reader: BoxRead, declared: Option<u64>, limit: usize) -> Result<Vec<u8>, Error> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut read = Vec::new();
    reader.take(most).read_to_end(&mut read).map_err(failed)?;
    if read.len() > limit {
        return Err(UnsignableBody::TooLong { limit }.into());
    }
    match declared {
        Some(declared) if declared != read.len() as u64 => {
            Err(UnsignableBody::WrongLength { declared }.into())
        }
        _ => Ok(read),
    }
}

fn failed(error: io::Error) -> Error {
    Error::ReadBody(error.into())
}

/// A reader that fails unless it gives as many bytes as were declared.
struct Exact {
    reader: BoxRead,
    declared: u64,
    left: u64,
}

impl Exact {
    fn new(mut reader: BoxRead, declared: u64) -> Result<Self, Error> {
        // Nothing below would ask an empty body for its bytes.
        if declared == 0 && !is_at_end(&mut reader).map_err(failed)? {
            return Err(UnsignableBody::WrongLength { declared }.into());
        }
        Ok(Self { reader, declared, left: declared })
    }
}

impl Read for Exact {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || out.is_empty() {
            return Ok(0);
        }
        let wrong = || io::Error::other(UnsignableBody::WrongLength { declared: self.declared });
        let read = (&mut self.reader).take(self.left).read(out)?;
        self.left = self.left.saturating_sub(read as u64);
        // The bytes that complete the body are given only if no others follow them.
        if read == 0 || (self.left == 0 && !is_at_end(&mut self.reader)?) {
            return Err(wrong());
        }
        Ok(read)
    }
}

fn is_at_end(reader: &mut BoxRead) -> io::Result<bool> {
    Ok(reader.take(1).read_to_end(&mut Vec::new())? == 0)
}
