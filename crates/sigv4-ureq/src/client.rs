//! The signing agent.

use std::sync::Arc;
use std::time::SystemTime;

use http::{Request, Response};
use sigv4_core::client::Settings;
use sigv4_core::{CredentialsProvider, Signer};
use ureq::{Agent, Body};

use crate::body::Payload;
use crate::exchange::Exchange;
use crate::retry::Retries;
use crate::settings::settings_methods;

/// An agent that signs every request it sends, with a new signature for each attempt.
///
/// It stands above ureq's agent and never lets ureq follow a redirect with a signature. It follows
/// redirects within the same origin if [`redirects`](SigningAgentBuilder::redirects) says so. It
/// signs once more if a response shows that this machine's clock is off, that the bucket is in
/// another region or that the session has expired. Clones are cheap and share one connection pool.
#[derive(Clone, Debug)]
pub struct SigningAgent {
    pub(crate) agent: Agent,
    pub(crate) settings: Arc<Settings>,
    pub(crate) retries: Retries,
}

/// Builds a [`SigningAgent`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct SigningAgentBuilder {
    agent: Agent,
    settings: Arc<Settings>,
    retries: Retries,
}

impl SigningAgent {
    /// Creates an agent with the defaults: readers and redirects are errors that name the choices,
    /// and failed requests are not retried.
    ///
    /// The given agent keeps its TLS, proxy, timeouts and `http_status_as_error`. Its own
    /// middleware, if any, runs after signing and must not change signed headers.
    pub fn new(agent: Agent, signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self::builder(agent, signer, provider).build()
    }

    /// Starts a builder for an agent with other settings.
    pub fn builder(
        agent: Agent,
        signer: Signer,
        provider: impl CredentialsProvider + 'static,
    ) -> SigningAgentBuilder {
        let settings = Arc::new(Settings::new(signer, provider, SystemTime::now));
        SigningAgentBuilder { agent, settings, retries: Retries::NONE }
    }

    /// Signs and sends a request, and returns its response.
    ///
    /// A `+` in the query is sent as `%20`, because form encoders write a space as `+`. A request
    /// may bring its own signer, provider or body choice: put [`Overrides`](crate::Overrides) in
    /// its extensions.
    ///
    /// # Errors
    /// [`ureq::Error`]. If signing failed, [`signing_error`](crate::signing_error) finds the cause
    /// in it.
    pub fn run<'a, B: Into<Payload<'a>>>(
        &'a self,
        request: Request<B>,
    ) -> Result<Response<Body>, ureq::Error> {
        Exchange::run(self, request.map(Into::into))
    }
}

impl SigningAgentBuilder {
    settings_methods!();

    /// Sets how often a request is retried after a transient failure. The default is never.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Builds the agent.
    pub fn build(self) -> SigningAgent {
        let Self { agent, settings, retries } = self;
        SigningAgent { agent, settings, retries }
    }
}
