//! A client that signs every request.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;
use std::time::SystemTime;

use http::Method;
use reqwest::{IntoUrl, Request, Response};
use sigv4_core::client::{Overrides, Settings};
use sigv4_core::{CredentialsProvider, Signer};

use crate::builder::{SigningRequestBuilder, verbs};
use crate::error::Error;
use crate::settings::settings_methods;
use crate::transport::exchange;

/// A client that signs every request it sends, with a new signature for each attempt.
///
/// It never lets reqwest follow a redirect with a signature and never sends one signature twice. If
/// a response shows that this machine's clock is off, that the bucket is in another region or that
/// the session has expired, it signs once more. Clones are cheap and share one connection pool.
///
/// It is also a [`tower_service::Service`] over [`reqwest::Request`]. Place it below a retry layer.
#[derive(Clone, Debug)]
pub struct SigningClient {
    client: reqwest::Client,
    settings: Arc<Settings>,
}

/// Builds a [`SigningClient`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct SigningClientBuilder {
    client: reqwest::ClientBuilder,
    settings: Arc<Settings>,
}

impl SigningClient {
    /// Starts from one of reqwest's client builders, with its TLS, proxies and timeouts.
    ///
    /// Its redirect and retry policies are replaced because they would act after signing. Its
    /// `default_headers` are also added after signing and cannot be seen here: give them to
    /// [`SigningClientBuilder::default_headers`] instead. A proxy sees the session token of
    /// requests over plain http: for those, build the client with `no_proxy()`.
    pub fn builder(
        client: reqwest::ClientBuilder,
        signer: Signer,
        provider: impl CredentialsProvider + 'static,
    ) -> SigningClientBuilder {
        let settings = Arc::new(Settings::new(signer, provider, SystemTime::now));
        SigningClientBuilder { client, settings }
    }

    verbs!(SigningRequestBuilder);

    /// Starts a request.
    ///
    /// If `url` is text and reqwest would change its path (`..`, even escaped), `send` returns
    /// [`Error::PathRewritten`]. In a `Url` the path has already been changed, which cannot be
    /// detected.
    pub fn request(&self, method: Method, url: impl IntoUrl) -> SigningRequestBuilder {
        let given = url.as_str().to_owned();
        SigningRequestBuilder::new(self.clone(), self.client.request(method, url), given)
    }

    /// Signs and sends a request that was built elsewhere.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn execute(&self, request: Request) -> Result<Response, Error> {
        self.execute_with(request, Overrides::default()).await
    }

    pub(crate) async fn execute_with(
        &self,
        request: Request,
        overrides: Overrides,
    ) -> Result<Response, Error> {
        exchange(&self.settings, overrides, request, &self.client).await
    }
}

impl SigningClientBuilder {
    settings_methods!();

    /// Builds the client.
    ///
    /// # Errors
    /// [`Error::Transport`] if reqwest cannot build its own client.
    pub fn build(self) -> Result<SigningClient, Error> {
        let client = self
            .client
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()?;
        Ok(SigningClient { client, settings: self.settings })
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
