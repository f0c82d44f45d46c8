//! The trait common to all products: makes a token from credentials and a time.

use core::fmt;
use std::time::SystemTime;

use sigv4_core::Credentials;

use crate::error::TokenError;
use crate::token::Token;

/// Makes tokens for one product.
///
/// Each product's type has its own method `token`. This trait is for code that accepts any product,
/// such as [`Renewing`](crate::Renewing).
pub trait Recipe: fmt::Debug + Send + Sync {
    /// Makes a token that is valid from `now` on. Never blocks.
    ///
    /// # Errors
    /// Fails with a [`TokenError`] that says what is wrong and what to do.
    fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError>;
}

/// Implements [`Recipe`] with the type's own method `token`.
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
