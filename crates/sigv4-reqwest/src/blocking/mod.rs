//! The signing client over [`reqwest::blocking`], for threads without a runtime.

#[cfg(feature = "explain")]
mod explain;
mod reader;

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};
use http_body::{Body, Frame};
use reqwest::IntoUrl;
use reqwest::blocking::{self, Request, Response};
use sigv4_core::client::{
    BodyPlan, Call, CallError, Overrides, PeekedBody, ServiceError, Settings, StreamPayload,
    UnsignableBody, settle_length,
};
use sigv4_core::{CredentialsProvider, Signer};

use crate::blocking::reader::Source;
use crate::body::keep_url;
use crate::builder::{builder_methods, verbs};
use crate::error::{Error, check_path};
use crate::exchange::{Exchange, Once, start};
use crate::settings::settings_methods;
use crate::sign::head;

#[cfg(feature = "explain")]
pub use explain::explain;

/// The most bytes of a long error that are read at a time.
const BLOCK: u64 = 16 * 1024;

/// A client that signs every request it sends, with a new signature for each attempt.
///
/// See [`crate::SigningClient`]. Any [`CredentialsProvider`] works without a runtime of the
/// caller's. reqwest's blocking client must not be used inside an async runtime.
#[derive(Clone, Debug)]
pub struct SigningClient {
    client: blocking::Client,
    settings: Arc<Settings>,
}

/// Builds a [`SigningClient`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct SigningClientBuilder {
    client: blocking::ClientBuilder,
    settings: Arc<Settings>,
}

impl SigningClient {
    /// Starts from one of reqwest's client builders, with its TLS, proxies and timeouts.
    ///
    /// Its redirect and retry policies are replaced because they would act after signing. Its
    /// `default_headers` are also added after signing and cannot be seen here: give them to
    /// [`SigningClientBuilder::default_headers`] instead.
    pub fn builder(
        client: blocking::ClientBuilder,
        signer: Signer,
        provider: impl CredentialsProvider + 'static,
    ) -> SigningClientBuilder {
        let settings = Arc::new(Settings::new(signer, provider, SystemTime::now));
        SigningClientBuilder { client, settings }
    }

    verbs!(SigningRequestBuilder);

    /// Starts a request; see [`crate::SigningClient::request`].
    pub fn request(&self, method: Method, url: impl IntoUrl) -> SigningRequestBuilder {
        SigningRequestBuilder {
            client: self.clone(),
            url: url.as_str().to_owned(),
            request: self.client.request(method, url),
            source: None,
            overrides: Overrides::default(),
        }
    }

    /// Signs and sends a request that was built elsewhere.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn execute(&self, request: Request) -> Result<Response, Error> {
        self.execute_with(request, Overrides::default(), None)
    }

    fn execute_with(
        &self,
        mut request: Request,
        overrides: Overrides,
        source: Option<Source>,
    ) -> Result<Response, Error> {
        let mut call = start(&self.settings, overrides, &mut request)?;
        let stream = match source {
            Some(source) => source.settle(&mut call, &mut request)?,
            None => settle(&mut call, &mut request)?,
        };
        let mut exchange = Exchange::new(call, request, stream);
        loop {
            let credentials = exchange.provider().credentials().wait();
            let credentials = credentials.map_err(CallError::Credentials)?;
            let mut response = self.client.execute(exchange.sign(&credentials)?)?;
            let mut error = None;
            if exchange.reads_body(response.status(), response.headers()) {
                error = ServiceError::read(&peek(&mut response, ServiceError::MAX_BODY));
            }
            if exchange.is_done(response.status(), response.headers(), error.as_ref())? {
                exchange.keep_transcript(response.extensions_mut());
                return Ok(response);
            }
        }
    }
}

impl SigningClientBuilder {
    settings_methods!();

    /// Builds the client.
    ///
    /// # Errors
    /// [`Error::Transport`] if reqwest cannot build its own client, for example without a TLS
    /// stack.
    pub fn build(self) -> Result<SigningClient, Error> {
        let client = self
            .client
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()?;
        Ok(SigningClient { client, settings: self.settings })
    }
}

/// A request under construction. [`send`](Self::send) signs and sends it.
#[must_use = "a request does nothing until it is sent"]
pub struct SigningRequestBuilder {
    client: SigningClient,
    request: blocking::RequestBuilder,
    /// The URL as it was given.
    url: String,
    source: Option<Source>,
    overrides: Overrides,
}

impl SigningRequestBuilder {
    builder_methods!(blocking::Body);

    /// Sets a reader as the body. It is a stream: see [`stream_payload`](Self::stream_payload).
    ///
    /// Use this instead of a reader within a `blocking::Body`, which cannot be read in part: its
    /// limit is checked only after everything is read, and its chunks cannot be signed.
    pub fn reader(mut self, reader: impl Read + Send + 'static) -> Self {
        self.source = Some(Source { reader: Box::new(reader), length: None });
        self
    }

    /// Sets a reader of `length` bytes as the body. Any other length is an error.
    pub fn sized_reader(mut self, reader: impl Read + Send + 'static, length: u64) -> Self {
        self.source = Some(Source { reader: Box::new(reader), length: Some(length) });
        self
    }

    /// Sets a multipart form as the body. It is a stream: see
    /// [`stream_payload`](Self::stream_payload).
    #[cfg(feature = "multipart")]
    pub fn multipart(mut self, form: blocking::multipart::Form) -> Self {
        self.request = self.request.multipart(form);
        self
    }

    /// Signs and sends the request.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn send(self) -> Result<Response, Error> {
        let request = self.request.build()?;
        check_path(&self.url, request.url())?;
        self.client.execute_with(request, self.overrides, self.source)
    }
}

impl fmt::Debug for SigningRequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningRequestBuilder")
            .field("overrides", &self.overrides)
            .finish_non_exhaustive()
    }
}

/// Reads or wraps the request's body. Returns a stream if the body can be sent only once.
fn settle(call: &mut Call, request: &mut Request) -> Result<Option<Once<blocking::Body>>, Error> {
    if let Some(bytes) = request.body().and_then(blocking::Body::as_bytes) {
        let length = bytes.len() as u64;
        let method = request.method().clone();
        settle_length(&method, request.headers_mut(), length)?;
        return Ok(None);
    }
    let Some(mut stream) = request.body_mut().take() else {
        return Ok(None);
    };
    match call.plan(&head(request), None)? {
        BodyPlan::Buffer { limit } => {
            let read = stream.buffer().map_err(|error| CallError::ReadBody(error.into()))?;
            if read.len() > limit {
                return Err(UnsignableBody::TooLong { limit }.into());
            }
            *request.body_mut() = Some(stream);
            Ok(None)
        }
        // A blocking body cannot be read in part. The caller has to pass its reader instead.
        BodyPlan::Chunked(_) => Err(UnsignableBody::UnknownLength.into()),
        _ => Ok(Some(Once::unsigned(stream))),
    }
}

/// Reads the start of a body, at most `most` bytes, and puts back the bytes read.
pub(crate) fn peek(response: &mut Response, most: usize) -> Bytes {
    let mut read = Vec::new();
    let failed = response.by_ref().take(most as u64).read_to_end(&mut read).err();
    let read = Bytes::from(read);
    let mut head = http::Response::new(()).into_parts().0;
    head.status = response.status();
    head.version = response.version();
    head.headers.clone_from(response.headers());
    head.extensions.clone_from(response.extensions());
    keep_url(response.url().clone(), &mut head.extensions);
    let rest = core::mem::replace(response, http::Response::new("").into());
    let rest = Rest { response: rest, failed };
    let body = reqwest::Body::wrap(PeekedBody::of(read.clone(), rest));
    *response = http::Response::from_parts(head, body).into();
    read
}

/// The unread rest of a response. Polling it blocks, as reading a blocking response does.
struct Rest {
    response: Response,
    failed: Option<io::Error>,
}

impl Body for Rest {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let mut block = Vec::new();
        let read = self.response.by_ref().take(BLOCK).read_to_end(&mut block);
        Poll::Ready(match read {
            Ok(0) => None,
            Ok(_) => Some(Ok(Frame::data(block.into()))),
            Err(error) => Some(Err(error)),
        })
    }
}
