//! Texts from outside: made safe to show, and times in every form that services write.

use chrono::NaiveDateTime;
use sigv4_core::{SigningTime, Transcript};

/// What comes before an echoed Authorization value in a service's message.
const AUTHORIZATION_MARKS: [&str; 3] = ["authorization=", "authorization header: '", "base64): '"];

/// Headers whose value is a secret of another kind.
const SECRET_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "x-api-key"];

/// A message with the secrets that services echo in it masked.
pub(crate) fn mask_message(message: &str) -> String {
    let lower = message.to_ascii_lowercase();
    let ends = AUTHORIZATION_MARKS.iter().filter_map(|mark| Some(lower.find(mark)? + mark.len()));
    match ends.min().and_then(|end| message.get(..end)) {
        Some(before) => format!("{}***", Transcript::mask(before)),
        None => Transcript::mask(message),
    }
}

/// A canonical request with the values of secret headers masked.
pub(crate) fn mask_canonical(text: &str) -> String {
    let lines: Vec<String> = Transcript::mask(text).split('\n').map(mask_line).collect();
    lines.join("\n")
}

/// One line of a canonical request, masked likewise.
pub(crate) fn mask_line(line: &str) -> String {
    match line.split_once(':') {
        Some((name, _)) if SECRET_HEADERS.contains(&name) => format!("{name}:***"),
        _ => line.to_owned(),
    }
}

/// Text of the service's that may be shown: controls escaped, at most `length` characters.
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

/// Appends a character; one that would move the cursor or turn the text round, escaped.
pub(crate) fn push_visible(text: &mut String, character: char) {
    let hidden = matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if character.is_control() || hidden {
        text.extend(character.escape_unicode());
    } else {
        text.push(character);
    }
}

/// A time as `x-amz-date`, ISO 8601 or an HTTP `Date` writes it.
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
    fn echoed_authorization_and_tokens_are_masked() {
        let message =
            "Authorization header requires 'Signature' parameter. Authorization=Bearer abc";
        assert!(mask_message(message).ends_with("Authorization=***"));
        let message = "'Credential' not a valid pair in Authorization header: 'AWS4 Credential=A'.";
        assert!(mask_message(message).ends_with("Authorization header: '***"));
        let canonical = "GET\n/\n\ncookie:a=b\nhost:c\nx-amz-security-token:tok\n\ncookie;host\n";
        let masked = mask_canonical(canonical);
        assert!(masked.contains("cookie:***\nhost:c\nx-amz-security-token:***\n"), "{masked}");
    }

    #[test]
    fn controls_of_a_hostile_text_are_escaped_and_its_length_is_bounded() {
        assert_eq!(clean("a\u{1b}[31m\r\u{202e}b", 99), "a\\u{1b}[31m\\u{d}\\u{202e}b");
        assert_eq!(clean("abcdef", 3), "abc…");
    }
}
