#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod builder;
mod cache;
mod chain;
mod container;
mod convert;
mod environment;
mod events;
mod http;
mod loader;
mod metadata;
mod origin;
mod policy;
mod process;
mod profile;
mod provider;
mod reason;
mod region;
mod role;
mod shared;
mod source;
#[cfg(feature = "sso")]
mod sso;
mod sts;
mod wait;

pub use builder::Builder;
pub use convert::{FromAws, ToAws, from_aws, to_aws};
pub use origin::{Failure, Held, Origin};
pub use policy::RefreshPolicy;
pub use provider::DefaultProvider;
pub use region::RegionError;
pub use role::Role;
#[doc(no_inline)]
pub use sigv4_core::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, PayloadHash, Region,
    Service, SignError, Signer,
};
pub use source::Source;
