//! Every source, fault and race, tested on loopback with the real aws-config and real files,
//! variables, sockets and processes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests may fail the test that calls it"
)]

mod broken;
mod endpoint;
mod faults;
mod moto;
mod probe;
mod proxies;
mod roles;
mod sharing;
mod sources;
#[cfg(feature = "tracing")]
mod tracing;
