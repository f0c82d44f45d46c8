//! Times in the format of SigV4.

use std::time::{SystemTime, UNIX_EPOCH};

/// Formats a time as `20150830T123600Z`.
pub(crate) fn basic(time: SystemTime) -> String {
    let now = time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (mut days, second) = (now / 86_400, now % 86_400);
    let (mut year, mut month) = (1970, 0);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year}{:02}{:02}T{hour:02}{minute:02}{second:02}Z", month + 1, days + 1)
}
