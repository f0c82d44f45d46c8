//! The same over [`reqwest::blocking`]: for threads without a runtime.

#[cfg(feature = "explain")]
mod explain;
mod reader;

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};
use http_body::{Body, Frame};
use reqwest::IntoUrl;
use reqwest::blocking::{self, Request, Response};
use sigv4_core::client::{ServiceError, StreamPayload, UnsignableBody};
use sigv4_core::{CredentialsProvider, Signer};

use crate::blocking::reader::Source;
use crate::body::{Rejoined, keep_url};
use crate::builder::{builder_methods, verbs};
use crate::call::{Call, Once, Settle, Step, settle};
use crate::error::Error;
use crate::settings::{Settings, settings_methods};

#[cfg(feature = "explain")]
pub use explain::explain;

/// How much of a long error is read at a time.
const BLOCK: u64 = 16 * 1024;

/// A client that signs every request that it sends, each attempt anew.
///
/// See [`crate::SigningClient`]; any [`CredentialsProvider`] works, without a runtime of the
/// caller's. reqwest's blocking client must not be used inside of an async runtime.
#[derive(Clone, Debug)]
pub struct SigningClient {
    client: blocking::Client,
    settings: Arc<Settings>,
}

/// Makes a [`SigningClient`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct SigningClientBuilder {
    client: blocking::ClientBuilder,
    settings: Settings,
}

impl SigningClient {
    /// Starts from a client builder of reqwest's, with its TLS, proxies and timeouts.
    ///
    /// Its redirect and retry policies are replaced, for they would act below the signature. Its
    /// `default_headers` act there too and cannot be seen: give them to
    /// [`SigningClientBuilder::default_headers`] instead.
    pub fn builder(
        client: blocking::ClientBuilder,
        signer: Signer,
        provider: impl CredentialsProvider + 'static,
    ) -> SigningClientBuilder {
        SigningClientBuilder { client, settings: Settings::new(signer, provider) }
    }

    verbs!(SigningRequestBuilder);

    /// Starts a request.
    pub fn request(&self, method: Method, url: impl IntoUrl) -> SigningRequestBuilder {
        SigningRequestBuilder {
            client: self.clone(),
            request: self.client.request(method, url),
            source: None,
            stream_payload: self.settings.stream_payload,
        }
    }

    /// Signs and sends a request that was built elsewhere.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn execute(&self, request: Request) -> Result<Response, Error> {
        self.execute_as(request, self.settings.stream_payload)
    }

    fn execute_as(
        &self,
        mut request: Request,
        stream_payload: StreamPayload,
    ) -> Result<Response, Error> {
        let stream = settle_body(&mut request, stream_payload)?;
        self.exchange(request, stream)
    }

    fn exchange(
        &self,
        request: Request,
        stream: Option<Once<blocking::Body>>,
    ) -> Result<Response, Error> {
        let mut call = Call::new(&self.settings, request, stream);
        loop {
            let credentials =
                self.settings.provider.credentials().wait().map_err(Error::Credentials)?;
            let mut response = self.client.execute(call.sign(&credentials)?)?;
            let mut error = None;
            if call.needs_body(response.status(), response.headers()) {
                error = ServiceError::read(&peek(&mut response, ServiceError::MAX_BODY));
            }
            let (status, headers) = (response.status(), response.headers());
            if call.after(status, headers, error.as_ref(), &credentials)? == Step::Done {
                call.keep_transcript(response.extensions_mut());
                return Ok(response);
            }
        }
    }
}

impl SigningClientBuilder {
    settings_methods!();

    /// The client.
    ///
    /// # Errors
    /// [`Error::Transport`] where reqwest cannot build its own, for want of a TLS stack say.
    pub fn build(self) -> Result<SigningClient, Error> {
        let client = self
            .client
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()?;
        Ok(SigningClient { client, settings: Arc::new(self.settings) })
    }
}

/// A request under construction, which [`send`](Self::send) signs and sends.
#[must_use = "a request does nothing until it is sent"]
pub struct SigningRequestBuilder {
    client: SigningClient,
    request: blocking::RequestBuilder,
    source: Option<Source>,
    stream_payload: StreamPayload,
}

impl SigningRequestBuilder {
    builder_methods!(blocking::Body);

    /// Sets a reader as the body: a stream, see [`stream_payload`](Self::stream_payload).
    ///
    /// Rather than a reader within a `blocking::Body`, which cannot be read in part: there a limit
    /// is checked once everything is read, and chunks cannot be signed.
    pub fn reader(mut self, reader: impl Read + Send + 'static) -> Self {
        self.source = Some(Source { reader: Box::new(reader), length: None });
        self
    }

    /// Sets a reader of `length` bytes as the body. One that gives more or fewer is an error.
    pub fn sized_reader(mut self, reader: impl Read + Send + 'static, length: u64) -> Self {
        self.source = Some(Source { reader: Box::new(reader), length: Some(length) });
        self
    }

    /// Sets a form with parts as the body. It is a stream: see
    /// [`stream_payload`](Self::stream_payload).
    #[cfg(feature = "multipart")]
    pub fn multipart(mut self, form: blocking::multipart::Form) -> Self {
        self.request = self.request.multipart(form);
        self
    }

    /// Signs and sends.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn send(self) -> Result<Response, Error> {
        let mut request = self.request.build()?;
        match self.source {
            None => self.client.execute_as(request, self.stream_payload),
            Some(source) => {
                let stream = source.settle(&mut request, self.stream_payload)?;
                self.client.exchange(request, stream)
            }
        }
    }
}

impl fmt::Debug for SigningRequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningRequestBuilder")
            .field("stream_payload", &self.stream_payload)
            .finish_non_exhaustive()
    }
}

/// Takes a stream off a request that was built elsewhere; gives back what can be sent once.
fn settle_body(
    request: &mut Request,
    choice: StreamPayload,
) -> Result<Option<Once<blocking::Body>>, Error> {
    Ok(match settle(request, choice)? {
        Settle::AtHand => None,
        Settle::Buffer(mut stream, limit) => {
            let read = stream.buffer().map_err(|error| Error::ReadBody(error.into()))?;
            if read.len() > limit {
                return Err(UnsignableBody::TooLong { limit }.into());
            }
            *request.body_mut() = Some(stream);
            None
        }
        Settle::Chunk(..) => return Err(UnsignableBody::UnknownLength.into()),
        Settle::Unsigned(stream) => Some(Once::unsigned(stream)),
    })
}

/// Reads a body's start, at most so many bytes, and puts back what was read.
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
    let body = reqwest::Body::wrap(Rejoined { first: Some(read.clone()), rest });
    *response = http::Response::from_parts(head, body).into();
    read
}

/// What a response has not given yet. Polling it blocks, as reading a blocking response does.
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
