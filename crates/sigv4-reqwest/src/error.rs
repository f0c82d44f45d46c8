//! Errors between a request and its response.

use core::fmt;
use std::error::Error as StdError;

use reqwest::Url;
use sigv4_core::SignError;
use sigv4_core::client::{CallError, UnsignableBody};

/// Why a request was not signed or has no response.
///
/// `Display` and `Debug` show cause and cure, so that `main` may return this error.
#[non_exhaustive]
pub enum Error {
    /// The request was not signed, or a retry was not.
    Call(CallError),
    /// reqwest would send a different path from the one given. Nothing was sent.
    PathRewritten {
        /// The path as it was given.
        given: String,
        /// The path as it would be sent.
        sent: String,
    },
    /// The request could not be built or sent, or its response could not be received.
    Transport(reqwest::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::PathRewritten { given, sent } => write!(
                f,
                "reqwest would send the path {given} as {sent}, which names another object: send \
                 this request with sigv4-hyper or sigv4-ureq, which send paths as they are"
            ),
            Self::Transport(error) => write_transport(f, error),
        }
    }
}

/// Writes the whole chain, because each of reqwest's errors shows only its own part.
fn write_transport(f: &mut fmt::Formatter<'_>, error: &reqwest::Error) -> fmt::Result {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        source = error.source();
    }
    f.write_str(&text)?;
    // This is hyper's message if a client without TLS is asked for https.
    if error.url().is_some_and(|url| url.scheme() == "https") && text.contains("scheme is not http")
    {
        f.write_str(
            ". This reqwest was built without TLS: enable its feature default-tls, rustls or \
             native-tls",
        )?;
    }
    Ok(())
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {
    /// Returns the sources below the cause that `Display` has shown.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Call(error) => error.source(),
            Self::PathRewritten { .. } | Self::Transport(_) => None,
        }
    }
}

impl From<reqwest::Error> for Error {
    /// Removes the query from the URL in the error, because it may hold a token.
    fn from(mut error: reqwest::Error) -> Self {
        if let Some(url) = error.url_mut() {
            url.set_query(None);
        }
        Self::Transport(error)
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<SignError> for Error {
    fn from(error: SignError) -> Self {
        Self::Call(error.into())
    }
}

impl From<UnsignableBody> for Error {
    fn from(error: UnsignableBody) -> Self {
        Self::Call(error.into())
    }
}

/// Checks that parsing has not changed the path.
///
/// A URL parser resolves `.` and `..`, even escaped, and turns a backslash into a slash. A signed
/// PUT would then write another object than the one named.
pub(crate) fn check_path(given: &str, url: &Url) -> Result<(), Error> {
    let after_scheme = given.trim_start().split_once("://").map_or(given, |(_, rest)| rest);
    let target = after_scheme.find(['/', '\\', '?', '#']).and_then(|at| after_scheme.get(at..));
    let path = target.unwrap_or_default().split(['?', '#']).next().unwrap_or_default().trim_end();
    let decode = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let path = if path.is_empty() { "/" } else { path };
    if decode(path) == decode(url.path()) {
        return Ok(());
    }
    Err(Error::PathRewritten { given: path.to_owned(), sent: url.path().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_that_parsing_changes_is_refused() {
        let check = |text: &str| check_path(text, &text.parse().unwrap());
        for text in [
            "https://h",
            "https://h/",
            "https://h?a=../b",
            "https://h/a b/é/%7e//c?x=/../y#/../z",
            "https://h/a/.../..b",
        ] {
            assert!(check(text).is_ok(), "{text}");
        }
        for text in [
            "https://h/a/../b",
            "https://h/./b",
            "https://h/a/%2e%2E/b",
            "https://h/a/.%2e",
            "https://h/a\\b",
        ] {
            let error = check(text).unwrap_err();
            assert!(error.to_string().contains("sigv4-hyper"), "{text}: {error}");
        }
    }
}
