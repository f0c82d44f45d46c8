#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod client;
mod error;
mod exchange;
#[cfg(feature = "explain")]
mod explain;
mod middleware;
mod peek;
mod retry;
mod settings;

pub use body::Payload;
pub use client::{SigningAgent, SigningAgentBuilder};
pub use error::signing_error;
#[cfg(feature = "explain")]
pub use explain::{explain, explain_error};
pub use middleware::SignMiddleware;
pub use retry::Retries;

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
