//! The HTTP client of the chain: one connector that selects the route by URI.
//!
//! ```text
//!   http://   metadata, container endpoints, loopback -> direct           others -> HTTP_PROXY, if set
//!   https://  the same hosts -> direct, over TLS                          others -> HTTPS_PROXY, if set
//! ```
//!
//! The root certificates are read at the first https request. That takes 300 ms, which plain http
//! avoids.

use std::env;
use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use http::Uri;
use http::uri::Authority;
use hyper_util::client::proxy::matcher::Matcher;

mod plain;
#[cfg(test)]
mod tests;
#[cfg_attr(not(feature = "rustls-ring"), path = "no_tls.rs")]
mod tls;

/// The variables whose hosts are never reached through a proxy.
const LOCAL_ENDPOINTS: [&str; 2] =
    ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT"];

/// The IPv6 addresses of instance metadata and of EKS Pod Identity.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
];

/// The client of a chain.
#[derive(Clone, Debug)]
pub(crate) enum Client {
    /// The caller's own client.
    Given(SharedHttpClient),
    Ours(SharedHttpClient),
}

impl Client {
    pub(crate) fn ours() -> Self {
        Self::Ours(client())
    }

    /// Returns the client for a forked process. Our own client is rebuilt, because its locks may be
    /// held by threads that do not exist in that process.
    pub(crate) fn after_fork(&self) -> Self {
        match self {
            Self::Given(_) => self.clone(),
            Self::Ours(_) => Self::ours(),
        }
    }

    pub(crate) fn shared(&self) -> &SharedHttpClient {
        match self {
            Self::Given(client) | Self::Ours(client) => client,
        }
    }
}

/// Our client. It supports plain http, and https with the feature `rustls-ring`.
fn client() -> SharedHttpClient {
    let tls = tls::Connectors::default();
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Dispatch {
            settings: settings.clone(),
            components: components.clone(),
            tls: tls.clone(),
        })
    })
}

/// How a request reaches its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Directly, whatever the proxy variables say.
    Direct,
    /// Through the proxy that the variables name for this URI, if they name one.
    ByVariables,
}

#[derive(Debug)]
struct Dispatch {
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
    tls: tls::Connectors,
}

impl HttpConnector for Dispatch {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri: Uri = match request.uri().parse() {
            Ok(uri) => uri,
            Err(_) => {
                let invalid = ConnectorError::user("the address is not a valid URI".into());
                return HttpConnectorFuture::ready(Err(invalid));
            }
        };
        let way = way(&uri, |name| env::var(name).ok());
        let response = if uri.scheme_str() == Some("https") {
            self.tls.call(way, &self.settings, &self.components, request)
        } else {
            let matcher = Matcher::from_env();
            let proxy = matcher.intercept(&uri).filter(|_| way == Way::ByVariables);
            plain::call(&self.settings, request, uri.clone(), proxy)
        };
        HttpConnectorFuture::new(
            async move { response.await.map_err(|error| naming_host(error, &uri)) },
        )
    }
}

/// Selects the route to `uri`. Hosts on this machine, and those of its metadata, are never reached
/// through a proxy.
fn way(uri: &Uri, variable: impl Fn(&str) -> Option<String>) -> Way {
    let host = bare_host(uri);
    let is_local = |endpoint: &str| {
        let named = variable(endpoint).and_then(|value| value.parse::<Uri>().ok());
        named.is_some_and(|named| !host.is_empty() && bare_host(&named) == host)
    };
    if is_link_local(host) || LOCAL_ENDPOINTS.into_iter().any(is_local) {
        Way::Direct
    } else {
        Way::ByVariables
    }
}

fn is_link_local(host: &str) -> bool {
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return address.is_loopback() || address.is_link_local();
    }
    if let Ok(address) = host.parse::<Ipv6Addr>() {
        return address.is_loopback() || METADATA_V6.contains(&address);
    }
    host.eq_ignore_ascii_case("localhost")
}

/// Returns the host with its port, without user and password.
pub(crate) fn host_and_port(uri: &Uri) -> &str {
    let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Returns the host without the brackets of an IPv6 address.
pub(crate) fn bare_host(uri: &Uri) -> &str {
    uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

/// A failure with the host name, which the inner error texts seldom contain.
#[derive(Debug)]
struct HostError {
    host: String,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no response from {}", self.host)
    }
}

impl Error for HostError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// Adds the host to a failure's text. Keeps its kind, which decides about a retry.
fn naming_host(error: ConnectorError, uri: &Uri) -> ConnectorError {
    if error.is_user() {
        return error;
    }
    let (is_timeout, is_io, kind) = (error.is_timeout(), error.is_io(), error.as_other());
    let host = host_and_port(uri).to_owned();
    let named = Box::new(HostError { host, source: error.into_source() });
    match (is_timeout, is_io) {
        (true, _) => ConnectorError::timeout(named),
        (_, true) => ConnectorError::io(named),
        _ => ConnectorError::other(named, kind),
    }
}
