//! What an adapter tells a call, and what the call answers.

use http::{HeaderMap, StatusCode};

use crate::client::attempt::Cause;
use crate::client::redirect::Hop;
use crate::client::service_error::ServiceError;
use crate::stream::AwsChunked;

/// Whether a request can be sent a second time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resend {
    /// Yes: the body is in memory.
    #[default]
    AtHand,
    /// No: the body is used up when it is first sent. If it is needed again, the call fails.
    Once,
    /// No: the body was passed on. The response is returned as it is, and the next call uses what
    /// was learnt.
    PassedOn,
}

/// The part of a response that decides what to do next.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The response's status.
    pub status: StatusCode,
    /// The response's headers.
    pub headers: &'a HeaderMap,
    /// The error that the body names, if the body was read ([`Call::reads_body`](super::Call::reads_body)).
    pub error: Option<&'a ServiceError>,
}

/// What to do after a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Return the response to the caller.
    Done,
    /// Sign the same request again and send it.
    Again(Cause),
    /// Sign and send the request to another URI of the same origin, after [`Call::follow`](super::Call::follow).
    Follow(Hop),
}

/// How to send a body that is not in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyPlan {
    /// Read it into memory, hash it, and sign the hash.
    Buffer {
        /// The most bytes to read. A longer body is [`UnsignableBody::TooLong`](super::UnsignableBody::TooLong).
        limit: usize,
    },
    /// Frame it as `aws-chunked`: set the plan's headers, and encode the body with the plan's
    /// encoder.
    Chunked(AwsChunked),
    /// Send it unchanged, with `UNSIGNED-PAYLOAD`.
    Unsigned {
        /// Its length in bytes, if known. Check the body against it with [`ExactReader`] or
        /// `ExactBody`.
        ///
        /// [`ExactReader`]: crate::client::ExactReader
        length: Option<u64>,
    },
}
