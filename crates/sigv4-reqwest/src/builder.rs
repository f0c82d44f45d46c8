//! The request builder of a signing client: like reqwest's, but unable to send unsigned.

use core::fmt;
use core::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Version};
use reqwest::Response;
use sigv4_core::client::{Overrides, StreamPayload};
use sigv4_core::{CredentialsProvider, Signer};

use crate::client::SigningClient;
use crate::error::{Error, check_path};

/// Defines one method for each HTTP verb.
macro_rules! verbs {
    ($builder:ty) => {
        verbs!($builder, get, GET, "GET");
        verbs!($builder, head, HEAD, "HEAD");
        verbs!($builder, post, POST, "POST");
        verbs!($builder, put, PUT, "PUT");
        verbs!($builder, patch, PATCH, "PATCH");
        verbs!($builder, delete, DELETE, "DELETE");
    };
    ($builder:ty, $verb:ident, $method:ident, $name:literal) => {
        #[doc = concat!("Starts a ", $name, " request.")]
        pub fn $verb(&self, url: impl reqwest::IntoUrl) -> $builder {
            self.request(http::Method::$method, url)
        }
    };
}
pub(crate) use verbs;

/// Defines the methods of reqwest's request builder, for async and blocking.
macro_rules! builder_methods {
    ($body:ty) => {
        /// Adds a header. An invalid one becomes an error of `send`.
        pub fn header<K, V>(mut self, name: K, value: V) -> Self
        where
            HeaderName: TryFrom<K, Error: Into<http::Error>>,
            HeaderValue: TryFrom<V, Error: Into<http::Error>>,
        {
            self.request = self.request.header(name, value);
            self
        }

        /// Sets headers, replacing those of the same name.
        pub fn headers(mut self, headers: HeaderMap) -> Self {
            self.request = self.request.headers(headers);
            self
        }

        /// Sets the body. Bytes and text are hashed; for a stream see
        /// [`stream_payload`](Self::stream_payload).
        pub fn body(mut self, body: impl Into<$body>) -> Self {
            self.request = self.request.body(body);
            self
        }

        /// Signs this request with another signer: another region, service or header selection.
        pub fn signer(mut self, signer: Signer) -> Self {
            self.overrides = self.overrides.signer(signer);
            self
        }

        /// Signs this request with the credentials of another provider.
        pub fn provider(mut self, provider: impl CredentialsProvider + 'static) -> Self {
            self.overrides = self.overrides.provider(provider);
            self
        }

        /// Sets how this request's body is signed if it is a stream.
        pub fn stream_payload(mut self, payload: StreamPayload) -> Self {
            self.overrides = self.overrides.stream_payload(payload);
            self
        }

        /// Sets the longest time that one attempt may take, including the response's body.
        pub fn timeout(mut self, timeout: Duration) -> Self {
            self.request = self.request.timeout(timeout);
            self
        }

        /// Sets the HTTP version.
        pub fn version(mut self, version: Version) -> Self {
            self.request = self.request.version(version);
            self
        }

        /// Adds parameters to the query. A space is sent and signed as `%20`.
        #[cfg(feature = "query")]
        pub fn query<T: serde::Serialize + ?Sized>(mut self, query: &T) -> Self {
            self.request = self.request.query(query);
            self
        }

        /// Sets a form as the body, and the content type.
        #[cfg(feature = "form")]
        pub fn form<T: serde::Serialize + ?Sized>(mut self, form: &T) -> Self {
            self.request = self.request.form(form);
            self
        }

        /// Sets JSON as the body, and the content type.
        #[cfg(feature = "json")]
        pub fn json<T: serde::Serialize + ?Sized>(mut self, json: &T) -> Self {
            self.request = self.request.json(json);
            self
        }
    };
}
#[cfg(feature = "blocking")]
pub(crate) use builder_methods;

/// A request under construction. [`send`](Self::send) signs and sends it.
#[must_use = "a request does nothing until it is sent"]
pub struct SigningRequestBuilder {
    client: SigningClient,
    request: reqwest::RequestBuilder,
    /// The URL as it was given.
    url: String,
    overrides: Overrides,
}

impl SigningRequestBuilder {
    pub(crate) fn new(
        client: SigningClient,
        request: reqwest::RequestBuilder,
        url: String,
    ) -> Self {
        Self { client, request, url, overrides: Overrides::default() }
    }

    builder_methods!(reqwest::Body);

    /// Sets a multipart form as the body. It is a stream: see
    /// [`stream_payload`](Self::stream_payload).
    #[cfg(feature = "multipart")]
    pub fn multipart(mut self, form: reqwest::multipart::Form) -> Self {
        self.request = self.request.multipart(form);
        self
    }

    /// Signs and sends the request.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send(self) -> Result<Response, Error> {
        let request = self.request.build()?;
        check_path(&self.url, request.url())?;
        self.client.execute_with(request, self.overrides).await
    }
}

impl fmt::Debug for SigningRequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningRequestBuilder")
            .field("overrides", &self.overrides)
            .finish_non_exhaustive()
    }
}
