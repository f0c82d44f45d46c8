//! A proxy that signs what a program on this machine sends, and sends it on to one upstream.

use std::convert::Infallible;
use std::net::SocketAddr;

use crate::connector;
use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, Uri, header};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sigv4_core::{CredentialsProvider, Signer};
use sigv4_hyper::{AllowedHosts, BoxError, PeekedBody, Sign, SignLayer};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt};

use examples::Outcome;

/// Headers that are said to the next hop alone (RFC 9110, section 7.6.1): not signed, not sent on.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

type Body = Either<PeekedBody<Incoming>, Full<Bytes>>;

/// A proxy on loopback.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    address: SocketAddr,
    relay: Relay,
}

/// What every connection needs.
#[derive(Clone, Debug)]
struct Relay {
    address: SocketAddr,
    scheme: Scheme,
    authority: Authority,
    client: Sign<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>,
}

impl Proxy {
    /// Listens on this port of 127.0.0.1, 0 for any that is free, for one upstream.
    ///
    /// # Errors
    /// The port is taken, or the upstream is no absolute URL.
    pub async fn bind(
        port: u16,
        upstream: &Uri,
        signer: Signer,
        provider: impl CredentialsProvider + 'static,
    ) -> Outcome<Self> {
        let absolute = || format!("the upstream {upstream} is no URL such as https://example.com");
        let scheme = upstream.scheme().ok_or_else(absolute)?.clone();
        let authority = upstream.authority().ok_or_else(absolute)?.clone();
        let hosts = AllowedHosts::new([format!("{scheme}://{authority}")])?;
        let client = Client::builder(TokioExecutor::new()).build(connector());
        let client = SignLayer::new(signer, provider).with_allowed_hosts(hosts).layer(client);
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, relay: Relay { address, scheme, authority, client } })
    }

    /// `http://127.0.0.1:PORT`, what to give a client as its server.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the task is dropped.
    ///
    /// # Errors
    /// No more connections can be accepted.
    pub async fn serve(self) -> Outcome<Infallible> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let relay = self.relay.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| relay.clone().answer(request));
                if let Err(error) =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
                {
                    eprintln!("a connection failed: {error}");
                }
            });
        }
    }
}

impl Relay {
    async fn answer(self, mut request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        if !self.is_local(request.headers()) {
            let why = "this proxy signs for programs on this machine, not for web pages\n";
            return Ok(plain(StatusCode::FORBIDDEN, why.into()));
        }
        strip(request.headers_mut());
        // The client's own idea of host and identity ends here.
        request.headers_mut().remove(header::HOST);
        request.headers_mut().remove(header::AUTHORIZATION);
        Ok(match self.forward(request).await {
            Ok(mut response) => {
                strip(response.headers_mut());
                response.map(Either::Left)
            }
            Err(error) => plain(StatusCode::BAD_GATEWAY, format!("{error}\n")),
        })
    }

    async fn forward(
        self,
        request: Request<Incoming>,
    ) -> Result<Response<PeekedBody<Incoming>>, BoxError> {
        let (mut parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        parts.uri = Uri::builder()
            .scheme(self.scheme)
            .authority(self.authority)
            .path_and_query(target)
            .build()?;
        self.client.oneshot(Request::from_parts(parts, body)).await
    }

    /// Whether a program asks, for this address: a web page cannot leave out where it comes from,
    /// and a name that was made to point at loopback is not this address.
    fn is_local(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let (address, localhost) =
            (self.address.to_string(), format!("localhost:{}", self.address.port()));
        host.is_some_and(|host| host == address || host.eq_ignore_ascii_case(&localhost))
            && !headers.contains_key(header::ORIGIN)
            && !headers.contains_key("sec-fetch-site")
    }
}

/// Removes what is said to this hop alone: the known names, and those that `connection` lists.
fn strip(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in listed.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

fn plain(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Either::Right(Full::from(text)));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_this_hop_are_removed_and_those_that_connection_lists() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Mine"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("x-mine", "1"),
            ("content-type", "application/json"),
        ] {
            headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        strip(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["content-type"]);
    }
}
