//! A response whose body is read at its start, and given on whole.

use std::io::{Cursor, Read};

use http::Response;
use sigv4_core::client::ServiceError;
use ureq::Body;

/// Reads what a body says of the error, and puts back what was read.
pub(crate) fn read_error(
    response: Response<Body>,
) -> Result<(Response<Body>, Option<ServiceError>), ureq::Error> {
    let (parts, body) = response.into_parts();
    let (body, error) = peek(body, ServiceError::MAX_BODY, ServiceError::read)?;
    Ok((Response::from_parts(parts, body), error))
}

/// Shows the first bytes of a body, and gives the body back with them.
pub(crate) fn peek<T>(
    body: Body,
    most: usize,
    look: impl FnOnce(&[u8]) -> T,
) -> Result<(Body, T), ureq::Error> {
    let mut again = Body::builder();
    if let Some(kind) = body.mime_type() {
        again = again.mime_type(kind);
    }
    if let Some(charset) = body.charset() {
        again = again.charset(charset);
    }
    let mut rest = body.into_reader();
    let mut read = Vec::new();
    rest.by_ref().take(most as u64).read_to_end(&mut read)?;
    let seen = look(&read);
    Ok((again.reader(Cursor::new(read).chain(rest)), seen))
}
