//! Errors of the layers' services.

use core::error::Error as StdError;

/// The error of the layers' services: a [`CallError`], or the inner service's own error.
///
/// ```
/// use sigv4_hyper::{BoxError, CallError};
///
/// # fn handle(error: BoxError) {
/// match error.downcast_ref::<CallError>() {
///     Some(CallError::Credentials(cause)) => eprintln!("no credentials: {cause}"),
///     Some(refused) => eprintln!("not sent: {refused}"),
///     None => eprintln!("the client failed: {error}"),
/// }
/// # }
/// ```
///
/// [`CallError`]: crate::CallError
pub type BoxError = Box<dyn StdError + Send + Sync>;
