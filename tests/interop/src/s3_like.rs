//! A small S3-like server under `VerifyLayer` and `VerifyFormLayer`, over http and TLS.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn as hyper_service;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sigv4_core::verify::{Verifier, VerifyError};
use sigv4_core::{Credentials, Region, Service};
use sigv4_hyper::{
    BoxError, FileBody, FormError, Upload, VerifiedBody, VerifyFormLayer, VerifyLayer,
};
use support::raw::Received;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tower::{Layer, ServiceExt, service_fn};

use crate::judge::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};
use crate::store::{Reply, Store};
use crate::tools;

/// The longest body of a request: the clients' parts are smaller.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// A running server. It stops when dropped.
pub(crate) struct S3Like {
    guard: Arc<Guard>,
    address: SocketAddr,
    scheme: &'static str,
    runtime: Runtime,
}

/// The store behind its layers, and the requests received.
#[derive(Debug, Default)]
struct Guard {
    store: Store,
    seen: Mutex<Vec<Seen>>,
}

/// A request as it was received, and its result.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) request: Received,
    pub(crate) status: StatusCode,
    /// The cause of a refusal, in full.
    pub(crate) why: Option<String>,
}

impl S3Like {
    /// Starts on a free port of loopback.
    ///
    /// # Errors
    /// No port is free.
    pub(crate) fn http() -> Result<Self, BoxError> {
        Self::start("http", None)
    }

    /// The same over TLS, with a certificate that `openssl` makes into this folder as `cert.pem`.
    ///
    /// # Errors
    /// There is no `openssl`, or no port.
    pub(crate) fn tls(folder: &Path) -> Result<Self, BoxError> {
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]);
        openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]);
        tools::run(openssl.arg("-keyout").arg(&key).arg("-out").arg(&cert))?;
        let chain = CertificateDer::pem_file_iter(&cert)?.collect::<Result<Vec<_>, _>>()?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::from_pem_file(&key)?)?;
        Self::start("https", Some(TlsAcceptor::from(Arc::new(config))))
    }

    fn start(scheme: &'static str, tls: Option<TlsAcceptor>) -> Result<Self, BoxError> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let guard = Arc::new(Guard::default());
        let shared = Arc::clone(&guard);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, tls.clone(), Arc::clone(&shared)));
            }
        });
        Ok(Self { guard, address, scheme, runtime })
    }

    /// `http://127.0.0.1:PORT` or `https://...`
    pub(crate) fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Returns the requests received since the last call.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.guard.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends a request to the same layers and the same store again.
    ///
    /// # Errors
    /// Fails if it is not a request.
    pub(crate) fn again(&self, request: &Received) -> Result<StatusCode, BoxError> {
        let mut again =
            Request::builder().method(request.method.as_slice()).uri(request.target.as_slice());
        for (name, value) in &request.headers {
            again = again.header(name.as_slice(), value.as_slice());
        }
        let again = again.body(Full::from(request.body.clone()))?;
        Ok(self.runtime.block_on(self.guard.pass(again)).status())
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, guard: Arc<Guard>) {
    let service = hyper_service(move |request| {
        let guard = Arc::clone(&guard);
        async move { guard.receive(request).await }
    });
    let server = http1::Builder::new();
    // A client may break off a connection; that is not an error here.
    let _ = match tls {
        None => server.serve_connection(TokioIo::new(stream), service).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => server.serve_connection(TokioIo::new(stream), service).await,
            Err(_) => return,
        },
    };
}

/// A request that the layers let through, its body read to the end.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Option<(http::request::Parts, Bytes)>>>);

impl Noted {
    async fn take<B>(self, request: Request<B>) -> Result<Reply, Infallible>
    where
        B: http_body::Body<Data = Bytes>,
    {
        let (parts, body) = request.into_parts();
        if let Ok(body) = body.collect().await {
            let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *noted = Some((parts, body.to_bytes()));
        }
        Ok(Response::new(Full::default()))
    }
}

impl Guard {
    /// Records a request and its result.
    async fn receive(&self, request: Request<Incoming>) -> Result<Reply, hyper::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let received = Received {
            method: parts.method.as_str().into(),
            target: parts.uri.to_string().into_bytes(),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
                .collect(),
            body: body.to_vec(),
            ..Received::default()
        };
        let response = self.pass(Request::from_parts(parts, Full::from(body))).await;
        let forms = response.extensions().get::<FormError>().map(ToString::to_string);
        let why = response.extensions().get::<VerifyError>().map(ToString::to_string).or(forms);
        let seen = Seen { request: received, status: response.status(), why };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        Ok(response)
    }

    /// The layers, and behind them the store.
    async fn pass(&self, request: Request<Full<Bytes>>) -> Reply {
        let verifier = Verifier::new(Region::from_static(REGION), Service::from_static("s3"));
        let keys = Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN);
        // An accepted request is recorded, and run once the layers have verified all of it.
        let noted = Noted::default();
        let note = noted.clone();
        let response = if VerifyFormLayer::<Credentials>::is_form(&request) {
            let application =
                service_fn(move |request: Request<FileBody>| note.clone().take(request));
            VerifyFormLayer::new(verifier, keys).layer(application).oneshot(request).await
        } else {
            let application = service_fn(move |request: Request<VerifiedBody<Full<Bytes>>>| {
                note.clone().take(request)
            });
            let layer = VerifyLayer::new(verifier, keys).with_body_limit(BODY_LIMIT);
            layer.layer(application).oneshot(request).await
        };
        let Ok(response) = response;
        let verified = noted.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match verified {
            Some((parts, body)) if response.status() == StatusCode::OK => {
                match parts.extensions.get::<Upload>() {
                    Some(upload) => self.store_upload(upload, body, &parts.headers),
                    None => self.store.answer(&parts, body),
                }
            }
            _ => response.map(|body| match body {
                http_body_util::Either::Left(body) | http_body_util::Either::Right(body) => body,
            }),
        }
    }

    fn store_upload(&self, upload: &Upload, file: Bytes, head: &http::HeaderMap) -> Reply {
        let mut response = self.store.put(upload.bucket(), upload.key(), file, head);
        let status = upload.field("success_action_status").and_then(|it| it.parse().ok());
        *response.status_mut() = status.unwrap_or(StatusCode::NO_CONTENT);
        response.headers_mut().insert(header::CONTENT_LENGTH, 0.into());
        response
    }
}
