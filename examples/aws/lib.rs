//! What these examples share: TLS, AWS's environment, a search service.

pub mod environment;
pub mod search;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;

/// Connects over TLS if the URL says so.
pub fn connector() -> HttpsConnector<HttpConnector> {
    HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build()
}

/// reqwest's client builder; with the feature `https`, over rustls and ring.
pub fn reqwest_builder() -> reqwest::ClientBuilder {
    #[cfg(feature = "https")]
    let _ = rustls::crypto::ring::default_provider().install_default(); // an error: it is there
    reqwest::Client::builder()
}
