//! Percent-encoding as AWS writes it: everything but `A-Z a-z 0-9 - . _ ~`, in upper-case hex.
//!
//! Source: AWS IAM User Guide, "Create a signed AWS API request", `UriEncode()`.

use core::ops::{Deref, DerefMut};

use percent_encoding::percent_encode_byte;

/// Text under construction: on the stack up to `N` bytes, on the heap past that.
#[derive(Clone)]
pub(crate) struct Text<const N: usize = 2000> {
    /// Holds the text while `len` is at most `N`.
    stack: [u8; N],
    len: usize,
    /// Holds it from there on.
    heap: Vec<u8>,
}

impl<const N: usize> Text<N> {
    pub(crate) const fn new() -> Self {
        Self { stack: [0; N], len: 0, heap: Vec::new() }
    }

    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        self.extend_from_slice(&[byte]);
    }

    #[inline]
    pub(crate) fn extend_from_slice(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        match self.stack.get_mut(self.len..end) {
            Some(room) => room.copy_from_slice(bytes),
            None => self.spill(bytes),
        }
        self.len = end;
    }

    #[cold]
    fn spill(&mut self, bytes: &[u8]) {
        if let Some(short) = self.stack.get(..self.len) {
            // Text that outgrows the stack often goes on for a while.
            self.heap.reserve(4 * N + bytes.len());
            self.heap.extend_from_slice(short);
        }
        self.heap.extend_from_slice(bytes);
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.stack.get(..self.len).unwrap_or(&self.heap)
    }
}

impl<const N: usize> DerefMut for Text<N> {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.stack.get_mut(..self.len).unwrap_or(&mut self.heap)
    }
}

/// A set of bytes, as a table: one look-up says whether a byte is in it.
pub(crate) struct ByteSet([bool; 256]);

impl ByteSet {
    /// The set of `members`.
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

/// What stands as it is in a query, and in a path segment.
pub(crate) static UNRESERVED: ByteSet =
    ByteSet::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

/// What stands as it is in a path.
pub(crate) static UNRESERVED_OR_SLASH: ByteSet =
    ByteSet::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/");

/// Appends `bytes`, escaping all but those that stand.
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

/// Splits before the first byte that does not stand.
pub(crate) fn split_standing<'a>(bytes: &'a [u8], standing: &ByteSet) -> (&'a [u8], &'a [u8]) {
    let end = bytes.iter().position(|byte| !standing.contains(*byte)).unwrap_or(bytes.len());
    bytes.split_at(end)
}

/// The first sixteen bytes as a number that is in the order of the text. Longer texts may be alike.
pub(crate) fn sort_key(text: &[u8]) -> u128 {
    let head = text.first_chunk().copied().unwrap_or_else(|| {
        let mut padded = [0; 16];
        for (to, from) in padded.iter_mut().zip(text) {
            *to = *from;
        }
        padded
    });
    u128::from_be_bytes(head)
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

/// The byte that two hex digits of any case stand for.
pub(crate) fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreserved_characters_stand_and_the_rest_is_upper_case_hex() {
        let mut out = Text::<64>::new();
        push_encoded(&mut out, "aZ9-._~ /+*%é".as_bytes(), &UNRESERVED);
        assert_eq!(&*out, b"aZ9-._~%20%2F%2B%2A%25%C3%A9");
    }

    #[test]
    fn text_is_the_same_on_the_stack_and_past_it() {
        for pieces in [&["ab", "cd"][..], &["abcd", "", "e"], &["abcdef", "g"], &["", "abc", "de"]]
        {
            let mut out = Text::<4>::new();
            for (nth, piece) in pieces.iter().enumerate() {
                out.extend_from_slice(piece.as_bytes());
                assert_eq!(&*out, pieces[..=nth].concat().as_bytes());
            }
            out.reverse();
            let reversed: Vec<u8> = pieces.concat().bytes().rev().collect();
            assert_eq!(&*out, reversed);
        }
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
