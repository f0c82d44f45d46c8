//! Explains the one failure that has no response: a host name that does not resolve.

use core::error::Error;
use std::io;

use crate::explanation::Explanation;

/// Windows' error code for an unknown host name, WSAHOST_NOT_FOUND.
const WSAHOST_NOT_FOUND: i32 = 11001;

/// Explains an HTTP client's error if it, or one of its sources, says that the host name did not
/// resolve; otherwise returns `None`.
///
/// ```
/// use std::net::ToSocketAddrs;
/// use sigv4_explain::{RefusalCause, explain_error};
///
/// // The top-level domain `invalid` never resolves (RFC 2606).
/// let host = "s3.us-esat-1.invalid";
/// let error = (host, 443).to_socket_addrs().unwrap_err();
/// assert_eq!(explain_error(&error, host).unwrap().cause(), RefusalCause::HostNotFound);
/// ```
pub fn explain_error(error: &(dyn Error + 'static), host: &str) -> Option<Explanation> {
    is_host_not_found(error).then(|| explain_host_not_found(host))
}

/// Explains a host name that does not resolve, for a client that has an error kind for it.
///
/// ```
/// use sigv4_explain::{RefusalCause, explain_host_not_found};
///
/// let explanation = explain_host_not_found("abc.execute-api.us-esat-1.amazonaws.com");
/// assert_eq!(explanation.cause(), RefusalCause::HostNotFound);
/// assert!(explanation.says().contains("us-esat-1"));
/// ```
pub fn explain_host_not_found(host: &str) -> Explanation {
    Explanation::of_host(host)
}

/// Whether an error means that the host was not found. The standard library has no kind for it. On
/// Unix the error's text is fixed ("failed to lookup address information"), on Windows its code.
fn is_host_not_found(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    // No ordinary chain is longer, but a hostile one may be endless.
    for _ in 0..64 {
        let Some(error) = next else { break };
        if let Some(error) = error.downcast_ref::<io::Error>()
            && (error.raw_os_error() == Some(WSAHOST_NOT_FOUND)
                || error.to_string().starts_with("failed to lookup address information"))
        {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use std::net::ToSocketAddrs;

    use super::*;

    #[test]
    fn failed_look_up_is_told_from_a_refused_connection() {
        // The top-level domain `invalid` never resolves (RFC 2606).
        let error = ("sigv4.invalid", 80).to_socket_addrs().unwrap_err();
        assert!(is_host_not_found(&error), "{error:?}");
        let error = io::Error::other(error);
        assert!(is_host_not_found(&error), "{error:?}");
        assert!(!is_host_not_found(&io::Error::from(io::ErrorKind::ConnectionRefused)));
    }
}
