//! What every HTTP client needs around a signature: one loop, and the choices it is told.

mod attempt;
mod clock;
mod location;
mod service_error;
mod stream_payload;
mod wire_uri;

#[cfg(test)]
mod tests;

pub use attempt::{
    Answer, Attempt, Cause, Hop, HopBody, Next, Redirects, RefusedRedirect, Sent,
    remove_body_headers,
};
pub use clock::{ClockOffset, corrected_time};
pub use service_error::ServiceError;
pub use stream_payload::{StreamPayload, UnsignableBody};
pub use wire_uri::normal_uri;

pub use crate::canonical::query::plus_as_space;
pub use crate::head::normal_authority;
pub use crate::sign::transcript::Transcripts;
