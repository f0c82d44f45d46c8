//! Readers as bodies.

use std::io::{self, Read};

use reqwest::blocking::{Body, Request};
use sigv4_core::client::{BodyPlan, Call, CallError, ExactReader, UnsignableBody, settle_length};
use sigv4_core::stream::AwsChunkedReader;

use crate::body::read_error;
use crate::error::Error;
use crate::exchange::Once;
use crate::sign::head;

type BoxRead = Box<dyn Read + Send>;

/// A reader, and its length in bytes if known.
pub(super) struct Source {
    pub(super) reader: BoxRead,
    pub(super) length: Option<u64>,
}

impl Source {
    /// Reads or wraps the reader as the settings say. Returns a stream that can be sent once.
    pub(super) fn settle(
        self,
        call: &mut Call,
        request: &mut Request,
    ) -> Result<Option<Once<Body>>, Error> {
        match call.plan(&head(request), self.length)? {
            BodyPlan::Buffer { limit } => {
                let read = buffer(self.reader, limit)?;
                let length = read.len() as u64;
                if self.length.is_some_and(|declared| declared != length) {
                    let declared = self.length.unwrap_or_default();
                    return Err(UnsignableBody::WrongLength { declared }.into());
                }
                let method = request.method().clone();
                settle_length(&method, request.headers_mut(), length)?;
                *request.body_mut() = Some(read.into());
                Ok(None)
            }
            BodyPlan::Chunked(plan) => {
                plan.set_headers(request.headers_mut());
                let (encoder, chunks) = plan.deferred_encoder();
                let reader = AwsChunkedReader::new(self.reader, encoder);
                let body = Some(Body::sized(reader, plan.encoded_length()));
                Ok(Some(Once { body, payload: plan.payload(), chunks: Some(chunks) }))
            }
            BodyPlan::Unsigned { length: Some(length) } => {
                let exact = ExactReader::new(self.reader, length).map_err(failed)?;
                Ok(Some(Once::unsigned(Body::sized(exact, length))))
            }
            _ => Ok(Some(Once::unsigned(Body::new(self.reader)))),
        }
    }
}

fn buffer(reader: BoxRead, limit: usize) -> Result<Vec<u8>, CallError> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut read = Vec::new();
    reader.take(most).read_to_end(&mut read).map_err(failed)?;
    if read.len() > limit {
        return Err(UnsignableBody::TooLong { limit }.into());
    }
    Ok(read)
}

/// Converts a reader's error: an [`UnsignableBody`] inside it is passed on; anything else is
/// `ReadBody`.
fn failed(error: io::Error) -> CallError {
    match error.downcast::<UnsignableBody>() {
        Ok(ours) => ours.into(),
        Err(error) => read_error(error.into()),
    }
}
