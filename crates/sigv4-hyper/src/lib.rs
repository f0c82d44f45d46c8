#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod error;
mod exchange;
#[cfg(feature = "explain")]
mod explain;
#[cfg(feature = "form")]
mod form;
mod future;
#[cfg(feature = "proxy")]
mod proxy;
mod settings;
mod sign;
mod sign_head;
mod sign_stream;
mod verify;

pub use error::BoxError;
#[cfg(feature = "explain")]
pub use explain::{explain, explain_error};
#[cfg(feature = "form")]
pub use form::{FileBody, FormError, Upload, VerifyForm, VerifyFormLayer};
pub use future::ResponseFuture;
#[cfg(feature = "proxy")]
pub use proxy::{ProxyError, SigningProxy};
pub use sign::{Sign, SignLayer};
pub use sign_head::{SignHead, SignHeadLayer};
pub use sign_stream::{ChunkedBody, SignStream, SignStreamLayer};
pub use verify::{KeyStore, VerifiedBody, Verify, VerifyFuture, VerifyLayer};

#[doc(no_inline)]
pub use sigv4_core;
#[cfg(feature = "sigv4a")]
#[doc(no_inline)]
pub use sigv4_core::RegionSet;
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
