//! Events for a subscriber, with the feature `tracing`. They hold no secret, token, signature or
//! query: a query may hold any of them.

use crate::client::attempt::Cause;
use crate::credentials::Credentials;
use crate::head::RequestHead;
use crate::sign::signer::Signer;
use crate::time::SigningTime;

/// A request was signed and is about to be sent.
#[cfg(feature = "tracing")]
pub(super) fn signed(
    head: &RequestHead<'_>,
    signer: &Signer,
    credentials: &Credentials,
    time: SigningTime,
) {
    tracing::debug!(
        method = %head.method,
        host = head.host_name(),
        path = head.path,
        access_key_id = credentials.access_key_id(),
        region = %signer.region(),
        service = %signer.service(),
        time = %time,
        "request signed"
    );
}

/// A response showed why the signature was refused.
#[cfg(feature = "tracing")]
pub(super) fn learnt(head: &RequestHead<'_>, cause: &Cause) {
    tracing::info!(
        host = head.host_name(),
        cause = %cause,
        "the service refused the signature for a cause that another one may cure"
    );
}

#[cfg(not(feature = "tracing"))]
pub(super) fn signed(_: &RequestHead<'_>, _: &Signer, _: &Credentials, _: SigningTime) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn learnt(_: &RequestHead<'_>, _: &Cause) {}
