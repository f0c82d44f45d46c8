//! The default chain: asks the sources in order, and records the result of each.
//!
//! It is rebuilt for each load. So repaired or rotated files are read, no source returns a cached
//! result, and the first error is not lost.

use std::time::Duration;

use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use sigv4_core::{Credentials, CredentialsError, Region};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::account::{Account, Miss};
use crate::convert::from_aws;
use crate::http::Client;
use crate::origin::Origin;
use crate::profile::{Files, Fingerprint, Paths, Plan, fault_of_boto2, plan};
use crate::role::{Mfa, Role};
use crate::source::Source;
use crate::{container, environment, metadata, sts};

/// The sources to ask, with their configuration.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) sources: Sources,
    /// The profile set in code. It is an error if it does not exist.
    pub(crate) profile: Option<String>,
    pub(crate) paths: Paths,
    pub(crate) region: Option<Region>,
    pub(crate) http: Client,
    pub(crate) limits: Vec<(Source, Duration)>,
    pub(crate) roles: Vec<Role>,
    pub(crate) mfa: Option<Mfa>,
}

/// The sources to ask.
#[derive(Clone, Debug)]
pub(crate) enum Sources {
    /// All of AWS's default sources.
    Default,
    /// These sources, set in code.
    Chosen(Vec<Source>),
    /// The caller's own provider.
    Given(SharedCredentialsProvider),
}

/// The result of a load.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) credentials: Credentials,
    pub(crate) origin: Origin,
    /// The state of the profile files, if the credentials depend on them.
    pub(crate) files: Option<Fingerprint>,
}

/// The credentials of one source.
pub(crate) struct Found {
    pub(crate) credentials: AwsCredentials,
    pub(crate) origin: Origin,
}

impl Found {
    pub(crate) fn new(credentials: AwsCredentials, origin: Origin) -> Self {
        Self { credentials, origin }
    }
}

impl Chain {
    /// Returns this chain for a forked process.
    pub(crate) fn after_fork(&self) -> Self {
        Self { http: self.http.after_fork(), ..self.clone() }
    }

    /// Returns the first credentials that a source gives. `account` records the results. If
    /// `before`, the source of the cached credentials, is set, only that source is asked: if its
    /// file is being rewritten or has been removed, another identity must not take their place.
    pub(crate) async fn load(
        &self,
        before: Option<Source>,
        account: &Mutex<Account>,
    ) -> Result<Loaded, CredentialsError> {
        // Recorded first, so that a change while the files are read is noticed.
        let files = self.paths.fingerprint();
        let sources = before.map_or_else(|| self.sources(), |source| vec![source]);
        if sources.is_empty() {
            return Err(CredentialsError::new(
                "no AWS credentials: Builder::sources was given no source to ask",
            ));
        }
        for source in sources {
            account.lock().await.asks(source);
            match self.ask_in_time(source).await {
                Ok(found) => {
                    let found = match self.assume_roles(found).await {
                        Ok(found) => found,
                        Err(why) => return Err(account.lock().await.failed(&why)),
                    };
                    return Ok(Loaded {
                        credentials: from_aws(&found.credentials),
                        origin: found.origin,
                        files: (source == Source::Profile).then_some(files),
                    });
                }
                Err(Miss::Absent(why)) if before.is_some() => {
                    let why = format!(
                        "{why}. It gave credentials before, and no other source is asked: that could \
                         be another identity. A new provider asks them all"
                    );
                    return Err(account.lock().await.failed(&why));
                }
                Err(Miss::Absent(why)) => account.lock().await.absent(source, why),
                Err(Miss::Failed(why)) => return Err(account.lock().await.failed(&why)),
            }
        }
        Err(account.lock().await.exhausted())
    }

    fn sources(&self) -> Vec<Source> {
        match &self.sources {
            Sources::Given(_) => vec![Source::Given],
            Sources::Chosen(chosen) => chosen.clone(),
            Sources::Default if self.profile.is_some() => vec![Source::Profile],
            Sources::Default => Source::CHAIN.to_vec(),
        }
    }

    async fn ask_in_time(&self, source: Source) -> Result<Found, Miss> {
        let limit = self.limits.iter().rev().find(|(limited, _)| *limited == source);
        let Some((_, limit)) = limit else {
            return self.ask(source).await;
        };
        match timeout(*limit, self.ask(source)).await {
            Ok(answer) => answer,
            Err(_) => {
                let why = format!("no answer within {limit:?}");
                Err(if source == Source::InstanceMetadata {
                    Miss::Absent(why)
                } else {
                    Miss::Failed(why)
                })
            }
        }
    }

    async fn ask(&self, source: Source) -> Result<Found, Miss> {
        let found = match source {
            Source::Environment => environment::credentials().map_err(Miss::Failed)?,
            Source::Profile => return self.ask_profile().await,
            Source::WebIdentity => self.ask_web_identity().await.map_err(Miss::Failed)?,
            Source::Container => {
                container::credentials(self.http.shared()).await.map_err(Miss::Failed)?
            }
            // The user does not configure IMDS, and on any network another server may have its
            // address.
            Source::InstanceMetadata => {
                Some(metadata::credentials(&self.config()).await.map_err(Miss::Absent)?)
            }
            Source::Given => return self.ask_given().await,
        };
        let found = found.ok_or_else(|| Miss::Absent(source.absence()))?;
        Ok(Found::new(found, Origin::of(source)))
    }

    async fn ask_given(&self) -> Result<Found, Miss> {
        let Sources::Given(provider) = &self.sources else {
            return Err(Miss::Failed("no provider was given: call Builder::provider".to_owned()));
        };
        match provider.provide_credentials().await {
            Ok(found) => {
                let origin = Origin::of_given(&found);
                Ok(Found::new(found, origin))
            }
            Err(error) => {
                let inner = std::error::Error::source(&error).unwrap_or(&error);
                Err(Miss::Failed(crate::reason::reason(inner)))
            }
        }
    }

    async fn ask_profile(&self) -> Result<Found, Miss> {
        let files = self.files().await.map_err(Miss::Failed)?;
        let Some(plan) = plan(&files).map_err(Miss::Failed)? else {
            self.refuse_boto2().await.map_err(Miss::Failed)?;
            let name = files.selected.name();
            return Err(Miss::Absent(match files.profile(name) {
                Some(_) => format!("profile `{name}` in {} has no credentials", files.names()),
                None => format!("no profile `{name}` in {}", files.names()),
            }));
        };
        self.refuse_other_identity(&files, &plan).map_err(Miss::Failed)?;
        self.run(&files, plan).await.map_err(Miss::Failed)
    }

    /// Fails if boto would use another profile: for boto, `AWS_DEFAULT_PROFILE` takes precedence
    /// over
    /// `AWS_PROFILE`.
    fn refuse_other_profile(&self) -> Result<(), String> {
        let other = environment::value("AWS_DEFAULT_PROFILE");
        let selected = environment::value("AWS_PROFILE");
        match other {
            Some(other) if self.profile.is_none() && selected.as_deref() != Some(&other) => {
                Err(format!(
                    "AWS_DEFAULT_PROFILE is `{other}`, which is not read here: set AWS_PROFILE to \
                     the profile you mean, and unset AWS_DEFAULT_PROFILE"
                ))
            }
            _ => Ok(()),
        }
    }

    /// Fails if boto would use web identity: boto asks it before the profile, unless the profile
    /// has a role
    /// to assume.
    fn refuse_other_identity(&self, files: &Files, plan: &Plan) -> Result<(), String> {
        let is_asked = self.sources().contains(&Source::WebIdentity);
        let token_file = environment::value("AWS_WEB_IDENTITY_TOKEN_FILE");
        let Some(token_file) = token_file.filter(|_| is_asked && plan.hops.is_empty()) else {
            return Ok(());
        };
        Err(format!(
            "two identities are configured: profile `{}`, and web identity \
             (AWS_WEB_IDENTITY_TOKEN_FILE is {token_file}). The AWS SDK for Rust takes the profile, \
             boto takes web identity: unset one of them, or choose with \
             DefaultProvider::builder().sources(..)",
            files.selected.name()
        ))
    }

    /// Fails if boto would use one of two older files, which it reads after the profile and web
    /// identity.
    async fn refuse_boto2(&self) -> Result<(), String> {
        let is_web_identity = environment::value("AWS_WEB_IDENTITY_TOKEN_FILE").is_some();
        match self.sources {
            Sources::Default if self.profile.is_none() && !is_web_identity => {
                let fault = tokio::task::spawn_blocking(fault_of_boto2).await;
                fault.unwrap_or_default().map_or(Ok(()), Err)
            }
            _ => Ok(()),
        }
    }

    async fn ask_web_identity(&self) -> Result<Option<AwsCredentials>, String> {
        let Some(token_file) = environment::value("AWS_WEB_IDENTITY_TOKEN_FILE") else {
            return Ok(None);
        };
        let Some(role) = environment::value("AWS_ROLE_ARN") else {
            return Err(
                "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not: set both, or \
                        unset both"
                    .to_owned(),
            );
        };
        let config = self.sts_config(None).await?;
        let session_name = environment::value("AWS_ROLE_SESSION_NAME");
        sts::with_web_identity(&config, &role, &token_file, session_name).await.map(Some)
    }

    /// Assumes the roles set in code, one after the other.
    async fn assume_roles(&self, mut found: Found) -> Result<Found, String> {
        if self.roles.is_empty() {
            return Ok(found);
        }
        let config = self.sts_config(None).await?;
        for (at, role) in self.roles.iter().enumerate() {
            let assumed =
                sts::assume_role(&config, role, found.credentials, self.mfa.as_ref()).await;
            found.credentials = assumed.map_err(|why| {
                let (hop, hops) = (at + 1, self.roles.len());
                format!(
                    "assuming {} with credentials from {} (role {hop} of {hops} named in code): {why}",
                    role.arn, found.origin
                )
            })?;
            found.origin = found.origin.with_role(&role.arn);
        }
        Ok(found)
    }

    /// Reads the profile files. Fails if boto would select another profile.
    pub(crate) async fn files(&self) -> Result<Files, String> {
        self.refuse_other_profile()?;
        Files::read(&self.paths, self.profile.as_deref()).await
    }

    pub(crate) fn config(&self) -> ProviderConfig {
        ProviderConfig::empty()
            .with_http_client(self.http.shared().clone())
            .with_sleep_impl(TokioSleep::new())
    }

    /// Whether IMDS may be asked for a region. Returns `false` if code selected sources without it.
    pub(crate) fn asks_metadata(&self) -> bool {
        match &self.sources {
            Sources::Chosen(chosen) => chosen.contains(&Source::InstanceMetadata),
            Sources::Default | Sources::Given(_) => true,
        }
    }
}
