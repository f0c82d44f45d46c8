//! The error for a host name that does not determine service and region.

use core::fmt;

/// A host name does not determine the service and the region. The text says why, and how to give
/// both.
///
/// Holds only the host name, without a URL's user, path or query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEndpoint {
    host: Box<str>,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// A URL was given to `from_host`.
    IsUrl,
    /// The text given to `from_url` is not a URL with a host.
    IsNoUrl,
    /// Empty, too long, or with characters that are not allowed in a host name.
    NoHostName,
    NotAws,
    UnknownName {
        name: Box<str>,
    },
    /// Several services share this name; `|` between them.
    Ambiguous {
        services: &'static str,
    },
    RegionSet {
        service: &'static str,
    },
    RegionNotNamed {
        service: &'static str,
    },
    /// The mechanism used instead of SigV4, as the tables name it.
    NotSigned {
        instead: &'static str,
    },
}

impl UnknownEndpoint {
    pub(super) fn new(authority: &str, reason: Reason) -> Self {
        let host = super::without_user(authority).chars().take(super::MAX_HOST).collect();
        Self { host, reason }
    }

    /// The service, if its signatures are for a set of regions.
    #[cfg(feature = "sigv4a")]
    pub(super) fn service_of_a_region_set(&self) -> Option<&'static str> {
        match self.reason {
            Reason::RegionSet { service } => Some(service),
            _ => None,
        }
    }

    /// The host name that was read, without user information.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// How to sign for a set of regions.
const SIGN_FOR_REGIONS: &str = if cfg!(feature = "sigv4a") {
    "sign with Signer::for_url, which covers all regions, or with Signer::for_regions"
} else {
    "turn on the feature sigv4a of sigv4-core and sign with Signer::for_regions"
};

impl fmt::Display for UnknownEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.escape_debug();
        let give_both = "give both, as with Signer::new(region, service)";
        match &self.reason {
            Reason::IsUrl => write!(
                f,
                "a URL was given where the name of a host is read ({host}): use Endpoint::from_url \
                 or Signer::for_url"
            ),
            Reason::IsNoUrl => write!(
                f,
                "not a URL with a host, such as https://host/path ({host}): for the name of a \
                 host, use Endpoint::from_host"
            ),
            Reason::NoHostName => {
                write!(f, "this is not the name of a host ({host}): correct it, or {give_both}")
            }
            Reason::NotAws => write!(
                f,
                "the host {host} is below no domain of AWS, so its name tells neither service nor \
                 region: {give_both}"
            ),
            Reason::UnknownName { name } => write!(
                f,
                "the host {host} is below a domain of AWS, but this version knows no service and \
                 region by the name {}: {give_both}",
                name.escape_debug()
            ),
            Reason::Ambiguous { services } => write!(
                f,
                "the host {host} serves {}, and the request decides which of them signs: \
                 Endpoint::from_url reads its path, Endpoint::candidates lists them, or {give_both}",
                services.replace('|', " and ")
            ),
            Reason::RegionSet { service } => write!(
                f,
                "the host {host} ({service}) takes SigV4a signatures for a set of regions, and is of \
                 no single one: {SIGN_FOR_REGIONS}, or use the endpoint of one region"
            ),
            Reason::RegionNotNamed { service } => write!(
                f,
                "the host {host} ({service}) does not name the region of the resource: {give_both}"
            ),
            Reason::NotSigned { instead } => {
                write!(f, "requests to the host {host} are not signed with SigV4: {}", why(instead))
            }
        }
    }
}

/// How a request without a signature is authenticated, and where a signature is possible.
fn why(instead: &str) -> &'static str {
    match instead {
        "bearer" => "they carry a bearer token",
        "certificate" => "the TLS connection has a client certificate",
        "password" => "they carry a password from the service's API (HTTP basic authentication)",
        "website" => "website endpoints serve to everybody; use the REST endpoint of the bucket",
        _ => "they are authorised in another way",
    }
}

impl core::error::Error for UnknownEndpoint {}

#[cfg(test)]
mod tests {
    use super::super::{SERVICE_TABLES, table};
    use super::*;

    #[test]
    fn every_reason_of_the_tables_has_its_words() {
        let tables = [table::RESOURCES, table::DOMAINS].into_iter().chain(SERVICE_TABLES);
        let reasons = tables.flat_map(|table| table.split('!').skip(1));
        let mut seen = vec!["website"]; // of s3.rs
        seen.extend(reasons.filter_map(|text| text.split([' ', '|', '\n']).next()));
        assert!(seen.len() > 4, "{seen:?}");
        for reason in seen {
            assert_ne!(why(reason), why(""), "{reason}");
        }
    }
}
