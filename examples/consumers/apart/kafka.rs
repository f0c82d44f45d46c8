//! rdkafka with tokens of Amazon MSK.
//!
//! `cargo check --manifest-path examples/consumers/apart/Cargo.toml` builds librdkafka and checks this. To run it
//! against a broker, librdkafka needs TLS: rdkafka's feature `ssl`. `tests/tokens/kafka.py` runs librdkafka
//! with the same tokens.

use std::error::Error;
use std::time::SystemTime;

use rdkafka::ClientConfig;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::consumer::{ConsumerContext, StreamConsumer};
use rdkafka::error::KafkaResult;
use sigv4_tokens::{CredentialsProvider, Msk, Region, Renewing, msk};

/// What rdkafka calls when it needs a token: synchronous, in the thread that polls.
#[derive(Debug)]
pub struct MskContext(Renewing<Msk>);

impl MskContext {
    /// For the clusters in `region`, with credentials from `provider`.
    pub fn new(region: &Region, provider: impl CredentialsProvider + 'static) -> Self {
        Self(Renewing::new(msk(region), provider))
    }
}

impl ClientContext for MskContext {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        let token = self.0.current(SystemTime::now())?;
        Ok(OAuthToken {
            token: token.as_str().to_owned(),
            principal_name: String::new(), // MSK knows it from the token
            lifetime_ms: token.expires_at_millis(),
        })
    }
}

impl ConsumerContext for MskContext {}

/// A consumer for a cluster's IAM listener, on port 9098.
///
/// # Errors
/// What librdkafka says of the settings.
pub fn consumer(
    brokers: &str,
    group: &str,
    context: MskContext,
) -> KafkaResult<StreamConsumer<MskContext>> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", group)
        .set("security.protocol", "SASL_SSL")
        .set("sasl.mechanism", "OAUTHBEARER")
        .create_with_context(context)
}
