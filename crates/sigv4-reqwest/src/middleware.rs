//! The signature as a middleware of the crate reqwest-middleware.

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next};
use sigv4_core::{CredentialsProvider, Signer};

use crate::error::Error;
use crate::exchange::{Transport, exchange};
use crate::settings::{Settings, settings_methods};

/// A middleware that signs each request that passes it; put it last, after any that retry.
///
/// An instance that stands after `reqwest-retry` signs each attempt anew. Middleware behind it must
/// not change the request. **The client below is the caller's**: build it with
/// `redirect(reqwest::redirect::Policy::none())`, and without default headers of its own.
#[derive(Debug)]
#[must_use = "a middleware does nothing until it is added to a client"]
pub struct SignMiddleware {
    settings: Settings,
}

impl SignMiddleware {
    /// Signs with the provider's credentials.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self { settings: Settings::new(signer, provider) }
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
        let chain = Chain { next, extensions };
        exchange(&self.settings, request, self.settings.stream_payload, chain).await
    }
}

/// The rest of the middleware, and the client at its end.
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
    /// A transport error stays reqwest's, so that a retry policy can tell what it was.
    fn from(error: Error) -> Self {
        match error {
            Error::Transport(error) => Self::Reqwest(error),
            other => Self::middleware(other),
        }
    }
}
