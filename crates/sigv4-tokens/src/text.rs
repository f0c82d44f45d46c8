//! Encodings that the products share.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sigv4_core::SigningTime;
use zeroize::Zeroizing;

/// The characters that AWS escapes in a query: all except `A-Z a-z 0-9 - . _ ~`.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The characters that Google's clients escape, which exclude the slash.
const GOOGLE: &AsciiSet = &QUERY.remove(b'/');

/// Escapes a query's value as AWS signs it.
pub(crate) fn query_value(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}

/// Escapes a text for any part of a URL.
pub(crate) fn escaped(text: &str) -> Zeroizing<String> {
    escaped_as(text, QUERY)
}

/// Escapes a text except for its slashes.
pub(crate) fn escaped_but_slashes(text: &str) -> Zeroizing<String> {
    escaped_as(text, GOOGLE)
}

fn escaped_as(text: &str, set: &'static AsciiSet) -> Zeroizing<String> {
    let length = utf8_percent_encode(text, set).map(str::len).sum();
    let mut out = Zeroizing::new(String::with_capacity(length));
    out.extend(utf8_percent_encode(text, set));
    out
}

/// Appends base64url without padding.
pub(crate) fn push_base64url(out: &mut Zeroizing<String>, text: &[u8]) {
    out.reserve(text.len() / 3 * 4 + 4);
    URL_SAFE_NO_PAD.encode_string(text, out);
}

/// Appends base64 with padding.
pub(crate) fn push_base64(out: &mut Zeroizing<String>, text: &[u8]) {
    out.reserve(text.len() / 3 * 4 + 4);
    STANDARD.encode_string(text, out);
}

/// Returns an empty text with room for these as JSON strings, so that no reallocation leaves a copy
/// of a token.
pub(crate) fn json_with_room<'a>(texts: impl IntoIterator<Item = &'a str>) -> Zeroizing<String> {
    const AROUND: usize = 32;
    const LONGEST_ESCAPE: usize = 6;
    let room = texts.into_iter().map(|text| AROUND + LONGEST_ESCAPE * text.len()).sum::<usize>();
    Zeroizing::new(String::with_capacity(256 + room))
}

/// Appends a JSON string. Other characters than ASCII become `\uXXXX`, as in Python.
pub(crate) fn push_json(out: &mut Zeroizing<String>, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(char),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}

/// Formats a time in ISO 8601's extended format, without the zone: `2015-08-30T12:36:00`.
pub(crate) fn extended_time(time: SigningTime) -> String {
    let mut out = String::with_capacity(20);
    for (nth, digit) in time.as_str().trim_end_matches('Z').chars().enumerate() {
        match nth {
            4 | 6 => out.push('-'),
            11 | 13 => out.push(':'),
            _ => {}
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_value_escapes_all_but_the_unreserved() {
        assert_eq!(query_value("aZ9-._~@+/%é ="), "aZ9-._~%40%2B%2F%25%C3%A9%20%3D");
        assert_eq!(escaped_but_slashes("a/b+{é}").as_str(), "a/b%2B%7B%C3%A9%7D");
    }

    #[test]
    fn time_is_written_in_the_extended_format() {
        assert_eq!(extended_time("20150830T123600Z".parse().unwrap()), "2015-08-30T12:36:00");
    }

    #[test]
    fn json_string_reads_back_and_is_ascii() {
        let text = "a\"b\\c\u{1}é\u{1f980}\u{7f}/";
        let mut out = Zeroizing::new(String::new());
        push_json(&mut out, text);
        assert_eq!(out.as_str(), r#""a\"b\\c\u0001\u00e9\ud83e\udd80\u007f/""#);
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        assert!(json_with_room([text]).capacity() >= out.len());
    }
}
