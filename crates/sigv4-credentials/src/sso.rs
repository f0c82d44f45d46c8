//! IAM Identity Center: exchanges the token cached by `aws sso login` for credentials of a role.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::sso::SsoTokenProvider;
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::token::ProvideToken;
use aws_sdk_sso::Client;
use aws_sdk_sso::error::ProvideErrorMetadata;
use aws_types::region::Region;
use sha1::{Digest, Sha1};

use crate::environment::home;
use crate::profile::Sso;
use crate::reason::reason;
use crate::sts::refusal;

/// Returns the credentials of the account and role that `sso` names, for the profile `profile`.
pub(crate) async fn credentials(
    config: &SdkConfig,
    sso: &Sso,
    profile: &str,
) -> Result<AwsCredentials, String> {
    let region = Region::new(sso.region.clone());
    let tokens = SsoTokenProvider::builder()
        .configure(config)
        .session_name(&sso.token_key)
        .start_url(&sso.start_url)
        .region(region.clone())
        .build()
        .await;
    let token = tokens.provide_token().await.map_err(|error| {
        format!("its SSO token {}: {}", state(&sso.token_key, &reason(&error)), log_in(profile))
    })?;
    let config = config.to_builder().region(region).build();
    let found = Client::new(&config)
        .get_role_credentials()
        .account_id(&sso.account)
        .role_name(&sso.role)
        .access_token(token.token())
        .send()
        .await
        .map_err(|error| {
            let is_token = error.code() == Some("UnauthorizedException");
            let why = refusal("the SSO portal", &error);
            if is_token {
                format!("{why}. The SSO token has expired or was revoked: {}", log_in(profile))
            } else {
                format!("account {}, role {}: {why}", sso.account, sso.role)
            }
        })?;
    let found = found.role_credentials.ok_or("the SSO portal sent no credentials")?;
    let end = u64::try_from(found.expiration).map(Duration::from_millis);
    let end = end.ok().and_then(|life| SystemTime::UNIX_EPOCH.checked_add(life));
    match (found.access_key_id, found.secret_access_key) {
        (Some(id), Some(secret)) => {
            Ok(AwsCredentials::new(id, secret, found.session_token, end, "SSO"))
        }
        _ => Err("the SSO portal sent credentials without a key".to_owned()),
    }
}

/// Describes the problem with the token and names its file, which upstream's error does not.
fn state(token_key: &str, why: &str) -> String {
    if why.contains("has expired") {
        return "has expired".to_owned();
    }
    let file = format!("{}.json", hex::encode(Sha1::digest(token_key)));
    match home().map(|home| home.join(".aws/sso/cache").join(file)) {
        Some(path) if !path.exists() => format!("is missing (there is no {})", path.display()),
        Some(path) => format!("in {} cannot be used ({why})", path.display()),
        None => "is missing (no home folder is known)".to_owned(),
    }
}

fn log_in(profile: &str) -> String {
    format!("run `aws sso login --profile {profile}`")
}
