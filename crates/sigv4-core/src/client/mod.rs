//! Building blocks for HTTP clients that sign: the call loop, its settings, and its errors.
//!
//! This module is for authors of adapters. The adapters of this workspace contain no protocol
//! rules: [`Call`] signs, reads responses and decides what to do next. The other items bring
//! requests and bodies into the form that is both signed and sent.

mod attempt;
mod call;
mod clock;
mod error;
mod events;
mod exact_reader;
mod hosts;
mod length;
mod location;
mod prepared;
mod redirect;
mod service_error;
mod settings;
mod step;
mod stream_payload;
mod wire_uri;

#[cfg(feature = "http-body")]
mod exact_body;
#[cfg(feature = "http-body")]
mod peeked_body;

#[cfg(test)]
mod tests;

pub use attempt::Cause;
pub use call::Call;
pub use error::CallError;
#[cfg(feature = "http-body")]
pub use exact_body::ExactBody;
pub use exact_reader::ExactReader;
pub use hosts::{AllowedHosts, InvalidHost};
pub use length::{declared_length, expects_content, settle_length};
#[cfg(feature = "http-body")]
pub use peeked_body::PeekedBody;
pub use redirect::{Hop, HopBody, Redirects, RefusedRedirect};
pub use service_error::ServiceError;
pub use settings::{DEFAULT_BUFFER_LIMIT, Overrides, Settings, Transcripts};
pub use step::{BodyPlan, Received, Resend, Step};
pub use stream_payload::{StreamPayload, UnsignableBody};
pub use wire_uri::to_wire;

pub use crate::canonical::query::plus_as_space;
pub use crate::head::normal_authority;
