//! The default region: the environment, then the profile, then IMDS.

use std::error::Error;
use std::fmt;

use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use sigv4_core::Region;

use crate::chain::metadata_client;

/// Why there is no region to sign for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegionError {
    /// No source names one. Set `AWS_REGION`, or `region` in the profile.
    NotFound,
    /// What a source names is not a region's name, such as one with a dot or a slash.
    Invalid,
    /// The look-up ended without an answer: it took too long, or its thread could not be started.
    Unanswered,
}

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => {
                "no AWS region found: asked AWS_REGION, AWS_DEFAULT_REGION, `region` in the \
                 profile, and instance metadata. Set AWS_REGION"
            }
            Self::Invalid => {
                "the configured AWS region is not a region's name (ASCII letters, digits, - and \
                 _, such as us-east-1): correct AWS_REGION or the profile"
            }
            Self::Unanswered => "the look-up of the AWS region gave no answer: set AWS_REGION",
        })
    }
}

impl Error for RegionError {}

pub(crate) fn read(name: Option<String>) -> Result<Region, RegionError> {
    Region::new(name.ok_or(RegionError::NotFound)?).map_err(|_| RegionError::Invalid)
}

/// The region that the environment or the profile names.
pub(crate) async fn configured(config: &ProviderConfig, profile: Option<&str>) -> Option<String> {
    let named = EnvironmentVariableRegionProvider::new().region().await;
    if let Some(region) = named.filter(|region| !region.as_ref().is_empty()) {
        return Some(region.to_string());
    }
    let mut builder = ProfileFileRegionProvider::builder().configure(config);
    if let Some(name) = profile {
        builder = builder.profile_name(name);
    }
    let region = builder.build().region().await;
    region.map(|region| region.to_string())
}

/// The region of the EC2 instance.
pub(crate) async fn from_instance_metadata(config: &ProviderConfig) -> Option<String> {
    let provider = ImdsRegionProvider::builder()
        .configure(config)
        .imds_client(metadata_client(config))
        .build();
    let region = provider.region().await;
    region.map(|region| region.to_string())
}
