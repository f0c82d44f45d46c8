#![doc = include_str!("../README.md")]

mod canonical;
pub mod client;
mod credentials;
mod encode;
pub mod endpoint;
mod error;
mod fields;
mod head;
mod payload;
pub mod post_policy;
mod provider;
mod scope;
mod segments;
pub mod service;
mod sign;
pub mod stream;
mod text;
mod time;
pub mod verify;

pub use canonical::headers::HeaderSelection;
pub use credentials::Credentials;
pub use endpoint::Endpoint;
pub use error::SignError;
pub use head::RequestHead;
pub use payload::PayloadHash;
pub use provider::{CredentialsError, CredentialsFuture, CredentialsProvider};
pub use scope::{CredentialScope, Region, Service};
pub use sign::presign::Presigned;
pub use sign::signature::Signature;
pub use sign::signed::Signed;
pub use sign::signer::Signer;
pub use sign::signing_key::SigningKey;
pub use sign::transcript::{Difference, Transcript};
pub use time::SigningTime;
