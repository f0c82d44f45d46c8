//! Service and region read from an AWS host name.
//!
//! Source: AWS General Reference, "Service endpoints and quotas", and each service's own pages.

use core::fmt;

use crate::scope::{Region, Service};

/// The region of services that have one endpoint for the whole world.
const GLOBAL_REGION: &str = "us-east-1";

/// The domains that AWS serves from.
const DOMAINS: [&str; 4] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws"];

/// What an AWS host name says of the service behind it.
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

/// A host name from which service and region cannot be told: a custom domain, or a form unknown here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEndpoint {
    host: String,
}

impl Endpoint {
    /// Reads a host name, with or without a port.
    ///
    /// # Errors
    /// [`UnknownEndpoint`] where the name does not tell: give service and region instead.
    pub fn from_host(host: &str) -> Result<Self, UnknownEndpoint> {
        // What stands before an @ may be a password: it goes into no error.
        let host = host.rsplit('@').next().unwrap_or_default();
        let unknown = || UnknownEndpoint { host: host.to_owned() };
        let name = host.split_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
        let labels =
            DOMAINS.iter().find_map(|domain| name.strip_suffix(domain)).ok_or_else(unknown)?;
        let labels: Vec<&str> = labels.split('.').collect();
        let (service, region) = read_labels(&labels, &name).ok_or_else(unknown)?;
        Ok(Self {
            service: Service::new(signing_name(service)).map_err(|_| unknown())?,
            region: Region::new(region).map_err(|_| unknown())?,
        })
    }

    /// The service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The region.
    pub fn region(&self) -> &Region {
        &self.region
    }
}

/// The labels before the domain, as (endpoint prefix, region).
fn read_labels<'a>(labels: &[&'a str], name: &str) -> Option<(&'a str, &'a str)> {
    if let Some(found) = read_s3(labels) {
        return Some(found);
    }
    match labels {
        // OpenSearch puts the region before the service: search-domain.us-east-1.es
        [.., region, "es" | "aoss"] if is_region(region) => Some((labels.last()?, region)),
        [.., service, "dualstack", region] | [.., service, region] if is_region(region) => {
            Some((service, region))
        }
        // api.aws writes service.region too; a lone label is a global endpoint.
        [service] if !name.ends_with(".on.aws") && !is_region(service) => {
            Some((service, GLOBAL_REGION))
        }
        _ => None,
    }
}

/// S3's forms: bucket before, dual-stack, FIPS, accelerate, access points, and the old dashes.
fn read_s3<'a>(labels: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let (last, before) = labels.split_last()?;
    let is_s3 = |label: &&&str| {
        matches!(
            **label,
            "s3" | "s3-fips"
                | "s3-accesspoint"
                | "s3-accesspoint-fips"
                | "s3-outposts"
                | "s3-object-lambda"
                | "s3-object-lambda-fips"
                | "s3-control"
                | "s3-control-fips"
                | "s3-website"
        )
    };
    let before_region: Vec<&'a str> =
        before.iter().copied().filter(|label| *label != "dualstack").collect();
    if is_region(last) {
        if let Some(zonal) = before_region.last().filter(|label| label.starts_with("s3express-")) {
            return (!zonal.is_empty()).then_some(("s3express", *last));
        }
        if let Some(form) = before_region.last().filter(|label| is_s3(label)) {
            return Some((form, last));
        }
    }
    match *last {
        "s3" | "s3-external-1" | "s3-accelerate" => Some(("s3", GLOBAL_REGION)),
        "dualstack" if before.last() == Some(&"s3-accelerate") => Some(("s3", GLOBAL_REGION)),
        dashed => {
            let region = dashed.strip_prefix("s3-website-").or(dashed.strip_prefix("s3-"))?;
            is_region(region).then_some(("s3", region))
        }
    }
}

/// `us-east-1`, `us-gov-west-1`, `ap-southeast-2`: letters, then words, then a number.
pub(crate) fn is_region(label: &str) -> bool {
    let mut words = label.split('-');
    let area = words.next().is_some_and(|word| {
        (2..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    let rest: Vec<&str> = words.collect();
    let Some((number, names)) = rest.split_last() else {
        return false;
    };
    area && !names.is_empty()
        && names.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The signing name of an endpoint prefix, where the two differ.
fn signing_name(prefix: &str) -> &str {
    match prefix.strip_suffix("-fips").unwrap_or(prefix) {
        "s3-accesspoint" | "s3-control" | "s3-website" => "s3",
        "lambda-url" => "lambda",
        "appsync-api" | "appsync-realtime-api" => "appsync",
        "bedrock-runtime" | "bedrock-agent" | "bedrock-agent-runtime" => "bedrock",
        "iot" => "iotdevicegateway",
        "email" => "ses",
        "monitoring" => "monitoring",
        "api.ecr" => "ecr",
        name => name,
    }
}

impl fmt::Display for UnknownEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        write!(
            f,
            "cannot tell the AWS service and region from the host name {host}: give both, as with \
             Signer::new(region, service)"
        )
    }
}

impl core::error::Error for UnknownEndpoint {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_and_region_of_every_known_form() {
        for (host, service, region) in [
            ("abc.execute-api.us-east-1.amazonaws.com", "execute-api", "us-east-1"),
            ("abc-vpce-123.execute-api.us-east-1.amazonaws.com", "execute-api", "us-east-1"),
            ("abc.lambda-url.eu-west-1.on.aws", "lambda", "eu-west-1"),
            ("search-logs-abc.us-west-2.es.amazonaws.com", "es", "us-west-2"),
            ("abc.us-east-1.aoss.amazonaws.com", "aoss", "us-east-1"),
            ("s3.amazonaws.com", "s3", "us-east-1"),
            ("bucket.s3.amazonaws.com", "s3", "us-east-1"),
            ("my.dotted.bucket.s3.amazonaws.com", "s3", "us-east-1"),
            ("s3.eu-central-1.amazonaws.com", "s3", "eu-central-1"),
            ("bucket.s3.eu-central-1.amazonaws.com", "s3", "eu-central-1"),
            ("bucket.s3-eu-west-1.amazonaws.com", "s3", "eu-west-1"),
            ("bucket.s3.dualstack.us-west-2.amazonaws.com", "s3", "us-west-2"),
            ("bucket.s3-fips.us-gov-west-1.amazonaws.com", "s3", "us-gov-west-1"),
            ("bucket.s3-fips.dualstack.us-gov-west-1.amazonaws.com", "s3", "us-gov-west-1"),
            ("bucket.s3-accelerate.amazonaws.com", "s3", "us-east-1"),
            ("bucket.s3-accelerate.dualstack.amazonaws.com", "s3", "us-east-1"),
            ("ap-123456789012.s3-accesspoint.us-west-2.amazonaws.com", "s3", "us-west-2"),
            ("s3.cn-north-1.amazonaws.com.cn", "s3", "cn-north-1"),
            ("b.op-1.s3-outposts.us-west-2.amazonaws.com", "s3-outposts", "us-west-2"),
            ("ap-1.s3-object-lambda.us-west-2.amazonaws.com", "s3-object-lambda", "us-west-2"),
            (
                "bucket--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
                "s3express",
                "us-east-1",
            ),
            ("abc.appsync-api.us-east-1.amazonaws.com", "appsync", "us-east-1"),
            ("abc.appsync-realtime-api.us-east-1.amazonaws.com", "appsync", "us-east-1"),
            ("svc-1.7d67968.vpc-lattice-svcs.us-west-2.on.aws", "vpc-lattice-svcs", "us-west-2"),
            ("a1b2-ats.iot.us-east-1.amazonaws.com", "iotdevicegateway", "us-east-1"),
            ("bedrock-runtime.us-east-1.amazonaws.com", "bedrock", "us-east-1"),
            ("bedrock-runtime-fips.us-east-1.amazonaws.com", "bedrock", "us-east-1"),
            ("dynamodb.ap-southeast-2.amazonaws.com", "dynamodb", "ap-southeast-2"),
            ("sts.amazonaws.com", "sts", "us-east-1"),
            ("iam.amazonaws.com", "iam", "us-east-1"),
            ("sqs.eu-west-3.api.aws", "sqs", "eu-west-3"),
            ("kms-fips.us-east-1.amazonaws.com:443", "kms", "us-east-1"),
            ("DynamoDB.US-EAST-1.amazonaws.com", "dynamodb", "us-east-1"),
        ] {
            let endpoint = Endpoint::from_host(host).unwrap();
            assert_eq!(endpoint.service.as_str(), service, "{host}");
            assert_eq!(endpoint.region.as_str(), region, "{host}");
        }
    }

    #[test]
    fn custom_domain_cannot_be_told_and_the_error_says_what_to_do() {
        for host in [
            "api.example.com",
            "localhost:9000",
            "127.0.0.1",
            "",
            "amazonaws.com",
            "evilamazonaws.com",
        ] {
            let error = Endpoint::from_host(host).unwrap_err();
            assert!(error.to_string().contains("Signer::new"), "{host}");
        }
    }
}
