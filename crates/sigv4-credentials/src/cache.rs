//! Decides what to do with the cached credentials: serve, refresh, wait or fail. It is pure: it is
//! passed the time, does no I/O and starts no thread.
//!
//! ```text
//!              loaded             advisory          mandatory         expiry
//!                | serve             | serve, load in   | wait for        | wait for a load,
//!                |                   | the background   | the load        | or fail
//!   refused by a service: wait, as in the mandatory window, once per interval
//!   load failed: keep serving, with delays between retries
//!   profile file changed: load in the background, checked once per interval
//! ```

use std::time::{Duration, SystemTime};

use sigv4_core::{Credentials, CredentialsError};

use crate::chain::Loaded;
use crate::origin::{Failure, Held, Origin};
use crate::policy::{RefreshPolicy, is_pausing};
use crate::profile::Fingerprint;
use crate::source::Source;

/// The state: the cached credentials, whether a load is running, and the result of the last load.
#[derive(Debug)]
pub(crate) struct Cache {
    policy: RefreshPolicy,
    held: Option<Entry>,
    load: Load,
    last: Option<Ended>,
    /// When a refusal last started a load.
    forced_at: Option<SystemTime>,
}

/// Whether a load is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Load {
    Idle,
    Running,
}

/// Cached credentials with their metadata.
#[derive(Debug)]
struct Entry {
    credentials: Credentials,
    origin: Origin,
    files: Option<Fingerprint>,
    /// When the files were last checked.
    looked_at: SystemTime,
    loaded_at: SystemTime,
    /// The remaining lifetime when they were first loaded.
    life: Option<Duration>,
    standing: Standing,
}

/// Whether a service refused the cached credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    /// A service refused them. A call waits for a load as soon as the interval allows one.
    Refused,
}

/// The result of the last load.
#[derive(Debug)]
struct Ended {
    at: SystemTime,
    failure: Option<(CredentialsError, u32)>,
}

/// The action for a call for credentials.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Return these.
    Serve(Credentials),
    /// Return these and start a load in the background.
    ServeAndLoad(Credentials),
    /// Return these and check in the background whether the files have changed since this state.
    ServeAndLook(Credentials, Fingerprint),
    /// Wait for the running load.
    Wait,
    /// Start a load and wait for it.
    LoadAndWait,
    /// Return the remembered failure.
    Fail(CredentialsError),
}

/// The result for the callers that waited for a load.
#[derive(Debug)]
pub(crate) struct Answers {
    /// The credentials to use. If the load failed, the cached ones while they are valid.
    pub(crate) usable: Result<Credentials, CredentialsError>,
    /// The result of the load itself.
    pub(crate) fresh: Result<Credentials, CredentialsError>,
}

/// How close the cached credentials are to their expiry.
enum Urgency {
    None,
    Advisory,
    Mandatory,
}

impl Cache {
    pub(crate) fn new(policy: RefreshPolicy) -> Self {
        Self { policy, held: None, load: Load::Idle, last: None, forced_at: None }
    }

    /// Decides what to do for a call at `now`. If that is to load, marks the load as running.
    pub(crate) fn decide(&mut self, now: SystemTime) -> Decision {
        let running = self.load == Load::Running;
        let Some(held) = self.serving(now) else {
            return match self.remembered_failure(now) {
                _ if running => Decision::Wait,
                Some(failure) => Decision::Fail(failure),
                None => self.start(Decision::LoadAndWait),
            };
        };
        let credentials = held.credentials.clone();
        if held.standing == Standing::Refused {
            match (running, self.may_force(held, now)) {
                (true, _) => return Decision::Wait,
                (false, true) => {
                    self.forced_at = Some(now);
                    return self.start(Decision::LoadAndWait);
                }
                (false, false) => {}
            }
        }
        match held.urgency(&self.policy, now) {
            Urgency::None => self.look(credentials, now),
            Urgency::Mandatory if running => Decision::Wait,
            _ if running || self.rests(held, now) => Decision::Serve(credentials),
            Urgency::Advisory => self.start(Decision::ServeAndLoad(credentials)),
            Urgency::Mandatory => self.start(Decision::LoadAndWait),
        }
    }

    /// Starts a load on the caller's request. Returns `Wait` if one is running.
    pub(crate) fn refresh(&mut self) -> Decision {
        match self.load {
            Load::Running => Decision::Wait,
            Load::Idle => self.start(Decision::LoadAndWait),
        }
    }

    /// Starts a load because the files have changed. Returns `false` if one is already running.
    pub(crate) fn files_changed(&mut self) -> bool {
        matches!(self.refresh(), Decision::LoadAndWait)
    }

    /// Records the result of a load, and returns the result for the waiting callers.
    pub(crate) fn loaded(
        &mut self,
        result: Result<Loaded, CredentialsError>,
        now: SystemTime,
    ) -> Answers {
        self.load = Load::Idle;
        match result.and_then(|loaded| refuse_expired(loaded, now)) {
            Ok(loaded) => {
                let credentials = self.keep(loaded, now);
                Answers { usable: Ok(credentials.clone()), fresh: Ok(credentials) }
            }
            Err(failure) => {
                let failures = self.failures().saturating_add(1);
                self.last = Some(Ended { at: now, failure: Some((failure.clone(), failures)) });
                let held = self.serving(now).map(|held| held.credentials.clone());
                Answers { usable: held.ok_or_else(|| failure.clone()), fresh: Err(failure) }
            }
        }
    }

    /// Records that a service refused these. If they are the cached ones, a call waits for a load.
    /// There is at most one such load per interval, even if the new credentials are refused too.
    pub(crate) fn rejected(&mut self, rejected: &Credentials) {
        if let Some(held) = self.held.as_mut().filter(|held| held.credentials == *rejected) {
            held.standing = Standing::Refused;
        }
    }

    /// The source of the cached credentials, even if they have expired.
    pub(crate) fn source(&self) -> Option<Source> {
        self.held.as_ref().map(|held| held.origin.source())
    }

    /// Describes the cached credentials for people.
    pub(crate) fn held(&self) -> Option<Held> {
        let held = self.held.as_ref()?;
        let expires_at = held.credentials.expires_at();
        let refresh_at = held.window_starts(&self.policy).map(|(advisory, _)| advisory);
        Some(Held {
            origin: held.origin.clone(),
            access_key_id: held.credentials.access_key_id().to_owned(),
            loaded_at: held.loaded_at,
            refresh_at,
            expires_at,
            last_failure: self.last_failure(),
        })
    }

    /// The last load, if it failed.
    pub(crate) fn last_failure(&self) -> Option<Failure> {
        let ended = self.last.as_ref()?;
        let (error, failures) = ended.failure.as_ref()?;
        let pause = self.policy.pause_after(*failures);
        let pause = match &self.held {
            Some(held) if !is_expired(&held.credentials, ended.at) => pause,
            _ => pause.min(self.policy.failure_memory),
        };
        let next_try = ended.at.checked_add(pause).unwrap_or(ended.at);
        Some(Failure { error: error.clone(), at: ended.at, next_try })
    }

    fn start(&mut self, decision: Decision) -> Decision {
        self.load = Load::Running;
        decision
    }

    fn serving(&self, now: SystemTime) -> Option<&Entry> {
        let held = self.held.as_ref()?;
        (!is_expired(&held.credentials, now)).then_some(held)
    }

    /// Serves, and checks the files once per interval.
    fn look(&mut self, credentials: Credentials, now: SystemTime) -> Decision {
        let Some(held) = self.held.as_mut().filter(|_| self.load == Load::Idle) else {
            return Decision::Serve(credentials);
        };
        match &held.files {
            Some(files) if !is_pausing(held.looked_at, held.interval(&self.policy), now) => {
                held.looked_at = now;
                Decision::ServeAndLook(credentials, files.clone())
            }
            _ => Decision::Serve(credentials),
        }
    }

    /// Whether a refusal may start a load. It may not within an interval after the last one that
    /// did, or during the delay after a failed load.
    fn may_force(&self, held: &Entry, now: SystemTime) -> bool {
        let interval = held.interval(&self.policy);
        match self.last.as_ref().and_then(|ended| Some((ended.at, ended.failure.as_ref()?))) {
            Some((at, (_, failures))) => !is_pausing(at, self.policy.pause_after(*failures), now),
            None => !self.forced_at.is_some_and(|forced| is_pausing(forced, interval, now)),
        }
    }

    /// Whether it is too early for the next refresh of credentials that are still valid.
    fn rests(&self, held: &Entry, now: SystemTime) -> bool {
        self.last.as_ref().is_some_and(|ended| {
            let pause = match &ended.failure {
                None => held.interval(&self.policy),
                Some((_, failures)) => self.policy.pause_after(*failures),
            };
            is_pausing(ended.at, pause, now)
        })
    }

    fn remembered_failure(&self, now: SystemTime) -> Option<CredentialsError> {
        let ended = self.last.as_ref()?;
        let (failure, failures) = ended.failure.as_ref()?;
        let pause = self.policy.pause_after(*failures);
        is_pausing(ended.at, pause.min(self.policy.failure_memory), now).then(|| failure.clone())
    }

    fn failures(&self) -> u32 {
        let failure = self.last.as_ref().and_then(|ended| ended.failure.as_ref());
        failure.map_or(0, |(_, failures)| *failures)
    }

    fn keep(&mut self, loaded: Loaded, now: SystemTime) -> Credentials {
        let Loaded { credentials, origin, files } = loaded;
        let life = credentials.expires_at().and_then(|end| end.duration_since(now).ok());
        let before = self.held.take().filter(|held| held.credentials == credentials);
        // Unchanged credentials keep their derived signing keys and their original lifetime.
        let (credentials, life) = match before {
            Some(held) if held.credentials.expires_at() == credentials.expires_at() => {
                (held.credentials, held.life)
            }
            _ => (credentials, life),
        };
        self.last = Some(Ended { at: now, failure: None });
        self.held = Some(Entry {
            credentials: credentials.clone(),
            origin,
            files,
            looked_at: now,
            loaded_at: now,
            life,
            standing: Standing::Good,
        });
        credentials
    }
}

impl Entry {
    fn urgency(&self, policy: &RefreshPolicy, now: SystemTime) -> Urgency {
        match self.window_starts(policy) {
            Some((_, mandatory)) if now >= mandatory => Urgency::Mandatory,
            Some((advisory, _)) if now >= advisory => Urgency::Advisory,
            _ => Urgency::None,
        }
    }

    /// The minimum interval between two loads of these credentials.
    fn interval(&self, policy: &RefreshPolicy) -> Duration {
        policy.interval(self.life)
    }

    /// The start of the advisory and the mandatory window; `None` for credentials without an
    /// expiry.
    fn window_starts(&self, policy: &RefreshPolicy) -> Option<(SystemTime, SystemTime)> {
        let end = self.credentials.expires_at()?;
        let life = end.duration_since(self.loaded_at).unwrap_or(Duration::ZERO);
        let (advisory, mandatory) = policy.windows(life);
        Some((end.checked_sub(advisory)?, end.checked_sub(mandatory)?))
    }
}

fn is_expired(credentials: &Credentials, now: SystemTime) -> bool {
    credentials.expires_at().is_some_and(|end| end <= now)
}

fn refuse_expired(loaded: Loaded, now: SystemTime) -> Result<Loaded, CredentialsError> {
    if !is_expired(&loaded.credentials, now) {
        return Ok(loaded);
    }
    let end = loaded.credentials.expires_at().map(crate::origin::utc).unwrap_or_default();
    Err(CredentialsError::new(format!(
        "the credentials from {} had already expired, at {end}: renew them there, and check this \
         machine's clock",
        loaded.origin
    )))
}

#[cfg(test)]
mod tests;
