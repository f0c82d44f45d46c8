//! POST policies: forms that a browser sends directly to S3, restricted by a signed document.
//!
//! ```text
//! PostPolicy --Signer::sign_post_policy--> PostForm          (fields of the form)
//! bucket, fields --Verifier::read_form--> FormClaim --verify(key)--> VerifiedForm
//! ```
//!
//! The string to sign is the document in base64; there is no canonical request.
//! Source: Amazon S3 API Reference, "Authenticating Requests in Browser-Based Uploads Using POST".

#[cfg(feature = "verify")]
mod conditions;
mod json;
mod sign;
#[cfg(feature = "verify")]
mod verify;

#[cfg(test)]
#[cfg(feature = "verify")]
mod tests;

#[cfg(feature = "verify")]
pub use crate::verify::policy_error::PolicyError;
pub use sign::{PostForm, PostPolicy};
#[cfg(feature = "verify")]
pub use verify::{FormClaim, VerifiedForm};
