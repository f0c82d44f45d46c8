#![doc = include_str!("../README.md")]

mod agent;
mod answer;
mod builder;
mod call;
mod error;
mod exact;
#[cfg(feature = "explain")]
mod explain;
mod middleware;
mod payload;
mod retry;
mod settings;

pub use agent::SigningAgent;
pub use builder::SigningAgentBuilder;
pub use error::Error;
#[cfg(feature = "explain")]
pub use explain::{explain, explain_error};
pub use middleware::SignMiddleware;
pub use payload::Payload;
pub use retry::Retries;
