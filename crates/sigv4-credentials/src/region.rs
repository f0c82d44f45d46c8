//! The default region and region set: the environment, then the profile, then IMDS.

use std::error::Error;
use std::fmt;

use sigv4_core::{Region, SignError};

use crate::chain::Chain;
use crate::profile::Files;
use crate::{environment, metadata};

/// Why no region could be determined.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegionError {
    /// No source names a region. Set `AWS_REGION`, or `region` in the profile.
    NotFound,
    /// A source names a region that is not valid, such as one with a dot or a slash. Contains the
    /// reason.
    Invalid(SignError),
    /// The profile could not be read, so its region is unknown. Contains the reason.
    Profile(String),
    /// The lookup failed: it took too long, or its thread could not be started.
    Unanswered,
}

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => {
                "no AWS region found: asked AWS_REGION, AWS_DEFAULT_REGION, `region` in the \
                 profile, and instance metadata. Set AWS_REGION"
            }
            Self::Invalid(why) => {
                return write!(
                    f,
                    "the configured AWS region is not a region's name: correct the variable or \
                     the profile: {why}"
                );
            }
            Self::Profile(why) => {
                return write!(f, "the AWS region of the profile is unknown: {why}");
            }
            Self::Unanswered => "the look-up of the AWS region gave no answer: set AWS_REGION",
        })
    }
}

impl Error for RegionError {}

/// Converts a text to the region of a `Signer`.
pub(crate) async fn default(chain: &Chain) -> Result<Region, RegionError> {
    let found = find(chain, None).await.map_err(RegionError::Profile)?;
    Region::new(found.ok_or(RegionError::NotFound)?).map_err(RegionError::Invalid)
}

/// Returns the first region that is set: in code, in the variables, in the profile or by the
/// instance. `files` are the profile files if they have already been read.
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
    // IMDS is asked only if needed: outside EC2 that costs a second.
    match chain.asks_metadata() {
        true => Ok(metadata::region(&chain.config()).await),
        false => Ok(None),
    }
}

/// Returns the default region set of SigV4a signatures, such as `us-east-1,eu-west-1` or `*`.
pub(crate) async fn set(chain: &Chain) -> Result<Option<String>, RegionError> {
    let found = match environment::value("AWS_SIGV4A_SIGNING_REGION_SET") {
        Some(set) => Some(set),
        None => of_profile(chain, None, "sigv4a_signing_region_set")
            .await
            .map_err(RegionError::Profile)?,
    };
    let Some(found) = found else { return Ok(None) };
    let regions: Vec<_> = found.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if regions.is_empty() {
        Region::new(found.as_str()).map_err(RegionError::Invalid)?;
    }
    for entry in &regions {
        check_entry(entry).map_err(RegionError::Invalid)?;
    }
    Ok(Some(regions.join(",")))
}

/// Checks an entry of a region set: a region, a prefix such as `us-*`, or `*`.
fn check_entry(entry: &str) -> Result<(), SignError> {
    match entry.strip_suffix('*') {
        Some("") => Ok(()),
        // A prefix may end anywhere in a name, so only its characters are checked.
        Some(beginning) => Region::custom(beginning).map(drop),
        None => Region::new(entry).map(drop),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_region_is_shown_with_the_rule_that_it_breaks() {
        let zone = Region::new("us-east-1a").map_err(RegionError::Invalid).unwrap_err().to_string();
        for part in ["not a region's name", "us-east-1a", "availability zone", "last letter"] {
            assert!(zone.contains(part), "{zone}");
        }
        let dot = Region::new("us.east").map_err(RegionError::Invalid).unwrap_err().to_string();
        assert!(dot.contains("us.east") && dot.contains("ASCII letters"), "{dot}");
    }

    #[test]
    fn entry_of_a_region_set_is_a_region_a_beginning_or_a_star() {
        for entry in ["*", "us-*", "us-east-1"] {
            assert_eq!(check_entry(entry), Ok(()), "{entry}");
        }
        for entry in ["us-*-1", "x@evil", "x@*", "**", "us-east-1a", ""] {
            assert!(check_entry(entry).is_err(), "{entry}");
        }
    }
}
