//! https: rustls over ring with the system's root certificates, built at the first request.

use std::sync::{Arc, OnceLock};

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::Way;

/// The two connectors, each built once it is needed; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Connectors(Arc<Built>);

#[derive(Debug, Default)]
struct Built {
    direct: OnceLock<Connector>,
    by_variables: OnceLock<Connector>,
}

impl Connectors {
    pub(super) fn call(
        &self,
        way: Way,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
        request: HttpRequest,
    ) -> HttpConnectorFuture {
        let (slot, proxy) = match way {
            Way::Direct => (&self.0.direct, ProxyConfig::disabled()),
            Way::ByVariables => (&self.0.by_variables, ProxyConfig::from_env()),
        };
        slot.get_or_init(|| build(settings, components, proxy)).call(request)
    }
}

fn build(
    settings: &HttpConnectorSettings,
    components: &RuntimeComponents,
    proxy: ProxyConfig,
) -> Connector {
    let mut builder = Connector::builder().connector_settings(settings.clone()).proxy_config(proxy);
    builder.set_sleep_impl(components.sleep_impl());
    builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
}
