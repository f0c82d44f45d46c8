//! When credentials are refreshed, and how long one load may take.

use std::time::{Duration, SystemTime};

/// When to refresh, how often to try, how long to wait.
///
/// The defaults suit what AWS issues (lives of 15 minutes to 36 hours):
///
/// ```
/// use std::time::Duration;
/// use sigv4_credentials::RefreshPolicy;
///
/// let policy = RefreshPolicy { load_timeout: Duration::from_secs(5), ..RefreshPolicy::default() };
/// assert_eq!(policy.advisory, Duration::from_secs(15 * 60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshPolicy {
    /// How long before expiry credentials are refreshed in the background while still in use:
    /// 15 min, and at most half the life they had when they were loaded.
    pub advisory: Duration,
    /// How long before expiry a call waits for the refresh: 5 min, and at most a quarter of the life
    /// they had when they were loaded. If the refresh fails they serve on, until they expire.
    pub mandatory: Duration,
    /// The least time from a successful load to the next one of credentials that still serve, be it
    /// that they expire, that a service refuses them or that a profile file may have changed: 60 s,
    /// and at most a quarter of the life they came with. A source may give the same ones again.
    pub minimum_interval: Duration,
    /// The pause after a first failed load: 1 s. It doubles with each further one.
    pub first_retry: Duration,
    /// The longest pause between failed loads while the credentials held still serve: 60 s.
    pub longest_retry: Duration,
    /// How long, at most, a failed load answers further calls when nothing is held that could
    /// serve: 5 s.
    pub failure_memory: Duration,
    /// The most that one load may take, all sources together: 30 s.
    pub load_timeout: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            advisory: Duration::from_secs(15 * 60),
            mandatory: Duration::from_secs(5 * 60),
            minimum_interval: Duration::from_secs(60),
            first_retry: Duration::from_secs(1),
            longest_retry: Duration::from_secs(60),
            failure_memory: Duration::from_secs(5),
            load_timeout: Duration::from_secs(30),
        }
    }
}

impl RefreshPolicy {
    /// The advisory and the mandatory window of credentials with this much life left.
    pub(crate) fn windows(&self, life: Duration) -> (Duration, Duration) {
        (self.advisory.min(life / 2), self.mandatory.min(life / 4))
    }

    /// The least time between two loads of credentials that came with this much life.
    pub(crate) fn interval(&self, life: Option<Duration>) -> Duration {
        life.map_or(self.minimum_interval, |life| self.minimum_interval.min(life / 4))
    }

    /// The pause after this many failed loads in a row.
    pub(crate) fn pause_after(&self, failures: u32) -> Duration {
        let doubled = 1u32.checked_shl(failures.saturating_sub(1));
        let pause = doubled.and_then(|times| self.first_retry.checked_mul(times));
        pause.unwrap_or(self.longest_retry).min(self.longest_retry)
    }
}

/// Whether `pause` since `start` is not over yet at `now`. A clock set back ends every pause.
pub(crate) fn is_pausing(start: SystemTime, pause: Duration, now: SystemTime) -> bool {
    now.duration_since(start).is_ok_and(|passed| passed < pause)
}
