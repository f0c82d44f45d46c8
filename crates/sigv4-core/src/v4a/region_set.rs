//! The set of regions in which one signature is valid.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;

use crate::error::SignError;
use crate::scope::Region;

/// The regions in which a SigV4a signature is valid, as `x-amz-region-set` holds them.
///
/// Region names with commas between them and no spaces. An entry that ends in `*` stands for every
/// region with that prefix, and `*` alone for all. S3 Multi-Region Access Points require `*`.
///
/// ```
/// use sigv4_core::{Region, RegionSet};
///
/// let set = RegionSet::new("us-*,eu-west-1")?;
/// assert!(set.covers(&Region::from_static("us-east-2")));
/// assert!(!set.covers(&Region::from_static("eu-west-2")));
/// # Ok::<(), sigv4_core::SignError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RegionSet(Cow<'static, str>);

impl RegionSet {
    /// Every region: `*`.
    pub const ALL: Self = Self(Cow::Borrowed("*"));

    /// Creates a set from a literal, in a `const` too.
    ///
    /// # Panics
    /// Panics if [`RegionSet::new`] refuses the text; in a `const`, at compile time.
    pub const fn from_static(set: &'static str) -> Self {
        assert!(is_region_set(set.as_bytes()), "not a region set");
        Self(Cow::Borrowed(set))
    }

    /// Creates a set from a text known at run time.
    ///
    /// # Errors
    /// [`SignError::InvalidRegionSet`] if an entry is empty, holds anything but ASCII letters,
    /// digits, `-` and `_`, or has a `*` that is not at its end.
    pub fn new(set: impl Into<String>) -> Result<Self, SignError> {
        let set = set.into();
        if is_region_set(set.as_bytes()) {
            Ok(Self(Cow::Owned(set)))
        } else {
            Err(SignError::InvalidRegionSet { given: set })
        }
    }

    /// The text that `x-amz-region-set` holds.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The entries: names of regions, or prefixes that end in `*`.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.0.split(',')
    }

    /// Whether a signature for this set is valid in `region`.
    pub fn covers(&self, region: &Region) -> bool {
        covers(&self.0, region.as_str())
    }
}

/// Whether an entry of the set is `region`, or a prefix of it.
pub(crate) fn covers(set: &str, region: &str) -> bool {
    set.split(',').any(|entry| match entry.strip_suffix('*') {
        Some(beginning) => region.starts_with(beginning),
        None => region == entry,
    })
}

const fn is_region_set(mut set: &[u8]) -> bool {
    let mut last = b','; // an entry must follow
    while let [byte, rest @ ..] = set {
        let fits = match *byte {
            b',' => last != b',',
            // Nothing but a comma may follow a `*`.
            _ if last == b'*' => false,
            b'*' | b'-' | b'_' => true,
            other => other.is_ascii_alphanumeric(),
        };
        if !fits {
            return false;
        }
        last = *byte;
        set = rest;
    }
    last != b','
}

impl From<Region> for RegionSet {
    /// The set with only this region.
    fn from(region: Region) -> Self {
        Self(Cow::Owned(region.as_str().to_owned()))
    }
}

impl fmt::Display for RegionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RegionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegionSet({self})")
    }
}

impl FromStr for RegionSet {
    type Err = SignError;

    fn from_str(set: &str) -> Result<Self, SignError> {
        Self::new(set)
    }
}

impl TryFrom<&str> for RegionSet {
    type Error = SignError;

    fn try_from(set: &str) -> Result<Self, SignError> {
        Self::new(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_names_of_regions_and_beginnings_with_a_star() {
        for set in ["*", "us-east-1", "us-east-1,us-west-2", "us-*,cn-north-1", "*,eu-west-1"] {
            assert_eq!(RegionSet::new(set).unwrap().as_str(), set);
            assert_eq!(set.parse::<RegionSet>().unwrap().entries().count(), set.split(',').count());
        }
        for set in [
            "",
            ",",
            "us-east-1,",
            ",us-east-1",
            "us-east-1,,eu-west-1",
            "us-east-1, eu-west-1",
            "us east 1",
            "**",
            "us-*-1",
            "*us",
            "us-east-1\n",
            "us-east-1;eu-west-1",
            "é",
        ] {
            let error = SignError::InvalidRegionSet { given: set.to_owned() };
            assert_eq!(RegionSet::new(set), Err(error), "{set:?}");
        }
    }

    #[test]
    fn region_is_covered_by_its_name_or_by_a_beginning() {
        for (set, region, expected) in [
            ("*", "us-east-1", true),
            ("us-east-1", "us-east-1", true),
            ("us-east-1", "us-east-10", false),
            ("us-east-10", "us-east-1", false),
            ("us-*", "us-gov-west-1", true),
            ("us-*", "eu-west-1", false),
            ("us-*", "us", false),
            ("eu-west-1,us-*", "us-east-1", true),
            ("eu-west-1,us-west-2", "us-east-1", false),
        ] {
            let region = Region::new(region).unwrap();
            assert_eq!(RegionSet::new(set).unwrap().covers(&region), expected, "{set} {region}");
        }
    }

    #[test]
    fn constant_sets_are_checked_when_they_are_compiled() {
        const SET: RegionSet = RegionSet::from_static("us-east-1,us-west-2");
        assert_eq!(SET, RegionSet::new("us-east-1,us-west-2").unwrap());
        assert_eq!(RegionSet::ALL, RegionSet::from_static("*"));
        assert!(std::panic::catch_unwind(|| RegionSet::from_static("a,")).is_err());
    }
}
