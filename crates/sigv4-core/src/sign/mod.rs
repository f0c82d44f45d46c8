//! Signature Version 4, one file a step.
//!
//! ```text
//! RequestHead, PayloadHash -> canonical/ -> string_to_sign -> signature -> signed | presign
//!                                                  ^              ^
//!                                            time, scope     signing_key <- key_cache
//! ```
//!
//! `seal` makes the last two steps, for one request or with the `second` that `prepared` and `presign_many` keep.
//! `crate::algorithm` holds what differs between HMAC and ECDSA (SigV4a); all else is shared.

pub(crate) mod authorization;
pub(crate) mod canonical_text;
pub(crate) mod key_cache;
pub(crate) mod prepared;
pub(crate) mod presign;
pub(crate) mod presign_many;
pub(crate) mod seal;
pub(crate) mod second;
pub(crate) mod signature;
pub(crate) mod signed;
pub(crate) mod signer;
pub(crate) mod signing_key;
pub(crate) mod string_to_sign;
pub(crate) mod transcript;
