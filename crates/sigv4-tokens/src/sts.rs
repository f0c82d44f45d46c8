//! The host of AWS STS in a region, by the region's partition.
//!
//! Source of the domains: botocore's `partitions.json`.

use sigv4_core::{Endpoint, Region, Service};

use crate::error::TokenError;

/// STS's signing name.
pub(crate) const STS: Service = Service::from_static("sts");

/// The call that proves the signer's identity, as a query and as a form.
pub(crate) const GET_CALLER_IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// The same, as parameters.
pub(crate) const GET_CALLER_IDENTITY_PARAMETERS: [(&str, &str); 2] =
    [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")];

/// The global endpoint of the partition `aws`. Sign for us-east-1 to use it.
pub(crate) const GLOBAL_HOST: &str = "sts.amazonaws.com";

/// The domains of the regional endpoints. The core's endpoint table maps regions to them.
const DOMAINS: [&str; 7] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];

/// Returns the regional host of STS: `sts.eu-west-1.amazonaws.com`.
///
/// # Errors
/// Fails with [`TokenError::UnknownPartition`] if the region is in no partition of the table.
pub(crate) fn host(region: &Region) -> Result<String, TokenError> {
    let is_of_region = |host: &String| {
        let read = Endpoint::from_host(host);
        read.is_ok_and(|found| *found.service() == STS && found.region() == region)
    };
    let mut hosts = DOMAINS.iter().map(|domain| format!("sts.{region}.{domain}"));
    hosts.find(is_of_region).ok_or_else(|| TokenError::UnknownPartition { region: region.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sts_has_the_domain_of_its_partition() {
        for (region, expected) in [
            ("us-east-1", "sts.us-east-1.amazonaws.com"),
            ("ap-southeast-7", "sts.ap-southeast-7.amazonaws.com"),
            ("us-west-99", "sts.us-west-99.amazonaws.com"), // also for a future region
            ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"),
            ("cn-northwest-1", "sts.cn-northwest-1.amazonaws.com.cn"),
            ("us-iso-east-1", "sts.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-west-1", "sts.us-isob-west-1.sc2s.sgov.gov"),
            ("us-isof-south-1", "sts.us-isof-south-1.csp.hci.ic.gov"),
            ("eu-isoe-west-1", "sts.eu-isoe-west-1.cloud.adc-e.uk"),
            ("eusc-de-east-1", "sts.eusc-de-east-1.amazonaws.eu"),
        ] {
            assert_eq!(host(&Region::from_static(region)).unwrap(), expected);
        }
    }

    #[test]
    fn region_of_no_known_partition_is_an_error_not_a_guess() {
        for region in
            ["xx-west-1", "us-new-east-1", "eusc-fr-west-1", "aws-global", "local", "us-east"]
        {
            let error = host(&Region::from_static(region)).unwrap_err();
            assert!(matches!(error, TokenError::UnknownPartition { .. }), "{region}");
            assert!(error.to_string().contains(region));
        }
    }
}
