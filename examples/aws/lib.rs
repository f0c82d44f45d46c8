//! Code shared by these examples: TLS, AWS's environment, a search service.

pub mod environment;
pub mod search;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;

/// Connects over TLS if the URL is https.
pub fn connector() -> HttpsConnector<HttpConnector> {
    HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build()
}

/// Returns reqwest's client builder. With the feature `https`, it uses rustls and ring.
pub fn reqwest_builder() -> reqwest::ClientBuilder {
    #[cfg(feature = "https")]
    let _ = rustls::crypto::ring::default_provider().install_default(); // fails only if one is installed already
    reqwest::Client::builder()
}
