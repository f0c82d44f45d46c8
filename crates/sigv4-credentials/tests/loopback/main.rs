//! Every source, fault and race, for real on loopback: the real aws-config, real files, variables,
//! sockets and processes.

mod endpoint;
mod faults;
mod moto;
mod probe;
mod sharing;
mod sources;
#[cfg(feature = "tracing")]
mod tracing;
