#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod cache;
mod chain;
mod convert;
mod events;
mod http;
mod loader;
mod origin;
mod policy;
mod profile;
mod provider;
mod reason;
mod region;
mod source;
mod wait;

pub use builder::Builder;
pub use convert::{FromAws, ToAws, from_aws, to_aws};
pub use origin::{Held, Origin};
pub use policy::RefreshPolicy;
pub use provider::DefaultProvider;
pub use region::RegionError;
pub use source::Source;
