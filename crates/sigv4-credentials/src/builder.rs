//! What can be changed in a `DefaultProvider`.

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
    /// Takes the credentials of this profile and of no other source, as `--profile` does in the AWS
    /// CLI: what was named, or an error.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Asks these sources, in this order, in place of AWS's. A command that is never run on EC2
    /// leaves out [`Source::InstanceMetadata`], which costs a second where there is none. Of this
    /// and [`provider`](Self::provider), the later call counts.
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

    /// Reads this file in place of `AWS_CONFIG_FILE` or `~/.aws/config`. It must be there.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.config = Some(path.into());
        self
    }

    /// Reads this file in place of `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`. It must be
    /// there.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.credentials = Some(path.into());
        self
    }

    /// The region, for STS and for [`DefaultProvider::region`], in place of the configured one.
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Loads from this provider in place of the default chain: a chain of one's own, such as
    /// aws-config's `CredentialsProviderChain`, or any provider of `aws-credential-types`. It is
    /// cached and refreshed as the default chain is, and polled within a tokio runtime.
    pub fn provider(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.sources = Sources::Given(SharedCredentialsProvider::new(provider));
        self
    }

    /// Assumes this role with what the chain or the provider gives. Called again, it assumes the
    /// next role with the one before.
    pub fn assume_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Gives the code of an MFA device, told its serial number, to roles that ask for one: with
    /// `mfa_serial` in a profile, or [`Role::mfa_serial`]. It may block until somebody has typed
    /// the code, within [`RefreshPolicy::load_timeout`]; it is called at each load, as STS takes a
    /// code only once.
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

    /// The HTTP client of the default chain. Without one it speaks plain http, and https with the
    /// feature `rustls-ring`; `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are honoured.
    pub fn http_client(mut self, client: impl HttpClient + 'static) -> Self {
        self.http = Some(SharedHttpClient::new(client));
        self
    }

    /// The most that this source may take, within the time of a whole load. Instance metadata that
    /// takes longer counts as absent, every other source as failed.
    pub fn source_timeout(mut self, source: Source, limit: Duration) -> Self {
        self.limits.push((source, limit));
        self
    }

    /// When to refresh, how often to try, how long to wait.
    pub fn refresh_policy(mut self, policy: RefreshPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The clock that expiry and pauses are measured by. The default is [`SystemTime::now`].
    pub fn clock(mut self, clock: fn() -> SystemTime) -> Self {
        self.clock = clock;
        self
    }

    /// The provider. Reads nothing and starts nothing.
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
