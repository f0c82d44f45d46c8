//! Region, service and the credential scope that binds a signature to them and to a day.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;

use crate::algorithm::Algorithm;
use crate::error::SignError;
use crate::service::{Rules, names};
use crate::text::Text;
use crate::time::{ScopeDate, SigningTime};

/// The last part of every scope.
pub(crate) const TERMINATOR: &str = "aws4_request";

/// The rule for a region's name, as used in error texts.
pub(crate) const REGION_RULE: &str =
    "a region is made of ASCII letters, digits, - and _, such as us-east-1";

/// The rule for a service's name, as used in error texts.
pub(crate) const SERVICE_RULE: &str =
    "a service is made of ASCII letters, digits, -, _ and ., such as s3 or execute-api";

/// The error text for an availability zone.
pub(crate) const ZONE_RULE: &str = "an AWS availability zone is not a region: leave out the last \
     letter, or use Region::custom if this is a region of another system";

/// The error text for a name that is not a signing name.
pub(crate) const NAME_RULE: &str = "no AWS service has this signing name. For a service of another \
     system, use Service::with_rules";

/// A region's name, such as `us-east-1`: ASCII letters, digits, `-` and `_`.
///
/// No other characters are allowed, because a region often becomes part of a host name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Region(Cow<'static, str>);

impl Region {
    /// Creates a region from a literal, in a `const` too.
    ///
    /// # Panics
    /// Panics if [`Region::new`] refuses the name; in a `const`, at compile time.
    pub const fn from_static(name: &'static str) -> Self {
        if !is_region(name.as_bytes()) {
            refuse(name, REGION_RULE);
        }
        if is_availability_zone(name.as_bytes()) {
            refuse(name, ZONE_RULE);
        }
        Self(Cow::Borrowed(name))
    }

    /// Creates a region from a name known at run time.
    ///
    /// # Errors
    /// [`SignError::InvalidRegion`] if the name is empty or holds any other character;
    /// [`SignError::AvailabilityZone`] if it has the shape of an AWS zone, such as `us-east-1a`.
    pub fn new(name: impl Into<String>) -> Result<Self, SignError> {
        let region = Self::custom(name)?;
        if is_availability_zone(region.0.as_bytes()) {
            return Err(SignError::AvailabilityZone { name: region.0.into_owned() });
        }
        Ok(region)
    }

    /// Creates a region of a system other than AWS, or one named by a scope or a response.
    ///
    /// Checks only the characters.
    ///
    /// ```
    /// use sigv4_core::Region;
    ///
    /// assert!(Region::new("us-east-1a").is_err());
    /// assert_eq!(Region::custom("us-east-1a")?.as_str(), "us-east-1a");
    /// # Ok::<(), sigv4_core::SignError>(())
    /// ```
    ///
    /// # Errors
    /// [`SignError::InvalidRegion`] if the name is empty or holds any other character.
    pub fn custom(name: impl Into<String>) -> Result<Self, SignError> {
        let name = name.into();
        if is_region(name.as_bytes()) {
            Ok(Self(Cow::Owned(name)))
        } else {
            Err(SignError::InvalidRegion { name })
        }
    }

    /// A region that matched the pattern of an AWS partition.
    pub(crate) const fn of_partition(name: Cow<'static, str>) -> Self {
        Self(name)
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

/// `us-east-1a`, `us-gov-west-1b`: two words or more, a number, a letter; in lower case.
const fn is_availability_zone(name: &[u8]) -> bool {
    let [rest @ .., last] = name else {
        return false;
    };
    let (mut rest, mut digits) = (rest, 0);
    while let [before @ .., byte] = rest {
        if !byte.is_ascii_digit() {
            break;
        }
        (rest, digits) = (before, digits + 1);
    }
    last.is_ascii_lowercase() && digits > 0 && ends_after_words(rest)
}

/// `us-east-`: two or more words of letters, each followed by a dash.
const fn ends_after_words(mut text: &[u8]) -> bool {
    let (mut words, mut letters) = (0, 0);
    while let [byte, rest @ ..] = text {
        text = rest;
        match *byte {
            b'a'..=b'z' => letters += 1,
            b'-' if letters > 0 => (words, letters) = (words + 1, 0),
            _ => return false,
        }
    }
    words >= 2 && letters == 0
}

/// Panics with the value and the rule that it breaks.
#[expect(clippy::panic, reason = "from_static documents it: a mistake in the program's text")]
const fn refuse(name: &str, rule: &str) -> ! {
    const SHOWN: usize = 80;
    const SIZE: usize = 320;
    let mut text = [0; SIZE];
    let length = append(&mut text, 0, name.as_bytes(), SHOWN);
    let length = append(&mut text, length, b": ", SIZE);
    let length = append(&mut text, length, rule.as_bytes(), SIZE);
    match core::str::from_utf8(text.split_at(length).0) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("{}", rule),
    }
}

/// Appends the printable bytes of `part` after `length` bytes, up to `limit`; returns the new
/// length.
const fn append(text: &mut [u8], mut length: usize, mut part: &[u8], limit: usize) -> usize {
    while let [byte, rest @ ..] = part {
        part = rest;
        if length < limit && (byte.is_ascii_graphic() || *byte == b' ') {
            if let Some(place) = text.split_at_mut(length).1.first_mut() {
                *place = *byte;
            }
            length += 1;
        }
    }
    length
}

/// A service's signing name, such as `execute-api`, with the rules that it signs by.
///
/// The rules come from the table in [`service`](crate::service). A service that is not in it has
/// the default rules. [`Service::with_rules`] sets others.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Service {
    name: Cow<'static, str>,
    rules: Rules,
}

impl Service {
    /// Creates a service from a literal, in a `const` too.
    ///
    /// # Panics
    /// Panics if [`Service::new`] refuses the name; in a `const`, at compile time.
    pub const fn from_static(name: &'static str) -> Self {
        if !is_service(name.as_bytes()) {
            refuse(name, SERVICE_RULE);
        }
        if names::meant(name).is_some() {
            refuse(name, NAME_RULE);
        }
        Self { name: Cow::Borrowed(name), rules: Rules::of(name) }
    }

    /// A service from the endpoint tables, where every name is a signing name.
    pub(crate) const fn of_table(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), rules: Rules::of(name) }
    }

    /// Creates a service from a name known at run time.
    ///
    /// # Errors
    /// [`SignError::InvalidService`] if the name is empty or holds anything but ASCII letters,
    /// digits, `-`, `_` and `.`; [`SignError::NotASigningName`] if it is not a signing name but
    /// stands for one: `opensearch` and `elasticsearch` (`es`), `opensearchserverless` (`aoss`),
    /// and a signing name in the wrong case, such as `S3`.
    pub fn new(name: impl Into<String>) -> Result<Self, SignError> {
        let name = name.into();
        if let Some(meant) = names::meant(&name) {
            return Err(SignError::NotASigningName { name, meant });
        }
        let rules = Rules::of(&name);
        Self::with_rules(name, rules)
    }

    /// Creates a service that signs by the given rules, whatever its name.
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
    /// [`SignError::InvalidService`], as for [`Service::new`].
    pub fn with_rules(name: impl Into<String>, rules: Rules) -> Result<Self, SignError> {
        let name = name.into();
        if is_service(name.as_bytes()) {
            Ok(Self { name: Cow::Owned(name), rules })
        } else {
            Err(SignError::InvalidService { name })
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

/// The day, region and service that a signing key is valid for.
///
/// Printed as `20150830/us-east-1/iam/aws4_request`; for SigV4a, whose regions are not in the
/// scope, as `20150830/s3/aws4_request`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CredentialScope<'a> {
    pub(crate) date: ScopeDate,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) algorithm: Algorithm,
}

impl<'a> CredentialScope<'a> {
    /// The scope of a signature made at `time`.
    pub fn new(time: SigningTime, region: &'a Region, service: &'a Service) -> Self {
        let (date, region, service) = (time.scope_date(), region.as_str(), service.as_str());
        Self { date, region, service, algorithm: Algorithm::Hmac }
    }

    /// The day, `20150830`.
    pub fn date(&self) -> &str {
        self.date.as_str()
    }

    /// The region's name; for SigV4a the region set, such as `*`. To compare it, use
    /// [`Self::covers`].
    pub fn region(&self) -> &'a str {
        self.region
    }

    /// Whether the scope is valid in `region`: its own or, for SigV4a, one that the region set
    /// covers.
    pub fn covers(&self, region: &str) -> bool {
        match self.algorithm {
            Algorithm::Hmac => self.region == region,
            #[cfg(feature = "sigv4a")]
            Algorithm::Ecdsa => crate::v4a::covers(self.region, region),
        }
    }

    /// The service's signing name.
    pub fn service(&self) -> &'a str {
        self.service
    }

    /// The region, if it is a part of the scope's text.
    #[inline]
    fn region_part(&self) -> Option<&'a str> {
        match self.algorithm {
            Algorithm::Hmac => Some(self.region),
            #[cfg(feature = "sigv4a")]
            Algorithm::Ecdsa => None,
        }
    }

    /// Appends the parts and the slashes between them.
    pub(crate) fn write<const N: usize>(&self, out: &mut Text<N>) {
        self.write_with(out, b"/");
    }

    /// Appends the parts, with `slash` between them.
    #[inline]
    pub(crate) fn write_with<const N: usize>(&self, out: &mut Text<N>, slash: &[u8]) {
        out.extend_from_slice(self.date.as_bytes());
        let mut push = |part: &str| {
            out.extend_from_slice(slash);
            out.extend_from_slice(part.as_bytes());
        };
        if let Some(region) = self.region_part() {
            push(region);
        }
        push(self.service);
        push(TERMINATOR);
    }
}

impl fmt::Display for CredentialScope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.date.as_str())?;
        if let Some(region) = self.region_part() {
            write!(f, "/{region}")?;
        }
        write!(f, "/{}/{TERMINATOR}", self.service)
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
            let refused = SignError::InvalidRegion { name: name.into() };
            assert_eq!(Region::new(name), Err(refused.clone()), "{name}");
            assert_eq!(Region::custom(name), Err(refused), "{name}");
        }
        assert_eq!(Region::new("us-gov-west-1").unwrap().as_str(), "us-gov-west-1");
    }

    #[test]
    fn service_that_would_break_the_scope_is_refused() {
        for name in ["", "s3/", "s3 ", "s3\0", "sé", "s3@x", "s3,"] {
            let refused = SignError::InvalidService { name: name.into() };
            assert_eq!(Service::new(name), Err(refused.clone()), "{name}");
            assert_eq!(Service::with_rules(name, Rules::DEFAULT), Err(refused), "{name}");
        }
    }

    #[test]
    fn availability_zone_is_no_region_unless_it_is_called_custom() {
        for name in ["us-east-1a", "ap-southeast-2c", "us-gov-west-1b", "us-iso-east-12z"] {
            let refused = SignError::AvailabilityZone { name: name.into() };
            assert_eq!(Region::new(name), Err(refused.clone()), "{name}");
            assert_eq!(Region::custom(name).unwrap().as_str(), name);
            assert!(refused.to_string().contains(name), "{refused}");
            assert!(refused.to_string().contains("Region::custom"), "{refused}");
        }
    }

    #[test]
    fn regions_of_other_systems_pass_as_they_are() {
        for name in [
            "garage",
            "auto",
            "RegionOne",
            "us-west-002",
            "nyc3",
            "eu-central-1",
            "a1b",
            "1a",
            "x",
            "default",
            "us-east-a",
            "us--1a",
            "-us-east-1a",
            "us-1a",
            "us-east-1A",
            "us-east-1-a",
            "us-east-1-wl1-bos-wlz-1",
            "fr-par",
            "use1-az1",
        ] {
            assert_eq!(Region::new(name).unwrap(), Region::from_static(name));
        }
    }

    #[test]
    fn name_that_no_service_signs_by_is_refused_and_the_right_one_is_named() {
        for (name, meant) in [
            ("opensearch", "es"),
            ("elasticsearch", "es"),
            ("opensearchserverless", "aoss"),
            ("S3", "s3"),
            ("Execute-API", "execute-api"),
            ("DynamoDB", "dynamodb"),
            ("IOTDEVICEGATEWAY", "iotdevicegateway"),
            ("IotSecuredTunneling", "IoTSecuredTunneling"),
        ] {
            let refused = Service::new(name).unwrap_err();
            assert_eq!(refused, SignError::NotASigningName { name: name.into(), meant });
            let text = refused.to_string();
            assert!(text.contains(name) && text.contains(meant), "{text}");
            assert_eq!(Service::with_rules(name, Rules::S3).unwrap().as_str(), name);
        }
    }

    #[test]
    fn name_with_capitals_is_checked_when_the_program_is_compiled() {
        const TUNNELING: Service = Service::from_static("IoTSecuredTunneling");
        const OTHER: Service = Service::from_static("MyService");
        assert_eq!((TUNNELING.as_str(), OTHER.as_str()), ("IoTSecuredTunneling", "MyService"));
    }

    #[test]
    fn names_that_services_sign_by_or_that_aws_does_not_know_pass() {
        for name in [
            "es",
            "aoss",
            "apigateway",
            "execute-api",
            "IoTSecuredTunneling",
            "IngestionService",
            "AWSMobileHubService",
            "my-service",
            "MyService",
            "Pets",
            "sns",
            "garage",
        ] {
            assert_eq!(Service::new(name).unwrap(), Service::from_static(name));
        }
    }

    #[test]
    fn from_static_panics_with_the_value_and_the_rule() {
        let panic_text = |call: fn()| {
            let payload = std::panic::catch_unwind(call).unwrap_err();
            payload.downcast::<String>().map(|text| *text).unwrap()
        };
        let text = panic_text(|| drop(Region::from_static("us east")));
        assert_eq!(text, format!("us east: {REGION_RULE}"));
        let text = panic_text(|| drop(Region::from_static("us-east-1a")));
        assert_eq!(text, format!("us-east-1a: {ZONE_RULE}"));
        let text = panic_text(|| drop(Service::from_static("s3/")));
        assert_eq!(text, format!("s3/: {SERVICE_RULE}"));
        let text = panic_text(|| drop(Service::from_static("opensearch")));
        assert_eq!(text, format!("opensearch: {NAME_RULE}"));
        let long: &str = Box::leak("é".repeat(9).into_boxed_str());
        assert!(std::panic::catch_unwind(|| Region::from_static(long)).is_err());
        let long: &str = Box::leak("/".repeat(999).into_boxed_str());
        let payload = std::panic::catch_unwind(|| Region::from_static(long)).unwrap_err();
        assert!(payload.downcast::<String>().unwrap().ends_with(REGION_RULE));
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
