//! S3's host names: a bucket before them may have any number of labels.
//!
//! Source: Amazon S3 User Guide, "Virtual hosting of buckets", "Transfer Acceleration", "Access points",
//! "Making requests to S3 over IPv6", "AWS PrivateLink for Amazon S3", "Multi-Region Access Points",
//! "Website endpoints"; botocore's rule sets of `s3` and `s3control`.

use super::read::Reading;
use super::rows::partition_of;

/// The region of the names that are older than regions.
const FIRST_REGION: &str = "us-east-1";

/// Reads what stands before a region: `bucket.s3`, `bucket.vpce-ID.s3`.
pub(super) fn regional<'a>(before: &str, region: &'a str) -> Option<Reading<'a>> {
    let before = before.strip_suffix(".dualstack").unwrap_or(before);
    let services = service(last_label(before))?;
    Some(Reading::Signed { services, region })
}

/// Reads a name without a region, or with one behind a dash: `bucket.s3`, `bucket.s3-eu-west-1`.
pub(super) fn global<'a>(name: &'a str) -> Option<Reading<'a>> {
    let accelerated = |name: &str| last_label(name) == "s3-accelerate";
    if accelerated(name) || name.strip_suffix(".dualstack").is_some_and(accelerated) {
        return Some(Reading::RegionNotNamed { service: "s3" });
    }
    match last_label(name) {
        "s3" | "s3-external-1" => Some(Reading::Signed { services: "s3", region: FIRST_REGION }),
        "s3-global" if name.ends_with("accesspoint.s3-global") => {
            Some(Reading::RegionSet { service: "s3" })
        }
        dashed => {
            let (services, region) =
                [("!website", "s3-website-"), ("s3", "s3-fips-"), ("s3", "s3-")]
                    .iter()
                    .find_map(|(services, start)| Some((services, dashed.strip_prefix(start)?)))?;
            partition_of(region)?;
            Some(Reading::Signed { services, region })
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
