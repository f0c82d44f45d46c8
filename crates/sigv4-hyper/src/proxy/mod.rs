//! A proxy on loopback that signs for programs that cannot.

mod relay;
mod rules;

use core::convert::Infallible;
use core::fmt;
use core::time::Duration;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, Request, Response, Uri};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower_service::Service;

use self::relay::{Relay, relay};
use self::rules::Rules;
use crate::error::BoxError;

/// How long to wait if a connection cannot be accepted, for example without a free file descriptor.
const PAUSE: Duration = Duration::from_millis(100);

/// A proxy on 127.0.0.1 that signs requests for one upstream. For clients without a hook for a
/// signer, such as elasticsearch's, and for curl, dashboards and scripts.
///
/// Give it a service that signs and sends. The layer decides how a request's body is handled:
///
/// | layer | a request's body |
/// | --- | --- |
/// | [`SignLayer`](crate::SignLayer) | buffered up to a limit and signed; every service takes it |
/// | [`SignStreamLayer`](crate::SignStreamLayer) | streamed in signed chunks, for S3; it needs a length |
/// | [`SignHeadLayer`](crate::SignHeadLayer) | streamed under `UNSIGNED-PAYLOAD`, for S3 over https |
///
/// The body of a response is streamed.
///
/// ```no_run
/// use hyper_util::client::legacy::Client;
/// use hyper_util::rt::TokioExecutor;
/// use sigv4_core::{Credentials, Region, Service, Signer};
/// use sigv4_hyper::{SignLayer, SigningProxy};
/// use tower::Layer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let signer = Signer::new(Region::from_static("eu-west-1"), Service::from_static("es"));
/// let layer = SignLayer::new(signer, Credentials::new("AKIDEXAMPLE", "secret"));
/// // For https, give the client a connector that speaks TLS, such as hyper-rustls'.
/// let client = layer.layer(Client::builder(TokioExecutor::new()).build_http());
/// let upstream = "http://search.example.com".parse()?;
/// let proxy = SigningProxy::bind(0, &upstream, client).await?;
/// println!("give your client the URL {}", proxy.endpoint());
/// tokio::spawn(proxy.serve());
/// # Ok(())
/// # }
/// ```
///
/// # Security
/// Every program on this machine, also of other users, can have requests signed. Run the proxy no
/// longer than needed, with the least privileges needed. Web pages cannot use it: it serves a
/// request only if `Host` is an address that it listens on, which defeats DNS rebinding, and
/// refuses a foreign `Origin`, a `Sec-Fetch-Site` that names another site, `CONNECT`, and targets
/// that name a host. It drops `authorization` and `x-amz-*` from requests, except those of
/// [`with_kept_header`](Self::with_kept_header), and hop-by-hop headers in both directions.
pub struct SigningProxy<S> {
    listener: TcpListener,
    address: SocketAddr,
    upstream: Uri,
    kept: Vec<HeaderName>,
    service: S,
}

impl<S> SigningProxy<S> {
    /// Listens on a port of 127.0.0.1, or on any free one for 0. The upstream is a scheme and a host,
    /// such as `https://search.example.com`.
    ///
    /// # Errors
    /// [`ProxyError`] if the upstream is not such a URL or the port cannot be opened.
    pub async fn bind(port: u16, upstream: &Uri, service: S) -> Result<Self, ProxyError> {
        let user_info = upstream.authority().is_some_and(|it| it.as_str().contains('@'));
        let is_origin = matches!(upstream.scheme_str(), Some("http" | "https"))
            && upstream.authority().is_some()
            && matches!(upstream.path(), "" | "/")
            && upstream.query().is_none();
        if user_info || !is_origin {
            return Err(ProxyError::Upstream);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|error| ProxyError::Listen { port, error })?;
        let address = listener.local_addr().map_err(|error| ProxyError::Listen { port, error })?;
        Ok(Self { listener, address, upstream: upstream.clone(), kept: Vec::new(), service })
    }

    /// Passes on and signs an `x-amz-*` header of the program, such as `x-amz-target`. The
    /// headers of a signature are always replaced.
    #[must_use]
    pub fn with_kept_header(mut self, name: HeaderName) -> Self {
        self.kept.push(name);
        self
    }

    /// The URL to give to a client: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that the proxy listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl<S, R> SigningProxy<S>
where
    S: Service<Request<Incoming>, Response = Response<R>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    R: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    /// Serves until this future is dropped, which ends its connections too.
    pub async fn serve(self) -> Infallible {
        let Self { listener, address, upstream, kept, service } = self;
        let rules = Rules::new(address.port(), kept);
        let state = Arc::new(Relay { rules, upstream, service });
        let mut connections = JoinSet::new();
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, Arc::clone(&state)));
                }
                // The error may be transient, and open connections continue.
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
            while connections.try_join_next().is_some() {}
        }
    }
}

async fn serve_connection<S, R>(stream: TcpStream, state: Arc<Relay<S>>)
where
    S: Service<Request<Incoming>, Response = Response<R>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    R: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(relay(&state, request).await) }
    });
    // The timer bounds the time in which a head must arrive.
    let server = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // An error ends this connection, and its client notices.
    let _ = server.await;
}

/// Why a proxy could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyError {
    /// The upstream is not just a scheme and a host.
    Upstream,
    /// The port cannot be listened on.
    Listen {
        /// The requested port.
        port: u16,
        /// The cause.
        error: io::Error,
    },
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upstream => f.write_str(
                "the upstream must be http or https and a host, without user, path or query: give a \
                 URL such as https://search.example.com",
            ),
            Self::Listen { port, error } => {
                write!(f, "127.0.0.1:{port} cannot be listened on: {error}; port 0 is any free one")
            }
        }
    }
}

impl core::error::Error for ProxyError {}

impl<S> fmt::Debug for SigningProxy<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningProxy")
            .field("address", &self.address)
            .field("upstream", &self.upstream)
            .finish_non_exhaustive()
    }
}
