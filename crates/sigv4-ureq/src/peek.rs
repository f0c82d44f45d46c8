//! Reads the start of a response's body and passes the whole body on.

use std::io::{self, Cursor, Read};

use http::Response;
use sigv4_core::client::ServiceError;
use ureq::Body;

/// Reads the error that a body names, and puts back what was read.
pub(crate) fn read_error(response: Response<Body>) -> (Response<Body>, Option<ServiceError>) {
    let (parts, body) = response.into_parts();
    let (body, start) = peek(body, ServiceError::MAX_BODY);
    (Response::from_parts(parts, body), ServiceError::read(&start))
}

/// Reads the start of a body, at most `most` bytes, and returns the whole body with it. An error on
/// the way is part of the body.
pub(crate) fn peek(body: Body, most: usize) -> (Body, Vec<u8>) {
    let mut again = Body::builder();
    if let Some(kind) = body.mime_type() {
        again = again.mime_type(kind);
    }
    if let Some(charset) = body.charset() {
        again = again.charset(charset);
    }
    let mut rest = body.into_reader();
    let mut read = Vec::new();
    let failed = rest.by_ref().take(most as u64).read_to_end(&mut read).err();
    let start = Cursor::new(read.clone());
    (again.reader(start.chain(Rest { failed, rest })), read)
}

/// The rest of a body, after the error that ended its start.
struct Rest<R> {
    failed: Option<io::Error>,
    rest: R,
}

impl<R: Read> Read for Rest<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.rest.read(out),
        }
    }
}
