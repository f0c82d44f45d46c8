//! SigV4a: ECDSA over P-256 instead of HMAC, and a set of regions instead of one.
//!
//! ```text
//! secret, access key id -> key -> signature (DER, lower-case hex) -> the same places as SigV4's
//!                           |
//!                           +--> public key -> verification
//! ```
//!
//! The canonical request is the one of `canonical/`; `sign/algorithm.rs` chooses between the two.
//! AWS publishes no specification of the algorithm. Source: aws-c-auth, `source/key_derivation.c`
//! and `source/aws_signing.c`; AWS IAM User Guide, "AWS Signature Version 4 for API requests".

mod ecdsa_key;
mod ecdsa_signature;
mod region_set;
#[cfg(test)]
#[cfg(all(feature = "stream", feature = "verify", feature = "post-policy"))]
mod tests;

pub(crate) use self::ecdsa_key::EcdsaKey;
pub(crate) use self::ecdsa_signature::{EcdsaSignature, MAX_DER};
pub use self::region_set::RegionSet;
pub(crate) use self::region_set::covers;
