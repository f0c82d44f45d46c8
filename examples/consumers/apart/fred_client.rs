//! fred with IAM passwords of Amazon ElastiCache, renewed while connected.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use fred::prelude::{Builder, Client, Config, Error as FredError, ErrorKind, Server};
use fred::types::config::CredentialProvider;
use sigv4_tokens::{ElastiCache, Renewing};

/// The user of the cache, as the password names it.
const USER: &str = "app";

/// Passwords for the client `fred`, which asks before each `AUTH`.
#[derive(Debug)]
struct ForFred(Renewing<ElastiCache>);

#[async_trait]
impl CredentialProvider for ForFred {
    async fn fetch(
        &self,
        _: Option<&Server>,
    ) -> Result<(Option<String>, Option<String>), FredError> {
        let password = self.0.current(SystemTime::now());
        let password =
            password.map_err(|error| FredError::new(ErrorKind::Auth, error.to_string()))?;
        Ok((Some(USER.to_owned()), Some(password.as_str().to_owned())))
    }

    fn refresh_interval(&self) -> Option<Duration> {
        Some(Duration::from_secs(11 * 60 * 60)) // the server closes connections after twelve hours
    }
}

/// A client for the cache at `url` (`rediss://` for TLS).
///
/// # Errors
/// What fred says of the URL.
pub fn client(url: &str, passwords: Renewing<ElastiCache>) -> Result<Client, FredError> {
    let mut config = Config::from_url(url)?;
    config.credential_provider = Some(Arc::new(ForFred(passwords)));
    Builder::from_config(config).build()
}
