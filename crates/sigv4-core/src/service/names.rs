//! Names that look like signing names but are not: a signature for them is always refused.

use crate::endpoint::SERVICE_TABLES;

/// The signing name that is meant by a name that is not one.
///
/// `opensearch` and others are names of products. A name with capitals is compared with the tables.
/// A name that is in no table may belong to another system, and is accepted.
pub(crate) const fn meant(name: &str) -> Option<&'static str> {
    match name.as_bytes() {
        b"opensearch" | b"elasticsearch" => Some("es"),
        b"opensearchserverless" => Some("aoss"),
        name if has_capital(name) => in_other_case(name),
        _ => None,
    }
}

const fn has_capital(mut name: &[u8]) -> bool {
    while let [byte, rest @ ..] = name {
        if byte.is_ascii_uppercase() {
            return true;
        }
        name = rest;
    }
    false
}

/// The service of the tables whose name differs only in case.
const fn in_other_case(name: &[u8]) -> Option<&'static str> {
    let (mut tables, mut found) = (SERVICE_TABLES.as_slice(), None);
    while let [table, others @ ..] = tables {
        let mut rest = *table;
        while !rest.is_empty() {
            let (service, after) = next_service(rest);
            if is_same(service.as_bytes(), name, Case::Ignored) {
                if is_same(service.as_bytes(), name, Case::Kept) {
                    return None;
                }
                found = Some(service);
            }
            rest = after;
        }
        tables = others;
    }
    found
}

/// Splits the table into its first row's service and the rows after it.
///
/// A row is `name[=service[|service]] [forms]`.
const fn next_service(table: &'static str) -> (&'static str, &'static str) {
    let (line, after) = cut(table, b'\n');
    let (row, _) = cut(line, b' ');
    let (name, services) = cut(row, b'=');
    // Of two services, the first has a row of its own.
    let (first, second) = cut(services, b'|');
    if services.is_empty() {
        (name, after)
    } else if second.is_empty() {
        (first, after)
    } else {
        (second, after)
    }
}

/// The text before the first such byte, and the text after it.
const fn cut(text: &'static str, at: u8) -> (&'static str, &'static str) {
    let (mut bytes, mut length) = (text.as_bytes(), 0);
    while let [byte, rest @ ..] = bytes {
        if *byte == at {
            let (before, after) = text.split_at(length);
            return (before, after.split_at(1).1);
        }
        (bytes, length) = (rest, length + 1);
    }
    (text, "")
}

#[derive(Clone, Copy)]
enum Case {
    Kept,
    Ignored,
}

const fn is_same(mut left: &[u8], mut right: &[u8], case: Case) -> bool {
    if left.len() != right.len() {
        return false;
    }
    while let ([a, rest_of_left @ ..], [b, rest_of_right @ ..]) = (left, right) {
        let same = match case {
            Case::Kept => *a == *b,
            Case::Ignored => a.eq_ignore_ascii_case(b),
        };
        if !same {
            return false;
        }
        (left, right) = (rest_of_left, rest_of_right);
    }
    true
}
