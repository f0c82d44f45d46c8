//! The events logged with the feature `tracing`: loads, failures and refusals. They contain no
//! secret.

use sigv4_core::{Credentials, CredentialsError};

use crate::chain::Loaded;

#[cfg(feature = "tracing")]
pub(crate) fn loaded(result: &Result<Loaded, CredentialsError>) {
    match result {
        Ok(Loaded { credentials, origin, .. }) => {
            let expires_at = credentials.expires_at().map(crate::origin::utc);
            let access_key_id = credentials.access_key_id();
            tracing::debug!(%origin, access_key_id, expires_at, "credentials loaded");
        }
        Err(error) => tracing::warn!(%error, "credentials could not be loaded"),
    }
}

#[cfg(feature = "tracing")]
pub(crate) fn rejected(credentials: &Credentials) {
    let access_key_id = credentials.access_key_id();
    tracing::debug!(access_key_id, "credentials refused by a service");
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn loaded(_: &Result<Loaded, CredentialsError>) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn rejected(_: &Credentials) {}
