//! The sources of the default chain: their names, why one has no credentials, and how to configure
//! it.

use std::fmt;

/// A source of credentials, in the order in which the default chain asks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
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

    /// How a user configures this source.
    pub(crate) fn cure(self) -> &'static str {
        match self {
            Self::Environment => {
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for \
                 temporary credentials"
            }
            Self::Profile => {
                "run `aws configure` or `aws configure sso`, or name a profile with AWS_PROFILE"
            }
            Self::WebIdentity => "set AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN",
            Self::Container => "give the ECS task a role, or the EKS pod an identity",
            Self::InstanceMetadata => {
                "attach a role to the EC2 instance; in a container on it, allow two hops to IMDS"
            }
            Self::Given => "see the provider given",
        }
    }

    /// Why this source has no credentials.
    pub(crate) fn absence(self) -> String {
        match self {
            Self::Environment => {
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set".to_owned()
            }
            Self::WebIdentity => "AWS_WEB_IDENTITY_TOKEN_FILE is not set".to_owned(),
            Self::Container => {
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI \
                 are not set"
                    .to_owned()
            }
            Self::Profile | Self::InstanceMetadata | Self::Given => "it has none".to_owned(),
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
