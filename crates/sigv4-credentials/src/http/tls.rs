//! https: rustls with ring and the system's root certificates, built at the first request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::Way;

/// The two connectors, each built at its first use. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Connectors(Arc<Built>);

#[derive(Debug, Default)]
struct Built {
    direct: OnceLock<Option<Connector>>,
    by_variables: OnceLock<Option<Connector>>,
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
        // In a debug build, the TLS library panics if it finds no certificate.
        let built = || catch_unwind(AssertUnwindSafe(|| build(settings, components, proxy))).ok();
        match slot.get_or_init(built) {
            Some(connector) => connector.call(request),
            None => HttpConnectorFuture::ready(Err(ConnectorError::user(NO_ROOTS.into()))),
        }
    }
}

const NO_ROOTS: &str = "https needs the root certificates of this machine, and there are none: \
                        install ca-certificates, or name a file of them in SSL_CERT_FILE";

fn build(
    settings: &HttpConnectorSettings,
    components: &RuntimeComponents,
    proxy: ProxyConfig,
) -> Connector {
    // Loads are rare, and a pooled connection would be tied to the thread of its load.
    let mut builder = Connector::builder()
        .connector_settings(settings.clone())
        .proxy_config(proxy)
        .pool_max_idle_per_host(0);
    builder.set_sleep_impl(components.sleep_impl());
    builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
}
