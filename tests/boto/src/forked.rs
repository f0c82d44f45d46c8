//! A provider for a Python process that forks: `start` makes it, `load` asks it.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::{ProvideCredentials, future};
use sigv4_credentials::{CredentialsProvider, DefaultProvider, RefreshPolicy};

static PROVIDER: OnceLock<DefaultProvider> = OnceLock::new();

/// Takes 5 ms to give credentials that live for 40 ms, so that a load is nearly always running.
#[derive(Debug)]
struct Restless;

impl ProvideCredentials for Restless {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let end = SystemTime::now() + Duration::from_millis(40);
            Ok(AwsCredentials::new("ASIAFORK", "secret", None, Some(end), "restless"))
        })
    }
}

/// Creates the provider with this timeout for loads.
#[unsafe(no_mangle)]
pub extern "C" fn start(load_timeout_ms: u64) {
    PROVIDER.get_or_init(|| {
        let policy = RefreshPolicy {
            load_timeout: Duration::from_millis(load_timeout_ms),
            first_retry: Duration::ZERO,
            ..RefreshPolicy::default()
        };
        DefaultProvider::builder().provider(Restless).refresh_policy(policy).build()
    });
}

/// Asks for credentials. Returns the elapsed milliseconds, negative if it failed.
#[unsafe(no_mangle)]
pub extern "C" fn load() -> i64 {
    let Some(provider) = PROVIDER.get() else { return -1 };
    let start = Instant::now();
    let result = provider.credentials().wait();
    let took = i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX);
    if result.is_ok() { took } else { -took - 1 }
}
