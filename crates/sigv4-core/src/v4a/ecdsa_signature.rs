//! An ECDSA signature as it is sent: a DER sequence of r and s, at most 72 bytes.

use p256::ecdsa::Signature as Parsed;

use crate::text::hex::decode;

/// The longest DER of two numbers below n: 2 bytes, then twice 2, a sign and 32.
pub(crate) const MAX_DER: usize = 72;

/// A signature in strict DER: one encoding for each pair of r and s, and nothing after it.
#[derive(Clone, Copy)]
pub(crate) struct EcdsaSignature {
    der: [u8; MAX_DER],
    len: u8, // small, because HMAC signatures share this type's space and must move quickly
}

impl EcdsaSignature {
    /// Reads lower-case hex of a DER signature.
    ///
    /// Both low and high values of s are accepted: not every signer normalises s, and AWS's do not.
    pub(crate) fn from_hex(text: &[u8]) -> Option<Self> {
        let mut der = [0; MAX_DER];
        let length = text.len() / 2;
        decode(text, der.get_mut(..length)?)?;
        let read = Self { der, len: u8::try_from(length).ok()? };
        read.parsed().is_some().then_some(read)
    }

    /// The DER bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.der.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// r and s, each from 1 to n - 1.
    pub(crate) fn parsed(&self) -> Option<Parsed> {
        Parsed::from_der(self.as_bytes()).ok()
    }
}

impl From<Parsed> for EcdsaSignature {
    fn from(signature: Parsed) -> Self {
        let encoded = signature.to_der();
        let (mut der, mut len) = ([0; MAX_DER], 0);
        for (to, from) in der.iter_mut().zip(encoded.as_bytes()) {
            *to = *from;
            len += 1;
        }
        Self { der, len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "020101";
    /// n - 1 with its sign byte, and n.
    const LARGEST: &str = "022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
    const ORDER: &str = "022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

    fn sequence(numbers: &[&str]) -> String {
        let content = numbers.concat();
        format!("30{:02x}{content}", content.len() / 2)
    }

    #[test]
    fn strict_der_of_two_numbers_below_n_is_read() {
        for numbers in [[ONE, ONE], [LARGEST, ONE], [ONE, LARGEST], [LARGEST, LARGEST]] {
            let text = sequence(&numbers);
            let read = EcdsaSignature::from_hex(text.as_bytes()).unwrap();
            assert_eq!(hex::encode(read.as_bytes()), text);
            assert_eq!(EcdsaSignature::from(read.parsed().unwrap()).as_bytes(), read.as_bytes());
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let good = sequence(&[LARGEST, ONE]);
        for bad in [
            String::new(),
            good.to_uppercase(),
            format!("{good}00"),
            format!("{good}*"),
            format!("{good}0"),
            good.get(..good.len() - 2).unwrap().to_owned(),
            sequence(&[ORDER, ONE]),
            sequence(&[ONE, ORDER]),
            sequence(&["020100", ONE]),
            sequence(&[ONE, "020100"]),
            sequence(&["0200", ONE]),
            sequence(&["0201ff", ONE]),                   // negative
            sequence(&["02020001", ONE]),                 // a sign byte too many
            sequence(&[ONE]),                             // one number
            sequence(&[ONE, ONE, ONE]),                   // three
            "3006020101020101".replacen("06", "8106", 1), // the length in two bytes, which BER allows
            "3080020101020101 0000".replace(' ', ""),     // BER's indefinite length
            "3106020101020101".to_owned(),                // a set
            "30060201010201010".to_owned(),
            "+006020101020101".to_owned(),
            "30".repeat(73),
        ] {
            assert!(EcdsaSignature::from_hex(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
