//! The rows of the tables: packed text, searched where it stands.
//!
//! A row is a line `name[=services] [forms]`. `services` is one signing name, several with `|` between
//! them, or `!` and why nothing is signed; it is the name itself if left out. The forms say where else
//! labels of the host stand, and which region is signed for:
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

use core::cmp::Ordering;

use super::table::{PARTITIONS, REGIONS};

/// A group of regions with domains of its own.
#[derive(Debug)]
pub(super) struct Partition {
    /// What comes before the last word and the number in the regions' names, with a dash.
    pub(super) starts: &'static str,
    /// The region of services that have one endpoint for the partition.
    pub(super) global: &'static str,
}

impl Partition {
    /// Whether a label is the name of a region of this partition: today's or tomorrow's.
    pub(super) fn has(&self, label: &str) -> bool {
        let after = |start| label.strip_prefix(start).is_some_and(is_word_and_number);
        self.starts.split(' ').any(after)
    }
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

/// The name of a region that is in the table, for as long as the program runs.
pub(super) fn known_region(name: &str) -> Option<&'static str> {
    find(REGIONS, name).map(|row| row.services)
}

/// A row, without its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Signing names with `|` between them, or `!` and a reason.
    pub(super) services: &'static str,
    forms: &'static str,
}

/// What stands before a row's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    None,
    Account,
    Any,
    TwoOfAny,
}

impl Leads {
    /// The class of some labels; none of ours where they are more than two.
    pub(super) fn of(labels: &str) -> Option<Self> {
        if labels.is_empty() {
            return Some(Self::None);
        }
        match labels.split('.').count() {
            1 if labels.len() == 12 && labels.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(Self::Account)
            }
            1 => Some(Self::Any),
            2 => Some(Self::TwoOfAny),
            _ => None,
        }
    }

    /// An account is a label like any other where any may stand.
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
    /// The region signed for by a host that names one behind this row's name.
    pub(super) fn region_behind<'a>(&self, leads: Leads, named: &'a str) -> Option<&'a str> {
        let plain = self.forms.is_empty() && leads == Leads::None;
        if !plain && !self.forms().any(|form| leads.fit(form)) {
            return None;
        }
        let fixed = self
            .forms()
            .filter_map(|form| form.strip_prefix('%'))
            .find(|fixed| partition_of(fixed).is_some_and(|partition| partition.has(named)));
        Some(fixed.unwrap_or(named))
    }

    /// Whether a region may stand before this row's name.
    pub(super) fn takes_region_before(&self, leads: Leads) -> bool {
        self.forms().filter_map(|form| form.strip_suffix('^')).any(|form| leads.fit(form))
    }

    /// The region of a host without one, below a domain with its letter and its global region.
    pub(super) fn global_region(&self, letter: u8, global: &'static str) -> Option<&'static str> {
        self.forms().filter_map(|form| form.strip_prefix('@')).find_map(|domains| {
            let (letters, region) = domains.split_once(':').unwrap_or((domains, global));
            letters.bytes().any(|listed| listed == letter).then_some(region)
        })
    }

    /// The region of a host whose whole name is this row's.
    pub(super) fn own_region(&self) -> Option<&'static str> {
        self.forms().find_map(|form| form.strip_prefix("@:"))
    }

    /// Whether hosts of this form sign with SigV4a, for a set of regions.
    pub(super) fn signs_for_a_set(&self, leads: Leads) -> bool {
        self.forms().filter_map(|form| form.strip_suffix('a')).any(|form| leads.fit(form))
    }

    fn forms(&self) -> impl Iterator<Item = &'static str> {
        self.forms.split(' ').filter(|form| !form.is_empty())
    }
}

/// Finds a name in a table: a binary search whose steps land within a line.
pub(super) fn find(table: &'static str, name: &str) -> Option<Row> {
    let (mut low, mut high) = (0, table.len()); // always the start of a line, or the end
    while low < high {
        let middle = low + (high - low) / 2;
        let start = table.get(low..middle)?.rfind('\n').map_or(low, |at| low + at + 1);
        let end = table.get(middle..high)?.find('\n').map_or(high, |at| middle + at);
        let line = table.get(start..end)?;
        let (row_name, rest) = line.split_at(line.find(['=', ' ']).unwrap_or(line.len()));
        match row_name.cmp(name) {
            Ordering::Equal => {
                let (services, forms) = rest.split_once(' ').unwrap_or((rest, ""));
                let services = services.strip_prefix('=').unwrap_or(row_name);
                return Some(Row { services, forms });
            }
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::hand;
    use super::super::table::{DOMAINS, RESOURCES, ROWS, SUFFIXES};
    use super::*;

    const TABLES: [&str; 7] =
        [ROWS, RESOURCES, DOMAINS, REGIONS, hand::ROWS, hand::RESOURCES, hand::S3_SERVICES];

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
        for name in ["", "a", "zzz", "dynamo", "dynamodbs", "ROWS", "abuse\naccess-analyzer", "api"]
        {
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
        for region in REGIONS.lines() {
            assert!(partition_of(region).is_some(), "{region}");
            assert_eq!(known_region(region), Some(region));
        }
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
            for form in row.forms() {
                let region =
                    form.strip_prefix('%').or(form.split_once(':').map(|(_, region)| region));
                assert!(region.is_none_or(|region| known_region(region).is_some()), "{line}");
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
