//! Folds the blanks in a header's value, eight bytes at a time.

/// The room that [`fold`] needs for a value of this length.
pub(crate) const fn room_for(length: usize) -> usize {
    length.next_multiple_of(8)
}

/// Writes `value` without blanks at its ends and with each run of blanks as one space. Returns the
/// number of bytes written. A blank is a space or a tab.
pub(crate) fn fold(value: &[u8], room: &mut [u8]) -> usize {
    let (mut kept, mut after_blank) = (0, true);
    let mut write = |eight: [u8; 8], count: usize| {
        let (folded, dropped) = fold_eight(u64::from_le_bytes(eight), &mut after_blank);
        if let Some(place) = room.get_mut(kept..).and_then(|rest| rest.first_chunk_mut()) {
            *place = folded.to_le_bytes();
        }
        kept += count - dropped;
    };
    let (eights, rest) = value.as_chunks();
    eights.iter().for_each(|eight| write(*eight, 8));
    let mut last = [0xff; 8]; // no blanks behind the rest
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    write(last, rest.len());
    let ends_blank = room.get(..kept).and_then(<[u8]>::last) == Some(&b' ');
    kept - usize::from(ends_blank)
}

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGHS: u64 = 0x80 * ONES;
const SPACES: u64 = b' ' as u64 * ONES;

/// Makes tabs spaces and moves all bytes down over blanks that follow a blank. The first byte is the
/// lowest. Returns how many bytes were dropped.
#[inline]
fn fold_eight(mut eight: u64, after_blank: &mut bool) -> (u64, usize) {
    // The highest bit of each byte below `!`: of those, a header holds only the space and the tab.
    let blanks = !(((eight | HIGHS) - (SPACES + ONES)) | eight) & HIGHS;
    let whole = (blanks >> 7) * 0xff;
    eight = (eight & !whole) | (SPACES & whole);
    let mut doubled = blanks & ((blanks << 8) | (u64::from(*after_blank) << 7));
    *after_blank = blanks >> 63 == 1;
    let mut dropped = 0;
    while doubled != 0 {
        dropped += 1;
        let below = (1 << (doubled.trailing_zeros() - 7)) - 1;
        eight = (eight & below) | ((eight >> 8) & !below);
        doubled = (doubled & (doubled - 1)) >> 8;
    }
    (eight, dropped)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn folded(value: &[u8]) -> Vec<u8> {
        let mut room = vec![0xee; room_for(value.len())];
        let written = fold(value, &mut room);
        room.truncate(written);
        room
    }

    fn words_joined(value: &[u8]) -> Vec<u8> {
        let words = value.split(|byte| matches!(byte, b' ' | b'\t'));
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(&b' ')
    }

    #[test]
    fn folding_is_that_of_words_joined_by_one_space() {
        let bytes = [b' ', b'\t', b'a', 0xff];
        for length in 0..=8 {
            for nth in 0..4_usize.pow(length) {
                let value: Vec<u8> =
                    (0..length).map(|place| bytes[nth / 4_usize.pow(place) % 4]).collect();
                assert_eq!(folded(&value), words_joined(&value), "{value:?}");
            }
        }
    }

    #[test]
    fn long_values_fold_at_every_place() {
        for start in 0..30 {
            for end in start..30 {
                let mut value = [b'x'; 30];
                value[start..end].fill(b' ');
                assert_eq!(folded(&value), words_joined(&value), "{start} {end}");
                value[start..end].fill(b'\t');
                assert_eq!(folded(&value), words_joined(&value), "{start} {end}");
            }
        }
    }

    #[test]
    fn every_other_byte_that_a_header_can_hold_stays() {
        for byte in (0..=255_u8).filter(|byte| HeaderValue::from_bytes(&[*byte]).is_ok()) {
            let value = [byte, b' ', byte, b'a', byte];
            assert_eq!(folded(&value), words_joined(&value), "{byte}");
        }
    }
}
