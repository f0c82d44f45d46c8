//! The rows of the tables: packed text, read in place.
//!
//! A row is a line `name[=services] [forms]`. `services` is one signing name, several with `|` between
//! them, or `!` and the reason why nothing is signed; if left out, it is the name itself. The forms
//! say where the host has other labels, and which region is signed for:
//!
//! | form | the host, before the domain | region |
//! | --- | --- | --- |
//! | `.`, or none | `name.REGION` | as named |
//! | `*`, `**`, `#` | any label, two of them, or an account, then `name.REGION` | as named |
//! | `^` behind one of these | the same, `REGION.name` | as named |
//! | `%region` | adds to the others: every region of this one's partition signs for it | this one |
//! | `@abc` | `name`, below the domains a, b and c | the global one of the domain's partition |
//! | `@a:region` | `name`, below the domain a (without a letter: the name is the whole host) | this one |
//! | `a` behind `*` or `#` | these labels, then `name` | a set: SigV4a |

use super::lookup::{Table, slots};
use super::table::{ALL_PARTITIONS, PARTITIONS, REGIONS};
use crate::text::split;

/// A group of regions with domains of its own.
#[derive(Debug)]
pub(super) struct Partition {
    /// The beginnings of the regions' names, before the last word and the number, with a dash.
    pub(super) starts: &'static [&'static str],
    /// The region of services that have one endpoint for the partition.
    pub(super) global: &'static str,
}

impl Partition {
    /// Whether a label is the name of a region of this partition, present or future.
    pub(super) fn has(&self, label: &str) -> bool {
        let after = |start: &&str| label.strip_prefix(*start).is_some_and(is_word_and_number);
        self.starts.iter().any(after)
    }
}

/// A region's name: of the table, or of the host that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegionName<'a> {
    Known(&'static str),
    New(&'a str),
}

impl<'a> RegionName<'a> {
    /// Reads a label as a region of some partitions, given by their indices.
    pub(super) fn read(label: &'a str, partitions: &str) -> Option<Self> {
        static TABLE: Table = Table { text: REGIONS, slots: &slots::<128>(REGIONS) };
        if !label.ends_with(|last: char| last.is_ascii_digit()) {
            return None;
        }
        if let Some(row) = TABLE.find(label) {
            let is_here = |digit| row.services.as_bytes() == [digit];
            return partitions.bytes().any(is_here).then_some(Self::Known(row.name));
        }
        partitions_at(partitions).any(|known| known.has(label)).then_some(Self::New(label))
    }

    /// Reads a label as a region of any partition.
    pub(super) fn of_any(label: &'a str) -> Option<Self> {
        Self::read(label, ALL_PARTITIONS)
    }

    pub(super) fn as_str(self) -> &'a str {
        match self {
            Self::Known(name) => name,
            Self::New(name) => name,
        }
    }
}

/// The partitions with these indices.
pub(super) fn partitions_at(indices: &str) -> impl Iterator<Item = &'static Partition> {
    let index = |digit: u8| usize::from(digit.wrapping_sub(b'0'));
    indices.bytes().filter_map(move |digit| PARTITIONS.get(index(digit)))
}

/// `west-2`: a word, a dash, a number.
fn is_word_and_number(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.split_once('-').is_some_and(|(word, number)| {
        !word.is_empty()
            && word.bytes().all(is_word)
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The partition of a region's name.
pub(super) fn partition_of(region: &str) -> Option<&'static Partition> {
    PARTITIONS.iter().find(|partition| partition.has(region))
}

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    name: &'static str,
    /// Signing names with `|` between them, or `!` and a reason.
    pub(super) services: &'static str,
    forms: &'static str,
}

/// The labels before a row's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    None,
    Account,
    Any,
    TwoOfAny,
}

impl Leads {
    /// These and one more label; `None` if that is more than any row has.
    pub(super) fn and(self, label: &str) -> Option<Self> {
        let is_account = label.len() == 12 && label.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::None if is_account => Some(Self::Account),
            Self::None => Some(Self::Any),
            Self::Account | Self::Any => Some(Self::TwoOfAny),
            Self::TwoOfAny => None,
        }
    }

    /// Where any label is allowed, an account is one.
    fn fit(self, form: &str) -> bool {
        match self {
            Self::None => matches!(form, "" | "."),
            Self::Account => matches!(form, "#" | "*"),
            Self::Any => form == "*",
            Self::TwoOfAny => form == "**",
        }
    }
}

impl Row {
    /// The row of a text's first line, given the length of its name.
    pub(super) fn read(text: &'static str, length: usize) -> Self {
        let line = split::once(text, b'\n').map_or(text, |(line, _)| line);
        let (name, rest) = line.split_at_checked(length).unwrap_or((line, ""));
        let (services, forms) = split::once(rest, b' ').unwrap_or((rest, ""));
        Self { name, services: services.strip_prefix('=').unwrap_or(name), forms }
    }

    /// The region signed for by a host that names one after this row's name.
    pub(super) fn region_behind<'a>(
        &self,
        leads: Leads,
        named: RegionName<'a>,
    ) -> Option<RegionName<'a>> {
        if self.forms.is_empty() {
            return (leads == Leads::None).then_some(named); // the usual case
        }
        if !self.forms().any(|form| leads.fit(form)) {
            return None;
        }
        let fixed = self.forms().filter_map(|form| form.strip_prefix('%')).find(|fixed| {
            partition_of(fixed).is_some_and(|partition| partition.has(named.as_str()))
        });
        Some(fixed.map_or(named, RegionName::Known))
    }

    /// Whether a region may stand before this row's name.
    pub(super) fn takes_region_before(&self, leads: Leads) -> bool {
        self.forms().filter_map(|form| form.strip_suffix('^')).any(|form| leads.fit(form))
    }

    /// The region of a host without one, below a domain with its letter and its global region.
    pub(super) fn global_region(
        &self,
        letter: u8,
        global: &'static str,
    ) -> Option<RegionName<'static>> {
        self.forms().filter_map(|form| form.strip_prefix('@')).find_map(|domains| {
            let (letters, region) = split::once(domains, b':').unwrap_or((domains, global));
            let is_listed = letters.bytes().any(|listed| listed == letter);
            is_listed.then_some(RegionName::Known(region))
        })
    }

    /// The region of a host whose whole name is this row's.
    pub(super) fn own_region(&self) -> Option<RegionName<'static>> {
        self.forms().find_map(|form| form.strip_prefix("@:")).map(RegionName::Known)
    }

    /// Whether hosts of this form sign with SigV4a, for a set of regions.
    pub(super) fn signs_for_a_set(&self, leads: Leads) -> bool {
        self.forms().filter_map(|form| form.strip_suffix('a')).any(|form| leads.fit(form))
    }

    fn forms(&self) -> impl Iterator<Item = &'static str> {
        split::parts(self.forms, b' ').filter(|form| !form.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::super::hand;
    use super::super::table::{DOMAINS, RESOURCES, ROWS, SUFFIXES};
    use super::*;

    const TABLES: [&str; 7] =
        [ROWS, RESOURCES, DOMAINS, REGIONS, hand::ROWS, hand::RESOURCES, hand::S3_SERVICES];

    fn find(text: &'static str, name: &str) -> Option<Row> {
        let slots = Box::leak(Box::new(slots::<2048>(text)));
        Table { text, slots }.find(name)
    }

    fn names(table: &'static str) -> impl Iterator<Item = &'static str> {
        table.lines().map(|line| line.split(['=', ' ']).next().unwrap())
    }

    #[test]
    fn every_row_of_every_table_is_found_by_its_name() {
        for table in TABLES {
            assert!(table.ends_with('\n') && names(table).is_sorted(), "{table}");
            for (name, line) in names(table).zip(table.lines()) {
                let row = find(table, name).unwrap();
                assert!(line.ends_with(row.forms), "{line}");
                assert!(line.contains(row.services), "{line}");
            }
        }
    }

    #[test]
    fn what_is_not_in_a_table_is_not_found() {
        for name in ["", "a", "zzz", "dynamo", "dynamodbs", "ROWS", "api"] {
            assert_eq!(find(ROWS, name), None, "{name}");
        }
        assert_eq!(find("", "a"), None);
    }

    #[test]
    fn regions_are_known_by_their_partition_today_and_tomorrow() {
        for (region, global) in [
            ("us-east-1", Some("us-east-1")),
            ("eu-south-9", Some("us-east-1")),
            ("us-gov-east-1", Some("us-gov-west-1")),
            ("us-iso-west-1", Some("us-iso-east-1")),
            ("us-isob-east-1", Some("us-isob-east-1")),
            ("cn-north-1", Some("cn-northwest-1")),
            ("eusc-de-east-2", Some("eusc-de-east-1")),
            ("us-east-1a", None),
            ("us-east", None),
            ("east-1", None),
            ("us-gov-west-x", None),
            ("us--1", None),
            ("xx-east-1", None),
        ] {
            assert_eq!(partition_of(region).map(|found| found.global), global, "{region}");
        }
        for (region, partition) in REGIONS.lines().map(|line| line.split_once('=').unwrap()) {
            let global = partition_of(region).unwrap().global;
            assert_eq!(partitions_at(partition).next().unwrap().global, global, "{region}");
            assert_eq!(RegionName::of_any(region), Some(RegionName::Known(region)));
        }
        assert_eq!(ALL_PARTITIONS.len(), PARTITIONS.len());
    }

    #[test]
    fn names_in_the_tables_are_services_names_and_their_regions_are_regions() {
        for (table, line) in
            TABLES.iter().flat_map(|table| table.lines().map(move |line| (table, line)))
        {
            let name = line.split(['=', ' ']).next().unwrap();
            let row = find(table, name).unwrap();
            for service in row.services.split('|').filter(|service| !service.starts_with('!')) {
                assert!(crate::Service::new(service).is_ok(), "{line}");
            }
            let is_known = |name| matches!(RegionName::of_any(name), Some(RegionName::Known(_)));
            for form in row.forms() {
                let region =
                    form.strip_prefix('%').or(form.split_once(':').map(|(_, region)| region));
                assert!(region.is_none_or(is_known), "{line}");
            }
        }
        for (suffix, partitions) in SUFFIXES {
            let known =
                |digit: char| digit.to_digit(10).is_some_and(|at| (at as usize) < PARTITIONS.len());
            assert!(!partitions.is_empty() && partitions.chars().all(known), "{suffix}");
        }
        assert!(SUFFIXES.is_sorted_by_key(|(suffix, _)| core::cmp::Reverse(suffix.len())));
    }
}
