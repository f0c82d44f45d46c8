//! Instance metadata (IMDSv2): the credentials and the region of an EC2 instance.

use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_async::time::StaticTimeSource;

use crate::environment;
use crate::reason::reason;

pub(crate) async fn credentials(config: &ProviderConfig) -> Result<AwsCredentials, String> {
    if is_disabled() {
        return Err("switched off by AWS_EC2_METADATA_DISABLED=true".to_owned());
    }
    // The provider would postpone an expiry that has passed by its clock. With a clock that stands
    // still in 1970 it returns the expiry that IMDS gave.
    let never = config.clone().with_time_source(StaticTimeSource::new(SystemTime::UNIX_EPOCH));
    let provider =
        ImdsCredentialsProvider::builder().configure(&never).imds_client(client(config)).build();
    let found = provider.provide_credentials().await;
    // The outermost text is too general.
    found.map_err(|error| reason(error.source().unwrap_or(&error)))
}

/// Returns the region of the EC2 instance.
pub(crate) async fn region(config: &ProviderConfig) -> Option<String> {
    if is_disabled() {
        return None;
    }
    let provider =
        ImdsRegionProvider::builder().configure(config).imds_client(client(config)).build();
    provider.region().await.map(|region| region.to_string())
}

/// An IMDSv2 client with timeouts short enough for signing.
fn client(config: &ProviderConfig) -> imds::Client {
    imds::Client::builder()
        .configure(config)
        .max_attempts(2)
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(4))
        .build()
}

fn is_disabled() -> bool {
    environment::value("AWS_EC2_METADATA_DISABLED")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}
