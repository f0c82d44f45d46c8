#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "blocking")]
pub mod blocking;
mod body;
mod builder;
mod client;
mod error;
mod exchange;
#[cfg(feature = "explain")]
mod explain;
mod extension;
#[cfg(feature = "middleware")]
mod middleware;
mod settings;
mod sign;
#[cfg(test)]
mod tests;
mod transport;

pub use builder::SigningRequestBuilder;
pub use client::{SigningClient, SigningClientBuilder};
pub use error::Error;
#[cfg(feature = "explain")]
pub use explain::{explain, explain_error};
pub use extension::{SignRequest, SignedRequest};
#[cfg(feature = "middleware")]
pub use middleware::SignMiddleware;
pub use sign::{Signable, sign, sign_hashed};

#[doc(no_inline)]
pub use sigv4_core;
#[cfg(feature = "sigv4a")]
#[doc(no_inline)]
pub use sigv4_core::RegionSet;
#[doc(no_inline)]
pub use sigv4_core::client::{
    AllowedHosts, CallError, InvalidHost, Overrides, Redirects, RefusedRedirect, StreamPayload,
    UnsignableBody,
};
#[doc(no_inline)]
pub use sigv4_core::stream::{AwsChunked, Checksum};
#[doc(no_inline)]
pub use sigv4_core::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, Endpoint,
    HeaderSelection, PayloadHash, Region, Service, SignError, Signer, SigningTime, Transcript,
};
#[cfg(feature = "explain")]
#[doc(no_inline)]
pub use sigv4_explain::{Explanation, RefusalCause};
