//! Reads the request's body into memory.

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use sigv4_core::client::{CallError, UnsignableBody, settle_length};

use crate::error::BoxError;

/// Reads the whole body, at most `limit` bytes, and checks it against the declared length.
pub(crate) async fn buffer<B>(parts: &mut Parts, body: B, limit: usize) -> Result<Bytes, CallError>
where
    B: Body<Error: Into<BoxError>>,
{
    if body.size_hint().lower() > limit as u64 {
        return Err(UnsignableBody::TooLong { limit }.into());
    }
    let collected = Limited::new(body, limit).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            UnsignableBody::TooLong { limit }.into()
        } else {
            CallError::ReadBody(error)
        }
    })?;
    if collected.trailers().is_some() {
        return Err(UnsignableBody::Trailers.into());
    }
    let bytes = collected.to_bytes();
    settle_length(&parts.method, &mut parts.headers, bytes.len() as u64)?;
    Ok(bytes)
}
