//! Every source, fault and race, for real on loopback: the real aws-config, real files, variables,
//! sockets and processes.

mod endpoint;
mod faults;
mod probe;
mod sharing;
mod sources;
#[cfg(feature = "tracing")]
mod tracing;
