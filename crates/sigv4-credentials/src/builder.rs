//! The options of a `DefaultProvider`.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use sigv4_core::Region;

use crate::chain::{Chain, Sources};
use crate::http::Client;
use crate::policy::RefreshPolicy;
use crate::profile::Paths;
use crate::provider::DefaultProvider;
use crate::role::{Mfa, Role};
use crate::source::Source;

/// Builds a [`DefaultProvider`].
///
/// ```
/// use sigv4_credentials::{DefaultProvider, Region};
///
/// let provider = DefaultProvider::builder()
///     .profile("staging")
///     .region(Region::from_static("eu-central-1"))
///     .build();
/// ```
#[must_use = "build() makes the provider"]
pub struct Builder {
    sources: Sources,
    profile: Option<String>,
    paths: Paths,
    region: Option<Region>,
    http: Option<SharedHttpClient>,
    limits: Vec<(Source, Duration)>,
    roles: Vec<Role>,
    mfa: Option<Mfa>,
    policy: RefreshPolicy,
    clock: fn() -> SystemTime,
}

impl Builder {
    /// Uses only the credentials of this profile, as `--profile` does in the AWS CLI. Loading fails
    /// if the profile has none.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Asks these sources, in this order, instead of AWS's default ones. A command that never runs
    /// on EC2 should omit [`Source::InstanceMetadata`], which costs a second if there is none. If
    /// both this and [`provider`](Self::provider) are called, the later call applies.
    ///
    /// ```
    /// use sigv4_credentials::{DefaultProvider, Source};
    ///
    /// let sources = [Source::Environment, Source::Profile];
    /// let provider = DefaultProvider::builder().sources(sources).build();
    /// ```
    pub fn sources(mut self, sources: impl IntoIterator<Item = Source>) -> Self {
        self.sources = Sources::Chosen(sources.into_iter().collect());
        self
    }

    /// Reads this file instead of `AWS_CONFIG_FILE` or `~/.aws/config`. It must exist.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.config = Some(path.into());
        self
    }

    /// Reads this file instead of `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`. It must
    /// exist.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.credentials = Some(path.into());
        self
    }

    /// Sets the region for STS and [`DefaultProvider::region`], instead of the configured one.
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Loads from this provider instead of the default chain. It may be your own chain, such as
    /// aws-config's `CredentialsProviderChain`, or any provider of `aws-credential-types`. Its
    /// credentials are cached and refreshed like those of the default chain. It is polled within a
    /// tokio runtime.
    pub fn provider(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.sources = Sources::Given(SharedCredentialsProvider::new(provider));
        self
    }

    /// Assumes this role with the credentials of the chain or the provider. A second call adds a
    /// role that is assumed with the credentials of the first, and so on.
    pub fn assume_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Sets the function that returns the code of an MFA device, given its serial number. It is
    /// called for roles with `mfa_serial` in a profile or [`Role::mfa_serial`]. It may block until
    /// somebody has typed the code, within [`RefreshPolicy::load_timeout`]. It is called at each
    /// load, because STS accepts a code only once.
    ///
    /// ```
    /// use sigv4_credentials::DefaultProvider;
    ///
    /// let provider = DefaultProvider::builder()
    ///     .profile("admin")
    ///     .mfa(|serial| {
    ///         eprint!("Code of {serial}: ");
    ///         let mut code = String::new();
    ///         std::io::stdin().read_line(&mut code)?;
    ///         Ok(code)
    ///     })
    ///     .build();
    /// ```
    pub fn mfa(
        mut self,
        ask: impl Fn(&str) -> Result<String, Box<dyn Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Self {
        self.mfa = Some(Mfa::new(ask));
        self
    }

    /// Sets the HTTP client of the default chain. The default client supports plain http, and https
    /// with the feature `rustls-ring`. It honours `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
    pub fn http_client(mut self, client: impl HttpClient + 'static) -> Self {
        self.http = Some(SharedHttpClient::new(client));
        self
    }

    /// Sets a timeout for this source, within the timeout of the whole load. If it is exceeded,
    /// instance metadata counts as absent, and any other source as failed.
    pub fn source_timeout(mut self, source: Source, limit: Duration) -> Self {
        self.limits.push((source, limit));
        self
    }

    /// Sets when to refresh, how often to retry and how long to wait.
    pub fn refresh_policy(mut self, policy: RefreshPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the clock for expiry times and retry delays. The default is [`SystemTime::now`].
    pub fn clock(mut self, clock: fn() -> SystemTime) -> Self {
        self.clock = clock;
        self
    }

    /// Builds the provider. Does not read anything or start a thread.
    pub fn build(self) -> DefaultProvider {
        let chain = Chain {
            sources: self.sources,
            profile: self.profile,
            paths: self.paths,
            region: self.region,
            http: self.http.map_or_else(Client::ours, Client::Given),
            limits: self.limits,
            roles: self.roles,
            mfa: self.mfa,
        };
        DefaultProvider::with(chain, self.policy, self.clock)
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            sources: Sources::Default,
            profile: None,
            paths: Paths::default(),
            region: None,
            http: None,
            limits: Vec::new(),
            roles: Vec::new(),
            mfa: None,
            policy: RefreshPolicy::default(),
            clock: SystemTime::now,
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("sources", &self.sources)
            .field("profile", &self.profile)
            .field("region", &self.region)
            .field("roles", &self.roles)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
