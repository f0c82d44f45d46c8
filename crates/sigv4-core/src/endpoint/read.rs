//! Reading a host name, from its domain to its first label.

use super::rows::{Leads, Partition, Row, find, partition_of};
use super::table::{DOMAINS, PARTITIONS, RESOURCES, ROWS, SUFFIXES};
use super::{hand, s3};

/// What a host name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading<'a> {
    /// Signing names with `|` between them, or `!` and why nothing is signed; and the region.
    Signed { services: &'static str, region: &'a str },
    /// The service signs with SigV4a for every region: a region set has no place in an `Endpoint` yet.
    RegionSet { service: &'static str },
    /// The service is clear; the region is not in the name.
    RegionNotNamed { service: &'static str },
    /// Below a domain of AWS, with this name before it, which is in no table.
    UnknownName { name: &'a str },
    /// No domain of AWS.
    NotAws,
}

/// A domain of AWS: its partitions, and the letter by which rows name it.
#[derive(Clone, Copy)]
struct Domain {
    letter: u8,
    partitions: &'static str,
    is_of_resources: bool,
}

/// Reads a host name in lower case, without a port.
pub(super) fn read(host: &str) -> Reading<'_> {
    let Some((name, domain)) = split(host) else {
        return own_domain(host).unwrap_or(Reading::NotAws);
    };
    if let Some(name) = name.strip_suffix(".vpce") {
        return private_link(name, domain).unwrap_or(Reading::UnknownName { name });
    }
    let found = if domain.is_of_resources {
        service(name, domain, [hand::RESOURCES, RESOURCES])
    } else {
        amazon_s3(name, domain).or_else(|| service(name, domain, [hand::ROWS, ROWS]))
    };
    found.unwrap_or(Reading::UnknownName { name })
}

/// The name before the longest of AWS's domains that a host ends with.
fn split(host: &str) -> Option<(&str, Domain)> {
    (b'a'..).zip(&SUFFIXES).find_map(|(letter, &(suffix, partitions))| {
        let name = host.strip_suffix(suffix)?.strip_suffix('.')?;
        let is_of_resources = suffix == "on.aws";
        Some((name, Domain { letter, partitions, is_of_resources }))
    })
}

impl Domain {
    fn partitions(self) -> impl Iterator<Item = &'static Partition> {
        let indices = self.partitions.bytes().map(|digit| usize::from(digit - b'0'));
        indices.filter_map(|index| PARTITIONS.get(index))
    }

    fn has_region(self, label: &str) -> bool {
        self.partitions().any(|partition| partition.has(label))
    }

    /// The region of what the first of the partitions has once.
    fn global_region(self) -> &'static str {
        self.partitions().next().map_or("", |partition| partition.global)
    }
}

fn amazon_s3(name: &str, domain: Domain) -> Option<Reading<'_>> {
    match split_region(name, domain) {
        Some((before, region)) => s3::regional(before, region),
        None => s3::global(name).filter(|reading| match reading {
            Reading::Signed { region, .. } => domain.has_region(region),
            _ => true,
        }),
    }
}

/// Reads `labels.name.REGION`, `labels.REGION.name` and `name`.
fn service<'a>(name: &'a str, domain: Domain, tables: [&'static str; 2]) -> Option<Reading<'a>> {
    if let Some((before, region)) = split_region(name, domain) {
        return rows(before, tables).find_map(|(leads, row)| {
            let region = row.region_behind(leads, region)?;
            Some(Reading::Signed { services: row.services, region })
        });
    }
    if let Some((leads, region, after)) = split_inner_region(name, domain) {
        let mut found = tables.iter().filter_map(|table| find(table, after));
        let row = found.find(|row| row.takes_region_before(leads))?;
        return Some(Reading::Signed { services: row.services, region });
    }
    rows(name, tables).find_map(|(leads, row)| {
        if row.signs_for_a_set(leads) {
            return Some(Reading::RegionSet { service: row.services });
        }
        if leads != Leads::None {
            return None;
        }
        let region = row.global_region(domain.letter, domain.global_region())?;
        Some(Reading::Signed { services: row.services, region })
    })
}

/// The rows that a name may belong to: without its first labels, one after the other.
fn rows(name: &str, tables: [&'static str; 2]) -> impl Iterator<Item = (Leads, Row)> {
    let dots = name.match_indices('.').map(|(at, _)| at).take(2);
    let splits = core::iter::once(("", name))
        .chain(dots.filter_map(|at| Some((name.get(..at)?, name.get(at + 1..)?))));
    splits.flat_map(move |(leads, name)| {
        let name = name.strip_suffix("-fips").unwrap_or(name);
        let leads = Leads::of(leads);
        tables.into_iter().filter_map(move |table| Some((leads?, find(table, name)?)))
    })
}

/// `name.REGION`
fn split_region(name: &str, domain: Domain) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(_, region)| domain.has_region(region))
}

/// `labels.REGION.name`, `REGION.name`
fn split_inner_region(name: &str, domain: Domain) -> Option<(Leads, &str, &str)> {
    let mut start = 0;
    for label in name.split('.') {
        let end = start + label.len();
        if domain.has_region(label) {
            let leads = name.get(..start)?.strip_suffix('.').unwrap_or_default();
            let after = name.get(end..)?.strip_prefix('.')?;
            return Some((Leads::of(leads)?, label, after.strip_suffix("-fips").unwrap_or(after)));
        }
        start = end + 1;
    }
    None
}

/// `vpce-ID.name.REGION`, and S3's forms with a bucket before.
///
/// Source: AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint". Those of
/// `vpce-svc-ID` lead to services of AWS's customers.
fn private_link(name: &str, domain: Domain) -> Option<Reading<'_>> {
    let (before, region) = split_region(name, domain)?;
    if let Some(reading) = s3::regional(before, region) {
        return Some(reading);
    }
    let (id, service) = before.split_once('.')?;
    if !id.starts_with("vpce-") || id.starts_with("vpce-svc-") {
        return None;
    }
    let service = service.strip_suffix("-fips").unwrap_or(service);
    let row = [ROWS, hand::ROWS].into_iter().find_map(|table| find(table, service))?;
    Some(Reading::Signed { services: row.services, region })
}

/// A host whose domain is one service's own, such as `us-east-1.signin.aws.amazon.com`.
fn own_domain(host: &str) -> Option<Reading<'_>> {
    let whole = find(DOMAINS, host).and_then(|row| {
        Some(Reading::Signed { services: row.services, region: row.own_region()? })
    });
    whole.or_else(|| {
        let (region, domain) = host.split_once('.')?;
        let row = find(DOMAINS, domain)?;
        let is_regional = row.takes_region_before(Leads::None) && partition_of(region).is_some();
        is_regional.then_some(Reading::Signed { services: row.services, region })
    })
}
