//! What to do with the credentials held: serve, refresh, wait or fail. Pure: told the time, does
//! no I/O, starts nothing.
//!
//! ```text
//!              loaded             advisory          mandatory           end
//!                | serve             | serve,           | wait for        | wait for a load,
//!                |                   | load behind      | the load        | or fail
//!   refused: as mandatory, once      a failed load: serve on until the end, pausing between tries
//! ```

use std::time::{Duration, SystemTime};

use sigv4_core::{Credentials, CredentialsError};

use crate::origin::{Held, Origin};
use crate::policy::{RefreshPolicy, is_pausing};

/// The state: what is held, whether a load runs, how the last one ended.
#[derive(Debug)]
pub(crate) struct Cache {
    policy: RefreshPolicy,
    held: Option<Entry>,
    load: Load,
    last: Option<Ended>,
}

/// Whether a load is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Load {
    Idle,
    Running,
}

/// Credentials with what is known of them.
#[derive(Debug)]
struct Entry {
    credentials: Credentials,
    origin: Origin,
    loaded_at: SystemTime,
    standing: Standing,
}

/// What services and sources have said of the credentials held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    /// A service refused them: the next call waits for a load.
    Refused,
    /// They were refused, and the source gave the same ones again.
    GivenAgain,
}

/// How the last load ended.
#[derive(Debug)]
struct Ended {
    at: SystemTime,
    failure: Option<(CredentialsError, u32)>,
}

/// What a call for credentials is to do.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Answer with these.
    Serve(Credentials),
    /// Answer with these and start a load behind.
    ServeAndLoad(Credentials),
    /// Wait for the load that runs.
    Wait,
    /// Start a load and wait for it.
    LoadAndWait,
    /// Answer with the failure remembered.
    Fail(CredentialsError),
}

/// How close to their end the credentials held are.
enum Urgency {
    None,
    Advisory,
    Mandatory,
}

impl Cache {
    pub(crate) fn new(policy: RefreshPolicy) -> Self {
        Self { policy, held: None, load: Load::Idle, last: None }
    }

    /// What to do for one call at `now`. Where it says to load, the load counts as running.
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
        match held.urgency(&self.policy, now) {
            Urgency::None => Decision::Serve(credentials),
            Urgency::Mandatory if running => Decision::Wait,
            _ if running || self.rests(now) => Decision::Serve(credentials),
            Urgency::Advisory => self.start(Decision::ServeAndLoad(credentials)),
            Urgency::Mandatory => self.start(Decision::LoadAndWait),
        }
    }

    /// Takes the end of a load, and gives what those who waited are answered: on failure the
    /// credentials held, where they still serve.
    pub(crate) fn loaded(
        &mut self,
        result: Result<(Credentials, Origin), CredentialsError>,
        now: SystemTime,
    ) -> Result<Credentials, CredentialsError> {
        self.load = Load::Idle;
        match result.and_then(|(loaded, origin)| refuse_expired(loaded, origin, now)) {
            Ok((loaded, origin)) => Ok(self.keep(loaded, origin, now)),
            Err(failure) => {
                let failures = self.failures().saturating_add(1);
                self.last = Some(Ended { at: now, failure: Some((failure.clone(), failures)) });
                self.serving(now).map(|held| held.credentials.clone()).ok_or(failure)
            }
        }
    }

    /// A service refused these: if they are those held, the next call waits for a load.
    pub(crate) fn rejected(&mut self, rejected: &Credentials, now: SystemTime) {
        let interval = self.policy.minimum_interval;
        let Some(held) = self.held.as_mut().filter(|h| h.credentials == *rejected) else {
            return;
        };
        let again = held.standing == Standing::GivenAgain;
        if held.standing == Standing::Refused || again && is_pausing(held.loaded_at, interval, now)
        {
            return;
        }
        held.standing = Standing::Refused;
        self.last = None;
    }

    /// What is held, for the eye.
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
        })
    }

    fn start(&mut self, decision: Decision) -> Decision {
        self.load = Load::Running;
        decision
    }

    fn serving(&self, now: SystemTime) -> Option<&Entry> {
        let held = self.held.as_ref()?;
        (!is_expired(&held.credentials, now)).then_some(held)
    }

    /// Whether it is too early for the next refresh of credentials that still serve.
    fn rests(&self, now: SystemTime) -> bool {
        self.last.as_ref().is_some_and(|ended| {
            let pause = match &ended.failure {
                None => self.policy.minimum_interval,
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

    fn keep(&mut self, loaded: Credentials, origin: Origin, now: SystemTime) -> Credentials {
        let before = self.held.take().filter(|held| held.credentials == loaded);
        let standing = match &before {
            Some(held) if held.standing != Standing::Good => Standing::GivenAgain,
            _ => Standing::Good,
        };
        // The same ones keep the signing keys already derived.
        let credentials = match before {
            Some(held) if held.credentials.expires_at() == loaded.expires_at() => held.credentials,
            _ => loaded,
        };
        self.last = Some(Ended { at: now, failure: None });
        self.held =
            Some(Entry { credentials: credentials.clone(), origin, loaded_at: now, standing });
        credentials
    }
}

impl Entry {
    fn urgency(&self, policy: &RefreshPolicy, now: SystemTime) -> Urgency {
        if self.standing == Standing::Refused {
            return Urgency::Mandatory;
        }
        match self.window_starts(policy) {
            Some((_, mandatory)) if now >= mandatory => Urgency::Mandatory,
            Some((advisory, _)) if now >= advisory => Urgency::Advisory,
            _ => Urgency::None,
        }
    }

    /// When the advisory and the mandatory window open; never, for credentials without an end.
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

fn refuse_expired(
    loaded: Credentials,
    origin: Origin,
    now: SystemTime,
) -> Result<(Credentials, Origin), CredentialsError> {
    if !is_expired(&loaded, now) {
        return Ok((loaded, origin));
    }
    let end = loaded.expires_at().map(crate::origin::utc).unwrap_or_default();
    Err(CredentialsError::new(format!(
        "the credentials from {origin} had already expired, at {end}: renew them there, and check \
         this machine's clock"
    )))
}

#[cfg(test)]
mod tests;
