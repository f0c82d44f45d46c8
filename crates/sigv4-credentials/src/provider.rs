//! `DefaultProvider`: the cache, its waiters, and the thread that loads.
//!
//! ```text
//!   credentials() -> Cache::decide -> Serve                      ready at once
//!                                  -> ServeAndLoad  -> Loader    ready at once; the load goes on behind
//!                                  -> LoadAndWait   -> Loader    pending until Cache::loaded
//!                                  -> Wait                       pending, with the others
//! ```

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use aws_credential_types::provider::error::CredentialsError as AwsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use sigv4_core::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, Region, Service, Signer,
};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::builder::Builder;
use crate::cache::{Cache, Decision};
use crate::chain::{Account, Chain};
use crate::convert::{from_aws, to_aws};
use crate::events;
use crate::loader::Loader;
use crate::origin::{Held, Origin};
use crate::policy::RefreshPolicy;
use crate::reason::reason;
use crate::region::{self, RegionError};
use crate::source::Source;
use crate::wait::block_on;

type Answer = Result<Credentials, CredentialsError>;

/// Whatever credentials AWS tools would find here: loaded once, kept, refreshed before they end.
///
/// Nothing is read before the first signature. Loading runs on a thread of its own, so the same
/// value serves any executor and blocking code alike; clones share it. The thread ends with the
/// last clone.
///
/// ```no_run
/// use sigv4_core::CredentialsProvider;
/// use sigv4_credentials::DefaultProvider;
///
/// let provider = DefaultProvider::new();
/// let credentials = provider.credentials().wait()?; // or .await
/// # Ok::<(), sigv4_core::CredentialsError>(())
/// ```
#[derive(Clone)]
pub struct DefaultProvider(Arc<Shared>);

/// Where a load gets its credentials.
#[derive(Debug)]
pub(crate) enum Upstream {
    Chain,
    Given(SharedCredentialsProvider),
}

struct Shared {
    upstream: Arc<Upstream>,
    chain: Arc<Chain>,
    policy: RefreshPolicy,
    clock: fn() -> SystemTime,
    state: Mutex<State>,
    loader: Loader,
}

struct State {
    cache: Cache,
    waiters: Vec<oneshot::Sender<Answer>>,
}

impl DefaultProvider {
    /// The default chain, with nothing changed.
    pub fn new() -> Self {
        Builder::default().build()
    }

    /// A provider with a profile, a region, a client, times or a source of the caller's own.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// What is held now: where it came from, when it is refreshed, when it ends. Loads nothing.
    pub fn held(&self) -> Option<Held> {
        self.0.state().cache.held()
    }

    /// The region that AWS tools would use here: the one given to the builder, `AWS_REGION`,
    /// `AWS_DEFAULT_REGION`, the profile's, the EC2 instance's. Asked anew at each call.
    ///
    /// # Errors
    /// [`RegionError`] where none is configured, or it is not a region's name.
    pub async fn region(&self) -> Result<Region, RegionError> {
        let (answer, answered) = oneshot::channel();
        let (chain, limit) = (Arc::clone(&self.0.chain), self.0.policy.load_timeout);
        let look_up = Box::pin(async move {
            let found = timeout(limit, chain.region()).await;
            // Nobody listens any more where the caller gave up.
            let _ = answer.send(found.map_or(Err(RegionError::Unanswered), region::read));
        });
        // A job that cannot be run is dropped, and its answer with it.
        drop(self.0.loader.run(look_up));
        answered.await.unwrap_or(Err(RegionError::Unanswered))
    }

    /// A signer for `service` in the default [`region`](Self::region).
    ///
    /// # Errors
    /// As [`region`](Self::region).
    pub async fn signer(&self, service: Service) -> Result<Signer, RegionError> {
        let region = self.region().await?;
        Ok(Signer::new(region, service))
    }

    /// As [`signer`](Self::signer), for code without a runtime: blocks this thread.
    ///
    /// # Errors
    /// As [`region`](Self::region).
    pub fn signer_blocking(&self, service: Service) -> Result<Signer, RegionError> {
        block_on(self.signer(service))
    }

    pub(crate) fn with(
        upstream: Upstream,
        chain: Chain,
        policy: RefreshPolicy,
        clock: fn() -> SystemTime,
    ) -> Self {
        Self(Arc::new(Shared {
            upstream: Arc::new(upstream),
            chain: Arc::new(chain),
            policy,
            clock,
            state: Mutex::new(State { cache: Cache::new(policy), waiters: Vec::new() }),
            loader: Loader::default(),
        }))
    }
}

impl CredentialsProvider for DefaultProvider {
    fn credentials(&self) -> CredentialsFuture {
        let (decision, waiting) = self.0.decide();
        match decision {
            Decision::Serve(credentials) => return CredentialsFuture::ready(Ok(credentials)),
            Decision::Fail(failure) => return CredentialsFuture::ready(Err(failure)),
            Decision::ServeAndLoad(credentials) => {
                self.0.start_load();
                return CredentialsFuture::ready(Ok(credentials));
            }
            Decision::LoadAndWait => self.0.start_load(),
            Decision::Wait => {}
        }
        // Keeps the loader alive until the answer is there.
        let shared = Arc::clone(&self.0);
        CredentialsFuture::new(async move {
            let answer = match waiting {
                Some(waiting) => waiting.await.ok(),
                None => None,
            };
            drop(shared);
            answer.unwrap_or_else(|| Err(abandoned()))
        })
    }

    fn rejected(&self, rejected: &Credentials) {
        events::rejected(rejected);
        let now = (self.0.clock)();
        self.0.state().cache.rejected(rejected, now);
    }
}

impl ProvideCredentials for DefaultProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let credentials = self.credentials();
        future::ProvideCredentials::new(async move {
            match credentials.await {
                Ok(credentials) => Ok(to_aws(&credentials)),
                Err(error) => Err(AwsError::provider_error(error)),
            }
        })
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decide(&self) -> (Decision, Option<oneshot::Receiver<Answer>>) {
        let now = (self.clock)();
        let mut state = self.state();
        let decision = state.cache.decide(now);
        if !matches!(decision, Decision::Wait | Decision::LoadAndWait) {
            return (decision, None);
        }
        let (answer, waiting) = oneshot::channel();
        state.waiters.push(answer);
        (decision, Some(waiting))
    }

    fn start_load(self: &Arc<Self>) {
        let pending = Pending(Some(Arc::downgrade(self)));
        let (upstream, chain) = (Arc::clone(&self.upstream), Arc::clone(&self.chain));
        let policy = self.policy;
        let load = Box::pin(async move {
            let result = load(&upstream, &chain, policy).await;
            pending.finish(result);
        });
        // A job that cannot be run is dropped, which answers those who wait.
        drop(self.loader.run(load));
    }

    fn loaded(&self, result: Result<(Credentials, Origin), CredentialsError>) {
        events::loaded(&result);
        let now = (self.clock)();
        let (answer, waiters) = {
            let mut state = self.state();
            (state.cache.loaded(result, now), std::mem::take(&mut state.waiters))
        };
        for waiter in waiters {
            // One who gave up waiting is no fault.
            let _ = waiter.send(answer.clone());
        }
    }
}

async fn load(
    upstream: &Upstream,
    chain: &Chain,
    policy: RefreshPolicy,
) -> Result<(Credentials, Origin), CredentialsError> {
    let limit = policy.load_timeout;
    let mut account = Account::default();
    let result = match upstream {
        Upstream::Chain => timeout(limit, chain.load(&mut account)).await,
        Upstream::Given(provider) => timeout(limit, ask(provider)).await,
    };
    result.unwrap_or_else(|_| Err(account.timed_out(limit)))
}

async fn ask(
    provider: &SharedCredentialsProvider,
) -> Result<(Credentials, Origin), CredentialsError> {
    match provider.provide_credentials().await {
        Ok(found) => Ok((from_aws(&found), Origin::of(Source::Given))),
        Err(error) => Err(CredentialsError::new(format!(
            "no AWS credentials: the given provider failed: {}",
            reason(error.source().unwrap_or(&error))
        ))),
    }
}

/// A load that owes an answer: dropped without one (a panic, no thread) it answers with an error.
struct Pending(Option<Weak<Shared>>);

impl Pending {
    fn finish(mut self, result: Result<(Credentials, Origin), CredentialsError>) {
        if let Some(shared) = self.0.take().and_then(|shared| shared.upgrade()) {
            shared.loaded(result);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take().and_then(|shared| shared.upgrade()) {
            shared.loaded(Err(abandoned()));
        }
    }
}

fn abandoned() -> CredentialsError {
    CredentialsError::new(
        "the load of AWS credentials ended without an answer: its source panicked, or its thread \
         could not be started",
    )
}

impl Default for DefaultProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DefaultProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultProvider")
            .field("policy", &self.0.policy)
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}
