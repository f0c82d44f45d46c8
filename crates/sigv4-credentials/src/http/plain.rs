//! Plain http, directly or through a forward proxy. Opens one connection per request, because a
//! load makes few.

use std::io;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{HeaderValue, Request, Uri};
use hyper::client::conn::http1;
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{bare_host, host_and_port};

/// The timeouts for requests that set none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const READ_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn call(
    settings: &HttpConnectorSettings,
    request: HttpRequest,
    uri: Uri,
    proxy: Option<Intercept>,
) -> HttpConnectorFuture {
    let connect_timeout = settings.connect_timeout().unwrap_or(CONNECT_TIMEOUT);
    let read_timeout = settings.read_timeout().unwrap_or(READ_TIMEOUT);
    let request = match request.try_into_http1x() {
        Ok(request) => request,
        Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
    };
    HttpConnectorFuture::new(async move {
        let (peer, request) = match &proxy {
            Some(proxy) => (proxy_peer(proxy)?, absolute(request, &uri, proxy)),
            None => (peer(&uri), origin(request, &uri)?),
        };
        let stream = timeout(connect_timeout, TcpStream::connect(peer))
            .await
            .map_err(|late| ConnectorError::timeout(late.into()))?
            .map_err(|error| ConnectorError::io(error.into()))?;
        timeout(read_timeout, exchange(stream, request))
            .await
            .map_err(|late| ConnectorError::timeout(late.into()))?
    })
}

async fn exchange(
    stream: TcpStream,
    request: Request<SdkBody>,
) -> Result<HttpResponse, ConnectorError> {
    let io_error = |error: hyper::Error| ConnectorError::io(error.into());
    let _ = stream.set_nodelay(true); // affects only speed
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(io_error)?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(io_error)?;
    HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
        .map_err(|error| ConnectorError::other(error.into(), None))
}

fn peer(uri: &Uri) -> (String, u16) {
    (bare_host(uri).to_owned(), uri.port_u16().unwrap_or(80))
}

fn proxy_peer(proxy: &Intercept) -> Result<(String, u16), ConnectorError> {
    match proxy.uri().scheme_str() {
        Some("http") | None => Ok(peer(proxy.uri())),
        Some(scheme) => {
            let text = format!("HTTP_PROXY names a proxy of the kind {scheme}://: use http://");
            Err(ConnectorError::user(io::Error::other(text).into()))
        }
    }
}

/// Rewrites the request for a server: only the path in its first line.
fn origin(mut request: Request<SdkBody>, uri: &Uri) -> Result<Request<SdkBody>, ConnectorError> {
    set_host(&mut request, uri);
    let target = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = target
        .parse()
        .map_err(|error: http::uri::InvalidUri| ConnectorError::user(error.into()))?;
    Ok(request)
}

/// Rewrites the request for a forward proxy: the whole URI in its first line.
fn absolute(mut request: Request<SdkBody>, uri: &Uri, proxy: &Intercept) -> Request<SdkBody> {
    set_host(&mut request, uri);
    if let Some(basic) = proxy.basic_auth() {
        request.headers_mut().insert(PROXY_AUTHORIZATION, basic.clone());
    }
    request
}

fn set_host(request: &mut Request<SdkBody>, uri: &Uri) {
    if let Ok(host) = HeaderValue::from_str(host_and_port(uri)) {
        request.headers_mut().entry(HOST).or_insert(host);
    }
}
