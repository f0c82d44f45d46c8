//! One interface to all adapters: takes a request, returns status and body.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sigv4_core::stream::AwsChunked;
use sigv4_core::{Credentials, PayloadHash, Signer};
use sigv4_hyper::{BoxError, SignHeadLayer, SignLayer};
use sigv4_reqwest::{SigningClient, blocking};
use sigv4_ureq::{Payload, SignMiddleware, SigningAgent};
use tower::{Layer, Service, ServiceExt};

/// The ways to sign and send a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adapter {
    /// `Signer::sign`, sent by hyper.
    Core,
    /// `SignLayer`: the body is buffered.
    Hyper,
    /// `SignHeadLayer`: the body is not touched.
    HyperHead,
    /// reqwest's asynchronous client.
    Reqwest,
    /// reqwest's blocking client.
    ReqwestBlocking,
    /// The agent above ureq's.
    UreqAgent,
    /// The middleware within ureq's agent.
    UreqMiddleware,
}

/// The clock of an adapter.
pub(crate) type Clock = fn() -> SystemTime;

/// A request to sign and send.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The method.
    pub(crate) method: Method,
    /// The absolute URL.
    pub(crate) url: String,
    /// Headers other than the signature's.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) body: Bytes,
}

/// The response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Bytes,
}

/// An error with its sources, as text.
pub(crate) type Sent = Result<Answer, String>;

impl Call {
    /// A request without headers.
    pub(crate) fn new(method: Method, url: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: body.into() }
    }

    /// This request with one more header.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn request(&self) -> Result<Request<Full<Bytes>>, BoxError> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.url.parse()?;
        *request.headers_mut() = self.header_map()?;
        Ok(request)
    }

    fn header_map(&self) -> Result<HeaderMap, BoxError> {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value)?);
        }
        Ok(map)
    }
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Status and text, for a failure.
    pub(crate) fn describe(&self) -> String {
        format!("{} {}", self.status, self.text())
    }
}

impl Adapter {
    /// All adapters.
    pub(crate) const ALL: [Self; 7] = [
        Self::Core,
        Self::Hyper,
        Self::HyperHead,
        Self::Reqwest,
        Self::ReqwestBlocking,
        Self::UreqAgent,
        Self::UreqMiddleware,
    ];

    /// Its name in the matrix.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Core => "sigv4-core",
            Self::Hyper => "sigv4-hyper SignLayer",
            Self::HyperHead => "sigv4-hyper SignHeadLayer",
            Self::Reqwest => "sigv4-reqwest",
            Self::ReqwestBlocking => "sigv4-reqwest blocking",
            Self::UreqAgent => "sigv4-ureq SigningAgent",
            Self::UreqMiddleware => "sigv4-ureq SignMiddleware",
        }
    }

    /// Signs and sends.
    ///
    /// # Errors
    /// The error of the adapter, with its sources.
    pub(crate) fn send(self, signer: &Signer, credentials: &Credentials, call: &Call) -> Sent {
        self.send_at(signer, credentials, call, SystemTime::now)
    }

    /// Signs by another clock, and sends.
    ///
    /// # Errors
    /// The error of the adapter, with its sources.
    pub(crate) fn send_at(
        self,
        signer: &Signer,
        credentials: &Credentials,
        call: &Call,
        clock: Clock,
    ) -> Sent {
        let (signer, credentials) = (signer.clone(), credentials.clone());
        let answer = match self {
            Self::Core => send_core(&signer, &credentials, call, clock),
            Self::Hyper => {
                send_layered(&SignLayer::new(signer, credentials).with_clock(clock), call)
            }
            Self::HyperHead => {
                send_layered(&SignHeadLayer::new(signer, credentials).with_clock(clock), call)
            }
            Self::Reqwest => send_reqwest(signer, credentials, call, clock),
            Self::ReqwestBlocking => send_reqwest_blocking(signer, credentials, call, clock),
            Self::UreqAgent => send_ureq_agent(signer, credentials, call, clock),
            Self::UreqMiddleware => send_ureq_middleware(signer, credentials, call, clock),
        };
        answer.map_err(|error| with_sources(&error))
    }
}

/// Presigns and sends without headers other than the signature's.
///
/// # Errors
/// Fails if the request cannot be presigned or sent.
pub(crate) fn send_presigned(signer: &Signer, credentials: &Credentials, call: &Call) -> Sent {
    let presigned = || {
        let request = call.request()?;
        let minute = Duration::from_secs(60);
        let presigned = signer.presign(&request, minute, credentials, SystemTime::now())?;
        send(hyper(), presigned.into_request(request.into_body())?)
    };
    presigned().map_err(|error| with_sources(&error))
}

/// Signs and sends in `aws-chunked` framing, after `spoil` has changed the framed bytes.
///
/// # Errors
/// Fails if the request cannot be signed, framed or sent.
pub(crate) fn send_chunked(
    signer: &Signer,
    credentials: &Credentials,
    call: &Call,
    plan: &AwsChunked,
    spoil: impl FnOnce(&mut Vec<u8>),
) -> Sent {
    let chunked = || {
        let mut request = call.request()?;
        plan.set_headers(request.headers_mut());
        let signed = signer.compute(&request, plan.payload(), credentials, SystemTime::now())?;
        signed.apply(request.headers_mut());
        let mut encoder = plan.encoder(signed)?;
        let (mut body, mut framed) = (call.body.clone(), Vec::new());
        while let Some(chunk) = encoder.encode(&mut body)? {
            framed.extend_from_slice(&chunk);
        }
        framed.extend_from_slice(&encoder.finish(&HeaderMap::new())?);
        spoil(&mut framed);
        send(hyper(), request.map(|_| Full::from(framed)))
    };
    chunked().map_err(|error| with_sources(&error))
}

fn send_core(
    signer: &Signer,
    credentials: &Credentials,
    call: &Call,
    clock: Clock,
) -> Result<Answer, BoxError> {
    let mut request = call.request()?.map(|_| call.body.clone());
    signer.sign(&mut request, credentials, clock())?;
    send(hyper(), request.map(Full::new))
}

fn send_layered<L, S, R>(layer: &L, call: &Call) -> Result<Answer, BoxError>
where
    L: Layer<Client<HttpConnector, Full<Bytes>>, Service = S>,
    S: Service<Request<Full<Bytes>>, Response = http::Response<R>, Error = BoxError>,
    R: http_body::Body<Error: Into<BoxError>>,
{
    let mut request = call.request()?;
    request.extensions_mut().insert(PayloadHash::of(&call.body));
    send(layer.layer(hyper()), request)
}

fn send_reqwest(
    signer: Signer,
    credentials: Credentials,
    call: &Call,
    clock: Clock,
) -> Result<Answer, BoxError> {
    let client = SigningClient::builder(reqwest::Client::builder().no_proxy(), signer, credentials);
    let client = client.clock(clock).build()?;
    let request = client.request(call.method.clone(), call.url.as_str());
    let request = request.headers(call.header_map()?).body(call.body.clone());
    block_on(async {
        let response = request.send().await?;
        Ok(Answer { status: response.status().as_u16(), body: response.bytes().await? })
    })
}

fn send_reqwest_blocking(
    signer: Signer,
    credentials: Credentials,
    call: &Call,
    clock: Clock,
) -> Result<Answer, BoxError> {
    let http = reqwest::blocking::Client::builder().no_proxy();
    let client =
        blocking::SigningClient::builder(http, signer, credentials).clock(clock).build()?;
    let request = client.request(call.method.clone(), call.url.as_str());
    let response = request.headers(call.header_map()?).body(call.body.clone()).send()?;
    Ok(Answer { status: response.status().as_u16(), body: response.bytes()? })
}

fn send_ureq_agent(
    signer: Signer,
    credentials: Credentials,
    call: &Call,
    clock: Clock,
) -> Result<Answer, BoxError> {
    let plain = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let agent = SigningAgent::builder(plain.new_agent(), signer, credentials);
    let agent = agent.clock(clock).build();
    let request = call.request()?.map(|_| Payload::from(call.body.clone()));
    read_ureq(agent.run(request)?)
}

fn send_ureq_middleware(
    signer: Signer,
    credentials: Credentials,
    call: &Call,
    clock: Clock,
) -> Result<Answer, BoxError> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .middleware(SignMiddleware::new(signer, credentials).clock(clock))
        .build()
        .new_agent();
    read_ureq(match call.body.is_empty() {
        true => agent.run(call.request()?.map(|_| ()))?,
        false => agent.run(call.request()?.map(|_| call.body.to_vec()))?,
    })
}

pub(crate) fn read_ureq(mut response: http::Response<ureq::Body>) -> Result<Answer, BoxError> {
    let body = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_vec()?.into();
    Ok(Answer { status: response.status().as_u16(), body })
}

fn hyper() -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).build_http()
}

pub(crate) fn send<S, R>(service: S, request: Request<Full<Bytes>>) -> Result<Answer, BoxError>
where
    S: Service<Request<Full<Bytes>>, Response = http::Response<R>, Error: Into<BoxError>>,
    R: http_body::Body<Error: Into<BoxError>>,
{
    block_on(async {
        let response = service.oneshot(request).await.map_err(Into::into)?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(Into::into)?.to_bytes();
        Ok(Answer { status, body })
    })
}

/// A runtime for each call: no adapter may depend on a connection that another call left open.
pub(crate) fn block_on<T>(
    future: impl Future<Output = Result<T, BoxError>>,
) -> Result<T, BoxError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
}

pub(crate) fn with_sources(error: &BoxError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
