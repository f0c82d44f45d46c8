#![doc = include_str!("../README.md")]

mod agent;
mod answer;
mod builder;
mod call;
mod error;
mod exact;
mod middleware;
mod payload;
mod retry;
mod settings;

pub use agent::SigningAgent;
pub use builder::SigningAgentBuilder;
pub use error::Error;
pub use middleware::SignMiddleware;
pub use payload::Payload;
pub use retry::Retries;
