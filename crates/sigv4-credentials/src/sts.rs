//! The two calls to STS: AssumeRole, and AssumeRoleWithWebIdentity.

use std::error::Error;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::Client;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::types::Credentials as StsCredentials;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::reason::{masked, reason};
use crate::role::{Mfa, Role};

/// Assumes `role` with the credentials `from`.
pub(crate) async fn assume_role(
    config: &SdkConfig,
    role: &Role,
    from: AwsCredentials,
    mfa: Option<&Mfa>,
) -> Result<AwsCredentials, String> {
    let code = match &role.mfa_serial {
        None => None,
        Some(serial) => Some(mfa.ok_or_else(|| no_mfa(serial))?.code(serial).await?),
    };
    let config = aws_sdk_sts::config::Builder::from(config)
        .credentials_provider(SharedCredentialsProvider::new(from))
        .build();
    let seconds = role.duration.map(|life| i32::try_from(life.as_secs()).unwrap_or(i32::MAX));
    let assumed = Client::from_conf(config)
        .assume_role()
        .role_arn(&role.arn)
        .role_session_name(role.session_name.clone().unwrap_or_else(session_name))
        .set_external_id(role.external_id.clone())
        .set_duration_seconds(seconds)
        .set_policy(role.policy.clone())
        .set_serial_number(role.mfa_serial.clone())
        .set_token_code(code)
        .send()
        .await;
    match assumed {
        Ok(assumed) => credentials(assumed.credentials),
        Err(error) => Err(refusal("STS", &error)),
    }
}

fn no_mfa(serial: &str) -> String {
    format!(
        "it asks for a code of the MFA device {serial} (mfa_serial): give \
         DefaultProvider::builder().mfa(..) a function that returns the code"
    )
}

/// Exchanges the token in `token_file` for credentials of the role.
pub(crate) async fn with_web_identity(
    config: &SdkConfig,
    role_arn: &str,
    token_file: &str,
    name: Option<String>,
) -> Result<AwsCredentials, String> {
    let path = token_file.to_owned();
    let token = tokio::task::spawn_blocking(move || std::fs::read_to_string(path)).await;
    let token = match token {
        Ok(Ok(token)) if token.trim().is_empty() => {
            return Err(format!("the token file {token_file} is empty"));
        }
        Ok(Ok(token)) => token,
        Ok(Err(error)) => {
            return Err(format!("the token file {token_file} cannot be read: {error}"));
        }
        Err(_) => return Err(format!("reading the token file {token_file} was broken off")),
    };
    let exchanged = Client::new(config)
        .assume_role_with_web_identity()
        .role_arn(role_arn)
        .role_session_name(name.unwrap_or_else(session_name))
        .web_identity_token(token.trim())
        .send()
        .await;
    match exchanged {
        Ok(exchanged) => credentials(exchanged.credentials),
        Err(error) => Err(format!(
            "role {role_arn} with the token in {token_file}: {}",
            refusal("STS", &error).replace(token.trim(), "[masked]")
        )),
    }
}

/// Describes the service's error, or why there was no response. Omits the body of the response.
pub(crate) fn refusal<E>(service: &str, error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let Some(refused) = error.as_service_error() else {
        return match error.raw_response() {
            Some(response) => {
                let status = response.status().as_u16();
                format!("{service} sent status {status} and a body that cannot be read")
            }
            None => reason(error),
        };
    };
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    match (refused.code(), refused.message()) {
        (Some(code), Some(message)) => masked(&format!("{service} refused: {code}: {message}")),
        (Some(code), None) => masked(&format!("{service} refused: {code}")),
        _ => format!("{service} refused with status {status} and gave no reason"),
    }
}

fn credentials(found: Option<StsCredentials>) -> Result<AwsCredentials, String> {
    let found = found.ok_or("STS sent a response without credentials")?;
    let end = SystemTime::try_from(found.expiration)
        .map_err(|_| "STS sent an expiry time that is out of range")?;
    let (id, secret) = (found.access_key_id, found.secret_access_key);
    Ok(AwsCredentials::new(id, secret, Some(found.session_token), Some(end), "STS"))
}

fn session_name() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("sigv4-credentials-{}", since.as_secs())
}
