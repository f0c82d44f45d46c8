//! The origin of credentials, for people to read.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use sigv4_core::{CredentialsError, SigningTime};

use crate::source::Source;

/// The source of the cached credentials, such as "the profile `dev`, assumed role".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    source: Source,
    detail: Option<String>,
}

/// The credentials that a [`DefaultProvider`](crate::DefaultProvider) has cached. Prints as one
/// sentence.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Held {
    /// Where they came from.
    pub origin: Origin,
    /// Their access key id, which is not a secret.
    pub access_key_id: String,
    /// When they were loaded.
    pub loaded_at: SystemTime,
    /// When they are refreshed in the background; `None` for long-term credentials.
    pub refresh_at: Option<SystemTime>,
    /// When they expire; `None` for long-term credentials.
    pub expires_at: Option<SystemTime>,
    /// The last load, if it failed. These credentials are still used despite the failed refresh.
    pub last_failure: Option<Failure>,
}

/// A load that failed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// Why it failed.
    pub error: CredentialsError,
    /// When it ended.
    pub at: SystemTime,
    /// The earliest time at which a call for credentials retries.
    pub next_try: SystemTime,
}

impl Origin {
    /// The source in the chain.
    pub fn source(&self) -> Source {
        self.source
    }

    pub(crate) fn of(source: Source) -> Self {
        Self { source, detail: None }
    }

    /// A profile, with its name and how it gets its credentials.
    pub(crate) fn of_profile(detail: String) -> Self {
        Self { source: Source::Profile, detail: Some(detail) }
    }

    /// The caller's provider, with its name as found in its credentials.
    pub(crate) fn of_given(credentials: &AwsCredentials) -> Self {
        // The name is only in their `Debug` output, where keys and token are redacted.
        let text = format!("{credentials:?}");
        let name =
            text.split_once("provider_name: \"").and_then(|(_, after)| after.split_once('"'));
        let detail = name.map(|(name, _)| format!("`{name}`"));
        Self { source: Source::Given, detail }
    }

    /// Adds a role that was assumed with these credentials.
    pub(crate) fn with_role(self, arn: &str) -> Self {
        let detail = match self.detail {
            Some(detail) => format!("{detail}, then {arn}"),
            None => format!("and then {arn}"),
        };
        Self { source: self.source, detail: Some(detail) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            Some(detail) => write!(f, "{} {detail}", self.source),
            None => write!(f, "{}", self.source),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} from {}, loaded at {}",
            self.access_key_id,
            self.origin,
            utc(self.loaded_at)
        )?;
        match (self.refresh_at, self.expires_at) {
            (Some(refresh), Some(end)) => {
                write!(f, ", refreshed from {} on, until {}", utc(refresh), utc(end))?;
            }
            _ => f.write_str(", without an expiry")?,
        }
        match &self.last_failure {
            Some(failure) => write!(f, "; {failure}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, next) = (utc(self.at), utc(self.next_try));
        write!(f, "the load at {at} failed, the next is tried from {next} on: {}", self.error)
    }
}

/// Formats a time like `x-amz-date`.
pub(crate) fn utc(time: SystemTime) -> String {
    SigningTime::try_from(time).map_or_else(|_| "an unknown time".to_owned(), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_provider_keeps_its_own_name_and_no_secret_is_shown() {
        let given = AwsCredentials::new("AKID", "hush", Some("hush".to_owned()), None, "vault");
        assert_eq!(Origin::of_given(&given).to_string(), "the given provider `vault`");
    }
}
