//! The choices of a signing agent.

use std::time::SystemTime;

use http::HeaderMap;
use sigv4_core::client::{Redirects, StreamPayload};
use ureq::Agent;

use crate::agent::SigningAgent;
use crate::retry::Retries;
use crate::settings::Settings;

/// Makes a [`SigningAgent`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct SigningAgentBuilder {
    pub(crate) agent: Agent,
    pub(crate) settings: Settings,
}

impl SigningAgentBuilder {
    /// How readers are signed; without it they are an error that names the choices.
    pub fn stream_payload(mut self, payload: StreamPayload) -> Self {
        self.settings.stream_payload = payload;
        self
    }

    /// What is done with redirects; without it they are an error that names their target.
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.settings.redirects = redirects;
        self
    }

    /// How often a request is sent again after a failure that may pass; without it never.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.settings.retries = retries;
        self
    }

    /// The clock to sign by, in place of [`SystemTime::now`].
    pub fn clock(mut self, clock: fn() -> SystemTime) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Headers that every request has unless it sets them itself. They are signed like its own.
    pub fn default_headers(mut self, headers: HeaderMap) -> Self {
        self.settings.default_headers = headers;
        self
    }

    /// Keeps what was signed with each response, for [`explain`](crate::explain()). The texts hold the
    /// session token, and cost some allocations for each signature.
    #[cfg(feature = "explain")]
    pub fn keep_transcripts(mut self) -> Self {
        self.settings.transcripts = sigv4_core::client::Transcripts::Kept;
        self
    }

    /// The agent.
    pub fn build(self) -> SigningAgent {
        SigningAgent::from_parts(self.agent, self.settings)
    }
}
