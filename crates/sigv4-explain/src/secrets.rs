//! Masks secrets by value, by name and by appearance.
//!
//! A header's value is shown only if its name is on a list. A parameter's value is shown unless its
//! name marks it as a secret. The caller's secrets are masked wherever they occur. In a service's
//! own sentence, every word that looks like a token is masked too.

use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sigv4_core::Transcript;

use crate::sigv4a::Algorithm;

/// The replacement for a secret.
const MASK: &str = "***";

/// The shortest secret that is masked by value. Shorter ones would match ordinary text, so they are
/// masked only by name.
const SHORTEST: usize = 6;

/// The most secrets that are masked by value.
const MOST: usize = 64;

/// The most bytes that are kept of a service's sentence.
const LONGEST_MESSAGE: usize = 8 * 1024;

/// The least length of a word that is treated as a token if it has upper-case letters, lower-case
/// letters and digits.
const TOKEN_LENGTH: usize = 30;

/// The characters that are escaped in a URL's path or query: all except the unreserved ones.
pub(crate) const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Headers whose values may be shown; `x-amz-meta-` and `x-amz-checksum-` begin more of them.
const SHOWN_HEADERS: [&str; 59] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "cache-control",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-range",
    "content-type",
    "date",
    "expect",
    "expires",
    "forwarded",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "keep-alive",
    "origin",
    "pragma",
    "range",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-amz-acl",
    "x-amz-algorithm",
    "x-amz-api-version",
    "x-amz-bucket-region",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-copy-source-range",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-glacier-version",
    "x-amz-object-attributes",
    "x-amz-region-set",
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-tagging-directive",
    "x-amz-target",
    "x-amz-trailer",
    "x-amz-user-agent",
    "x-amzn-trace-id",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-real-ip",
];

/// Parts of parameter names that mark the value as a secret.
const SECRET_PARTS: [&str; 10] = [
    "token",
    "secret",
    "password",
    "passwd",
    "signature",
    "apikey",
    "api_key",
    "api-key",
    "authorization",
    "oauth",
];

/// Whether a header's value may be shown.
pub(crate) fn may_show(header: &str) -> bool {
    SHOWN_HEADERS.contains(&header)
        || header.starts_with("x-amz-meta-")
        || header.starts_with("x-amz-checksum-")
}

/// Whether a parameter's name marks its value as a secret.
fn is_secret_parameter(name: &str) -> bool {
    let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
    matches!(name.as_str(), "key" | "code") || is_secret_word(&name)
}

/// Whether a name in a sentence says that a secret follows: "key" alone does not.
fn is_secret_word(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "sig" | "sas") || SECRET_PARTS.iter().any(|part| name.contains(part))
}

/// The caller's own secrets, by value.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// The secrets in a transcript and in the headers and the query that were sent.
    pub(crate) fn of(
        transcript: Option<&Transcript>,
        headers: Option<&HeaderMap>,
        query: Option<&str>,
    ) -> Self {
        let mut secrets = Self::default();
        let canonical = transcript.map(|it| String::from_utf8_lossy(it.canonical_request()));
        if let Some(text) = &canonical {
            let mut lines = text.split('\n').skip(2);
            secrets.add_query(lines.next().unwrap_or_default());
            for (name, value) in lines.map_while(|line| line.split_once(':')) {
                secrets.add_header(name, value);
            }
        }
        for (name, value) in headers.into_iter().flatten() {
            secrets.add_header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        secrets.add_query(query.unwrap_or_default());
        // The longest first, because one may be a prefix of another.
        secrets.0.sort_unstable_by_key(|value| core::cmp::Reverse(value.len()));
        secrets.0.dedup();
        secrets
    }

    fn add_header(&mut self, name: &str, value: &str) {
        if may_show(name) {
            return;
        }
        match value.split_once(' ') {
            // The scheme is not a secret. In a SigV4 header, only the signature is.
            Some((scheme, rest)) if name.ends_with("authorization") => {
                let signature = rest.rsplit("Signature=").next().unwrap_or(rest);
                self.add(if Algorithm::of(scheme).is_some() { signature } else { rest });
            }
            _ => self.add(value),
        }
    }

    fn add_query(&mut self, query: &str) {
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if is_secret_parameter(name) {
                self.add(value);
                self.add(&percent_decode_str(value).decode_utf8_lossy());
            }
        }
    }

    fn add(&mut self, value: &str) {
        let value = value.trim();
        if value.len() < SHORTEST || self.0.len() >= MOST {
            return;
        }
        self.0.push(value.to_owned());
        let encoded = utf8_percent_encode(value, UNRESERVED).to_string();
        if encoded != value {
            self.0.push(encoded);
        }
    }

    /// Masks these secrets in a text.
    pub(crate) fn by_value(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), MASK);
            }
        }
        text
    }

    /// Masks these secrets in a service's sentence, values after a secret's name, and words that
    /// look like a token.
    pub(crate) fn message(&self, text: &str) -> String {
        let text = self.by_value(&cut_echo(text));
        let text = Transcript::mask(cut_at_word(&text));
        let mut masked = String::with_capacity(text.len());
        let mut named = false;
        for piece in text.split_inclusive(is_separator) {
            let word = piece.trim_end_matches(is_separator);
            let secret = !word.is_empty() && (named || looks_like_token(word));
            masked.push_str(if secret { MASK } else { word });
            masked.push_str(piece.get(word.len()..).unwrap_or_default());
            named = (piece.ends_with('=') && is_secret_word(word))
                || (piece.ends_with(' ') && matches!(word, "Bearer" | "Basic" | "Token"))
                // As a POST policy writes it: ["eq", "$x-amz-security-token", "value"].
                || (word.starts_with('$') && is_secret_word(word))
                || (named && word.is_empty());
        }
        masked
    }

    /// Masks a canonical request. A value is shown only if its name allows it.
    pub(crate) fn canonical(&self, text: &str) -> String {
        let mut headers = true;
        let masked = text.split('\n').enumerate().map(|(at, line)| {
            headers &= at < 3 || !line.is_empty();
            if headers { mask_line(line, at) } else { line.to_owned() }
        });
        self.by_value(&masked.collect::<Vec<_>>().join("\n"))
    }

    /// Masks one line of a canonical request by its position: method, path, query, then headers.
    pub(crate) fn line(&self, line: &str, at: usize) -> String {
        self.by_value(&mask_line(line, at))
    }
}

/// Masks a line of a canonical request. A value is shown only if its name allows it.
fn mask_line(line: &str, at: usize) -> String {
    match (at, line.split_once(':')) {
        (2, _) => mask_query(line),
        (3.., Some((name, _))) if !may_show(name) => format!("{name}:{MASK}"),
        _ => line.to_owned(),
    }
}

/// Shortens a long text at the end of a word, because half a secret must not be shown either.
fn cut_at_word(text: &str) -> &str {
    if text.len() <= LONGEST_MESSAGE {
        return text;
    }
    let end = (0..=LONGEST_MESSAGE).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = text.get(..end).unwrap_or_default();
    let word = start.rfind(char::is_whitespace).unwrap_or(0);
    start.get(..word).unwrap_or_default()
}

/// Masks the values of secret parameters in a query.
fn mask_query(query: &str) -> String {
    let masked = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret_parameter(name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    masked.collect::<Vec<_>>().join("&")
}

/// The texts that precede an echoed Authorization value in a service's message.
const ECHOES: [&str; 3] = ["authorization=", "authorization header: '", "base64): '"];

/// Cuts a message before the Authorization value that it echoes.
fn cut_echo(message: &str) -> String {
    let lower = message.to_ascii_lowercase();
    let ends = ECHOES.iter().filter_map(|mark| Some(lower.find(mark)? + mark.len()));
    match ends.min().and_then(|end| message.get(..end)) {
        // The same value may occur earlier: `'value' not a valid pair in Authorization header`.
        Some(before) => format!("{}{MASK}", mask_first_quote(before)),
        None => message.to_owned(),
    }
}

/// Removes a quoted value from the beginning of a sentence.
fn mask_first_quote(sentence: &str) -> String {
    match sentence.strip_prefix('\'').and_then(|rest| rest.split_once('\'')) {
        Some((value, rest)) if rest.starts_with(" not a valid ") && value.len() >= SHORTEST => {
            format!("'{MASK}'{rest}")
        }
        _ => sentence.to_owned(),
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || "'\"<>(),;:?&=[]{}".contains(character)
}

/// Whether a word is long and has upper-case letters, lower-case letters and digits, as tokens and
/// signatures do.
fn looks_like_token(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.bytes().any(|byte| kind(&byte));
    word.len() >= TOKEN_LENGTH
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_.~%|".contains(&byte))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "IQoJb3JpZ2luX2VjEJ///////////wEaCXVzLWVhc3QtMSJGMEQCIBbi";

    #[test]
    fn list_of_headers_is_sorted_and_holds_no_secret() {
        assert!(SHOWN_HEADERS.windows(2).all(|pair| pair[0] < pair[1]));
        for name in [
            "authorization",
            "proxy-authorization",
            "cookie",
            "x-api-key",
            "x-amz-access-token",
            "x-amz-security-token",
            "x-amz-s3session-token",
            "x-amz-server-side-encryption-customer-key",
            "x-amz-copy-source-server-side-encryption-customer-key",
            "x-amz-server-side-encryption-context",
            "x-vault-token",
            "x-amz-tagging",
        ] {
            assert!(!may_show(name), "{name}");
        }
    }

    #[test]
    fn what_was_sent_as_a_secret_is_masked_wherever_it_turns_up() {
        let headers = [
            ("x-vault-token", "hvs.short1"),
            ("authorization", "Bearer plain-bearer"),
            ("x-amz-date", "20250903T162150Z"),
        ];
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let secrets = Secrets::of(None, Some(&headers), Some("a=1&sig=abc%2Fdef%3D&X-Amz-Date=2"));
        let masked =
            secrets.message("hvs.short1 plain-bearer abc/def= abc%2Fdef%3D 20250903T162150Z");
        assert_eq!(masked, "*** *** *** *** 20250903T162150Z");
    }

    #[test]
    fn echoed_authorization_and_tokens_are_masked_in_a_message() {
        let secrets = Secrets::default();
        for (message, masked) in [
            (
                "requires 'Signature' parameter. Authorization=Bearer a",
                "requires 'Signature' parameter. Authorization=***",
            ),
            (
                "'abcdef/2025' not a valid key=value pair in Authorization header: 'x'.",
                "'***' not a valid key=value pair in Authorization header: '***",
            ),
            (
                "failed: [\"eq\", \"$x-amz-security-token\", \"short-token\"]",
                "failed: [\"eq\", \"$x-amz-security-token\", \"***\"]",
            ),
            (
                "see https://a/?X-Amz-Signature=00ff&sig=ab",
                "see https://a/?X-Amz-Signature=***&sig=***",
            ),
            ("Token abc was refused", "Token *** was refused"),
        ] {
            assert_eq!(secrets.message(message), masked);
        }
        assert!(!secrets.message(&format!("the token '{TOKEN}' is bad")).contains(TOKEN));
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(secrets.message(hash), hash);
    }

    #[test]
    fn canonical_request_shows_only_what_may_be_shown() {
        let text = format!(
            "GET\n/a\nX-Amz-Security-Token={TOKEN}&b=1&sig=x\ncookie:a=b\nhost:c\nx-amz-access-token:Atza\n\ncookie;host\nhash"
        );
        let masked = Secrets::default().canonical(&text);
        assert_eq!(
            masked,
            "GET\n/a\nX-Amz-Security-Token=***&b=1&sig=***\ncookie:***\nhost:c\nx-amz-access-token:***\n\ncookie;host\nhash"
        );
    }
}
