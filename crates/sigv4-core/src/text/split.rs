//! Splits short texts at single bytes. The standard library's searches are made for long texts: on
//! short ones they take longer to start than these take to finish.

use core::iter;

/// Splits at every delimiter. Returns one part more than there are delimiters, and some may be
/// empty.
pub(crate) fn parts(text: &str, delimiter: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest?;
        let (part, after) = once(text, delimiter).map_or((text, None), |(a, b)| (a, Some(b)));
        rest = after;
        Some(part)
    })
}

/// Splits at the first delimiter, which must be an ASCII character.
pub(crate) fn once(text: &str, delimiter: u8) -> Option<(&str, &str)> {
    let at = position(text.as_bytes(), delimiter)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Returns the position of the first `wanted`. Checks eight bytes at a time: a matching byte
/// becomes zero, and the lowest zero byte is the lowest to borrow (Warren, "Hacker's Delight",
/// 6-1).
fn position(text: &[u8], wanted: u8) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
    let (eights, tail) = text.as_chunks();
    for (nth, eight) in eights.iter().enumerate() {
        let difference = u64::from_le_bytes(*eight) ^ (ONES * u64::from(wanted));
        let zeros = difference.wrapping_sub(ONES) & !difference & HIGHS;
        if zeros != 0 {
            return Some(8 * nth + (zeros.trailing_zeros() / 8) as usize);
        }
    }
    let at = tail.iter().position(|byte| *byte == wanted)?;
    Some(8 * eights.len() + at)
}

/// Returns the text without spaces and tabs at its ends.
pub(crate) fn trim(text: &str) -> &str {
    let mut trimmed = text;
    while let Some(rest) = trimmed.strip_prefix([' ', '\t']) {
        trimmed = rest;
    }
    while let Some(rest) = trimmed.strip_suffix([' ', '\t']) {
        trimmed = rest;
    }
    trimmed
}

/// Splits a query into pairs, without decoding. A pair without `=` has an empty value.
pub(crate) fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = parts(query, b'&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| once(pair, b'=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_standard_split() {
        let long = "a-text-of-thirty-two-characters,,".repeat(3);
        for text in ["", ",", "a", "a,b", ",a,,b,", "é,ü", &long, &"x".repeat(32)] {
            assert!(parts(text, b',').eq(text.split(',')), "{text}");
            assert_eq!(once(text, b','), text.split_once(','), "{text}");
        }
    }

    #[test]
    fn first_byte_is_found_wherever_it_stands() {
        for len in 0..40 {
            for at in 0..len {
                for filler in [b'+', b'-', 0, 0x7f, 0xac, 0xff] {
                    let mut text = vec![filler; len];
                    text[at] = b',';
                    assert_eq!(position(&text, b','), Some(at), "{len} {filler}");
                    text[len - 1] = b',';
                    assert_eq!(position(&text, b','), Some(at), "{len} {filler}");
                    assert_eq!(position(&text, b';'), None, "{len} {filler}");
                }
            }
        }
    }

    #[test]
    fn spaces_and_tabs_are_trimmed_and_nothing_else() {
        for text in ["", " ", "a", " a", "a\t", " \ta b\t ", "\na", "\u{a0}a"] {
            assert_eq!(trim(text), text.trim_matches([' ', '\t']), "{text:?}");
        }
    }
}
