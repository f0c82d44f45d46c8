//! POST policies: forms that a browser sends straight to S3, bound by a signed document.
//!
//! ```text
//! PostPolicy --Signer::sign_post_policy--> PostForm          (fields of the form)
//! fields --Verifier::read_form--> FormClaim --verify(key)--> VerifiedForm
//! ```
//!
//! The string to sign is the document in base64; there is no canonical request.
//! Source: Amazon S3 API Reference, "Authenticating Requests in Browser-Based Uploads Using POST".

mod conditions;
mod json;
mod sign;
mod verify;

#[cfg(test)]
mod tests;

pub use crate::verify::policy_error::PolicyError;
pub use sign::{PostForm, PostPolicy};
pub use verify::{FormClaim, VerifiedForm};

/// The names of a signed form's own fields, in lower case.
mod field {
    pub(super) const ALGORITHM: &str = "x-amz-algorithm";
    pub(super) const CREDENTIAL: &str = "x-amz-credential";
    pub(super) const DATE: &str = "x-amz-date";
    pub(super) const TOKEN: &str = "x-amz-security-token";
    pub(super) const POLICY: &str = "policy";
    pub(super) const SIGNATURE: &str = "x-amz-signature";
}
