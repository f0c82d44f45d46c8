//! This crate's errors within ureq's.

use sigv4_core::client::CallError;

/// Finds the error of signing in an error of ureq's, where it travels as [`ureq::Error::Other`].
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

/// An error of signing as one of ureq's. Its text holds the cause: ureq shows no source of it.
pub(crate) fn other(error: impl Into<CallError>) -> ureq::Error {
    ureq::Error::Other(Box::new(error.into()))
}
