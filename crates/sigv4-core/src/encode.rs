//! Percent-encoding as AWS defines it: everything but `A-Z a-z 0-9 - . _ ~`, in upper-case hex.
//!
//! Source: AWS IAM User Guide, "Create a signed AWS API request", `UriEncode()`.

use percent_encoding::percent_encode_byte;

use crate::text::Text;

/// A set of bytes as a table. One look-up decides whether a byte is in the set.
pub(crate) struct ByteSet([bool; 256]);

impl ByteSet {
    /// Creates the set of `members`.
    pub(crate) const fn of(mut members: &[u8]) -> Self {
        let mut table = [false; 256];
        while let [byte, rest @ ..] = members {
            if let Some(member) = table.split_at_mut(*byte as usize).1.first_mut() {
                *member = true;
            }
            members = rest;
        }
        Self(table)
    }

    pub(crate) fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or(false)
    }
}

/// The bytes that are not escaped in a query or in a path segment.
pub(crate) static UNRESERVED: ByteSet =
    ByteSet::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

/// The bytes that are not escaped in a path.
pub(crate) static UNRESERVED_OR_SLASH: ByteSet =
    ByteSet::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/");

/// Appends `bytes`, escaping all that are not in `standing`.
pub(crate) fn push_encoded<const N: usize>(
    out: &mut Text<N>,
    mut bytes: &[u8],
    standing: &ByteSet,
) {
    while let (plain, [byte, rest @ ..]) = split_standing(bytes, standing) {
        out.extend_from_slice(plain);
        push_escape(out, *byte);
        bytes = rest;
    }
    out.extend_from_slice(bytes);
}

/// Appends `%XX`.
pub(crate) fn push_escape<const N: usize>(out: &mut Text<N>, byte: u8) {
    out.extend_from_slice(percent_encode_byte(byte).as_bytes());
}

/// Splits before the first byte that is not in `standing`.
pub(crate) fn split_standing<'a>(bytes: &'a [u8], standing: &ByteSet) -> (&'a [u8], &'a [u8]) {
    let end = bytes.iter().position(|byte| !standing.contains(*byte)).unwrap_or(bytes.len());
    bytes.split_at(end)
}

/// A piece of text as sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Bytes without a percent sign.
    Plain(&'a [u8]),
    /// `%XX`, decoded.
    Escape(u8),
    /// A percent sign that is not followed by two hex digits.
    LonePercent,
}

/// Splits encoded text into plain runs and escapes.
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

/// Returns the byte for two hex digits of any case.
pub(crate) fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreserved_characters_are_kept_and_the_rest_is_upper_case_hex() {
        let mut out = Text::<64>::new();
        push_encoded(&mut out, "aZ9-._~ /+*%é".as_bytes(), &UNRESERVED);
        assert_eq!(&*out, b"aZ9-._~%20%2F%2B%2A%25%C3%A9");
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
