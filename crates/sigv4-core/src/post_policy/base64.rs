//! Standard base64 with padding (RFC 4648, section 4), in its one canonical spelling.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let index = bits >> (18 - 6 * digit) & 63;
            let letter = usize::try_from(index).ok().and_then(|index| ALPHABET.get(index));
            let here = digit <= group.len();
            text.push(char::from(if here { letter.copied().unwrap_or(b'=') } else { b'=' }));
        }
    }
    text
}

/// The bytes, if the text is what [`encode`] would write.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.as_bytes().chunks(4) {
        let padding = group.iter().filter(|byte| **byte == b'=').count();
        let mut bits: u32 = 0;
        for byte in group {
            let digit = ALPHABET.iter().position(|letter| letter == byte);
            bits = bits << 6 | u32::try_from(digit.unwrap_or(0)).ok()?;
        }
        let [_, a, b, c] = bits.to_be_bytes();
        bytes.extend([a, b, c].into_iter().take(3_usize.checked_sub(padding)?));
    }
    (encode(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_rfc_4648_in_both_directions() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(plain.as_bytes()));
        }
    }

    #[test]
    fn any_other_spelling_is_refused() {
        for text in ["Zg", "Zg=", "Zh==", "Z===", "====", "Zm9v=", "Zm 9", "Zm9-", "Zg==Zg==", "é"]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
