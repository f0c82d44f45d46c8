//! The signature: 32 bytes, written as 64 lower-case hex digits, compared in constant time.

use core::fmt;
use core::str::FromStr;

use ctutils::CtEq;

use crate::error::SignError;
use crate::text::hex::{from_hex, hex_of};

/// A signature. Compared with `==` in constant time.
#[derive(Clone, Copy)]
pub struct Signature([u8; 32]);

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

impl PartialEq for Signature {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).to_bool()
    }
}

impl Eq for Signature {}

impl FromStr for Signature {
    type Err = SignError;

    fn from_str(text: &str) -> Result<Self, SignError> {
        from_hex(text.as_bytes()).map(Self).ok_or(SignError::InvalidSignature)
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
            assert_eq!(bad.parse::<Signature>(), Err(SignError::InvalidSignature), "{bad}");
        }
    }
}
