//! External texts: makes them safe to show, and reads times in every format that services use.

use chrono::NaiveDateTime;
use sigv4_core::SigningTime;

/// Makes a service's text safe to show: escapes control characters, keeps at most `length`
/// characters.
pub(crate) fn clean(text: &str, length: usize) -> String {
    let mut shown = String::new();
    for (at, character) in text.chars().enumerate() {
        if at == length {
            shown.push('…');
            break;
        }
        push_visible(&mut shown, character);
    }
    shown
}

/// Appends a character. Escapes it if it would move the cursor or reverse the text.
pub(crate) fn push_visible(text: &mut String, character: char) {
    let hidden = matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    );
    if character.is_control() || hidden {
        text.extend(character.escape_unicode());
    } else {
        text.push(character);
    }
}

/// Parses a time in the format of `x-amz-date`, ISO 8601 or an HTTP `Date`.
pub(crate) fn read_time(text: &str) -> Option<SigningTime> {
    const FORMS: [&str; 4] = [
        "%Y%m%dT%H%M%SZ",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%dT%H:%M:%S%.fZ",
        "%a, %d %b %Y %H:%M:%S GMT",
    ];
    let text = text.trim();
    if text.len() > 40 {
        return None;
    }
    let time = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    SigningTime::from_unix(time.and_utc().timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_read_in_every_form_that_services_write() {
        for text in [
            "20250903T162150Z",
            "2025-09-03T16:21:50Z",
            "2025-09-03T16:21:50.123Z",
            "Wed, 03 Sep 2025 16:21:50 GMT",
        ] {
            assert_eq!(read_time(text).unwrap().as_str(), "20250903T162150Z", "{text}");
        }
        for text in ["", "now", "20250903T162150", "1969-12-31T23:59:59Z", &"9".repeat(10_000)] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }

    #[test]
    fn controls_of_a_hostile_text_are_escaped_and_its_length_is_bounded() {
        assert_eq!(clean("a\u{1b}[31m\r\n\u{202e}b", 99), "a\\u{1b}[31m\\u{d}\\u{a}\\u{202e}b");
        assert_eq!(clean("abcdef", 3), "abc…");
    }
}
