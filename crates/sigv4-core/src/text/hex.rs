//! Digests as lower-case hex, in both directions.

/// Writes a SHA-256 digest or HMAC as lower-case hex digits.
///
/// Written here for speed: 9 ns, where the package `hex` takes 40 (rows a and i of the bench
/// `peers`).
pub(crate) fn hex_of(bytes: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    encode(bytes, &mut text);
    text
}

/// Writes the digits of `bytes` to the start of `text`, which is twice as long or longer.
#[inline]
pub(crate) fn encode(bytes: &[u8], text: &mut [u8]) {
    let (pairs, _) = text.as_chunks_mut();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = [hex_digit(byte >> 4), hex_digit(byte & 0xf)];
    }
}

/// Has no table, so that the compiler can write many digits at once.
const fn hex_digit(value: u8) -> u8 {
    value + if value < 10 { b'0' } else { b'a' - 10 }
}

/// Reads 32 bytes from 64 lower-case hex digits.
pub(crate) fn from_hex(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    decode(text, &mut bytes)?;
    Some(bytes)
}

/// Fills `bytes` from exactly twice as many lower-case hex digits.
#[inline]
pub(crate) fn decode(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    let is_lower = text.iter().fold(true, |all, byte| all & !byte.is_ascii_uppercase());
    (is_lower && hex::decode_to_slice(text, bytes).is_ok()).then_some(())
}

/// Reads 32 bytes from 64 lower-case hex digits, as [`from_hex`] does.
///
/// Written here for speed: a verification reads one signature, and `hex` takes a tenth of the
/// instructions that it spends outside SHA-256 (row h of the bench `peers`).
#[cfg(feature = "verify")]
pub(crate) fn signature_from_hex(text: &[u8]) -> Option<[u8; 32]> {
    let text: [u8; 64] = text.try_into().ok()?;
    // First all values, then the pairs: so the compiler can do many of each at once.
    let values = text.map(hex_value);
    let (pairs, _) = values.as_chunks();
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = high << 4 | low & 0xf;
    }
    let seen = values.iter().fold(0, |all, value| all | value);
    (seen & NOT_HEX == 0).then_some(bytes)
}

/// Set in the result of [`hex_value`] for a byte that is not a lower-case hex digit.
#[cfg(feature = "verify")]
const NOT_HEX: u8 = 0x80;

/// Has neither a table nor a branch, like [`hex_digit`].
#[cfg(feature = "verify")]
const fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => NOT_HEX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_written_as_the_hex_package_writes_it() {
        let digest: [u8; 32] = core::array::from_fn(|at| u8::try_from(at * 7 % 256).unwrap());
        assert_eq!(hex_of(&digest).as_slice(), hex::encode(digest).as_bytes());
        assert_eq!(from_hex(&hex_of(&digest)), Some(digest));
    }

    #[test]
    fn anything_but_64_lower_case_digits_is_refused() {
        let digits = "0123456789abcdef".repeat(4);
        assert!(from_hex(digits.as_bytes()).is_some());
        for text in [
            "",
            &digits[1..],
            &format!("{digits}0"),
            &digits.replace('a', "A"),
            &digits.replace('f', "g"),
        ] {
            assert_eq!(from_hex(text.as_bytes()), None, "{text}");
        }
    }

    #[cfg(feature = "verify")]
    #[test]
    fn both_readers_agree_on_every_byte_at_every_place() {
        let digits = "0123456789abcdef".repeat(4).into_bytes();
        for at in 0..64 {
            for byte in 0..=255 {
                let mut text = digits.clone();
                text[at] = byte;
                assert_eq!(signature_from_hex(&text), from_hex(&text), "{byte} at {at}");
            }
        }
        assert_eq!(signature_from_hex(&digits[1..]), None);
    }
}
