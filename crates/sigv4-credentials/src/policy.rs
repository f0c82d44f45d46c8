//! When credentials are refreshed, and how long one load may take.

use std::time::{Duration, SystemTime};

/// When to refresh, how often to retry and how long to wait.
///
/// The defaults suit the lifetimes of AWS's credentials (15 minutes to 36 hours):
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
    /// 15 min, and at most half their lifetime when they were loaded.
    pub advisory: Duration,
    /// How long before expiry a call waits for the refresh: 5 min, and at most a quarter of their
    /// lifetime when they were loaded. If the refresh fails, they are used until they expire.
    pub mandatory: Duration,
    /// The minimum interval between a successful load and the next one while the credentials are
    /// still valid: 60 s, and at most a quarter of their lifetime when they were loaded. It applies
    /// to refreshes before expiry, after a refusal by a service, and after a change of a profile
    /// file. A source may return the same credentials again.
    pub minimum_interval: Duration,
    /// The delay after a first failed load: 1 s. It doubles with each further failure.
    pub first_retry: Duration,
    /// The longest delay between failed loads while the cached credentials are still valid: 60 s.
    pub longest_retry: Duration,
    /// How long, at most, a failed load is returned to further calls if no valid credentials are
    /// cached: 5 s.
    pub failure_memory: Duration,
    /// The timeout of one load, all sources together: 30 s.
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
    /// Returns the advisory and the mandatory window for a remaining lifetime.
    pub(crate) fn windows(&self, life: Duration) -> (Duration, Duration) {
        (self.advisory.min(life / 2), self.mandatory.min(life / 4))
    }

    /// Returns the minimum interval between two loads for a lifetime at load.
    pub(crate) fn interval(&self, life: Option<Duration>) -> Duration {
        life.map_or(self.minimum_interval, |life| self.minimum_interval.min(life / 4))
    }

    /// Returns the delay after this many failed loads in a row.
    pub(crate) fn pause_after(&self, failures: u32) -> Duration {
        let doubled = 1u32.checked_shl(failures.saturating_sub(1));
        let pause = doubled.and_then(|times| self.first_retry.checked_mul(times));
        pause.unwrap_or(self.longest_retry).min(self.longest_retry)
    }
}

/// Whether a delay of `pause` that began at `start` is still running at `now`. It ends if the clock
/// is set back.
pub(crate) fn is_pausing(start: SystemTime, pause: Duration, now: SystemTime) -> bool {
    now.duration_since(start).is_ok_and(|passed| passed < pause)
}
