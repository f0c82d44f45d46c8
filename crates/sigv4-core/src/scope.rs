//! Region, service and the credential scope that binds a signature to them and to a day.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;

use crate::error::SignError;
use crate::service::Rules;
use crate::text::Text;
use crate::time::{ScopeDate, SigningTime};

/// The last part of every scope.
pub(crate) const TERMINATOR: &str = "aws4_request";

/// An AWS region's name, such as `us-east-1`: ASCII letters, digits, `-` and `_`.
///
/// Nothing else is let in, because a region often becomes part of a host name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Region(Cow<'static, str>);

impl Region {
    /// A region known when the program is compiled.
    ///
    /// # Panics
    /// On a name that [`Region::new`] refuses; in a `const`, when it is compiled.
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_region(name.as_bytes()), "not a region's name");
        Self(Cow::Borrowed(name))
    }

    /// A region known when the program runs.
    ///
    /// # Errors
    /// [`SignError::InvalidRegion`] where it is empty or holds any other character.
    pub fn new(name: impl Into<String>) -> Result<Self, SignError> {
        let name = name.into();
        if is_region(name.as_bytes()) {
            Ok(Self(Cow::Owned(name)))
        } else {
            Err(SignError::InvalidRegion)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_region(name: &[u8]) -> bool {
    is_name(name, None)
}

const fn is_service(name: &[u8]) -> bool {
    is_name(name, Some(b'.'))
}

const fn is_name(mut name: &[u8], also: Option<u8>) -> bool {
    if name.is_empty() {
        return false;
    }
    while let [byte, rest @ ..] = name {
        let extra = matches!(also, Some(allowed) if allowed == *byte);
        if !(byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_' || extra) {
            return false;
        }
        name = rest;
    }
    true
}

/// A service's signing name, such as `execute-api`, with the rules that it signs by.
///
/// The rules come from the table in `service.rs`; a service that is not there has the default
/// ones. [`Service::with_rules`] gives others.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Service {
    name: Cow<'static, str>,
    rules: Rules,
}

impl Service {
    /// A service known when the program is compiled.
    ///
    /// # Panics
    /// On a name that [`Service::new`] refuses; in a `const`, when it is compiled.
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_service(name.as_bytes()), "not a service's signing name");
        Self { name: Cow::Borrowed(name), rules: Rules::of(name) }
    }

    /// A service known when the program runs.
    ///
    /// # Errors
    /// [`SignError::InvalidService`] where the name is empty or holds anything but ASCII letters,
    /// digits, `-`, `_` and `.`.
    pub fn new(name: impl Into<String>) -> Result<Self, SignError> {
        let name = name.into();
        let rules = Rules::of(&name);
        Self::with_rules(name, rules)
    }

    /// A service that signs by rules of its own.
    ///
    /// ```
    /// use sigv4_core::Service;
    /// use sigv4_core::service::{PayloadHeader, Rules};
    ///
    /// let rules = Rules::DEFAULT.with_payload_header(PayloadHeader::Always);
    /// let service = Service::with_rules("my-service", rules)?;
    /// # Ok::<(), sigv4_core::SignError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Service::new`].
    pub fn with_rules(name: impl Into<String>, rules: Rules) -> Result<Self, SignError> {
        let name = name.into();
        if is_service(name.as_bytes()) {
            Ok(Self { name: Cow::Owned(name), rules })
        } else {
            Err(SignError::InvalidService)
        }
    }

    /// The signing name.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The rules that it signs by.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
}

macro_rules! text_traits {
    ($type:ident) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = SignError;

            fn from_str(name: &str) -> Result<Self, SignError> {
                Self::new(name)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = SignError;

            fn try_from(name: &str) -> Result<Self, SignError> {
                Self::new(name)
            }
        }
    };
}

text_traits!(Region);
text_traits!(Service);

/// What a signing key is good for: a day, a region and a service.
///
/// Printed as `20150830/us-east-1/iam/aws4_request`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CredentialScope<'a> {
    pub(crate) date: ScopeDate,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

impl<'a> CredentialScope<'a> {
    /// The scope of a signature made at `time`.
    pub fn new(time: SigningTime, region: &'a Region, service: &'a Service) -> Self {
        Self { date: time.scope_date(), region: region.as_str(), service: service.as_str() }
    }

    /// The day, `20150830`.
    pub fn date(&self) -> &str {
        self.date.as_str()
    }

    /// The region's name.
    pub fn region(&self) -> &'a str {
        self.region
    }

    /// The service's signing name.
    pub fn service(&self) -> &'a str {
        self.service
    }

    /// Appends the four parts and the slashes between them.
    pub(crate) fn write<const N: usize>(&self, out: &mut Text<N>) {
        self.write_with(out, b"/");
    }

    /// Appends the four parts and what stands for a slash between them.
    #[inline]
    pub(crate) fn write_with<const N: usize>(&self, out: &mut Text<N>, slash: &[u8]) {
        out.extend_from_slice(self.date.as_bytes());
        for part in [self.region, self.service, TERMINATOR] {
            out.extend_from_slice(slash);
            out.extend_from_slice(part.as_bytes());
        }
    }
}

impl fmt::Display for CredentialScope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{TERMINATOR}", self.date.as_str(), self.region, self.service)
    }
}

impl fmt::Debug for CredentialScope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialScope({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_that_could_turn_into_a_host_is_refused() {
        for name in ["", "x@evil:443/#", "us east 1", "us-east-1\n", "a/b", "évil", "a.b", "a%41"]
        {
            assert_eq!(Region::new(name), Err(SignError::InvalidRegion), "{name}");
        }
        assert_eq!(Region::new("us-gov-west-1").unwrap().as_str(), "us-gov-west-1");
    }

    #[test]
    fn service_that_would_break_the_scope_is_refused() {
        for name in ["", "s3/", "s3 ", "s3\0", "sé", "s3@x", "s3,"] {
            assert_eq!(Service::new(name), Err(SignError::InvalidService), "{name}");
        }
    }

    #[test]
    fn scope_of_the_aws_example() {
        let (region, service) = (Region::from_static("us-east-1"), Service::from_static("iam"));
        let scope = CredentialScope::new("20150830T123600Z".parse().unwrap(), &region, &service);
        assert_eq!(scope.to_string(), "20150830/us-east-1/iam/aws4_request");
        let mut written = Text::<64>::new();
        scope.write(&mut written);
        assert_eq!(&*written, scope.to_string().as_bytes());
    }
}
