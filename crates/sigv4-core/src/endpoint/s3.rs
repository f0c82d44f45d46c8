//! S3's host names: a bucket before them may have any number of labels.
//!
//! Source: Amazon S3 User Guide, "Virtual hosting of buckets", "Transfer Acceleration", "Access points",
//! "Making requests to S3 over IPv6", "AWS PrivateLink for Amazon S3", "Multi-Region Access Points",
//! "Website endpoints"; botocore's rule sets of `s3` and `s3control`.

use super::read::Reading;
use super::rows::RegionName;

/// The region of host names that predate regions.
const FIRST_REGION: RegionName<'_> = RegionName::Known("us-east-1");

/// The partition of that region.
const FIRST_PARTITION: &str = "0";

/// Reads the labels before a region: `bucket.s3`, `bucket.vpce-ID.s3`.
pub(super) fn regional<'a>(before: &str, region: RegionName<'a>) -> Option<Reading<'a>> {
    let before = before.strip_suffix(".dualstack").unwrap_or(before);
    let services = service(last_label(before))?;
    Some(Reading::Signed { services, region })
}

/// Reads a name without a region, or with one after a dash: `bucket.s3`, `bucket.s3-eu-west-1`.
///
/// `partitions` are the indices of the domain's.
pub(super) fn global<'a>(name: &'a str, partitions: &str) -> Option<Reading<'a>> {
    let (before, last) = name.rsplit_once('.').unwrap_or(("", name));
    match last {
        "s3-accelerate" => Some(Reading::RegionNotNamed { service: "s3" }),
        "dualstack" if last_label(before) == "s3-accelerate" => {
            Some(Reading::RegionNotNamed { service: "s3" })
        }
        "s3" | "s3-external-1" if partitions.contains(FIRST_PARTITION) => {
            Some(Reading::Signed { services: "s3", region: FIRST_REGION })
        }
        "s3-global" if last_label(before) == "accesspoint" => {
            Some(Reading::RegionSet { service: "s3" })
        }
        dashed => {
            let (services, region) =
                [("!website", "s3-website-"), ("s3", "s3-fips-"), ("s3", "s3-")]
                    .iter()
                    .find_map(|(services, start)| Some((services, dashed.strip_prefix(start)?)))?;
            Some(Reading::Signed { services, region: RegionName::read(region, partitions)? })
        }
    }
}

fn service(form: &str) -> Option<&'static str> {
    Some(match form.strip_suffix("-fips").unwrap_or(form) {
        "s3" | "s3-accesspoint" | "s3-control" => "s3",
        "s3-object-lambda" => "s3-object-lambda",
        "s3-outposts" => "s3-outposts",
        "s3-website" => "!website",
        express if express.starts_with("s3express-") => "s3express",
        _ => return None,
    })
}

fn last_label(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}
