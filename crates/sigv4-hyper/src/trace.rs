//! What a subscriber sees of the layers, with the feature `tracing`. Never a secret, a token, a
//! signature or a query: a query may hold any of them.

use http::Uri;
use http::request::Parts;
use sigv4_core::client::Cause;
use sigv4_core::{Credentials, Signer, SigningTime};

/// A request was signed and is about to be sent.
#[cfg(feature = "tracing")]
pub(crate) fn signed(parts: &Parts, signer: &Signer, credentials: &Credentials, time: SigningTime) {
    tracing::debug!(
        method = %parts.method,
        host = crate::target::authority(parts),
        path = parts.uri.path(),
        access_key_id = credentials.access_key_id(),
        region = %signer.region(),
        service = %signer.service(),
        time = %time,
        "request signed"
    );
}

/// An answer told why the signature was not taken.
#[cfg(feature = "tracing")]
pub(crate) fn learnt(cause: &Cause, uri: &Uri) {
    let host = uri.authority().map(http::uri::Authority::as_str);
    tracing::info!(host, ?cause, "the service refused the signature for a cause that can be cured");
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn signed(_: &Parts, _: &Signer, _: &Credentials, _: SigningTime) {}

#[cfg(not(feature = "tracing"))]
pub(crate) fn learnt(_: &Cause, _: &Uri) {}
