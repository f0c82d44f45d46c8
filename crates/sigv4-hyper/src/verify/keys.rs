//! The store of callers' keys.

use core::future::{Future, ready};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use sigv4_core::Credentials;

use crate::error::BoxError;

/// Looks up credentials by access key id.
///
/// Keep the [`Credentials`] between look-ups: they hold the signing keys derived from them, so that
/// the second request of a day costs less than the first.
///
/// ```
/// use sigv4_core::Credentials;
/// use sigv4_hyper::{BoxError, KeyStore};
///
/// struct Database { /* a pool */ }
///
/// impl KeyStore for Database {
///     async fn key(&self, access_key_id: &str) -> Result<Option<Credentials>, BoxError> {
///         // ask the database; an error here is a fault of the server, and never an accept
/// #       let _ = access_key_id;
///         Ok(None)
///     }
/// }
/// ```
pub trait KeyStore: Send + Sync + 'static {
    /// Returns the credentials of an access key id, matched exactly, or `None` if it is unknown.
    ///
    /// # Errors
    /// Fails if the store cannot be read. The caller then gets a server error.
    fn key(
        &self,
        access_key_id: &str,
    ) -> impl Future<Output = Result<Option<Credentials>, BoxError>> + Send;
}

/// One key.
impl KeyStore for Credentials {
    fn key(
        &self,
        access_key_id: &str,
    ) -> impl Future<Output = Result<Option<Credentials>, BoxError>> + Send {
        ready(Ok((self.access_key_id() == access_key_id).then(|| self.clone())))
    }
}

/// Keys by their ids.
impl<H: BuildHasher + Send + Sync + 'static> KeyStore for HashMap<String, Credentials, H> {
    fn key(
        &self,
        access_key_id: &str,
    ) -> impl Future<Output = Result<Option<Credentials>, BoxError>> + Send {
        ready(Ok(self.get(access_key_id).cloned()))
    }
}

impl<K: KeyStore> KeyStore for Arc<K> {
    fn key(
        &self,
        access_key_id: &str,
    ) -> impl Future<Output = Result<Option<Credentials>, BoxError>> + Send {
        (**self).key(access_key_id)
    }
}
