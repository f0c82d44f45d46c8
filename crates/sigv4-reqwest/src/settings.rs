//! What a client, a middleware and their blocking twins are told once.

use core::fmt;
use std::time::SystemTime;

use http::HeaderMap;
use sigv4_core::client::{ClockOffset, Redirects, StreamPayload, Transcripts};
use sigv4_core::{CredentialsProvider, Signer};

pub(crate) struct Settings {
    pub(crate) signer: Signer,
    pub(crate) provider: Box<dyn CredentialsProvider>,
    pub(crate) stream_payload: StreamPayload,
    pub(crate) redirects: Redirects,
    pub(crate) clock: fn() -> SystemTime,
    pub(crate) clock_offset: ClockOffset,
    pub(crate) default_headers: HeaderMap,
    pub(crate) transcripts: Transcripts,
}

impl Settings {
    pub(crate) fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self {
            signer,
            provider: Box::new(provider),
            stream_payload: StreamPayload::default(),
            redirects: Redirects::default(),
            clock: SystemTime::now,
            clock_offset: ClockOffset::new(),
            default_headers: HeaderMap::new(),
            transcripts: Transcripts::default(),
        }
    }

    /// Adds the default headers that the request does not have.
    pub(crate) fn add_default_headers(&self, headers: &mut HeaderMap) {
        for name in self.default_headers.keys() {
            if !headers.contains_key(name) {
                for value in self.default_headers.get_all(name) {
                    headers.append(name.clone(), value.clone());
                }
            }
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("signer", &self.signer)
            .field("provider", &self.provider)
            .field("stream_payload", &self.stream_payload)
            .field("redirects", &self.redirects)
            .field("clock_offset", &self.clock_offset.seconds())
            .field("default_headers", &self.default_headers.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The settings that a builder hands on, as its methods.
macro_rules! settings_methods {
    () => {
        /// How bodies that are streams are signed; without it they are an error that names the
        /// choices.
        pub fn stream_payload(mut self, payload: sigv4_core::client::StreamPayload) -> Self {
            self.settings.stream_payload = payload;
            self
        }

        /// What is done with redirects; without it they are an error that names their target.
        pub fn redirects(mut self, redirects: sigv4_core::client::Redirects) -> Self {
            self.settings.redirects = redirects;
            self
        }

        /// The clock to sign by, in place of [`SystemTime::now`](std::time::SystemTime::now).
        pub fn clock(mut self, clock: fn() -> std::time::SystemTime) -> Self {
            self.settings.clock = clock;
            self
        }

        /// Headers that every request has unless it sets them itself. They are signed like its own.
        pub fn default_headers(mut self, headers: http::HeaderMap) -> Self {
            self.settings.default_headers = headers;
            self
        }

        /// Keeps what was signed with each response, for [`explain`](crate::explain()). The texts
        /// hold the session token, and cost some allocations for each signature.
        #[cfg(feature = "explain")]
        pub fn keep_transcripts(mut self) -> Self {
            self.settings.transcripts = sigv4_core::client::Transcripts::Kept;
            self
        }
    };
}
pub(crate) use settings_methods;
