//! Streamed bodies: signed chunks, trailers and events, encoded and decoded without I/O.
//!
//! ```text
//! AwsChunked::set_headers -> Signer::compute -> AwsChunked::encoder -> Encoder   (a client)
//!                                   seed signature -> chunk -> chunk -> final chunk -> trailers
//! headers, Framing -> Decoder::decode ... -> Decoder::finish                     (a server)
//! ```
//!
//! Both directions share [`ChunkSigner`]: a reader signs the stream again and compares.
//! Source: Amazon S3 API Reference, "Signature calculations for the Authorization header:
//! transferring payload in multiple chunks".

mod checksum;
mod chunk_signer;
mod decode;
mod decode_error;
mod encode;
mod encode_error;
mod event_signer;
mod lanes;
mod line;
mod plan;
mod reader;
mod seed;
mod trailers;

#[cfg(feature = "http-body")]
mod body;
#[cfg(feature = "event-stream")]
mod events;
#[cfg(feature = "event-stream")]
mod message;

#[cfg(test)]
mod tests;

#[cfg(feature = "http-body")]
pub use body::AwsChunkedBody;
pub use checksum::Checksum;
pub use chunk_signer::ChunkSigner;
pub use decode::{Decoder, Framing};
pub use decode_error::DecodeError;
pub use encode::{DeferredSigner, Encoder};
pub use encode_error::EncodeError;
pub use event_signer::EventSigner;
#[cfg(feature = "event-stream")]
pub use events::{Event, EventDecoder, EventEncoder, EventError};
#[cfg(feature = "event-stream")]
pub use message::{InvalidMessage, Message, MessageDecoder, MessageHeader, MessageValue};
pub use plan::{AwsChunked, ChunkTooSmall};
pub use reader::AwsChunkedReader;
