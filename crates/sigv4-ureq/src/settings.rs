//! Settings shared by the agent and the middleware, as methods.

macro_rules! settings_methods {
    () => {
        /// Sets how readers are signed. By default they are an error that names the choices.
        pub fn stream_payload(mut self, payload: $crate::StreamPayload) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).stream_payload = payload;
            self
        }

        /// Sets how redirects are handled. By default they are an error that names their target.
        pub fn redirects(mut self, redirects: $crate::Redirects) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).redirects = redirects;
            self
        }

        /// Sets the clock used for signing. The default is the system clock.
        pub fn clock(mut self, clock: fn() -> std::time::SystemTime) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).clock = clock;
            self
        }

        /// Sets headers that every request has unless it sets them itself. They are signed like its
        /// own.
        pub fn default_headers(mut self, headers: http::HeaderMap) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).default_headers = headers;
            self
        }

        /// Restricts signing to these hosts. By default, every host is signed for.
        pub fn allowed_hosts(mut self, hosts: $crate::AllowedHosts) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).allowed_hosts = Some(hosts);
            self
        }

        /// Keeps the texts of each signature with its response, for [`explain`](crate::explain()).
        /// They hold the session token and cost some allocations for each signature.
        #[cfg(feature = "explain")]
        pub fn keep_transcripts(mut self) -> Self {
            std::sync::Arc::make_mut(&mut self.settings).transcripts =
                sigv4_core::client::Transcripts::Kept;
            self
        }
    };
}
pub(crate) use settings_methods;
