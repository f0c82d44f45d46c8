//! What can be changed in a `DefaultProvider`.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use sigv4_core::Region;

use crate::chain::Chain;
use crate::http;
use crate::policy::RefreshPolicy;
use crate::provider::{DefaultProvider, Upstream};

/// Builds a [`DefaultProvider`].
///
/// ```
/// use sigv4_core::Region;
/// use sigv4_credentials::DefaultProvider;
///
/// let provider = DefaultProvider::builder()
///     .profile("staging")
///     .region(Region::from_static("eu-central-1"))
///     .build();
/// ```
#[must_use = "build() makes the provider"]
pub struct Builder {
    profile: Option<String>,
    region: Option<Region>,
    provider: Option<SharedCredentialsProvider>,
    http: Option<SharedHttpClient>,
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

    /// The region, for STS and for [`DefaultProvider::region`], in place of the configured one.
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Loads from this provider instead of the default chain: a chain of one's own, such as
    /// aws-config's `CredentialsProviderChain`, or any provider of `aws-credential-types`. It is
    /// cached and refreshed as the default chain is, and polled within a tokio runtime.
    pub fn provider(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.provider = Some(SharedCredentialsProvider::new(provider));
        self
    }

    /// The HTTP client of the default chain. Without one it speaks https where the feature
    /// `rustls-ring` is on, and plain http alone where it is not.
    pub fn http_client(mut self, client: impl HttpClient + 'static) -> Self {
        self.http = Some(SharedHttpClient::new(client));
        self
    }

    /// When to refresh, how often to try, how long to wait.
    pub fn refresh_policy(mut self, policy: RefreshPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The clock that ends and pauses are measured by, [`SystemTime::now`] unless given.
    pub fn clock(mut self, clock: fn() -> SystemTime) -> Self {
        self.clock = clock;
        self
    }

    /// The provider. Reads nothing and starts nothing.
    pub fn build(self) -> DefaultProvider {
        let chain = Chain {
            profile: self.profile,
            region: self.region,
            http: self.http.unwrap_or_else(http::client),
        };
        let upstream = self.provider.map_or(Upstream::Chain, Upstream::Given);
        DefaultProvider::with(upstream, chain, self.policy, self.clock)
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            provider: None,
            http: None,
            policy: RefreshPolicy::default(),
            clock: SystemTime::now,
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("profile", &self.profile)
            .field("region", &self.region)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
