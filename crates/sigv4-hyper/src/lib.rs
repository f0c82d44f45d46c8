#![doc = include_str!("../README.md")]

mod error;
#[cfg(feature = "explain")]
mod explain;
mod future;
mod hosts;
mod response_body;
mod sign;
mod sign_head;
mod sign_stream;
mod signing;
mod target;
mod trace;
mod verify;
mod verify_body;
mod verify_keys;

pub use error::{BoxError, Error};
#[cfg(feature = "explain")]
pub use explain::{explain, explain_error};
pub use future::ResponseFuture;
pub use hosts::{AllowedHosts, InvalidHost};
pub use response_body::ResponseBody;
pub use sign::{Sign, SignLayer};
pub use sign_head::{SignHead, SignHeadLayer};
pub use sign_stream::{ChunkedBody, SignStream, SignStreamLayer};
pub use verify::{Verify, VerifyFuture, VerifyLayer};
pub use verify_body::VerifiedBody;
pub use verify_keys::KeyStore;
