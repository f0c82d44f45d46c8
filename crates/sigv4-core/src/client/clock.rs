//! The clock offsets of services, learnt from responses and kept by origin.

use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use crate::error::SignError;

/// The most origins to keep. The one that was learnt first is dropped for a new one.
const ORIGINS_KEPT: usize = 64;

/// The seconds to add to the client's clock, by origin.
///
/// A client's clock is usually right, so a look-up usually takes one relaxed load.
#[derive(Debug, Default)]
pub(super) struct ClockOffsets {
    any: AtomicBool,
    by_origin: RwLock<Vec<(String, i64)>>,
}

impl ClockOffsets {
    /// Returns the seconds to add for this origin: 0 if nothing was learnt.
    pub(super) fn of(&self, origin: impl FnOnce() -> String) -> i64 {
        if !self.any.load(Ordering::Relaxed) {
            return 0;
        }
        let origin = origin();
        let known = self.by_origin.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(name, _)| *name == origin).map_or(0, |(_, seconds)| *seconds)
    }

    /// Keeps an offset, replacing the previous one of this origin.
    pub(super) fn learn(&self, origin: String, seconds: i64) {
        let mut known = self.by_origin.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(name, _)| *name != origin);
        if known.len() >= ORIGINS_KEPT {
            known.remove(0);
        }
        known.push((origin, seconds));
        self.any.store(true, Ordering::Relaxed);
    }
}

/// Returns the time to sign with: the clock plus the learnt offset.
pub(super) fn corrected_time(clock: SystemTime, offset: i64) -> Result<SystemTime, SignError> {
    let by = Duration::from_secs(offset.unsigned_abs());
    let corrected = if offset < 0 { clock.checked_sub(by) } else { clock.checked_add(by) };
    corrected.ok_or(SignError::TimeOutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(offsets: &ClockOffsets, origin: &str) -> i64 {
        offsets.of(|| origin.to_owned())
    }

    #[test]
    fn offset_is_replaced_not_summed_and_belongs_to_its_origin() {
        let offsets = ClockOffsets::default();
        assert_eq!(of(&offsets, "https://a"), 0);
        offsets.learn("https://a".into(), 1200);
        offsets.learn("https://a".into(), 1100);
        assert_eq!(of(&offsets, "https://a"), 1100);
        assert_eq!(of(&offsets, "https://b"), 0);
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(corrected_time(at(1_440_936_960), 1200), Ok(at(1_440_938_160)));
        assert_eq!(corrected_time(at(1_440_936_960), -60), Ok(at(1_440_936_900)));
        assert_eq!(corrected_time(at(1), i64::MAX), Err(SignError::TimeOutOfRange));
    }

    #[test]
    fn origins_are_bounded_and_the_oldest_goes_first() {
        let offsets = ClockOffsets::default();
        for n in 0..=ORIGINS_KEPT {
            offsets.learn(format!("https://{n}"), 1);
        }
        assert_eq!(of(&offsets, "https://0"), 0);
        assert_eq!(of(&offsets, "https://1"), 1);
        assert_eq!(offsets.by_origin.read().unwrap().len(), ORIGINS_KEPT);
    }
}
