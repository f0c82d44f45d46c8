//! Finding a row by its name, in text that stays packed.

use super::rows::Row;

/// Rows, with the position of each by the hash of its name. Most look-ups find no row.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) text: &'static str,
    /// Made by [`slots`].
    pub(super) slots: &'static [u16],
}

/// An empty slot: it also ends a search.
const EMPTY: u16 = u16::MAX;

impl Table {
    /// Finds a row by its name.
    pub(super) fn find<'a>(&self, name: impl Into<Name<'a>>) -> Option<Row> {
        let Name { text: name, hash } = name.into();
        let first = hash as usize & self.slots.len().wrapping_sub(1); // a power of two
        let (before, from) = self.slots.split_at_checked(first)?;
        let slots = from.iter().chain(before).take_while(|slot| **slot != EMPTY);
        slots.filter_map(|slot| self.text.get(usize::from(*slot)..)).find_map(|row| {
            let after = row.as_bytes().strip_prefix(name.as_bytes())?.first();
            let is_whole = matches!(after, Some(b'=' | b' ' | b'\n') | None);
            is_whole.then(|| Row::read(row, name.len()))
        })
    }
}

/// A name to look for in several tables.
#[derive(Clone, Copy)]
pub(super) struct Name<'a> {
    text: &'a str,
    hash: u32,
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(text: &'a str) -> Self {
        Self { text, hash: hash(text.as_bytes()) }
    }
}

/// The positions of the rows in a text, each in the first free slot from that of its name's hash
/// on.
///
/// There must be more slots than rows, and a power of two of them.
#[expect(clippy::cast_possible_truncation, reason = "tested: the texts are short")]
pub(super) const fn slots<const SLOTS: usize>(text: &str) -> [u16; SLOTS] {
    let mut slots = [EMPTY; SLOTS];
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let (name, after) = first_name(rest);
        let mut at = hash(name) as usize % SLOTS;
        while let (_, [slot, ..]) = slots.split_at(at)
            && *slot != EMPTY
        {
            at = (at + 1) % SLOTS;
        }
        if let (_, [slot, ..]) = slots.split_at_mut(at) {
            *slot = (text.len() - rest.len()) as u16;
        }
        rest = after;
    }
    slots
}

/// The name of the first row, and the text from the second row on.
const fn first_name(text: &[u8]) -> (&[u8], &[u8]) {
    let (mut length, mut rest) = (0, text);
    let mut is_name = true;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte == b'\n' {
            break;
        }
        is_name = is_name && *byte != b'=' && *byte != b' ';
        if is_name {
            length += 1;
        }
    }
    (text.split_at(length).0, rest)
}

/// A hash of the ends and the length of a name; its middle adds little.
#[expect(clippy::cast_possible_truncation, reason = "the low bits of a length are enough")]
const fn hash(name: &[u8]) -> u32 {
    let first = match name {
        [a, b, c, d, ..] => u32::from_le_bytes([*a, *b, *c, *d]),
        [a, b, ..] => u32::from_le_bytes([*a, *b, 0, 0]),
        [a] => *a as u32,
        [] => 0,
    };
    let last = match name {
        [.., a, b, c, d] => u32::from_le_bytes([*a, *b, *c, *d]),
        [.., a] => *a as u32,
        [] => 0,
    };
    // Knuth, "The Art of Computer Programming", 6.4: multiply by the golden ratio's fraction.
    let mixed = (first ^ last.rotate_left(11)).wrapping_add(name.len() as u32);
    mixed.wrapping_mul(0x9E37_79B1) >> 16
}

#[cfg(test)]
mod tests {
    use super::super::table::{REGIONS, ROWS};
    use super::*;

    #[test]
    fn slots_are_enough_for_the_rows_and_wide_enough_for_the_texts() {
        assert!(ROWS.len() < usize::from(EMPTY));
        for (text, slots) in
            [(ROWS, slots::<1024>(ROWS).to_vec()), (REGIONS, slots::<128>(REGIONS).to_vec())]
        {
            let taken = slots.iter().filter(|slot| **slot != EMPTY).count();
            assert_eq!(taken, text.lines().count());
            let longest = slots.split(|slot| *slot == EMPTY).map(<[u16]>::len).max().unwrap();
            assert!(longest < 24, "{longest} slots in a row are taken: the hash is a bad one");
        }
    }
}
