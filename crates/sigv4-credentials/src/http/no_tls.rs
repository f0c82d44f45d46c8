//! https without a TLS stack: fails with an error that names the feature.

use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use http::Uri;

use super::{Way, host_and_port};

#[derive(Clone, Debug, Default)]
pub(super) struct Connectors(());

impl Connectors {
    #[allow(clippy::unused_self, clippy::needless_pass_by_value, reason = "as the one with TLS")]
    pub(super) fn call(
        &self,
        _: Way,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
        request: HttpRequest,
    ) -> HttpConnectorFuture {
        let uri = request.uri().parse::<Uri>().unwrap_or_default();
        let host = host_and_port(&uri);
        let text = format!(
            "https to {host} needs TLS: enable the feature `rustls-ring` of sigv4-credentials, or \
             give a client to DefaultProvider::builder().http_client()"
        );
        HttpConnectorFuture::ready(Err(ConnectorError::user(text.into())))
    }
}
