//! A hyper server under `VerifyLayer` that responds with the length of each received body.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use sigv4_core::verify::Verifier;
use sigv4_hyper::{BoxError, VerifiedBody, VerifyLayer};
use tokio::net::TcpListener;
use tower::{Layer as _, service_fn};

use crate::keys::Keys;
use crate::{REGION, SERVICE};

async fn length(
    request: Request<VerifiedBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, BoxError> {
    let body = request.into_body().collect().await?.to_bytes();
    Ok(Response::new(Full::from(body.len().to_string())))
}

/// Listens on loopback, on a port chosen by the operating system.
pub(crate) async fn start(keys: Keys) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let guarded = VerifyLayer::new(Verifier::new(REGION, SERVICE), keys).layer(service_fn(length));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(guarded.clone());
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                // The client reports a connection that breaks off.
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(address)
}
