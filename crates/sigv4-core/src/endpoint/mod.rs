//! Service and region, read from the host name of an AWS endpoint.
//!
//! Both come from tables: [`table`] is made from botocore's data, [`hand`] adds names that it
//! lacks. Any other name is an [`UnknownEndpoint`], never a guess. Regions are recognised by the
//! pattern of their partition, so new ones are known in advance.

use std::borrow::Cow;

use crate::scope::{Region, Service};
use crate::sign::signer::Signer;
use crate::text::split;

mod hand;
mod lookup;
mod paths;
mod read;
mod rows;
mod s3;
mod table;
#[cfg(test)]
mod tests;
mod unknown;

pub use unknown::UnknownEndpoint;

use read::Reading;
use rows::RegionName;
use unknown::Reason;

/// The tables whose rows name services.
pub(crate) const SERVICE_TABLES: [&str; 4] =
    [hand::S3_SERVICES, hand::ROWS, hand::RESOURCES, table::ROWS];

/// The longest host name, in bytes: RFC 1035, section 2.3.4.
const MAX_HOST: usize = 253;

/// The service and region that an AWS host name stands for.
///
/// ```
/// use sigv4_core::Endpoint;
///
/// let endpoint = Endpoint::from_host("abc123.execute-api.eu-west-1.amazonaws.com")?;
/// assert_eq!(endpoint.service().as_str(), "execute-api");
/// assert_eq!(endpoint.region().as_str(), "eu-west-1");
/// assert!(Endpoint::from_host("api.example.com").is_err());
/// # Ok::<(), sigv4_core::endpoint::UnknownEndpoint>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    service: Service,
    region: Region,
}

impl Endpoint {
    /// Reads a host name, with or without a port.
    ///
    /// Allocates nothing if the region is in the table.
    ///
    /// # Errors
    /// [`UnknownEndpoint`] if the name does not determine both. Its text says why, and how to give
    /// them.
    pub fn from_host(host: &str) -> Result<Self, UnknownEndpoint> {
        let (services, region) = read(host)?;
        if services.bytes().any(|byte| byte == b'|') {
            return Err(UnknownEndpoint::new(host, Reason::Ambiguous { services }));
        }
        Ok(Self::of(services, region))
    }

    /// Reads the host of a URL such as `https://host/path`.
    ///
    /// If several services share the host name, the scheme and the path decide if
    /// they can: `wss://X-ats.iot.us-east-1.amazonaws.com/mqtt` is `iotdevicegateway`.
    ///
    /// ```
    /// use sigv4_core::Endpoint;
    ///
    /// let endpoint = Endpoint::from_url("https://s3.eu-central-1.amazonaws.com/bucket/key")?;
    /// assert_eq!(endpoint.service().as_str(), "s3");
    /// # Ok::<(), sigv4_core::endpoint::UnknownEndpoint>(())
    /// ```
    ///
    /// # Errors
    /// As [`Endpoint::from_host`]; also if the text is not an absolute URL.
    pub fn from_url(url: &str) -> Result<Self, UnknownEndpoint> {
        let is_scheme = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_alphabetic())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        };
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if !is_scheme(scheme) || without_user(authority).is_empty() {
            return Err(UnknownEndpoint::new(authority, Reason::IsNoUrl));
        }
        let (services, region) = read(authority)?;
        let path = target.split(['?', '#']).next().unwrap_or_default();
        match paths::service(services, scheme, path) {
            Some(service) => Ok(Self::of(service, region)),
            None => Err(UnknownEndpoint::new(authority, Reason::Ambiguous { services })),
        }
    }

    /// Returns all endpoints of a host name: several if services share it, none if it is unknown.
    ///
    /// ```
    /// use sigv4_core::Endpoint;
    ///
    /// let both = Endpoint::candidates("abc-ats.iot.us-east-1.amazonaws.com");
    /// let names: Vec<&str> = both.iter().map(|endpoint| endpoint.service().as_str()).collect();
    /// assert_eq!(names, ["iotdata", "iotdevicegateway"]);
    /// ```
    pub fn candidates(host: &str) -> Vec<Self> {
        let Ok((services, region)) = read(host) else {
            return Vec::new();
        };
        services.split('|').map(|service| Self::of(service, region.clone())).collect()
    }

    /// The service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The region.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Creates a signer for this endpoint.
    ///
    /// ```
    /// use sigv4_core::Endpoint;
    ///
    /// let signer = Endpoint::from_host("kms.us-east-2.amazonaws.com")?.signer();
    /// assert_eq!(signer.region().as_str(), "us-east-2");
    /// # Ok::<(), sigv4_core::endpoint::UnknownEndpoint>(())
    /// ```
    pub fn signer(&self) -> Signer {
        Signer::new(self.region.clone(), self.service.clone())
    }

    /// Creates an endpoint of a service in the tables.
    fn of(service: &'static str, region: Region) -> Self {
        Self { service: Service::of_table(service), region }
    }
}

/// Reads a host name: its services, with `|` between them, and its region.
fn read(host: &str) -> Result<(&'static str, Region), UnknownEndpoint> {
    let mut buffer = [0; MAX_HOST];
    let Some(lower) = lower_case(bare_name(host), &mut buffer) else {
        return Err(no_host_name(host));
    };
    let reason = match read::read(lower) {
        Reading::Signed { services, region } => match services.strip_prefix('!') {
            Some(instead) => Reason::NotSigned { instead },
            None => {
                let region = match region {
                    RegionName::Known(name) => Cow::Borrowed(name),
                    RegionName::New(name) => Cow::Owned(name.to_owned()),
                };
                return Ok((services, Region::of_partition(region)));
            }
        },
        Reading::RegionSet { service } => Reason::RegionSet { service },
        Reading::RegionNotNamed { service } => Reason::RegionNotNamed { service },
        Reading::UnknownName { name } => Reason::UnknownName { name: name.into() },
        Reading::NotAws => Reason::NotAws,
    };
    Err(UnknownEndpoint::new(host, reason))
}

impl Signer {
    /// Creates a signer for the service and the region that a URL's host names.
    ///
    /// With the feature `sigv4a`, it signs for all regions (`*`) if the host accepts signatures for
    /// a set of regions, such as an S3 Multi-Region Access Point.
    ///
    /// ```
    /// use sigv4_core::Signer;
    ///
    /// let signer = Signer::for_url("https://abc123.execute-api.eu-west-1.amazonaws.com/pets")?;
    /// assert_eq!(signer.service().as_str(), "execute-api");
    /// # Ok::<(), sigv4_core::endpoint::UnknownEndpoint>(())
    /// ```
    ///
    /// # Errors
    /// As [`Endpoint::from_url`].
    pub fn for_url(url: &str) -> Result<Self, UnknownEndpoint> {
        let read = Endpoint::from_url(url).map(|endpoint| endpoint.signer());
        #[cfg(feature = "sigv4a")]
        let read = read.or_else(|unknown| match unknown.service_of_a_region_set() {
            Some(service) => {
                Ok(Self::for_regions(crate::v4a::RegionSet::ALL, Service::of_table(service)))
            }
            None => Err(unknown),
        });
        read
    }
}

/// Whether this is an AWS region, in the table or by the pattern of a partition.
#[cfg(feature = "stream")]
pub(crate) fn is_aws_region(name: &str) -> bool {
    RegionName::of_any(name).is_some()
}

/// Tells why a text is not a host name: often it is a URL.
fn no_host_name(text: &str) -> UnknownEndpoint {
    if !text.contains(['/', '?', '#']) {
        return UnknownEndpoint::new(text, Reason::NoHostName);
    }
    let after_scheme = text.split_once("//").map_or(text, |(_, after)| after);
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    UnknownEndpoint::new(authority, Reason::IsUrl)
}

/// Removes the text before an `@`, which may be a password, so that no error shows it.
fn without_user(authority: &str) -> &str {
    let mut host = authority;
    while let Some((_, after)) = split::once(host, b'@') {
        host = after;
    }
    host
}

/// Removes user, port and the dot of an absolute name from a host.
fn bare_name(host: &str) -> &str {
    let host = without_user(host);
    let name = match split::once(host, b':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host, // a colon without a port is from a URL: no host name has one
    };
    name.strip_suffix('.').unwrap_or(name)
}

/// Copies a name in lower case; `None` if it is not a host name. Names of old buckets may have a
/// `_`.
fn lower_case<'a>(name: &str, buffer: &'a mut [u8; MAX_HOST]) -> Option<&'a str> {
    let lower = buffer.get_mut(..name.len())?;
    let mut before = b'.';
    for (place, byte) in lower.iter_mut().zip(name.bytes()) {
        let is_legal = match byte {
            b'.' => before != b'.',
            byte => byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_',
        };
        if !is_legal {
            return None;
        }
        *place = byte.to_ascii_lowercase();
        before = byte;
    }
    if before == b'.' { None } else { core::str::from_utf8(lower).ok() }
}
