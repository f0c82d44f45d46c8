//! What all products have in common: from credentials and a time to a token.

use core::fmt;
use std::time::SystemTime;

use sigv4_core::Credentials;

use crate::error::TokenError;
use crate::token::Token;

/// Makes the token of one product, as often as it is asked to.
///
/// Each product's type has a method `token` of its own; this trait is for code that takes any of
/// them, such as [`Renewing`](crate::Renewing).
pub trait Recipe: fmt::Debug + Send + Sync {
    /// Makes a token that is valid from `now` on. Computes, and waits for nothing.
    ///
    /// # Errors
    /// A [`TokenError`] that says what is wrong and what to do.
    fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError>;
}

/// Implements [`Recipe`] by the method of the same name.
macro_rules! recipe {
    ($type:ty) => {
        impl crate::recipe::Recipe for $type {
            fn token(
                &self,
                credentials: &sigv4_core::Credentials,
                now: std::time::SystemTime,
            ) -> Result<crate::token::Token, crate::error::TokenError> {
                <$type>::token(self, credentials, now)
            }
        }
    };
}
pub(crate) use recipe;
