//! Executes a plan: gets the base's credentials, then assumes one role after the other.

use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_credential_types::Credentials as AwsCredentials;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_types::region::Region as AwsRegion;

use super::files::Files;
use super::walk::{Base, NamedSource, Plan, Sso};
use crate::chain::{Chain, Found};
use crate::origin::Origin;
use crate::region;
use crate::{container, environment, metadata, sts};

impl Chain {
    /// Returns the credentials at the end of the plan.
    pub(crate) async fn run(&self, files: &Files, plan: Plan) -> Result<Found, String> {
        let detail = detail(files.selected.name(), &plan);
        let Plan { base, base_profile, hops } = plan;
        let named = |why: String| {
            format!("profile `{base_profile}` in {}: {why}", files.place(&base_profile))
        };
        let mut credentials = self.base(files, base, &base_profile).await.map_err(named)?;
        let count = hops.len();
        let config = match count {
            0 => None,
            _ => Some(self.sts_config(Some(files)).await.map_err(named)?),
        };
        for (at, (hop, config)) in hops.iter().zip(config.iter().cycle()).enumerate() {
            let assumed = sts::assume_role(config, &hop.role, credentials, self.mfa.as_ref()).await;
            credentials = assumed.map_err(|why| {
                format!(
                    "profile `{}` in {}, assuming {} (role {} of {count}): {why}",
                    hop.profile,
                    files.place(&hop.profile),
                    hop.role.arn,
                    at + 1
                )
            })?;
        }
        Ok(Found::new(credentials, Origin::of_profile(detail)))
    }

    async fn base(
        &self,
        files: &Files,
        base: Base,
        profile: &str,
    ) -> Result<AwsCredentials, String> {
        match base {
            Base::Keys(keys) => Ok(keys),
            Base::WebIdentity { role_arn, token_file, session_name } => {
                let config = self.sts_config(Some(files)).await?;
                sts::with_web_identity(&config, &role_arn, &token_file, session_name).await
            }
            Base::Sso(sso) => self.sso(files, &sso, profile).await,
            Base::Login { session } => self.login(files, session, profile).await,
            Base::Process { command } => process(command).await,
            Base::Source(source) => self.named(source).await,
        }
    }

    async fn named(&self, source: NamedSource) -> Result<AwsCredentials, String> {
        let (name, found) = match source {
            NamedSource::Environment => ("Environment", environment::credentials()),
            NamedSource::Container => {
                ("EcsContainer", container::credentials(self.http.shared()).await)
            }
            NamedSource::InstanceMetadata => {
                ("Ec2InstanceMetadata", metadata::credentials(&self.config()).await.map(Some))
            }
        };
        match found {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(format!("credential_source = {name} has no credentials here")),
            Err(why) => Err(format!("credential_source = {name}: {why}")),
        }
    }

    #[cfg(feature = "sso")]
    async fn sso(&self, files: &Files, sso: &Sso, profile: &str) -> Result<AwsCredentials, String> {
        let config = self.sdk_config(AwsRegion::new(sso.region.clone()), Some(files)).await;
        crate::sso::credentials(&config, sso, profile).await
    }

    #[cfg(not(feature = "sso"))]
    #[allow(clippy::unused_async, clippy::unused_self, reason = "as the one with the feature")]
    async fn sso(&self, _: &Files, _: &Sso, _: &str) -> Result<AwsCredentials, String> {
        Err(missing_feature("IAM Identity Center (SSO)", &["sso", "rustls-ring"]))
    }

    #[cfg(feature = "credentials-login")]
    async fn login(
        &self,
        files: &Files,
        session: String,
        profile: &str,
    ) -> Result<AwsCredentials, String> {
        use aws_config::login::LoginCredentialsProvider;
        use aws_credential_types::provider::ProvideCredentials;
        let region = self.region_for_sts(Some(files)).await?;
        let config = self.config().with_region(Some(region));
        let provider = LoginCredentialsProvider::builder(session).configure(&config).build();
        provider.provide_credentials().await.map_err(|error| {
            let why = crate::reason::reason(std::error::Error::source(&error).unwrap_or(&error));
            format!(
                "its session of `aws login` cannot be used ({why}): run `aws login --profile \
                 {profile}`"
            )
        })
    }

    #[cfg(not(feature = "credentials-login"))]
    #[allow(clippy::unused_async, clippy::unused_self, reason = "as the one with the feature")]
    async fn login(&self, _: &Files, _: String, _: &str) -> Result<AwsCredentials, String> {
        Err(missing_feature("a session of `aws login`", &["credentials-login", "rustls-ring"]))
    }

    /// Returns the configuration of an STS client: region, endpoint and other settings of the
    /// profile and the variables.
    pub(crate) async fn sts_config(&self, files: Option<&Files>) -> Result<SdkConfig, String> {
        let region = self.region_for_sts(files).await?;
        Ok(self.sdk_config(region, files).await)
    }

    async fn region_for_sts(&self, files: Option<&Files>) -> Result<AwsRegion, String> {
        let found = region::find(self, files).await?;
        found.map(AwsRegion::new).ok_or_else(|| {
            "STS needs a region and none is configured: set AWS_REGION, or region in the profile"
                .to_owned()
        })
    }

    async fn sdk_config(&self, region: AwsRegion, files: Option<&Files>) -> SdkConfig {
        let loader = ConfigLoader::default()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.shared().clone())
            .sleep_impl(TokioSleep::new())
            .region(region)
            .no_credentials();
        let loader = match files {
            Some(files) => {
                loader.profile_files(files.for_aws_config()).profile_name(files.selected.name())
            }
            None => loader,
        };
        loader.load().await
    }
}

#[cfg(feature = "credentials-process")]
async fn process(command: String) -> Result<AwsCredentials, String> {
    use aws_config::credential_process::CredentialProcessProvider;
    use aws_credential_types::provider::ProvideCredentials;
    let provider = CredentialProcessProvider::new(command);
    provider.provide_credentials().await.map_err(|error| {
        let why = crate::reason::reason(std::error::Error::source(&error).unwrap_or(&error));
        format!("credential_process: {why}")
    })
}

#[cfg(not(feature = "credentials-process"))]
#[allow(clippy::unused_async, reason = "as the one with the feature")]
async fn process(_: String) -> Result<AwsCredentials, String> {
    Err(missing_feature("credential_process", &["credentials-process"]))
}

/// Names all missing features in one error.
#[cfg(not(all(feature = "sso", feature = "credentials-login", feature = "credentials-process")))]
fn missing_feature(what: &str, needed: &[&str]) -> String {
    let is_missing = |name: &&str| **name != *"rustls-ring" || !cfg!(feature = "rustls-ring");
    let missing: Vec<_> = needed.iter().copied().filter(is_missing).collect();
    let noun = if missing.len() == 1 { "feature" } else { "features" };
    let names = missing.join("` and `");
    format!(
        "{what} needs the {noun} `{names}` of the crate sigv4-credentials, enabled in Cargo.toml"
    )
}

/// Describes how the selected profile gets its credentials.
fn detail(selected: &str, plan: &Plan) -> String {
    let base = match plan.base {
        Base::WebIdentity { .. } => ", role assumed with a web identity",
        Base::Sso(_) => ", IAM Identity Center",
        Base::Login { .. } => ", aws login",
        Base::Process { .. } => ", credential_process",
        Base::Keys(_) | Base::Source(_) => "",
    };
    let role = if plan.hops.is_empty() { "" } else { ", assumed role" };
    format!("`{selected}`{base}{role}")
}
