//! Digests as lower-case hex, in both directions.

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
