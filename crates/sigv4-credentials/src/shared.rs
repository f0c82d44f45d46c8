//! The state of a provider in one process: the cache, the waiting callers, and the loader's thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, mpsc};
use std::time::{Duration, SystemTime};

use sigv4_core::{Credentials, CredentialsError};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::account::Account;
use crate::cache::{Cache, Decision};
use crate::chain::{Chain, Loaded};
use crate::events;
use crate::loader::{Loader, watch};
use crate::policy::RefreshPolicy;
use crate::profile::Fingerprint;

type Answer = Result<Credentials, CredentialsError>;

/// How long to wait for the thread beyond the timeout of a load, so that a load that does not block
/// it can end with its own, more specific error.
const GRACE: Duration = Duration::from_millis(100);

/// The number of waiters at which abandoned ones are first removed. This repeats at each doubling.
const FIRST_SWEEP: usize = 64;

pub(crate) struct Shared {
    pub(crate) chain: Arc<Chain>,
    policy: RefreshPolicy,
    clock: fn() -> SystemTime,
    state: Mutex<State>,
    loader: Loader,
}

pub(crate) struct State {
    pub(crate) cache: Cache,
    waiters: Vec<Waiter>,
    sweep_at: usize,
}

struct Waiter {
    answer: oneshot::Sender<Answer>,
    wants: Wants,
}

/// Which result a waiter wants if the load fails.
#[derive(Clone, Copy)]
enum Wants {
    Usable,
    Fresh,
}

/// The result of a call for credentials, and the work that it must start.
pub(crate) enum Wanted {
    Served(Answer),
    ServedAndLoad(Credentials),
    ServedAndLook(Credentials, Fingerprint),
    Load(oneshot::Receiver<Answer>),
    Wait(oneshot::Receiver<Answer>),
}

impl State {
    fn wait(&mut self, wants: Wants) -> oneshot::Receiver<Answer> {
        if self.waiters.len() >= self.sweep_at {
            self.waiters.retain(|waiter| !waiter.answer.is_closed());
            self.sweep_at = FIRST_SWEEP.max(self.waiters.len() * 2);
        }
        let (answer, waiting) = oneshot::channel();
        self.waiters.push(Waiter { answer, wants });
        waiting
    }
}

impl Shared {
    pub(crate) fn new(chain: Arc<Chain>, policy: RefreshPolicy, clock: fn() -> SystemTime) -> Self {
        let cache = Cache::new(policy);
        let state = State { cache, waiters: Vec::new(), sweep_at: FIRST_SWEEP };
        Self { chain, policy, clock, state: Mutex::new(state), loader: Loader::default() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn decide(&self) -> Wanted {
        let now = (self.clock)();
        let mut state = self.state();
        match state.cache.decide(now) {
            Decision::Serve(credentials) => Wanted::Served(Ok(credentials)),
            Decision::Fail(failure) => Wanted::Served(Err(failure)),
            Decision::ServeAndLoad(credentials) => Wanted::ServedAndLoad(credentials),
            Decision::ServeAndLook(credentials, files) => Wanted::ServedAndLook(credentials, files),
            Decision::LoadAndWait => Wanted::Load(state.wait(Wants::Usable)),
            Decision::Wait => Wanted::Wait(state.wait(Wants::Usable)),
        }
    }

    /// Returns whether a load must be started, and the future result of the running load.
    pub(crate) fn refresh(&self) -> (Decision, oneshot::Receiver<Answer>) {
        let mut state = self.state();
        (state.cache.refresh(), state.wait(Wants::Fresh))
    }

    /// Starts the load that the cache has marked as running. It ends within the policy's timeout,
    /// even if its source blocks the thread.
    pub(crate) fn start_load(self: &Arc<Self>) {
        let owed = Arc::new(Owed(Mutex::new(Some(Arc::downgrade(self)))));
        let promise = Promise(Arc::clone(&owed));
        let account = Arc::new(tokio::sync::Mutex::new(Account::default()));
        let (chain, limit) = (Arc::clone(&self.chain), self.policy.load_timeout);
        let (told, before) = (Arc::clone(&account), self.state().cache.source());
        self.run_watched(
            async move {
                let result = match timeout(limit, chain.load(before, &told)).await {
                    Ok(result) => result,
                    Err(_) => Err(told.lock().await.timed_out(limit)),
                };
                promise.0.pay(result);
            },
            move || {
                let late = match account.try_lock() {
                    Ok(account) => account.timed_out(limit),
                    Err(_) => Account::default().timed_out(limit),
                };
                owed.pay(Err(late));
            },
        );
    }

    /// Runs `job` on the loader's thread. If it blocks that thread for longer than the timeout of a
    /// load, abandons the thread and calls `late`.
    pub(crate) fn run_watched(
        self: &Arc<Self>,
        job: impl Future<Output = ()> + Send + 'static,
        late: impl FnOnce() + Send + 'static,
    ) {
        let (running, done) = mpsc::channel::<()>();
        let number = self.loader.run(Box::pin(async move {
            job.await;
            drop(running);
        }));
        let Some(number) = number else { return };
        let shared = Arc::downgrade(self);
        watch(self.policy.load_timeout.saturating_add(GRACE), done, move || {
            if let Some(shared) = shared.upgrade() {
                shared.loader.abandon(number);
            }
            late();
        });
    }

    /// Checks whether the files have changed, and loads if they have.
    pub(crate) fn start_look(self: &Arc<Self>, before: Fingerprint) {
        let (chain, shared) = (Arc::clone(&self.chain), Arc::downgrade(self));
        let look = async move {
            let look = tokio::task::spawn_blocking(move || chain.paths.fingerprint() != before);
            if !look.await.unwrap_or(false) {
                return;
            }
            if let Some(shared) = shared.upgrade()
                && shared.state().cache.files_changed()
            {
                shared.start_load();
            }
        };
        // Without a thread there is no check. The next one is an interval away.
        let _ = self.loader.run(Box::pin(look));
    }

    fn loaded(&self, result: Result<Loaded, CredentialsError>) {
        events::loaded(&result);
        let now = (self.clock)();
        let (answers, waiters) = {
            let mut state = self.state();
            state.sweep_at = FIRST_SWEEP;
            (state.cache.loaded(result, now), std::mem::take(&mut state.waiters))
        };
        for Waiter { answer, wants } in waiters {
            let due = match wants {
                Wants::Usable => &answers.usable,
                Wants::Fresh => &answers.fresh,
            };
            // It is not an error if the waiter has gone.
            let _ = answer.send(due.clone());
        }
    }
}

/// Reports the end of a load once. A second report is ignored.
struct Owed(Mutex<Option<Weak<Shared>>>);

impl Owed {
    fn pay(&self, result: Result<Loaded, CredentialsError>) {
        let shared = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(shared) = shared.and_then(|shared| shared.upgrade()) {
            shared.loaded(result);
        }
    }
}

/// The job's side of the report. If it is dropped without a result (a panic, no thread), it reports
/// an error.
struct Promise(Arc<Owed>);

impl Drop for Promise {
    fn drop(&mut self) {
        self.0.pay(Err(abandoned()));
    }
}

pub(crate) fn abandoned() -> CredentialsError {
    CredentialsError::new(
        "the load of AWS credentials ended without an answer: its source panicked, or its thread \
         could not be started",
    )
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::future::ProvideCredentials as Providing;
    use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

    use super::*;
    use crate::chain::Sources;
    use crate::http::Client;

    #[derive(Debug)]
    struct Silent;

    impl ProvideCredentials for Silent {
        fn provide_credentials<'a>(&'a self) -> Providing<'a>
        where
            Self: 'a,
        {
            Providing::new(std::future::pending())
        }
    }

    #[test]
    fn million_waiters_that_gave_up_leave_a_few_behind() {
        let chain = Chain {
            sources: Sources::Given(SharedCredentialsProvider::new(Silent)),
            profile: None,
            paths: crate::profile::Paths::default(),
            region: None,
            http: Client::ours(),
            limits: Vec::new(),
            roles: Vec::new(),
            mfa: None,
        };
        let shared =
            Arc::new(Shared::new(Arc::new(chain), RefreshPolicy::default(), SystemTime::now));
        let first = shared.decide();
        assert!(matches!(first, Wanted::Load(_)));
        for _ in 0..1_000_000 {
            drop(shared.decide());
        }
        let state = shared.state();
        assert!(state.waiters.capacity() <= 4 * FIRST_SWEEP, "{}", state.waiters.capacity());
        // The remaining waiter is among them.
        assert!(state.waiters.iter().any(|waiter| !waiter.answer.is_closed()));
    }
}
