#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod error;
mod exchange;
#[cfg(feature = "explain")]
mod explain;
#[cfg(feature = "form")]
mod form;
#[cfg(feature = "form")]
mod form_body;
#[cfg(feature = "form")]
mod form_error;
#[cfg(feature = "form")]
mod form_head;
#[cfg(feature = "form")]
mod form_read;
#[cfg(feature = "form")]
mod form_upload;
mod future;
#[cfg(feature = "proxy")]
mod proxy;
#[cfg(feature = "proxy")]
mod proxy_relay;
#[cfg(feature = "proxy")]
mod proxy_rules;
mod settings;
mod sign;
mod sign_head;
mod sign_stream;
mod verify;
mod verify_body;
mod verify_gate;
mod verify_head;
mod verify_keys;
mod verify_time;

pub use error::BoxError;
#[cfg(feature = "explain")]
pub use explain::{explain, explain_error};
#[cfg(feature = "form")]
pub use form::{VerifyForm, VerifyFormLayer};
#[cfg(feature = "form")]
pub use form_body::FileBody;
#[cfg(feature = "form")]
pub use form_error::FormError;
#[cfg(feature = "form")]
pub use form_upload::Upload;
pub use future::ResponseFuture;
#[cfg(feature = "proxy")]
pub use proxy::{ProxyError, SigningProxy};
pub use sign::{Sign, SignLayer};
pub use sign_head::{SignHead, SignHeadLayer};
pub use sign_stream::{ChunkedBody, SignStream, SignStreamLayer};
pub use verify::{Verify, VerifyFuture, VerifyLayer};
pub use verify_body::VerifiedBody;
pub use verify_keys::KeyStore;

#[doc(no_inline)]
pub use sigv4_core;
#[doc(no_inline)]
pub use sigv4_core::client::{
    AllowedHosts, CallError, InvalidHost, Overrides, PeekedBody, Redirects, RefusedRedirect,
    StreamPayload, UnsignableBody,
};
#[doc(no_inline)]
pub use sigv4_core::stream::{AwsChunked, AwsChunkedBody, Checksum};
#[doc(no_inline)]
pub use sigv4_core::verify::{Protocol, Verified, Verifier, VerifyError};
#[doc(no_inline)]
pub use sigv4_core::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, Endpoint,
    HeaderSelection, PayloadHash, Region, Service, SignError, Signer, SigningTime, Transcript,
};
#[cfg(feature = "explain")]
#[doc(no_inline)]
pub use sigv4_explain::{Explanation, RefusalCause};
