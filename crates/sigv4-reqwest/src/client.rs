//! A client whose every request is signed.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use http::Method;
use reqwest::{IntoUrl, Request, Response};
use sigv4_core::client::StreamPayload;
use sigv4_core::{CredentialsProvider, Signer};

use crate::builder::{SigningRequestBuilder, verbs};
use crate::error::Error;
use crate::exchange::exchange;
use crate::settings::{Settings, settings_methods};

/// A client that signs every request that it sends, each attempt anew.
///
/// It never follows a redirect below the signature and never sends one signature twice. Where an
/// answer shows that this machine's clock is off, that the bucket is in another region or that the
/// session has expired, it signs once more. Cheap to clone: clones share one connection pool.
///
/// Also a [`tower_service::Service`] over [`reqwest::Request`], to stand below a retry layer.
#[derive(Clone, Debug)]
pub struct SigningClient {
    client: reqwest::Client,
    settings: Arc<Settings>,
}

/// Makes a [`SigningClient`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct SigningClientBuilder {
    client: reqwest::ClientBuilder,
    settings: Settings,
}

impl SigningClient {
    /// Starts from a client builder of reqwest's, with its TLS, proxies and timeouts.
    ///
    /// Its redirect and retry policies are replaced, for they would act below the signature. Its
    /// `default_headers` act there too and cannot be seen: give them to
    /// [`SigningClientBuilder::default_headers`] instead.
    pub fn builder(
        client: reqwest::ClientBuilder,
        signer: Signer,
        provider: impl CredentialsProvider + 'static,
    ) -> SigningClientBuilder {
        SigningClientBuilder { client, settings: Settings::new(signer, provider) }
    }

    verbs!(SigningRequestBuilder);

    /// Starts a request.
    pub fn request(&self, method: Method, url: impl IntoUrl) -> SigningRequestBuilder {
        SigningRequestBuilder::new(self.clone(), self.client.request(method, url))
    }

    /// Signs and sends a request that was built elsewhere.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn execute(&self, request: Request) -> Result<Response, Error> {
        self.execute_as(request, self.settings.stream_payload).await
    }

    pub(crate) async fn execute_as(
        &self,
        request: Request,
        stream_payload: StreamPayload,
    ) -> Result<Response, Error> {
        exchange(&self.settings, request, stream_payload, &self.client).await
    }

    pub(crate) fn stream_payload(&self) -> StreamPayload {
        self.settings.stream_payload
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

impl tower_service::Service<Request> for SigningClient {
    type Response = Response;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let client = self.clone();
        Box::pin(async move { client.execute(request).await })
    }
}
