//! Where credentials came from, for people to read.

use std::fmt;
use std::time::SystemTime;

use sigv4_core::SigningTime;

use crate::source::Source;

/// The source that gave the credentials held, such as "the profile `dev`, assumed role".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    source: Source,
    detail: Option<String>,
}

/// What a [`DefaultProvider`](crate::DefaultProvider) holds now; prints as one readable sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Held {
    /// Where they came from.
    pub origin: Origin,
    /// Their access key id, which is not a secret.
    pub access_key_id: String,
    /// When they were loaded.
    pub loaded_at: SystemTime,
    /// When they are refreshed in the background; `None` for those that do not end.
    pub refresh_at: Option<SystemTime>,
    /// When they end; `None` for long-term credentials.
    pub expires_at: Option<SystemTime>,
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
                write!(f, ", refreshed from {} on, until {}", utc(refresh), utc(end))
            }
            _ => f.write_str(", without an end"),
        }
    }
}

/// A time as its reader knows it from `x-amz-date`.
pub(crate) fn utc(time: SystemTime) -> String {
    SigningTime::try_from(time).map_or_else(|_| "an unknown time".to_owned(), |t| t.to_string())
}
