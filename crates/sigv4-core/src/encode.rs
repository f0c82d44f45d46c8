//! Percent-encoding as AWS writes it: everything but `A-Z a-z 0-9 - . _ ~`, in upper-case hex.
//!
//! Source: AWS IAM User Guide, "Create a signed AWS API request", `UriEncode()`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use smallvec::SmallVec;

/// Text under construction: on the stack while it is short, on the heap past that.
pub(crate) type Text = SmallVec<[u8; 1024]>;

/// What is escaped in a query, and in a path segment.
pub(crate) const STRICT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is escaped in a path, whose slashes stand.
pub(crate) const PATH: &AsciiSet = &STRICT.remove(b'/');

/// Appends `bytes`, escaping what is in `set`.
pub(crate) fn push_encoded(out: &mut Text, bytes: &[u8], set: &'static AsciiSet) {
    for run in percent_encode(bytes, set) {
        out.extend_from_slice(run.as_bytes());
    }
}

/// A stretch of text as it stands on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Bytes without a percent sign.
    Plain(&'a [u8]),
    /// `%XX`, decoded.
    Escape(u8),
    /// A percent sign that two hex digits do not follow.
    LonePercent,
}

/// Splits wire text into plain runs and escapes.
pub(crate) struct Pieces<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        match self.0 {
            [] => None,
            [b'%', rest @ ..] => {
                if let [high, low, after @ ..] = rest
                    && let Some(byte) = hex_byte(*high, *low)
                {
                    self.0 = after;
                    return Some(Piece::Escape(byte));
                }
                self.0 = rest;
                Some(Piece::LonePercent)
            }
            text => {
                let end = text.iter().position(|byte| *byte == b'%').unwrap_or(text.len());
                let (plain, rest) = text.split_at(end);
                self.0 = rest;
                Some(Piece::Plain(plain))
            }
        }
    }
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreserved_characters_stand_and_the_rest_is_upper_case_hex() {
        let mut out = Text::new();
        push_encoded(&mut out, "aZ9-._~ /+*%é".as_bytes(), STRICT);
        assert_eq!(out.as_slice(), b"aZ9-._~%20%2F%2B%2A%25%C3%A9");
    }

    #[test]
    fn pieces_tell_escapes_from_lone_percent_signs() {
        let pieces: Vec<_> = Pieces(b"a%2fb%zz%4").collect();
        assert_eq!(
            pieces,
            [
                Piece::Plain(b"a"),
                Piece::Escape(b'/'),
                Piece::Plain(b"b"),
                Piece::LonePercent,
                Piece::Plain(b"zz"),
                Piece::LonePercent,
                Piece::Plain(b"4"),
            ]
        );
    }
}
