//! Reading a host name, from its domain to its first label.

use super::lookup::{Name, Table, slots};
use super::rows::{Leads, RegionName, Row, partitions_at};
use super::table::{self, SUFFIXES};
use super::{hand, s3};
use crate::text::split;

/// For a name in both tables, the hand-written row comes before botocore's.
static SERVICES: [Table; 2] = [
    Table { text: hand::ROWS, slots: &slots::<64>(hand::ROWS) },
    Table { text: table::ROWS, slots: &slots::<1024>(table::ROWS) },
];
static RESOURCES: [Table; 2] = [
    Table { text: hand::RESOURCES, slots: &slots::<16>(hand::RESOURCES) },
    Table { text: table::RESOURCES, slots: &slots::<16>(table::RESOURCES) },
];
static DOMAINS: Table = Table { text: table::DOMAINS, slots: &slots::<32>(table::DOMAINS) };

/// The result of reading a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading<'a> {
    /// Signing names with `|` between them, or `!` and the reason why nothing is signed; and the
    /// region.
    Signed { services: &'static str, region: RegionName<'a> },
    /// The service signs with SigV4a for every region. An `Endpoint` has one region, so there is
    /// none for it; `Signer::for_url` creates a signer (feature `sigv4a`).
    RegionSet { service: &'static str },
    /// The service is clear; the region is not in the name.
    RegionNotNamed { service: &'static str },
    /// Below a domain of AWS, but with this name, which is in no table.
    UnknownName { name: &'a str },
    /// Not below a domain of AWS.
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
    let regional = split_region(name, domain);
    let found = if domain.is_of_resources {
        service(name, regional, domain, &RESOURCES)
    } else {
        amazon_s3(name, regional, domain).or_else(|| service(name, regional, domain, &SERVICES))
    };
    found.unwrap_or(Reading::UnknownName { name })
}

/// The name before the longest of AWS's domains that a host ends with.
fn split(host: &str) -> Option<(&str, Domain)> {
    let last = host.bytes().next_back();
    (b'a'..).zip(&SUFFIXES).find_map(|(letter, &(suffix, partitions))| {
        if suffix.bytes().next_back() != last {
            return None; // avoids most of the comparisons
        }
        let name = host.strip_suffix(suffix)?.strip_suffix('.')?;
        let is_of_resources = suffix == "on.aws";
        Some((name, Domain { letter, partitions, is_of_resources }))
    })
}

impl Domain {
    /// Reads a label as a region of this domain's partitions.
    fn region(self, label: &str) -> Option<RegionName<'_>> {
        RegionName::read(label, self.partitions)
    }

    /// The region of services that have one endpoint for the first of the partitions.
    fn global_region(self) -> &'static str {
        partitions_at(self.partitions).next().map_or("", |partition| partition.global)
    }
}

fn amazon_s3<'a>(
    name: &'a str,
    regional: Option<(&'a str, RegionName<'a>)>,
    domain: Domain,
) -> Option<Reading<'a>> {
    match regional {
        Some((before, region)) => s3::regional(before, region),
        None => s3::global(name, domain.partitions),
    }
}

/// Reads `labels.name.REGION`, `labels.REGION.name` and `name`.
fn service<'a>(
    name: &'a str,
    regional: Option<(&'a str, RegionName<'a>)>,
    domain: Domain,
    tables: &'static [Table],
) -> Option<Reading<'a>> {
    if let Some((before, region)) = regional {
        return first_row(before, tables, |leads, row| {
            let region = row.region_behind(leads, region)?;
            Some(Reading::Signed { services: row.services, region })
        });
    }
    if let Some((leads, region, after)) = split_inner_region(name, domain) {
        let mut found = tables.iter().filter_map(|table| table.find(after));
        let row = found.find(|row| row.takes_region_before(leads))?;
        return Some(Reading::Signed { services: row.services, region });
    }
    first_row(name, tables, |leads, row| {
        if leads != Leads::None {
            let service = row.services;
            return row.signs_for_a_set(leads).then_some(Reading::RegionSet { service });
        }
        let region = row.global_region(domain.letter, domain.global_region())?;
        Some(Reading::Signed { services: row.services, region })
    })
}

/// The first acceptable row for a name: looked up whole, then without its first labels.
fn first_row<T>(
    name: &str,
    tables: &'static [Table],
    accept: impl Fn(Leads, Row) -> Option<T>,
) -> Option<T> {
    let (mut leads, mut rest) = (Leads::None, name);
    loop {
        let plain = Name::from(rest.strip_suffix("-fips").unwrap_or(rest));
        let mut found = tables.iter().filter_map(|table| table.find(plain));
        if let Some(accepted) = found.find_map(|row| accept(leads, row)) {
            return Some(accepted);
        }
        let (label, after) = split::once(rest, b'.')?;
        (leads, rest) = (leads.and(label)?, after);
    }
}

/// `name.REGION`
fn split_region(name: &str, domain: Domain) -> Option<(&str, RegionName<'_>)> {
    let (before, label) = name.rsplit_once('.')?;
    Some((before, domain.region(label)?))
}

/// `labels.REGION.name`, `REGION.name`
fn split_inner_region(name: &str, domain: Domain) -> Option<(Leads, RegionName<'_>, &str)> {
    let (mut leads, mut rest) = (Leads::None, name);
    loop {
        let (label, after) = split::once(rest, b'.')?;
        if let Some(region) = domain.region(label) {
            return Some((leads, region, after.strip_suffix("-fips").unwrap_or(after)));
        }
        (leads, rest) = (leads.and(label)?, after);
    }
}

/// `vpce-ID.name.REGION`, and S3's forms with a bucket before it.
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
    let row = SERVICES.iter().rev().find_map(|table| table.find(service))?;
    Some(Reading::Signed { services: row.services, region })
}

/// A host whose domain belongs to one service, such as `us-east-1.signin.aws.amazon.com`.
fn own_domain(host: &str) -> Option<Reading<'_>> {
    let whole = DOMAINS.find(host).and_then(|row| {
        Some(Reading::Signed { services: row.services, region: row.own_region()? })
    });
    whole.or_else(|| {
        let (label, domain) = host.split_once('.')?;
        let (row, region) = (DOMAINS.find(domain)?, RegionName::of_any(label)?);
        let is_regional = row.takes_region_before(Leads::None);
        is_regional.then_some(Reading::Signed { services: row.services, region })
    })
}
