//! AWS Signature Version 4 over `http::Request`, without I/O.

mod credentials;
mod error;
mod provider;
mod scope;
mod service;
mod signature;
mod signing_key;
mod time;

pub use credentials::Credentials;
pub use error::SignError;
pub use provider::{CredentialsError, CredentialsFuture, CredentialsProvider};
pub use scope::{CredentialScope, Region, Service};
pub use service::{
    PathEncoding, PathNormalization, PayloadHeader, PresignedPayload, Rules, SessionToken,
};
pub use signature::{InvalidSignature, Signature};
pub use signing_key::SigningKey;
pub use time::{Ascii, ScopeDate, SigningTime};
