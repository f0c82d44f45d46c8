//! A signing middleware for the crate reqwest-middleware.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next};
use sigv4_core::client::{Overrides, Settings};
use sigv4_core::{CredentialsProvider, Signer};

use crate::error::Error;
use crate::settings::settings_methods;
use crate::transport::{Transport, exchange};

/// A middleware that signs each request passing through it. Put it last, after any that retry.
///
/// A request may bring its own signer, provider or body choice: put [`Overrides`] in its
/// extensions.
///
/// If it stands after `reqwest-retry`, each attempt gets a new signature. Middleware after it must
/// not change the request. **The client is the caller's own**: build it with
/// `redirect(reqwest::redirect::Policy::none())`, and without default headers.
#[derive(Debug)]
#[must_use = "a middleware does nothing until it is added to a client"]
pub struct SignMiddleware {
    settings: Arc<Settings>,
}

impl SignMiddleware {
    /// Signs with the provider's credentials.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self { settings: Arc::new(Settings::new(signer, provider, SystemTime::now)) }
    }

    settings_methods!();
}

#[async_trait]
impl Middleware for SignMiddleware {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let overrides = extensions.get::<Overrides>().cloned().unwrap_or_default();
        let chain = Chain { next, extensions };
        exchange(&self.settings, overrides, request, chain).await
    }
}

/// The rest of the middleware chain, with the client at its end.
struct Chain<'a> {
    next: Next<'a>,
    extensions: &'a mut Extensions,
}

impl Transport for Chain<'_> {
    type Error = reqwest_middleware::Error;

    async fn send(&mut self, request: Request) -> reqwest_middleware::Result<Response> {
        self.next.clone().run(request, self.extensions).await
    }
}

impl From<Error> for reqwest_middleware::Error {
    /// Keeps a transport error as reqwest's own, so that a retry policy can classify it.
    fn from(error: Error) -> Self {
        match error {
            Error::Transport(error) => Self::Reqwest(error),
            other => Self::middleware(other),
        }
    }
}
