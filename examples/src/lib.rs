//! Code shared by the examples: where to send requests, and a plain HTTP client.

pub mod verifying;

use std::env;
use std::error::Error;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sigv4_core::{Credentials, Endpoint, Region, Service, Signer};
use support::s3::{ACCESS_KEY, BUCKET, S3Server, SECRET_KEY};

/// The result of an example.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The URL, signer and credentials that an example uses.
#[derive(Debug)]
pub struct Target {
    /// The URL to call: an argument of the example, or a bucket on the embedded server.
    pub url: String,
    /// The signer for the URL.
    pub signer: Signer,
    /// The credentials for the URL.
    pub credentials: Credentials,
    /// The port of 127.0.0.1 to listen on, if the example listens; 0 for any free port.
    pub port: u16,
    server: Option<S3Server>,
}

impl Target {
    /// Uses the URL given as an argument, with credentials from the environment; otherwise a server
    /// that runs in this process, listens only on loopback and verifies every signature.
    ///
    /// # Errors
    /// There are no credentials, or the host does not show its service: pass `--service` and
    /// `--region`.
    pub fn from_args() -> Outcome<Self> {
        match Arguments::read()? {
            Arguments { url: Some(url), service, region, port } => {
                let port = port.map_or(Ok(0), |port| port.parse())?;
                Ok(Self { port, ..Self::remote(url, service, region)? })
            }
            _ => Self::embedded(),
        }
    }

    /// Starts the embedded server: s3s, written by others.
    ///
    /// # Errors
    /// No port is available.
    pub fn embedded() -> Outcome<Self> {
        let server = S3Server::start()?;
        Ok(Self {
            url: format!("{}/{BUCKET}", server.endpoint()),
            signer: Signer::new(Region::from_static("us-east-1"), Service::from_static("s3")),
            credentials: Credentials::new(ACCESS_KEY, SECRET_KEY),
            port: 0,
            server: Some(server),
        })
    }

    /// Returns whether this is the embedded server, which may be broken at will.
    pub fn is_embedded(&self) -> bool {
        self.server.is_some()
    }

    fn remote(url: String, service: Option<String>, region: Option<String>) -> Outcome<Self> {
        let signer = match (service, region) {
            (Some(service), Some(region)) => {
                Signer::new(Region::new(region)?, Service::new(service)?)
            }
            (service, region) => {
                let endpoint = Endpoint::from_url(&url)
                    .map_err(|error| format!("{error}; here, --service NAME --region NAME"))?;
                let service = service.map_or(Ok(endpoint.service().clone()), Service::new)?;
                let region = region.map_or(Ok(endpoint.region().clone()), Region::new)?;
                Signer::new(region, service)
            }
        };
        let credentials = Credentials::from_vars(|name| env::var(name).ok())?;
        Ok(Self { url, signer, credentials, port: 0, server: None })
    }
}

#[derive(Default)]
struct Arguments {
    url: Option<String>,
    service: Option<String>,
    region: Option<String>,
    port: Option<String>,
}

impl Arguments {
    fn read() -> Outcome<Self> {
        let mut arguments = Self::default();
        let mut rest = env::args().skip(1);
        while let Some(argument) = rest.next() {
            let place = match argument.as_str() {
                "--service" => &mut arguments.service,
                "--region" => &mut arguments.region,
                "--port" => &mut arguments.port,
                flag if flag.starts_with('-') => {
                    return Err(format!(
                        "unknown: {flag}; use [URL] [--service NAME] [--region NAME] [--port NUMBER]"
                    )
                    .into());
                }
                _ => {
                    arguments.url = Some(argument);
                    continue;
                }
            };
            let value = rest.next().ok_or_else(|| format!("{argument} needs a value"))?;
            *place = Some(value);
        }
        Ok(arguments)
    }
}

/// Sends a request with hyper, over TLS if the URL is https, and reads the whole response.
///
/// # Errors
/// The request cannot be sent, or its response cannot be read.
pub async fn send(request: Request<Full<Bytes>>) -> Outcome<Response<Bytes>> {
    let client = Client::builder(TokioExecutor::new()).build(connector());
    let (parts, body) = client.request(request).await?.into_parts();
    Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
}

/// The connector of the examples: plain http, and TLS with the feature `https`.
#[cfg(feature = "https")]
pub type Connector = hyper_rustls::HttpsConnector<HttpConnector>;

/// The connector of the examples: plain http, and TLS with the feature `https`.
#[cfg(not(feature = "https"))]
pub type Connector = HttpConnector;

/// Connects over TLS if the URL says so and the feature `https` is on.
#[cfg(feature = "https")]
pub fn connector() -> Connector {
    hyper_rustls::HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .build()
}

/// Connects over TLS if the URL says so and the feature `https` is on.
#[cfg(not(feature = "https"))]
pub fn connector() -> Connector {
    HttpConnector::new()
}

/// Returns reqwest's client builder. With the feature `https`, it uses rustls and ring.
pub fn reqwest_builder() -> reqwest::ClientBuilder {
    #[cfg(feature = "https")]
    let _ = rustls::crypto::ring::default_provider().install_default(); // fails only if one is installed already
    reqwest::Client::builder()
}
