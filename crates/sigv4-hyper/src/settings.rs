//! Settings shared by all signing layers, as methods.

use std::sync::Arc;
use std::time::SystemTime;

use sigv4_core::client::{Redirects, Settings, StreamPayload};
use sigv4_core::{CredentialsProvider, Signer};

/// Creates a layer's default settings: redirects are ordinary responses, and an unsigned body needs
/// https.
pub(crate) fn defaults(
    signer: Signer,
    provider: impl CredentialsProvider + 'static,
) -> Arc<Settings> {
    let mut settings = Settings::new(signer, provider, SystemTime::now);
    settings.redirects = Redirects::Return;
    settings.stream_payload = StreamPayload::Unsigned;
    Arc::new(settings)
}

macro_rules! settings_methods {
    () => {
        /// Sets the clock used for signing. The default is the system clock.
        #[must_use]
        pub fn with_clock(mut self, clock: fn() -> std::time::SystemTime) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).clock = clock;
            self
        }

        /// Sets how redirects are handled. By default they are ordinary responses.
        #[must_use]
        pub fn with_redirects(mut self, redirects: $crate::Redirects) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).redirects = redirects;
            self
        }

        /// Sets headers that every request has unless it sets them itself. They are signed like its
        /// own.
        #[must_use]
        pub fn with_default_headers(mut self, headers: http::HeaderMap) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).default_headers = headers;
            self
        }

        /// Restricts signing to these hosts. By default, every host is signed for.
        #[must_use]
        pub fn with_allowed_hosts(mut self, hosts: $crate::AllowedHosts) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).allowed_hosts = Some(hosts);
            self
        }

        /// Keeps the texts of each signature with its response, for [`explain`](crate::explain()).
        /// They hold the session token and cost some allocations for each signature.
        #[cfg(feature = "explain")]
        #[must_use]
        pub fn with_transcripts(mut self) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).transcripts =
                sigv4_core::client::Transcripts::Kept;
            self
        }

        /// Allows `UNSIGNED-PAYLOAD` over plain http to other machines, where anyone on the way can
        /// change the body unnoticed. By default this is an error.
        #[must_use]
        pub fn with_unsigned_payload_over_plain_http(mut self) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).stream_payload =
                $crate::StreamPayload::UnsignedOverPlainHttp;
            self
        }
    };
}
pub(crate) use settings_methods;
