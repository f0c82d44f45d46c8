#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The shared modules (fields, text, encode) contain items that only one feature uses. Unused items
// are therefore errors only with the default features on.
#![cfg_attr(
    not(all(feature = "verify", feature = "stream", feature = "post-policy")),
    allow(dead_code, unreachable_pub)
)]

mod algorithm;
mod canonical;
#[cfg(feature = "stream")]
pub mod client;
mod credentials;
mod encode;
pub mod endpoint;
mod error;
mod fields;
mod head;
mod payload;
#[cfg(feature = "post-policy")]
pub mod post_policy;
mod provider;
mod scope;
#[cfg(any(feature = "stream", feature = "verify"))]
mod segments;
pub mod service;
mod sign;
#[cfg(feature = "stream")]
pub mod stream;
mod text;
mod time;
#[cfg(feature = "sigv4a")]
mod v4a;
#[cfg(feature = "verify")]
pub mod verify;

pub use canonical::headers::HeaderSelection;
pub use credentials::Credentials;
pub use endpoint::Endpoint;
pub use error::SignError;
pub use head::RequestHead;
pub use payload::PayloadHash;
pub use provider::{CredentialsError, CredentialsFuture, CredentialsProvider};
pub use scope::{CredentialScope, Region, Service};
pub use sign::prepared::PreparedSigner;
pub use sign::presign::Presigned;
pub use sign::signature::Signature;
pub use sign::signed::Signed;
pub use sign::signer::Signer;
pub use sign::signing_key::SigningKey;
pub use sign::transcript::{Difference, Transcript};
pub use time::SigningTime;
#[cfg(feature = "sigv4a")]
pub use v4a::RegionSet;
