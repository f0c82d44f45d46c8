//! Short texts taken apart at single bytes. The standard library's searches, made for long texts,
//! take longer to start than these take to end.

use core::iter;

/// The parts between delimiters: one more than there are delimiters, some of them empty.
pub(crate) fn parts(text: &str, delimiter: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest?;
        let (part, after) = once(text, delimiter).map_or((text, None), |(a, b)| (a, Some(b)));
        rest = after;
        Some(part)
    })
}

/// What stands before and behind the first delimiter, an ASCII character.
pub(crate) fn once(text: &str, delimiter: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == delimiter)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The text without the spaces and tabs at its ends.
pub(crate) fn trim(text: &str) -> &str {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    if is_blank(text.as_bytes().first()) || is_blank(text.as_bytes().last()) {
        text.trim_matches([' ', '\t'])
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_standard_split() {
        for text in ["", ",", "a", "a,b", ",a,,b,", "é,ü"] {
            assert!(parts(text, b',').eq(text.split(',')), "{text}");
            assert_eq!(once(text, b','), text.split_once(','), "{text}");
        }
    }

    #[test]
    fn spaces_and_tabs_are_trimmed_and_nothing_else() {
        for text in ["", " ", "a", " a", "a\t", " \ta b\t ", "\na", "\u{a0}a"] {
            assert_eq!(trim(text), text.trim_matches([' ', '\t']), "{text:?}");
        }
    }
}
