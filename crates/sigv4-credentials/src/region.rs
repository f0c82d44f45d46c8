//! The default region and region set: the environment, then the profile, then IMDS.

use std::error::Error;
use std::fmt;

use sigv4_core::Region;

use crate::chain::Chain;
use crate::profile::Files;
use crate::{environment, metadata};

/// Why there is no region to sign for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegionError {
    /// No source names one. Set `AWS_REGION`, or `region` in the profile.
    NotFound,
    /// What a source names is not a region's name, such as one with a dot or a slash.
    Invalid,
    /// The profile could not be read, so that its region is unknown; with the reason.
    Profile(String),
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
            Self::Profile(why) => {
                return write!(f, "the AWS region of the profile is unknown: {why}");
            }
            Self::Unanswered => "the look-up of the AWS region gave no answer: set AWS_REGION",
        })
    }
}

impl Error for RegionError {}

/// The region that a `Signer` is made for.
pub(crate) async fn default(chain: &Chain) -> Result<Region, RegionError> {
    let found = find(chain, None).await.map_err(RegionError::Profile)?;
    Region::new(found.ok_or(RegionError::NotFound)?).map_err(|_| RegionError::Invalid)
}

/// The region in code, of the variables, of the profile, of the instance: the first that is there.
/// `files` are the profile files if they were read already.
pub(crate) async fn find(chain: &Chain, files: Option<&Files>) -> Result<Option<String>, String> {
    if let Some(region) = &chain.region {
        return Ok(Some(region.as_str().to_owned()));
    }
    let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    if let Some(region) = variables.into_iter().find_map(environment::value) {
        return Ok(Some(region));
    }
    if let Some(region) = of_profile(chain, files, "region").await? {
        return Ok(Some(region));
    }
    // Asked only if it is needed: off EC2 that costs a second.
    match chain.asks_metadata() {
        true => Ok(metadata::region(&chain.config()).await),
        false => Ok(None),
    }
}

/// The regions that a SigV4a signature is for by default, such as `us-east-1,eu-west-1` or `*`.
pub(crate) async fn set(chain: &Chain) -> Result<Option<String>, RegionError> {
    let found = match environment::value("AWS_SIGV4A_SIGNING_REGION_SET") {
        Some(set) => Some(set),
        None => of_profile(chain, None, "sigv4a_signing_region_set")
            .await
            .map_err(RegionError::Profile)?,
    };
    let Some(found) = found else { return Ok(None) };
    let regions: Vec<_> = found.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let is_region = |name: &&str| Region::new(name.replace('*', "x")).is_ok();
    match !regions.is_empty() && regions.iter().all(is_region) {
        true => Ok(Some(regions.join(","))),
        false => Err(RegionError::Invalid),
    }
}

async fn of_profile(
    chain: &Chain,
    files: Option<&Files>,
    key: &str,
) -> Result<Option<String>, String> {
    let read;
    let files = match files {
        Some(files) => files,
        None => {
            read = chain.files().await?;
            &read
        }
    };
    let name = files.selected.name();
    let profile = match (files.profile(name), &files.selected) {
        (Some(profile), _) => profile,
        (None, crate::profile::Selected::Default) => return Ok(None),
        (None, _) => return Err(format!("there is no profile `{name}` in {}", files.names())),
    };
    Ok(profile.get(key).filter(|value| !value.is_empty()).map(str::to_owned))
}
