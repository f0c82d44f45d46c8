#![doc = include_str!("../README.md")]

mod attempt;
mod authorization;
mod base64_text;
mod canonical;
mod client;
mod credentials;
mod encode;
mod endpoint;
mod error;
mod fields;
mod head;
mod payload;
mod post_policy;
mod presign;
mod provider;
mod scope;
mod service;
mod signature;
mod signed;
mod signer;
mod signing_key;
mod split;
pub mod stream;
mod string_to_sign;
mod time;
mod transcript;
mod verify;

pub use attempt::{
    Answer, Attempt, Cause, Hop, HopBody, Next, Redirects, RefusedRedirect, Sent, ServiceError,
    remove_body_headers,
};
pub use authorization::{Authorization, AuthorizationError};
pub use canonical::headers::HeaderSelection;
pub use client::{
    ClockOffset, StreamPayload, UnsignableBody, corrected_time, normal_uri, plus_as_space,
};
pub use credentials::Credentials;
pub use endpoint::{Endpoint, UnknownEndpoint};
pub use error::SignError;
pub use head::{RequestHead, normal_authority};
pub use payload::PayloadHash;
pub use post_policy::{FormClaim, PolicyError, PostForm, PostPolicy, VerifiedForm};
pub use presign::Presigned;
pub use provider::{CredentialsError, CredentialsFuture, CredentialsProvider};
pub use scope::{CredentialScope, Region, Service};
pub use service::{
    PathEncoding, PathNormalization, PayloadHeader, PresignedPayload, Rules, SessionToken,
};
pub use signature::{InvalidSignature, Signature};
pub use signed::Signed;
pub use signer::Signer;
pub use signing_key::SigningKey;
pub use stream::{ChunkSigner, EventSigner};
pub use time::{Ascii, ScopeDate, SigningTime};
pub use transcript::{Difference, Transcript, Transcripts, mask};
pub use verify::{
    BodyBuffer, BodyRule, BodyVerifier, Claim, Complete, Exemption, Form, Limits,
    PayloadRequirement, Protocol, Refusal, Verified, Verifier, VerifyError,
};
