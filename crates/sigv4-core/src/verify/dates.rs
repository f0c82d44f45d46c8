//! The `Date` header, which a signer may send in place of `x-amz-date`.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::time::SigningTime;

const DAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Mon),
    ("Tue", Weekday::Tue),
    ("Wed", Weekday::Wed),
    ("Thu", Weekday::Thu),
    ("Fri", Weekday::Fri),
    ("Sat", Weekday::Sat),
    ("Sun", Weekday::Sun),
];

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads `20150830T123600Z` or `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 1123; `-0000` and `+0000` are
/// how botocore and others write GMT).
pub(super) fn read(text: &str) -> Option<SigningTime> {
    text.parse().ok().or_else(|| read_rfc1123(text))
}

fn read_rfc1123(text: &str) -> Option<SigningTime> {
    let (weekday, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let mut next = || words.next();
    let (day, month, year, clock, zone) = (next()?, next()?, next()?, next()?, next()?);
    if next().is_some() || !matches!(zone, "GMT" | "-0000" | "+0000") {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(digits(year, 4)?).ok()?,
        u32::try_from(month).ok()?,
        digits(day, 2)?,
    )?;
    let named = DAYS.iter().find(|(name, _)| *name == weekday)?;
    let [hour, minute, second] = {
        let mut parts = clock.split(':');
        let parsed = [parts.next()?, parts.next()?, parts.next()?];
        if parts.next().is_some() {
            return None;
        }
        parsed
    };
    let time = date.and_hms_opt(digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?)?;
    if date.weekday() != named.1 {
        return None;
    }
    SigningTime::from_unix(time.and_utc().timestamp()).ok()
}

/// A number of exactly `count` digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_date_are_read() {
        for text in [
            "20150830T123600Z",
            "Sun, 30 Aug 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 12:36:00 -0000",
            "Sun, 30 Aug 2015 12:36:00 +0000",
        ] {
            assert_eq!(read(text).unwrap().as_str(), "20150830T123600Z", "{text}");
        }
    }

    #[test]
    fn any_other_form_is_refused() {
        for text in [
            "",
            "Mon, 30 Aug 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 12:36:00",
            "Sun, 30 Aug 2015 14:36:00 +0200",
            "Sun, 30 Aug 2015 12:36:00 GMT ",
            "Sun, 30 Aug 2015 12:36:00 GMT x",
            "Sun,  30 Aug 2015 12:36:00 GMT",
            "Sun, 30 Aug 15 12:36:00 GMT",
            "Sun, 030 Aug 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 2:36:00 GMT",
            "Sun, 3o Aug 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 12:36 GMT",
            "Sun, 30 Aug 2015 12:36:00:00 GMT",
            "Sun, 30 aug 2015 12:36:00 GMT",
            "Sunday, 30-Aug-15 12:36:00 GMT",
            "Sun Aug 30 12:36:00 2015",
            "Mon, 31 Feb 2015 12:36:00 GMT",
            "2015-08-30T12:36:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
