//! Where credentials came from, for people to read.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use sigv4_core::SigningTime;

use crate::source::Source;

/// The source that gave the credentials held, such as "the profile (assumed role)".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    source: Source,
    detail: Option<Cow<'static, str>>,
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

    pub(crate) fn of(source: Source, credentials: &AwsCredentials) -> Self {
        let features = credentials.get_property::<Vec<Feature>>();
        let detail = features.and_then(|found| found.iter().find_map(detail));
        Self { source, detail: detail.map(Cow::Borrowed) }
    }

    #[cfg(test)]
    pub(crate) fn given() -> Self {
        Self { source: Source::Given, detail: None }
    }
}

/// What a profile did to get its credentials, where it says more than the source does.
fn detail(feature: &Feature) -> Option<&'static str> {
    match feature {
        Feature::CredentialsStsAssumeRole => Some("assumed role"),
        Feature::CredentialsStsAssumeRoleWebId | Feature::CredentialsProfileStsWebIdToken => {
            Some("role assumed with a web identity")
        }
        Feature::CredentialsProfileSso | Feature::CredentialsSso => Some("IAM Identity Center"),
        Feature::CredentialsProfileProcess | Feature::CredentialsProcess => {
            Some("credential_process")
        }
        Feature::CredentialsProfileLogin | Feature::CredentialsLogin => Some("aws login"),
        _ => None,
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            Some(detail) if self.source == Source::Profile => {
                write!(f, "{} ({detail})", self.source)
            }
            _ => write!(f, "{}", self.source),
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
