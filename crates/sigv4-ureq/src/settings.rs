//! What the agent and the middleware are told once, and the signature that both make.

use core::fmt;
use std::time::SystemTime;

use http::{HeaderMap, request};
use sigv4_core::client::{
    ClockOffset, Redirects, StreamPayload, Transcripts, corrected_time, normal_uri,
};
use sigv4_core::{
    Credentials, CredentialsProvider, PayloadHash, RequestHead, Signed, Signer, Transcript,
};

use crate::error::Error;
use crate::retry::Retries;

pub(crate) struct Settings {
    pub(crate) signer: Signer,
    pub(crate) provider: Box<dyn CredentialsProvider>,
    pub(crate) stream_payload: StreamPayload,
    pub(crate) redirects: Redirects,
    pub(crate) retries: Retries,
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
            retries: Retries::NONE,
            clock: SystemTime::now,
            clock_offset: ClockOffset::new(),
            default_headers: HeaderMap::new(),
            transcripts: Transcripts::default(),
        }
    }

    /// Waits for the provider; needs no runtime.
    pub(crate) fn credentials(&self) -> Result<Credentials, Error> {
        Ok(self.provider.credentials().wait()?)
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

    /// Brings the URI to the form that goes on the wire, and signs.
    pub(crate) fn sign(
        &self,
        parts: &mut request::Parts,
        payload: PayloadHash,
        signer: &Signer,
        credentials: &Credentials,
        clock_offset: i64,
    ) -> Result<(Signed, Option<Transcript>), Error> {
        let time = corrected_time((self.clock)(), clock_offset)?;
        let uri = normal_uri(&parts.uri)?.into_owned();
        parts.uri = uri;
        let head = RequestHead::from(&*parts);
        let (signed, transcript) =
            signer.compute_keeping(self.transcripts, head, payload, credentials, time)?;
        signed.apply(&mut parts.headers);
        Ok((signed, transcript))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("signer", &self.signer)
            .field("provider", &self.provider)
            .field("stream_payload", &self.stream_payload)
            .field("redirects", &self.redirects)
            .field("retries", &self.retries)
            .field("clock_offset", &self.clock_offset.seconds())
            .field("default_headers", &self.default_headers.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
