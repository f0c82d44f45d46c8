//! Servers and tools for the workspace's tests. Nothing here is published.
//!
//! | module | contents |
//! | --- | --- |
//! | [`s3`] | an embedded S3 server by others that verifies signatures |
//! | [`raw`] | an HTTP/1.1 server that keeps the received bytes and recomputes their signature |
//! | [`h2`] | the same for HTTP/2 without TLS |
//! | [`refusing`] | the raw server, refusing as S3 does, with the canonical request it computed |
//! | [`edit`] | requests as bytes, for changes to them |
//! | [`oracle`] | a second, slow and obvious canonicaliser and verifier |
//! | [`vectors`] | a reader for known answers |
//! | [`wire`] | the tests that every client must pass, over the raw server |
//! | `alloc` | a count of allocations (feature `alloc`) |
//! | [`servers`] | OpenStack Swift and moto, from PyPI |
//!
//! Every server listens on 127.0.0.1, on a port that the operating system chose, and stops when dropped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests may fail the test that calls it"
)]

#[cfg(feature = "alloc")]
pub mod alloc;
pub mod edit;
pub mod h2;
pub mod oracle;
pub mod raw;
pub mod refusing;
mod reply;
pub mod s3;
pub mod servers;
#[cfg(test)]
mod test_client;
mod time;
pub mod vectors;
pub mod wire;
