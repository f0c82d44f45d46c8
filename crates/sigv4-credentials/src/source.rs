//! The sources of the default chain: their names, why one has nothing, how to supply it.

use std::env::{self, VarError};
use std::fmt;

/// A source of credentials, in the order in which the default chain asks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// `AWS_ACCESS_KEY_ID` and its fellows.
    Environment,
    /// A profile in `~/.aws/config` and `~/.aws/credentials`: static keys, an assumed role,
    /// `credential_process`, IAM Identity Center, `aws login`.
    Profile,
    /// A role assumed with the token in `AWS_WEB_IDENTITY_TOKEN_FILE` (EKS, GitHub, GitLab).
    WebIdentity,
    /// The endpoint of an ECS task, an EKS pod identity or Greengrass.
    Container,
    /// The role of an EC2 instance, through IMDSv2.
    InstanceMetadata,
    /// The provider given to [`Builder::provider`](crate::Builder::provider).
    Given,
}

impl Source {
    /// The default chain, in order.
    pub(crate) const CHAIN: &[Self] = &[
        Self::Environment,
        Self::Profile,
        Self::WebIdentity,
        Self::Container,
        Self::InstanceMetadata,
    ];

    /// How a user supplies this source.
    pub(crate) fn cure(self) -> &'static str {
        match self {
            Self::Environment => {
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for \
                 temporary credentials"
            }
            Self::Profile => {
                "run `aws configure` or `aws sso login`, or name a profile with AWS_PROFILE"
            }
            Self::WebIdentity => "set AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN",
            Self::Container => "give the ECS task a role, or the EKS pod an identity",
            Self::InstanceMetadata => {
                "attach a role to the EC2 instance; in a container on it, allow two hops to IMDS"
            }
            Self::Given => "see the provider given",
        }
    }

    /// Why this source has nothing, as far as its variables tell; `None` where they do not.
    pub(crate) fn absence(self) -> Option<String> {
        match self {
            Self::Environment => environment_absence(),
            Self::WebIdentity => missing(&["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"]),
            Self::Container => container_absence(),
            Self::InstanceMetadata => is_metadata_disabled()
                .then(|| "switched off by AWS_EC2_METADATA_DISABLED=true".to_owned()),
            Self::Profile | Self::Given => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "the environment",
            Self::Profile => "the profile",
            Self::WebIdentity => "web identity",
            Self::Container => "the container endpoint",
            Self::InstanceMetadata => "instance metadata",
            Self::Given => "the given provider",
        })
    }
}

/// Why the chain must not ask this source at all: what it reads would be echoed or misused.
pub(crate) fn refusal(source: Source) -> Option<String> {
    match source {
        Source::Environment => ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY"]
            .into_iter()
            .find(|name| matches!(env::var(name), Err(VarError::NotUnicode(_))))
            .map(|name| format!("{name} is not valid UTF-8")),
        // Anything else than a path would be read as part of the host.
        Source::Container => env::var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            .ok()
            .filter(|uri| !uri.starts_with('/'))
            .map(|_| {
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path: it must start with /"
                    .to_owned()
            }),
        _ => None,
    }
}

fn is_set(name: &str) -> bool {
    env::var(name).is_ok_and(|value| !value.trim().is_empty())
}

/// The sentence on those of `names` that are not set; `None` where all are.
fn missing(names: &[&str]) -> Option<String> {
    let absent: Vec<_> = names.iter().copied().filter(|name| !is_set(name)).collect();
    match absent.as_slice() {
        [] => None,
        [name] => Some(format!("{name} is not set")),
        several => Some(format!("{} are not set", several.join(" and "))),
    }
}

fn environment_absence() -> Option<String> {
    if is_set("SECRET_ACCESS_KEY") {
        return missing(&["AWS_ACCESS_KEY_ID"]);
    }
    missing(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
}

fn container_absence() -> Option<String> {
    let names = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    if names.iter().any(|name| is_set(name)) {
        return None;
    }
    missing(&names)
}

fn is_metadata_disabled() -> bool {
    env::var("AWS_EC2_METADATA_DISABLED").is_ok_and(|value| value.eq_ignore_ascii_case("true"))
}
