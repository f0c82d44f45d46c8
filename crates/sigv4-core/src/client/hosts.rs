//! The hosts that a client may sign for.

use core::fmt;

use crate::head::normal_authority;

/// The hosts that a client signs for. A request to any other is refused, not sent unsigned.
///
/// Without such a list, a client signs for every host. Set one if something above the client
/// chooses the URI. tower's `FollowRedirect` above a layer, for example, would have the request
/// signed again for any host that a response names.
///
/// | entry | allows |
/// | --- | --- |
/// | `search.example.com` | the host on the default port, over http and https |
/// | `search.example.com:9200` | the host on that port |
/// | `*.s3.amazonaws.com` | every host below the name, but not the name itself |
/// | `https://search.example.com` | only that origin: https never becomes http |
///
/// ```
/// use sigv4_core::client::AllowedHosts;
///
/// let hosts = AllowedHosts::new(["https://search.example.com", "https://*.s3.amazonaws.com"])?;
/// # let _ = hosts;
/// # Ok::<(), sigv4_core::client::InvalidHost>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHosts(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    scheme: Option<String>,
    /// The suffix `.example.com` for an entry `*.example.com`.
    below: Option<String>,
    authority: String,
}

impl AllowedHosts {
    /// Creates a list from hosts, hosts with a port, or origins.
    ///
    /// # Errors
    /// [`InvalidHost`] for the first entry that is none of these. It names the entry.
    pub fn new<E: AsRef<str>>(entries: impl IntoIterator<Item = E>) -> Result<Self, InvalidHost> {
        entries
            .into_iter()
            .map(|entry| Entry::read(entry.as_ref()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Returns whether a request with this scheme and normalised authority may be signed.
    pub(super) fn allow(&self, scheme: Option<&str>, authority: &str) -> bool {
        self.0.iter().any(|entry| entry.allows(scheme, authority))
    }
}

impl Entry {
    fn read(text: &str) -> Result<Self, InvalidHost> {
        let shown = text.rsplit('@').next().unwrap_or_default(); // without user:password@
        let invalid = || InvalidHost { entry: shown.to_owned() };
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        if !matches!(scheme.as_deref(), None | Some("http" | "https")) {
            return Err(invalid());
        }
        let host = rest.strip_prefix("*.").unwrap_or(rest);
        let authority =
            normal_authority(host, scheme.as_deref()).map_err(|_| invalid())?.into_owned();
        if authority.contains('*') {
            return Err(invalid());
        }
        let below = (host.len() < rest.len()).then(|| format!(".{authority}"));
        Ok(Self { scheme, below, authority })
    }

    fn allows(&self, scheme: Option<&str>, authority: &str) -> bool {
        if self.scheme.as_deref().is_some_and(|only| Some(only) != scheme) {
            return false;
        }
        match &self.below {
            Some(suffix) => {
                authority.strip_suffix(suffix.as_str()).is_some_and(|name| !name.is_empty())
            }
            // An entry without a scheme may name the default port of the request's scheme.
            None => normal_authority(&self.authority, scheme).is_ok_and(|own| own == authority),
        }
    }
}

/// An entry of [`AllowedHosts`] that is neither a host nor an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidHost {
    entry: String,
}

impl fmt::Display for InvalidHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = &self.entry;
        write!(
            f,
            "{entry:?} is no host to sign for: give a name such as example.com, example.com:9200, \
             *.example.com or https://example.com, without path or user information"
        )
    }
}

impl core::error::Error for InvalidHost {}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entry: &str, scheme: &str, authority: &str) -> bool {
        AllowedHosts::new([entry]).unwrap().allow(Some(scheme), authority)
    }

    #[test]
    fn host_is_allowed_on_its_default_port_over_either_scheme() {
        assert!(allows("Example.com", "https", "example.com"));
        assert!(allows("example.com", "http", "example.com"));
        assert!(!allows("example.com", "https", "example.com:8443"));
        assert!(!allows("example.com", "https", "a.example.com"));
        assert!(!allows("example.com", "https", "example.com.evil.net"));
        assert!(allows("example.com:443", "https", "example.com"));
        assert!(!allows("example.com:443", "http", "example.com"));
        assert!(allows("[::1]:9000", "http", "[::1]:9000"));
    }

    #[test]
    fn origin_is_allowed_over_its_scheme_alone() {
        assert!(allows("https://example.com:443", "https", "example.com"));
        assert!(!allows("https://example.com", "http", "example.com"));
        let hosts = AllowedHosts::new(["https://example.com"]).unwrap();
        assert!(!hosts.allow(None, "example.com"));
    }

    #[test]
    fn wildcard_allows_names_below_and_not_the_name_itself() {
        assert!(allows("*.example.com", "https", "a.example.com"));
        assert!(allows("*.example.com", "https", "a.b.example.com"));
        assert!(!allows("*.example.com", "https", "example.com"));
        assert!(!allows("*.example.com", "https", ".example.com"));
        assert!(!allows("*.example.com", "https", "evilexample.com"));
        assert!(!allows("*.example.com", "https", "a.example.com:8443"));
        assert!(allows("https://*.example.com:8443", "https", "a.example.com:8443"));
    }

    #[test]
    fn entry_that_is_no_host_is_an_error_that_names_it() {
        for entry in ["", "*", "*.", "a*b", "a.*", "example.com/path", "ftp://a", "https://", "a b"]
        {
            let error = AllowedHosts::new([entry]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{entry:?}")), "{error}");
        }
        let error = AllowedHosts::new(["user:hunter2@a"]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}
