//! The signature: bytes, written as lower-case hex digits, compared in constant time.

use core::fmt;
use core::ops::Deref;
use core::str::FromStr;

use ctutils::CtEq;

use crate::error::SignError;
use crate::text::hex::{from_hex, hex_of};
#[cfg(feature = "sigv4a")]
use crate::v4a::EcdsaSignature;

/// A signature: 32 bytes, or at most 72 for SigV4a (DER). `==` compares in constant time.
#[derive(Clone, Copy)]
pub struct Signature(Kind);

#[derive(Clone, Copy)]
enum Kind {
    Hmac([u8; 32]),
    #[cfg(feature = "sigv4a")]
    Ecdsa(EcdsaSignature),
}

impl Signature {
    pub(crate) const fn new(bytes: [u8; 32]) -> Self {
        Self(Kind::Hmac(bytes))
    }

    #[cfg(feature = "sigv4a")]
    pub(crate) const fn ecdsa(signature: EcdsaSignature) -> Self {
        Self(Kind::Ecdsa(signature))
    }

    /// The ECDSA signature, if it is one.
    #[cfg(feature = "sigv4a")]
    pub(crate) const fn as_ecdsa(&self) -> Option<&EcdsaSignature> {
        match &self.0 {
            Kind::Ecdsa(signature) => Some(signature),
            Kind::Hmac(_) => None,
        }
    }

    /// Reads a chunk's signature: 64 digits, or 144 with the padding for SigV4a.
    pub(crate) fn from_chunk(text: &[u8]) -> Option<Self> {
        #[cfg(feature = "sigv4a")]
        if text.len() == PADDED {
            let digits = text.split(|byte| *byte == PADDING).next().unwrap_or_default();
            let padded = text.get(digits.len()..).unwrap_or_default();
            let whole = padded.iter().all(|byte| *byte == PADDING);
            return EcdsaSignature::from_hex(digits).filter(|_| whole).map(Self::ecdsa);
        }
        from_hex(text).map(Self::new)
    }

    /// The bytes, before they are written as hex.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kind::Hmac(bytes) => bytes,
            #[cfg(feature = "sigv4a")]
            Kind::Ecdsa(signature) => signature.as_bytes(),
        }
    }

    /// The lower-case hex digits that go on the wire: 64, or at most 144 for SigV4a.
    pub fn to_hex(&self) -> impl Deref<Target = [u8]> + Copy + use<> {
        self.digits()
    }

    /// The digits as a chunk carries them: for SigV4a padded with `*` to 144.
    #[cfg(feature = "stream")]
    pub(crate) fn to_chunk(self) -> impl Deref<Target = [u8]> {
        match self.digits() {
            #[cfg(feature = "sigv4a")]
            Digits::Ecdsa { text, .. } => Digits::Ecdsa { text, len: PADDED },
            digits => digits,
        }
    }

    #[inline]
    fn digits(&self) -> Digits {
        match &self.0 {
            Kind::Hmac(bytes) => Digits::Hmac(hex_of(bytes)),
            #[cfg(feature = "sigv4a")]
            Kind::Ecdsa(signature) => {
                let (mut text, bytes) = ([PADDING; PADDED], signature.as_bytes());
                crate::text::hex::encode(bytes, &mut text);
                Digits::Ecdsa { text, len: 2 * bytes.len() }
            }
        }
    }
}

/// The padding after the digits of a chunk's signature, which gives all the same length.
#[cfg(feature = "sigv4a")]
const PADDING: u8 = b'*';
#[cfg(feature = "sigv4a")]
const PADDED: usize = 2 * crate::v4a::MAX_DER;

/// A signature's digits, stored without allocation.
#[derive(Clone, Copy)]
enum Digits {
    Hmac([u8; 64]),
    #[cfg(feature = "sigv4a")]
    Ecdsa {
        text: [u8; PADDED],
        len: usize,
    },
}

impl Deref for Digits {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Hmac(text) => text,
            #[cfg(feature = "sigv4a")]
            Self::Ecdsa { text, len } => text.get(..*len).unwrap_or(text),
        }
    }
}

impl PartialEq for Signature {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Hmac(ours), Kind::Hmac(theirs)) => ours.ct_eq(theirs).to_bool(),
            #[cfg(feature = "sigv4a")]
            _ => self.as_bytes().ct_eq(other.as_bytes()).to_bool(),
        }
    }
}

impl Eq for Signature {}

impl FromStr for Signature {
    type Err = SignError;

    /// Reads 64 lower-case hex digits: an HMAC signature.
    fn from_str(text: &str) -> Result<Self, SignError> {
        from_hex(text.as_bytes()).map(Self::new).ok_or(SignError::InvalidSignature)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.digits()).unwrap_or_default())
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
            assert_eq!(Signature::from_chunk(bad.as_bytes()), None, "{bad}");
        }
    }

    #[cfg(feature = "sigv4a")]
    #[test]
    fn chunk_signature_of_sigv4a_is_padded_to_144_and_nothing_else_is_read() {
        let digits = "3006020101020101"; // DER of 1 and 1
        let padded = format!("{digits}{}", "*".repeat(144 - digits.len()));
        let read = Signature::from_chunk(padded.as_bytes()).unwrap();
        assert_eq!((read.to_string().as_str(), &*read.to_hex()), (digits, digits.as_bytes()));
        assert_eq!(&*read.to_chunk(), padded.as_bytes());
        for bad in [
            digits,
            &padded[..143],
            &format!("{padded}*"),
            &format!("{}0", &padded[..143]),
            &padded.replacen('*', "0", 1),
            &padded.replacen("01*", "*01", 1),
            &"*".repeat(144),
            &"0".repeat(144),
        ] {
            assert_eq!(Signature::from_chunk(bad.as_bytes()), None, "{bad}");
        }
    }
}
