//! The signature: 32 bytes, written as 64 lower-case hex digits, compared in constant time.

use core::fmt;
use core::str::FromStr;

use ctutils::CtEq;

/// A signature. Compared with `==` in constant time.
#[derive(Clone, Copy)]
pub struct Signature([u8; 32]);

/// A text that is not 64 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSignature;

impl Signature {
    pub(crate) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, before they are written as hex.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 lower-case hex digits that go on the wire.
    pub fn to_hex(&self) -> [u8; 64] {
        hex_of(&self.0)
    }
}

/// A SHA-256 digest or HMAC as lower-case hex digits.
pub(crate) fn hex_of(bytes: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    let (pairs, _) = text.as_chunks_mut();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = [hex_digit(byte >> 4), hex_digit(byte & 0xf)];
    }
    text
}

/// Without a table, so that the compiler writes many digits at once.
const fn hex_digit(value: u8) -> u8 {
    value + if value < 10 { b'0' } else { b'a' - 10 }
}

/// The 32 bytes that 64 lower-case hex digits stand for.
pub(crate) fn from_hex(text: &[u8]) -> Option<[u8; 32]> {
    let text: &[u8; 64] = text.try_into().ok()?;
    let (pairs, _) = text.as_chunks();
    let (mut bytes, mut seen) = ([0; 32], 0);
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (hex_value(*high), hex_value(*low));
        *byte = high << 4 | low & 0xf;
        seen |= high | low;
    }
    (seen & NOT_HEX == 0).then_some(bytes)
}

/// Set in what [`hex_value`] gives for a byte that is no lower-case hex digit.
const NOT_HEX: u8 = 0x80;

/// Without a table and without a branch, as [`hex_digit`].
const fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => NOT_HEX,
    }
}

impl PartialEq for Signature {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).to_bool()
    }
}

impl Eq for Signature {}

impl FromStr for Signature {
    type Err = InvalidSignature;

    fn from_str(text: &str) -> Result<Self, InvalidSignature> {
        from_hex(text.as_bytes()).map(Self).ok_or(InvalidSignature)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.to_hex()).unwrap_or_default())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

impl fmt::Display for InvalidSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a signature is 64 lower-case hex digits")
    }
}

impl core::error::Error for InvalidSignature {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_64_lower_case_hex_digits_are_read() {
        let text = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
        assert_eq!(text.parse::<Signature>().unwrap().to_string(), text);
        for bad in
            [&text[1..], &text.to_uppercase(), &format!("{text}0"), "", &text.replace('5', "g")]
        {
            assert_eq!(bad.parse::<Signature>(), Err(InvalidSignature), "{bad}");
        }
    }
}
