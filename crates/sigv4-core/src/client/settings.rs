//! The settings of a client, and the overrides of one request.

use core::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;

use crate::client::clock::ClockOffsets;
use crate::client::hosts::AllowedHosts;
use crate::client::prepared::KeptSigner;
use crate::client::redirect::Redirects;
use crate::client::stream_payload::StreamPayload;
use crate::provider::CredentialsProvider;
use crate::sign::signer::Signer;

/// The most bytes of a body that an adapter reads into memory by default: 8 MiB.
pub const DEFAULT_BUFFER_LIMIT: usize = 8 * 1024 * 1024;

/// The settings of a signing client. Clones share the learnt clock offsets and a prepared signer.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The signer for requests that bring none of their own.
    pub signer: Signer,
    /// The source of credentials, asked once for each signature.
    pub provider: Arc<dyn CredentialsProvider>,
    /// The clock used for signing.
    pub clock: fn() -> SystemTime,
    /// How to sign bodies that are not in memory.
    pub stream_payload: StreamPayload,
    /// How to handle redirects.
    pub redirects: Redirects,
    /// Headers that every request has unless it sets them itself. They are signed like its own.
    pub default_headers: HeaderMap,
    /// The hosts to sign for. With `None`, every host is signed for.
    pub allowed_hosts: Option<AllowedHosts>,
    /// Whether the texts of signatures are kept.
    pub transcripts: Transcripts,
    pub(super) offsets: Arc<ClockOffsets>,
    pub(super) kept: Arc<KeptSigner>,
}

impl Settings {
    /// Creates settings with the defaults: streams and redirects are errors that name the choices.
    ///
    /// Core reads no clock, so the caller passes one, such as `SystemTime::now`.
    pub fn new(
        signer: Signer,
        provider: impl CredentialsProvider + 'static,
        clock: fn() -> SystemTime,
    ) -> Self {
        Self {
            signer,
            provider: Arc::new(provider),
            clock,
            stream_payload: StreamPayload::default(),
            redirects: Redirects::default(),
            default_headers: HeaderMap::new(),
            allowed_hosts: None,
            transcripts: Transcripts::default(),
            offsets: Arc::default(),
            kept: Arc::default(),
        }
    }
}

impl fmt::Debug for Settings {
    /// Prints the names of the default headers without their values, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("signer", &self.signer)
            .field("provider", &self.provider)
            .field("stream_payload", &self.stream_payload)
            .field("redirects", &self.redirects)
            .field("default_headers", &self.default_headers.keys().collect::<Vec<_>>())
            .field("allowed_hosts", &self.allowed_hosts)
            .finish_non_exhaustive()
    }
}

/// Overrides a client's [`Settings`] for one request.
///
/// Put it in the extensions of an `http::Request`, or set it through a request builder.
///
/// ```
/// use sigv4_core::client::Overrides;
/// use sigv4_core::{Region, Service, Signer};
///
/// let mut request = http::Request::get("https://sts.eu-west-1.amazonaws.com/").body(())?;
/// let sts = Signer::new(Region::from_static("eu-west-1"), Service::from_static("sts"));
/// request.extensions_mut().insert(Overrides::default().signer(sts));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Overrides {
    /// Another signer: another region, service or header selection.
    pub signer: Option<Signer>,
    /// Another provider. `Credentials` are a provider themselves.
    pub provider: Option<Arc<dyn CredentialsProvider>>,
    /// Another choice for a body that is not in memory.
    pub stream_payload: Option<StreamPayload>,
}

impl Overrides {
    /// Signs this request with another signer.
    #[must_use]
    pub fn signer(mut self, signer: Signer) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Signs this request with the credentials of another provider.
    #[must_use]
    pub fn provider(mut self, provider: impl CredentialsProvider + 'static) -> Self {
        self.provider = Some(Arc::new(provider));
        self
    }

    /// Signs this request's stream in another way.
    #[must_use]
    pub fn stream_payload(mut self, payload: StreamPayload) -> Self {
        self.stream_payload = Some(payload);
        self
    }
}

/// Whether an adapter keeps the texts of its signatures, which are needed to explain a refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transcripts {
    /// The texts are not kept.
    #[default]
    Dropped,
    /// Each response has a `Transcript` in its extensions. It may hold a session token.
    Kept,
}
