//! The store of callers' keys.

use core::future::{Future, ready};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use sigv4_core::Credentials;

use crate::error::BoxError;

/// The output of a look-up.
pub(crate) type Found = Result<Option<Credentials>, BoxError>;

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

    /// Returns the output of [`key`](Self::key) at once, if the store need not wait for it.
    /// Otherwise returns `None`, as by default, and `key` is called.
    ///
    /// A store in memory saves an allocation with it. Keep unknown ids as ready as known ones: the
    /// time of a refusal must not tell which ids exist.
    fn ready_key(&self, access_key_id: &str) -> Option<Result<Option<Credentials>, BoxError>> {
        let _ = access_key_id;
        None
    }
}

/// One key.
impl KeyStore for Credentials {
    fn key(
        &self,
        access_key_id: &str,
    ) -> impl Future<Output = Result<Option<Credentials>, BoxError>> + Send {
        ready(Ok(if_named(self, access_key_id)))
    }

    fn ready_key(&self, access_key_id: &str) -> Option<Result<Option<Credentials>, BoxError>> {
        Some(Ok(if_named(self, access_key_id)))
    }
}

fn if_named(key: &Credentials, access_key_id: &str) -> Option<Credentials> {
    (key.access_key_id() == access_key_id).then(|| key.clone())
}

/// Keys by their ids.
impl<H: BuildHasher + Send + Sync + 'static> KeyStore for HashMap<String, Credentials, H> {
    fn key(
        &self,
        access_key_id: &str,
    ) -> impl Future<Output = Result<Option<Credentials>, BoxError>> + Send {
        ready(Ok(self.get(access_key_id).cloned()))
    }

    fn ready_key(&self, access_key_id: &str) -> Option<Result<Option<Credentials>, BoxError>> {
        Some(Ok(self.get(access_key_id).cloned()))
    }
}

impl<K: KeyStore> KeyStore for Arc<K> {
    fn key(
        &self,
        access_key_id: &str,
    ) -> impl Future<Output = Result<Option<Credentials>, BoxError>> + Send {
        (**self).key(access_key_id)
    }

    fn ready_key(&self, access_key_id: &str) -> Option<Result<Option<Credentials>, BoxError>> {
        (**self).ready_key(access_key_id)
    }
}
