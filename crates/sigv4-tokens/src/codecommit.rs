//! AWS CodeCommit over HTTPS: the Git password is a date and a signature.
//!
//! Source: git-remote-codecommit, `sign`; AWS CLI, `aws codecommit credential-helper`.

use std::time::{Duration, SystemTime};

use sigv4_core::{Credentials, Region, Service, SigningTime};
use zeroize::Zeroizing;

use crate::error::TokenError;
use crate::fixed_text::FixedText;
use crate::host::{check_host, shown};
use crate::recipe::recipe;
use crate::token::{Secret, Token};

/// How long the service accepts a signature.
const LIFE: Duration = Duration::from_secs(900);

/// A repository of AWS CodeCommit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeCommit {
    host: String,
    path: String,
    region: Region,
}

/// Prepares the Git password for a repository, as a credential helper returns it.
///
/// `host` is `git-codecommit.REGION.amazonaws.com`, and `path` the rest of the remote's URL:
/// `/v1/repos/NAME`. The user name is [`CodeCommit::user_name`].
pub fn codecommit(host: impl Into<String>, path: impl Into<String>, region: &Region) -> CodeCommit {
    CodeCommit { host: host.into(), path: path.into(), region: region.clone() }
}

impl CodeCommit {
    /// Returns the user name: the access key id and, for temporary credentials, `%` and the session
    /// token.
    ///
    /// Percent-encode it for use in a URL.
    pub fn user_name(&self, credentials: &Credentials) -> Secret {
        let (percent, token) = match credentials.session_token() {
            Some(token) => ("%", token),
            None => ("", ""),
        };
        Secret::new(Zeroizing::new([credentials.access_key_id(), percent, token].concat()))
    }

    /// Makes the password, which is valid for 15 minutes.
    ///
    /// # Errors
    /// Fails if the host is a URL or has a port, if the path does not begin with a slash or
    /// contains a query or white space, or if the credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        check_host(&self.host)?;
        let Self { host, path, region } = self;
        let breaks = |char: char| char.is_control() || matches!(char, ' ' | '?' | '#');
        if !path.starts_with('/') || path.contains(breaks) {
            return Err(TokenError::InvalidPath { path: shown(path) });
        }
        let time = SigningTime::try_from(now)?;
        let fixed = FixedText { region, service: Service::from_static("codecommit"), time };
        // Without the Z, which separates the date from the signature.
        let timestamp = time.as_str().trim_end_matches('Z');
        let text = format!("GIT\n{path}\n\nhost:{host}\n\nhost\n");
        let signature = fixed.sign(credentials, timestamp, &text)?;
        let password = Zeroizing::new(format!("{timestamp}Z{signature}"));
        Ok(Token::new(password, time, LIFE, credentials))
    }
}

recipe!(CodeCommit);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    const HOST: &str = "git-codecommit.us-east-1.amazonaws.com";

    fn made(host: &str, path: &str) -> Result<Token, TokenError> {
        let repository = codecommit(host, path, &Region::from_static("us-east-1"));
        repository.token(&Credentials::new("AKID", "secret"), at("20260102T030405Z"))
    }

    #[test]
    fn password_is_the_date_and_the_signature() {
        let token = made(HOST, "/v1/repos/my-repository").unwrap();
        let signature = token.as_str().strip_prefix("20260102T030405Z").unwrap();
        assert_eq!(signature.len(), 64);
        assert_ne!(token.as_str(), made(HOST, "/v1/repos/other").unwrap().as_str());
    }

    #[test]
    fn user_name_carries_the_session_token() {
        let repository = codecommit(HOST, "/v1/repos/r", &Region::from_static("us-east-1"));
        let long_term = Credentials::new("AKID", "secret");
        assert_eq!(repository.user_name(&long_term).as_str(), "AKID");
        let temporary = long_term.with_session_token("t/+=");
        let name = repository.user_name(&temporary);
        assert_eq!(name.as_str(), "AKID%t/+=");
        assert_eq!(format!("{name:?}"), "Secret(redacted)");
    }

    #[test]
    fn path_without_slash_or_with_query_and_url_as_host_are_errors() {
        for path in ["", "v1/repos/r", "/v1/repos/r?x", "/v1/repos/a b", "/v1\n/r"] {
            assert!(matches!(made(HOST, path), Err(TokenError::InvalidPath { .. })), "{path:?}");
        }
        assert!(matches!(made("https://x", "/r"), Err(TokenError::HostIsUrl { .. })));
    }
}
