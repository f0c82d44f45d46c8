//! The time of a signature, written as `20150830T123600Z`, and its date.

use core::fmt;
use core::str::FromStr;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};

use crate::error::SignError;

/// Seconds from 1970 to the last second of 9999.
const MAX_UNIX: i64 = 253_402_300_799;

/// A time as SigV4 writes it: UTC, whole seconds, 1970 to 9999.
///
/// Create it from a [`SystemTime`], chrono's [`DateTime<Utc>`], seconds, or text.
///
/// ```
/// use sigv4_core::SigningTime;
///
/// let time: SigningTime = "20150830T123600Z".parse()?;
/// assert_eq!(time.unix(), 1_440_938_160);
/// assert_eq!(time.date(), "20150830");
/// # Ok::<(), sigv4_core::SignError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SigningTime {
    unix: i64,
    text: Ascii<16>,
}

/// The date of a scope, `20150830`.
pub(crate) type ScopeDate = Ascii<8>;

/// ASCII text of a fixed length, held in place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ascii<const N: usize>([u8; N]);

impl<const N: usize> Ascii<N> {
    /// Returns the text.
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Ascii<8> {
    /// Reads eight digits. Does not check that the day exists.
    pub(crate) fn read_date(text: &str) -> Option<Self> {
        let digits: [u8; 8] = text.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }
}

impl<const N: usize> fmt::Debug for Ascii<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl SigningTime {
    /// Creates the time `seconds` after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`SignError::TimeOutOfRange`] before 1970 or after 9999.
    pub fn from_unix(seconds: i64) -> Result<Self, SignError> {
        if !(0..=MAX_UNIX).contains(&seconds) {
            return Err(SignError::TimeOutOfRange);
        }
        let utc = DateTime::<Utc>::from_timestamp(seconds, 0).ok_or(SignError::TimeOutOfRange)?;
        Ok(Self { unix: seconds, text: write_basic(utc.naive_utc()) })
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z.
    pub fn unix(&self) -> i64 {
        self.unix
    }

    /// Returns only the date, `20150830`, as used in a credential scope.
    pub fn date(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }

    pub(crate) fn scope_date(&self) -> ScopeDate {
        let [y0, y1, y2, y3, m0, m1, d0, d1, ..] = self.text.0;
        Ascii([y0, y1, y2, y3, m0, m1, d0, d1])
    }

    /// Returns the text for `x-amz-date`.
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Whether `time` lies in this second.
    pub(crate) fn is_second_of(&self, time: SystemTime) -> bool {
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        since.is_ok_and(|since| i64::try_from(since.as_secs()) == Ok(self.unix))
    }

    /// Returns this time moved by whole seconds, backwards if they are negative.
    ///
    /// # Errors
    /// [`SignError::TimeOutOfRange`] if the result is before 1970 or after 9999.
    pub fn offset(&self, seconds: i64) -> Result<Self, SignError> {
        Self::from_unix(self.unix.saturating_add(seconds))
    }
}

fn write_basic(utc: NaiveDateTime) -> Ascii<16> {
    let year = utc.year().unsigned_abs();
    let [y0, y1] = two_digits(year / 100);
    let [y2, y3] = two_digits(year % 100);
    let [m0, m1] = two_digits(utc.month());
    let [d0, d1] = two_digits(utc.day());
    let [h0, h1] = two_digits(utc.hour());
    let [n0, n1] = two_digits(utc.minute());
    let [s0, s1] = two_digits(utc.second());
    Ascii([y0, y1, y2, y3, m0, m1, d0, d1, b'T', h0, h1, n0, n1, s0, s1, b'Z'])
}

/// Writes a number below 100 as two digits.
fn two_digits(value: u32) -> [u8; 2] {
    let value = u8::try_from(value).unwrap_or(0);
    [b'0' + value / 10, b'0' + value % 10]
}

impl FromStr for SigningTime {
    type Err = SignError;

    /// Reads the format `20150830T123600Z` only.
    fn from_str(text: &str) -> Result<Self, SignError> {
        let text: [u8; 16] = text.as_bytes().try_into().map_err(|_| SignError::InvalidTime)?;
        let utc = read_basic(&text).ok_or(SignError::InvalidTime)?.and_utc();
        if utc.timestamp() < 0 {
            return Err(SignError::TimeOutOfRange);
        }
        Ok(Self { unix: utc.timestamp(), text: Ascii(text) })
    }
}

fn read_basic(text: &[u8; 16]) -> Option<NaiveDateTime> {
    let [y0, y1, y2, y3, m0, m1, d0, d1, b'T', h0, h1, n0, n1, s0, s1, b'Z'] = *text else {
        return None;
    };
    let pairs = [[y0, y1], [y2, y3], [m0, m1], [d0, d1], [h0, h1], [n0, n1], [s0, s1]];
    // It has no branch, so that all bytes are checked at once.
    if !pairs.as_flattened().iter().fold(true, |all, byte| all & byte.is_ascii_digit()) {
        return None;
    }
    let [century, year, month, day, hour, minute, second] =
        pairs.map(|[tens, ones]| u32::from(tens & 0xf) * 10 + u32::from(ones & 0xf));
    let year = i32::try_from(century * 100 + year).ok()?;
    NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second)
}

impl TryFrom<SystemTime> for SigningTime {
    type Error = SignError;

    fn try_from(time: SystemTime) -> Result<Self, SignError> {
        let since =
            time.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| SignError::TimeOutOfRange)?;
        Self::from_unix(i64::try_from(since.as_secs()).map_err(|_| SignError::TimeOutOfRange)?)
    }
}

impl TryFrom<DateTime<Utc>> for SigningTime {
    type Error = SignError;

    fn try_from(time: DateTime<Utc>) -> Result<Self, SignError> {
        Self::from_unix(time.timestamp())
    }
}

impl From<SigningTime> for SystemTime {
    fn from(time: SigningTime) -> Self {
        Self::UNIX_EPOCH + Duration::from_secs(time.unix.unsigned_abs())
    }
}

impl fmt::Display for SigningTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SigningTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningTime({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_example_time_is_written_in_basic_format() {
        let time = SigningTime::from_unix(1_440_938_160).unwrap();
        assert_eq!(time.to_string(), "20150830T123600Z");
        assert_eq!(time.date(), "20150830");
    }

    #[test]
    fn time_before_1970_or_after_9999_is_an_error() {
        let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(SigningTime::try_from(early), Err(SignError::TimeOutOfRange));
        assert_eq!(SigningTime::from_unix(MAX_UNIX + 1), Err(SignError::TimeOutOfRange));
        assert_eq!(SigningTime::from_unix(MAX_UNIX).unwrap().as_str(), "99991231T235959Z");
    }

    #[test]
    fn only_the_exact_basic_format_is_read() {
        for text in [
            "",
            "20150830T123600",
            "20150830t123600Z",
            "20150230T123600Z",
            "20150830T123660Z",
            "2015-08-30T12:36:00Z",
            "+2150830T123600Z",
            "20150830T246000Z",
        ] {
            assert_eq!(text.parse::<SigningTime>(), Err(SignError::InvalidTime), "{text}");
        }
    }
}
