//! The default chain: aws-config's sources, asked in AWS's order, with an account of each.
//!
//! It is built anew for each load, so that a repaired or rotated file is seen, nothing that a
//! source remembers stands in for what it says now, and no first error is lost.

use std::error::Error;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::credentials::EnvironmentVariableCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::error::CredentialsError as AwsError;
use aws_credential_types::provider::{ProvideCredentials, Result as AwsResult};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use sigv4_core::{Credentials, CredentialsError, Region};

use crate::convert::from_aws;
use crate::origin::Origin;
use crate::profile;
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
            match self.ask(source).await {
                Ok((found, origin)) => return Ok((from_aws(&found), origin)),
                Err(Miss::Absent(why)) => account.absent(source, &why),
                Err(Miss::Failed(why)) => return Err(account.failed(source, &why)),
            }
        }
        Err(account.exhausted())
    }

    async fn ask(&self, source: Source) -> Result<(AwsCredentials, Origin), Miss> {
        if let Some(why) = refusal(source) {
            return Err(Miss::Failed(why));
        }
        if source == Source::Profile {
            return self.ask_profile().await;
        }
        let found = self.ask_provider(source).await;
        let found = found.map_err(|error| {
            let miss = Miss::of(&error, || source.absence());
            match source {
                Source::InstanceMetadata => miss.into_absent(),
                _ => miss,
            }
        })?;
        Ok((found, Origin::of(source)))
    }

    async fn ask_profile(&self) -> Result<(AwsCredentials, Origin), Miss> {
        let loaded = profile::load(self.profile.as_deref()).await;
        // aws-config's provider would not say which line is wrong.
        let profiles = loaded.map_err(|error| Miss::Failed(reason(&error)))?;
        let needs_region = profile::needs_region(&profiles);
        let config = self.with_region(self.config(), needs_region).await;
        let mut builder = ProfileFileCredentialsProvider::builder().configure(&config);
        if let Some(name) = &self.profile {
            builder = builder.profile_name(name);
        }
        let found = builder.build().provide_credentials().await;
        let found = found.map_err(|error| Miss::of(&error, || profile::absence(&profiles)))?;
        Ok((found, Origin::of_profile(profile::detail(&profiles))))
    }

    async fn ask_provider(&self, source: Source) -> AwsResult {
        let config = self.config();
        match source {
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
            Source::Environment | Source::Profile | Source::Given => {
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

    /// The region for STS. IMDS is asked only where it is needed: off EC2 that costs a second.
    async fn with_region(&self, config: ProviderConfig, needed: bool) -> ProviderConfig {
        let mut found = match &self.region {
            Some(region) => Some(region.as_str().to_owned()),
            None => region::configured(&config, self.profile.as_deref()).await,
        };
        if found.is_none() && needed {
            found = region::from_instance_metadata(&config).await;
        }
        config.with_region(found.map(aws_types::region::Region::new))
    }
}

/// Why a source gave nothing.
enum Miss {
    /// It is not configured.
    Absent(String),
    /// It is configured, and something is wrong.
    Failed(String),
}

impl Miss {
    /// `absence` says it better than aws-config, where it knows.
    fn of(error: &AwsError, absence: impl FnOnce() -> Option<String>) -> Self {
        // The outermost text says only that something failed.
        let why = || reason(error.source().unwrap_or(error));
        match error {
            AwsError::CredentialsNotLoaded(_) => Self::Absent(absence().unwrap_or_else(why)),
            _ => Self::Failed(why()),
        }
    }

    /// Nobody configures IMDS: on any network something may answer there, or nothing.
    fn into_absent(self) -> Self {
        match self {
            Self::Absent(why) | Self::Failed(why) => Self::Absent(why),
        }
    }
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
    fn absent(&mut self, source: Source, why: &str) {
        let cure = source.cure();
        // Writing to a String cannot fail.
        let _ = write!(self.lines, "\n  {source}: {why}; to use it, {cure}");
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
