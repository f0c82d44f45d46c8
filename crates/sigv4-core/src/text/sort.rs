//! Sorts texts by short keys, so that what is moved is small and most comparisons read no text.

/// From the highest byte: a group, the first eleven bytes of a text, and four of its place before
/// sorting.
#[derive(Clone, Copy)]
pub(crate) struct SortKey(u128);

impl SortKey {
    /// Creates the key of a text. All texts of a lower group come first.
    #[inline]
    pub(crate) fn new(group: u8, text: &[u8], place: usize) -> Self {
        let (eight, rest) = text.split_first_chunk().map_or_else(
            || {
                let mut padded = [0; 8];
                padded.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
                (padded, &[][..])
            },
            |(eight, rest)| (*eight, rest),
        );
        let mut key = (u128::from(group) << 120) | (u128::from(u64::from_be_bytes(eight)) << 56);
        for (shift, byte) in [48, 40, 32].into_iter().zip(rest) {
            key |= u128::from(*byte) << shift;
        }
        Self(key | u128::from(u32::try_from(place).unwrap_or(u32::MAX)))
    }

    /// The text's place before sorting.
    pub(crate) fn place(self) -> usize {
        usize::try_from(self.0 & u128::from(u32::MAX)).unwrap_or_default()
    }

    /// The group and the first bytes. Longer texts may be equal in them.
    fn start(self) -> u128 {
        self.0 >> 32
    }
}

/// Sorts keys by their texts, and equal texts by their places. `text` returns the text of a place.
/// Returns whether the keys' first bytes already show that no text occurs twice.
pub(crate) fn sort<T: Ord>(keys: &mut [SortKey], text: impl Fn(usize) -> T) -> bool {
    keys.sort_unstable_by_key(|key| key.0);
    if keys.is_sorted_by(|a, b| a.start() != b.start()) {
        return true; // as nearly always
    }
    for alike in keys.chunk_by_mut(|a, b| a.start() == b.start()).filter(|keys| keys.len() > 1) {
        alike.sort_unstable_by_key(|key| (text(key.place()), key.place()));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_the_whole_texts_within_each_group() {
        let texts = [
            "b",
            "a",
            "",
            "abcdefghijk",
            "abcdefghijkl",
            "abcdefghij",
            "abcdefghijkm",
            "a",
            "é",
            "abcdefghijka",
            "~",
            "ab\u{1}",
        ];
        for group_of in [|_: &str| 0, |text: &str| u8::from(text.starts_with('a'))] {
            let mut keys: Vec<_> = texts
                .iter()
                .enumerate()
                .map(|(place, text)| SortKey::new(group_of(text), text.as_bytes(), place))
                .collect();
            assert!(!sort(&mut keys, |place| texts[place]), "two begin alike");
            assert!(sort(&mut keys[..2], |place| texts[place]), "no two begin alike");
            let mut expected: Vec<_> = (0..texts.len()).collect();
            expected.sort_by_key(|place| (group_of(texts[*place]), texts[*place]));
            assert!(keys.iter().map(|key| key.place()).eq(expected));
        }
    }
}
