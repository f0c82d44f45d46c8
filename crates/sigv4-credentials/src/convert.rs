//! Converts to and from `aws-credential-types`.

use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::error::CredentialsError as AwsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use sigv4_core::{Credentials, CredentialsError, CredentialsFuture, CredentialsProvider};

use crate::reason::reason;

/// Converts AWS's credentials to ours: id, secret, token and expiry.
pub fn from_aws(credentials: &AwsCredentials) -> Credentials {
    let mut ours = Credentials::new(credentials.access_key_id(), credentials.secret_access_key());
    if let Some(token) = credentials.session_token() {
        ours = ours.with_session_token(token);
    }
    match credentials.expiry() {
        Some(end) => ours.with_expiry(end),
        None => ours,
    }
}

/// Converts our credentials to AWS's: id, secret, token and expiry.
pub fn to_aws(credentials: &Credentials) -> AwsCredentials {
    AwsCredentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token().map(str::to_owned),
        credentials.expires_at(),
        "sigv4-credentials",
    )
}

/// Adapts any provider of `aws-credential-types` to a [`CredentialsProvider`].
///
/// It does not cache: the inner provider is asked at each signature. It runs where it is polled, so
/// the inner provider may need its runtime there. For caching, refresh and independence from the
/// caller's runtime, pass the provider to [`Builder::provider`](crate::Builder::provider) instead.
#[derive(Clone, Debug)]
pub struct FromAws(SharedCredentialsProvider);

impl FromAws {
    /// Wraps a provider of `aws-credential-types`.
    pub fn new(provider: impl ProvideCredentials + 'static) -> Self {
        Self(SharedCredentialsProvider::new(provider))
    }
}

impl CredentialsProvider for FromAws {
    fn credentials(&self) -> CredentialsFuture {
        let provider = self.0.clone();
        CredentialsFuture::new(async move {
            match provider.provide_credentials().await {
                Ok(credentials) => Ok(from_aws(&credentials)),
                Err(error) => Err(CredentialsError::new(reason(&error))),
            }
        })
    }
}

/// Adapts any [`CredentialsProvider`] to a provider of `aws-credential-types`, for an AWS SDK or
/// any crate that takes one.
///
/// ```
/// use aws_credential_types::provider::SharedCredentialsProvider;
/// use sigv4_core::Credentials;
/// use sigv4_credentials::ToAws;
///
/// let shared = SharedCredentialsProvider::new(ToAws(Credentials::new("AKIDEXAMPLE", "secret")));
/// ```
#[derive(Clone, Debug)]
pub struct ToAws<P>(pub P);

impl<P: CredentialsProvider> ProvideCredentials for ToAws<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let credentials = self.0.credentials();
        future::ProvideCredentials::new(async move {
            match credentials.await {
                Ok(credentials) => Ok(to_aws(&credentials)),
                Err(error) => Err(AwsError::provider_error(error)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn temporary() -> Credentials {
        let end = SystemTime::UNIX_EPOCH + Duration::from_millis(1_900_000_000_500);
        Credentials::new("ASIAEXAMPLE", "secret").with_session_token("token").with_expiry(end)
    }

    #[test]
    fn id_secret_token_and_end_survive_both_ways() {
        for ours in [temporary(), Credentials::new("AKIDEXAMPLE", "secret")] {
            let theirs = to_aws(&ours);
            assert_eq!(theirs.secret_access_key(), "secret");
            let back = from_aws(&theirs);
            assert_eq!(back, ours);
            assert_eq!(back.session_token(), ours.session_token());
            assert_eq!(back.expires_at(), ours.expires_at());
        }
    }

    #[test]
    fn provider_wrapped_for_aws_and_back_gives_the_same() {
        let there_and_back = FromAws::new(ToAws(temporary()));
        assert_eq!(there_and_back.credentials().wait().unwrap(), temporary());
    }

    #[test]
    fn wrappers_print_no_secret() {
        let text = format!("{:?} {:?}", ToAws(temporary()), to_aws(&temporary()));
        assert!(!text.contains("\"secret\"") && !text.contains("\"token\""), "{text}");
    }
}
