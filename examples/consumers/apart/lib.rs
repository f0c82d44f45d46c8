//! Clients that stand apart: rdkafka, which builds librdkafka, and fred, which brings features of
//! crates that the quickstart compiles too.

pub mod fred_client;
pub mod kafka;
