//! Helpers for the tests of several products.

use std::time::SystemTime;

use sigv4_core::SigningTime;

use crate::token::Token;

/// Parses a time in SigV4's format.
pub(crate) fn at(text: &str) -> SystemTime {
    text.parse::<SigningTime>().unwrap().into()
}

/// The signature in a presigned URL.
pub(crate) fn signature_of(token: &Token) -> String {
    let (_, after) = token.as_str().split_once("X-Amz-Signature=").unwrap();
    after.chars().take_while(char::is_ascii_hexdigit).collect()
}

/// Decodes the URL that follows `prefix` in a token, in base64.
pub(crate) fn decoded_url(token: &Token, prefix: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let text = token.as_str().strip_prefix(prefix).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD.decode(text)).unwrap();
    String::from_utf8(bytes).unwrap()
}
