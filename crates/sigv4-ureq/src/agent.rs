//! The agent that signs.

use std::sync::Arc;

use http::{Request, Response};
use sigv4_core::{CredentialsProvider, Signer};
use ureq::{Agent, Body};

use crate::builder::SigningAgentBuilder;
use crate::call::Call;
use crate::payload::Payload;
use crate::settings::Settings;

/// An agent that signs every request that it sends, each attempt anew.
///
/// It stands above ureq's agent: it never lets ureq follow a redirect with a signature, follows within
/// the same origin where it is asked to, and signs once more where an answer shows that this
/// machine's clock is off, that the bucket is in another region or that the session has expired.
/// Cheap to clone; clones share one connection pool.
#[derive(Clone, Debug)]
pub struct SigningAgent {
    agent: Agent,
    settings: Arc<Settings>,
}

impl SigningAgent {
    /// An agent with the defaults: readers and redirects are errors that say what to choose, and
    /// nothing is sent again after a failure.
    ///
    /// The agent given keeps its TLS, proxy, timeouts and `http_status_as_error`. A middleware of
    /// its own would act below the signature: it must leave signed headers alone.
    pub fn new(agent: Agent, signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self::builder(agent, signer, provider).build()
    }

    /// An agent with choices.
    pub fn builder(
        agent: Agent,
        signer: Signer,
        provider: impl CredentialsProvider + 'static,
    ) -> SigningAgentBuilder {
        SigningAgentBuilder { agent, settings: Settings::new(signer, provider) }
    }

    pub(crate) fn from_parts(agent: Agent, settings: Settings) -> Self {
        Self { agent, settings: Arc::new(settings) }
    }

    /// Signs and sends a request, and gives its response.
    ///
    /// A `+` in the query is sent as `%20`, as form encoders mean it.
    ///
    /// # Errors
    /// [`ureq::Error`]; where signing is the reason, [`Error::of`](crate::Error::of) finds it in there.
    pub fn run<'a, B: Into<Payload<'a>>>(
        &'a self,
        request: Request<B>,
    ) -> Result<Response<Body>, ureq::Error> {
        Call::new(&self.agent, &self.settings, request.map(Into::into))?.run()
    }
}
