//! The clock of a client, and what was learnt of its offset.

use core::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use crate::error::SignError;
use crate::time::SigningTime;

/// The seconds by which a client's clock is behind its service's, learnt from an answer.
///
/// Shared by all the requests of a client: `ClockOffset` is one atomic number.
#[derive(Debug, Default)]
pub struct ClockOffset(AtomicI64);

impl ClockOffset {
    /// A clock that is taken to be right.
    pub const fn new() -> Self {
        Self(AtomicI64::new(0))
    }

    /// Seconds to add to the clock; negative where it is ahead.
    pub fn seconds(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Keeps what `Cause::ClockSkew` says, in place of what was known before.
    pub fn learn(&self, seconds: i64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

/// The time to sign with: the clock, and the offset that was learnt.
///
/// # Errors
/// [`SignError::TimeOutOfRange`] where the sum is before 1970 or after 9999.
pub fn corrected_time(clock: SystemTime, offset: i64) -> Result<SigningTime, SignError> {
    SigningTime::try_from(clock)?.offset(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_offset_is_replaced_not_summed() {
        let offset = ClockOffset::new();
        offset.learn(1200);
        offset.learn(1200);
        let clock = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_440_936_960);
        let time = corrected_time(clock, offset.seconds()).unwrap();
        assert_eq!(time.as_str(), "20150830T123600Z");
    }
}
