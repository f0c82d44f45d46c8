//! Signing errors carried inside ureq's.

use sigv4_core::client::CallError;

/// Finds the signing error inside a ureq error, where it is carried as [`ureq::Error::Other`].
///
/// ```
/// use sigv4_ureq::{CallError, Credentials, Region, Service, Signer, SigningAgent, signing_error};
///
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("es"));
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let agent = SigningAgent::new(ureq::agent(), signer, credentials);
/// let request = http::Request::get("https://user@example.com/").body(()).unwrap();
/// let error = agent.run(request).unwrap_err();
/// assert!(matches!(signing_error(&error), Some(CallError::Sign(_))));
/// ```
pub fn signing_error(error: &ureq::Error) -> Option<&CallError> {
    match error {
        ureq::Error::Other(error) => error.downcast_ref(),
        _ => None,
    }
}

/// Wraps a signing error in ureq's error. Its text includes the cause, because ureq shows no source
/// for it.
pub(crate) fn other(error: impl Into<CallError>) -> ureq::Error {
    ureq::Error::Other(Box::new(error.into()))
}
