//! `DefaultProvider`, the crate's main type.
//!
//! ```text
//!   credentials() -> Cache::decide -> Serve                      ready at once
//!                                  -> ServeAndLoad  -> Loader    ready at once; background load
//!                                  -> ServeAndLook  -> Loader    the same, if a file has changed
//!                                  -> LoadAndWait   -> Loader    pending until Cache::loaded
//!                                  -> Wait                       pending, with the others
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::provider::error::CredentialsError as AwsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use sigv4_core::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, Region, Service, Signer,
};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::builder::Builder;
use crate::cache::Decision;
use crate::chain::Chain;
use crate::convert::to_aws;
use crate::events;
use crate::origin::{Failure, Held};
use crate::policy::RefreshPolicy;
use crate::process::PerProcess;
use crate::region::{self, RegionError};
use crate::shared::{Shared, Wanted, abandoned};
use crate::wait::{Reply, block_on};

/// Provides the credentials that AWS tools would find here: loads, caches and refreshes them.
///
/// Nothing is read before the first signature. Loading runs on its own thread, so one provider
/// serves both blocking code and any executor. Clones share the thread, which ends with the last
/// clone. A forked process loads its own credentials.
///
/// ```no_run
/// use sigv4_credentials::{CredentialsProvider, DefaultProvider};
///
/// let provider = DefaultProvider::new();
/// let credentials = provider.credentials().wait()?; // or .await
/// # Ok::<(), sigv4_credentials::CredentialsError>(())
/// ```
#[derive(Clone)]
pub struct DefaultProvider(Arc<Setup>);

/// The configuration, and the state of each process.
struct Setup {
    chain: Arc<Chain>,
    policy: RefreshPolicy,
    clock: fn() -> SystemTime,
    states: PerProcess<Shared>,
}

impl DefaultProvider {
    /// Creates a provider with the default chain and default settings.
    pub fn new() -> Self {
        Builder::default().build()
    }

    /// Returns a builder, to set the profile, region, HTTP client, timeouts or sources.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns information about the cached credentials: their origin, the times of refresh and
    /// expiry, and the last load if it failed. Does not load.
    pub fn held(&self) -> Option<Held> {
        self.shared().state().cache.held()
    }

    /// Returns the last load if it failed, with the reason and the time of the next attempt. Does
    /// not load.
    pub fn last_failure(&self) -> Option<Failure> {
        self.shared().state().cache.last_failure()
    }

    /// Loads now, whatever is cached and however recent the last load was. Returns the credentials,
    /// or the reason why this load failed. In that case the cached credentials stay in use.
    pub fn refresh(&self) -> CredentialsFuture {
        let shared = self.shared();
        let (decision, waiting) = shared.refresh();
        if matches!(decision, Decision::LoadAndWait) {
            shared.start_load();
        }
        answer(shared, waiting)
    }

    /// Returns the region that AWS tools would use here, from the first of these: the builder,
    /// `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile, the EC2 instance. It is not cached.
    ///
    /// # Errors
    /// Fails with [`RegionError`] if no region is configured, if it is not a region's name, or if
    /// the profile that should name it does not exist or cannot be read.
    pub async fn region(&self) -> Result<Region, RegionError> {
        self.look_up(|chain| async move { region::default(&chain).await }).await
    }

    /// Returns the default region set of SigV4a signatures, separated by commas, such as
    /// `us-east-1,eu-west-1` or `*`. It is read from `AWS_SIGV4A_SIGNING_REGION_SET`, or from
    /// `sigv4a_signing_region_set` in the profile. Returns `None` if neither is set.
    ///
    /// ```no_run
    /// # async fn run(provider: sigv4_credentials::DefaultProvider) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(text) = provider.region_set().await? {
    ///     println!("sign for {text}");
    ///     // With sigv4-core's feature `sigv4a`:
    ///     // let signer = Signer::for_regions(text.parse::<RegionSet>()?, service);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The same as for [`region`](Self::region), but a missing region set is not an error.
    pub async fn region_set(&self) -> Result<Option<String>, RegionError> {
        self.look_up(|chain| async move { region::set(&chain).await }).await
    }

    /// Returns a signer for `service` in the default [`region`](Self::region).
    ///
    /// # Errors
    /// The same as for [`region`](Self::region).
    pub async fn signer(&self, service: Service) -> Result<Signer, RegionError> {
        let region = self.region().await?;
        Ok(Signer::new(region, service))
    }

    /// The same as [`signer`](Self::signer), but blocks this thread, for code without a runtime.
    ///
    /// # Errors
    /// The same as for [`region`](Self::region).
    pub fn signer_blocking(&self, service: Service) -> Result<Signer, RegionError> {
        block_on(self.signer(service))
    }

    pub(crate) fn with(chain: Chain, policy: RefreshPolicy, clock: fn() -> SystemTime) -> Self {
        let chain = Arc::new(chain);
        let states = PerProcess::new(Shared::new(Arc::clone(&chain), policy, clock));
        Self(Arc::new(Setup { chain, policy, clock, states }))
    }

    fn shared(&self) -> &Arc<Shared> {
        let Setup { chain, policy, clock, states } = &*self.0;
        states.get(|| Shared::new(Arc::new(chain.after_fork()), *policy, *clock))
    }

    /// Runs a lookup on the loader's thread, with the timeout of a load.
    async fn look_up<T, F>(
        &self,
        look: impl FnOnce(Arc<Chain>) -> F + Send + 'static,
    ) -> Result<T, RegionError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, RegionError>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let answer = Arc::new(Reply::new(answer));
        let late = Arc::clone(&answer);
        let limit = self.0.policy.load_timeout;
        let shared = self.shared();
        let looking = look(Arc::clone(&shared.chain));
        shared.run_watched(
            async move {
                let found = timeout(limit, looking).await;
                answer.send(found.unwrap_or(Err(RegionError::Unanswered)));
            },
            move || late.send(Err(RegionError::Unanswered)),
        );
        answered.await.unwrap_or(Err(RegionError::Unanswered))
    }
}

/// The future of a waiting caller. Keeps the loader alive until the result is available.
fn answer(
    shared: &Arc<Shared>,
    waiting: oneshot::Receiver<Result<Credentials, CredentialsError>>,
) -> CredentialsFuture {
    let shared = Arc::clone(shared);
    CredentialsFuture::new(async move {
        let answer = waiting.await;
        drop(shared);
        answer.unwrap_or_else(|_| Err(abandoned()))
    })
}

impl CredentialsProvider for DefaultProvider {
    fn credentials(&self) -> CredentialsFuture {
        let shared = self.shared();
        match shared.decide() {
            Wanted::Served(result) => CredentialsFuture::ready(result),
            Wanted::ServedAndLoad(credentials) => {
                shared.start_load();
                CredentialsFuture::ready(Ok(credentials))
            }
            Wanted::ServedAndLook(credentials, files) => {
                shared.start_look(files);
                CredentialsFuture::ready(Ok(credentials))
            }
            Wanted::Load(waiting) => {
                shared.start_load();
                answer(shared, waiting)
            }
            Wanted::Wait(waiting) => answer(shared, waiting),
        }
    }

    fn rejected(&self, rejected: &Credentials) {
        events::rejected(rejected);
        self.shared().state().cache.rejected(rejected);
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
