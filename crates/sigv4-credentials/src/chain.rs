//! The default chain: aws-config's sources, asked in AWS's order, with an account of each.
//!
//! It is built anew for each load, so that a repaired or rotated file is seen, nothing that a
//! source remembers stands in for what it says now, and no first error is lost.

use std::borrow::Cow;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::credentials::EnvironmentVariableCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError as AwsError;
use aws_credential_types::provider::{ProvideCredentials, Result as AwsResult};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};
use sigv4_core::{Credentials, CredentialsError, Region};

use crate::convert::from_aws;
use crate::origin::Origin;
use crate::reason::reason;
use crate::region;
use crate::source::{Source, refusal};

/// What is asked, and how.
#[derive(Debug)]
pub(crate) struct Chain {
    /// A profile named in code is the only source: what was named, or an error.
    pub(crate) profile: Option<String>,
    pub(crate) region: Option<Region>,
    pub(crate) http: SharedHttpClient,
}

impl Chain {
    /// The first credentials that a source gives; `account` tells how far it came.
    ///
    /// A source that has nothing leaves the turn to the next. One that is configured and fails ends
    /// the chain: another identity must not take its place unnoticed.
    pub(crate) async fn load(
        &self,
        account: &mut Account,
    ) -> Result<(Credentials, Origin), CredentialsError> {
        let sources = match self.profile {
            Some(_) => &[Source::Profile],
            None => Source::CHAIN,
        };
        for &source in sources {
            account.asking = Some(source);
            if let Some(reason) = refusal(source) {
                return Err(account.failed(source, &reason));
            }
            match self.ask(source).await {
                Ok(found) => return Ok((from_aws(&found), Origin::of(source, &found))),
                Err(AwsError::CredentialsNotLoaded(nothing)) => {
                    account.absent(source, &AwsError::CredentialsNotLoaded(nothing));
                }
                Err(error) => return Err(account.failed(source, &reason(&error))),
            }
        }
        Err(account.exhausted())
    }

    async fn ask(&self, source: Source) -> AwsResult {
        let config = self.config();
        match source {
            Source::Profile => {
                let profile = self.selected_profile().await;
                let config = self.with_region(config, profile.as_ref().is_some_and(calls_sts));
                let mut builder =
                    ProfileFileCredentialsProvider::builder().configure(&config.await);
                if let Some(name) = &self.profile {
                    builder = builder.profile_name(name);
                }
                builder.build().provide_credentials().await
            }
            Source::WebIdentity => {
                let config = self.with_region(config, source.absence().is_none()).await;
                let builder = WebIdentityTokenCredentialsProvider::builder().configure(&config);
                builder.build().provide_credentials().await
            }
            Source::Container => {
                let builder = EcsCredentialsProvider::builder().configure(&config);
                builder.build().provide_credentials().await
            }
            Source::InstanceMetadata => instance_metadata(&config).provide_credentials().await,
            Source::Environment | Source::Given => {
                let provider = EnvironmentVariableCredentialsProvider::new();
                provider.provide_credentials().await
            }
        }
    }

    /// The region that a `Signer` is made for.
    pub(crate) async fn region(&self) -> Option<String> {
        if let Some(region) = &self.region {
            return Some(region.as_str().to_owned());
        }
        let config = self.config();
        match region::configured(&config, self.profile.as_deref()).await {
            Some(region) => Some(region),
            None => region::from_instance_metadata(&config).await,
        }
    }

    fn config(&self) -> ProviderConfig {
        ProviderConfig::empty()
            .with_http_client(self.http.clone())
            .with_sleep_impl(TokioSleep::new())
    }

    /// The region for STS. Only what calls STS asks IMDS for one: off EC2 that costs a second.
    async fn with_region(&self, config: ProviderConfig, calls_sts: bool) -> ProviderConfig {
        let mut found = match &self.region {
            Some(region) => Some(region.as_str().to_owned()),
            None => region::configured(&config, self.profile.as_deref()).await,
        };
        if found.is_none() && calls_sts {
            found = region::from_instance_metadata(&config).await;
        }
        config.with_region(found.map(aws_types::region::Region::new))
    }

    async fn selected_profile(&self) -> Option<ProfileSet> {
        #[expect(deprecated, reason = "the loader takes the old name of the type")]
        let files = aws_config::profile::profile_file::ProfileFiles::default();
        let name = self.profile.clone().map(Cow::Owned);
        let (fs, env) = (Fs::real(), Env::real());
        let profiles = aws_config::profile::load(&fs, &env, &files, name).await;
        profiles.ok()
    }
}

fn calls_sts(profile: &ProfileSet) -> bool {
    ["role_arn", "login_session"].iter().any(|key| profile.get(key).is_some())
}

/// IMDSv2 with waits that suit a signature.
pub(crate) fn metadata_client(config: &ProviderConfig) -> imds::Client {
    imds::Client::builder()
        .configure(config)
        .max_attempts(2)
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(4))
        .build()
}

fn instance_metadata(config: &ProviderConfig) -> ImdsCredentialsProvider {
    // The provider would put off an end that has passed by its clock; with a clock that stands
    // still in 1970 it gives the end as IMDS said it.
    let never = config.clone().with_time_source(StaticTimeSource::new(SystemTime::UNIX_EPOCH));
    ImdsCredentialsProvider::builder()
        .configure(&never)
        .imds_client(metadata_client(config))
        .build()
}

/// What each source asked so far has said.
#[derive(Debug, Default)]
pub(crate) struct Account {
    lines: String,
    asking: Option<Source>,
}

impl Account {
    fn absent(&mut self, source: Source, error: &AwsError) {
        let why = source.absence().unwrap_or_else(|| reason(error));
        self.line(source, &why);
    }

    fn line(&mut self, source: Source, why: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.lines, "\n  {source}: {why}; to use it, {}", source.cure());
    }

    fn exhausted(&self) -> CredentialsError {
        let lines = &self.lines;
        CredentialsError::new(format!("no AWS credentials found. Asked, in this order:{lines}"))
    }

    fn failed(&mut self, source: Source, why: &str) -> CredentialsError {
        let before = std::mem::take(&mut self.lines);
        let mut text = format!(
            "no AWS credentials: {source} is configured but failed: {why}. Mend it, or remove it \
             to use the next source"
        );
        if !before.is_empty() {
            let _ = write!(text, ". Asked before it:{before}");
        }
        CredentialsError::new(text)
    }

    /// The whole load took too long.
    pub(crate) fn timed_out(&mut self, after: Duration) -> CredentialsError {
        let source = self.asking.unwrap_or(Source::Given);
        self.failed(source, &format!("no answer within {after:?}"))
    }
}
