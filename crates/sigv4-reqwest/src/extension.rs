//! `RequestBuilder::sign`, whose result can only be sent.

use core::fmt;
use std::time::SystemTime;

use http::HeaderMap;
use sigv4_core::{Credentials, PayloadHash, SignError, Signer, SigningTime};

use crate::error::Error;
use crate::sign::{sign, sign_hashed};

/// Signs the request that one of reqwest's request builders has built.
///
/// **The client is the caller's own.** If it follows redirects, reqwest sends the session token to
/// other hosts. Its default headers are added after signing. Build it with
/// `redirect(reqwest::redirect::Policy::none())`, or use a [`SigningClient`](crate::SigningClient).
pub trait SignRequest: Sized {
    /// The signed request, which can only be sent.
    type Signed;

    /// Hashes the body and signs with the system clock's time.
    ///
    /// # Errors
    /// [`Error::Transport`] if the builder holds an error; otherwise as for [`sign`].
    fn sign(self, signer: &Signer, credentials: &Credentials) -> Result<Self::Signed, Error> {
        self.sign_at(signer, credentials, SystemTime::now())
    }

    /// Hashes the body and signs with the given time.
    ///
    /// # Errors
    /// As for [`SignRequest::sign`].
    fn sign_at(
        self,
        signer: &Signer,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Self::Signed, Error>;

    /// Signs with the given payload hash. The body may be a stream.
    ///
    /// # Errors
    /// [`Error::Transport`] if the builder holds an error; otherwise as for [`sign_hashed`].
    fn sign_hashed(
        self,
        payload: PayloadHash,
        signer: &Signer,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Self::Signed, Error>;
}

/// A signed request and the client that built it. Nothing can be added to it.
#[must_use = "a signed request does nothing until it is sent"]
pub struct SignedRequest<C = reqwest::Client, R = reqwest::Request> {
    client: C,
    request: R,
}

macro_rules! sign_request {
    ($builder:ty, $client:ty, $request:ty) => {
        impl SignRequest for $builder {
            type Signed = SignedRequest<$client, $request>;

            fn sign_at(
                self,
                signer: &Signer,
                credentials: &Credentials,
                time: impl TryInto<SigningTime, Error: Into<SignError>>,
            ) -> Result<Self::Signed, Error> {
                let (client, request) = self.build_split();
                let mut request = request?;
                sign(&mut request, signer, credentials, time)?;
                Ok(SignedRequest { client, request })
            }

            fn sign_hashed(
                self,
                payload: PayloadHash,
                signer: &Signer,
                credentials: &Credentials,
                time: impl TryInto<SigningTime, Error: Into<SignError>>,
            ) -> Result<Self::Signed, Error> {
                let (client, request) = self.build_split();
                let mut request = request?;
                sign_hashed(&mut request, payload, signer, credentials, time)?;
                Ok(SignedRequest { client, request })
            }
        }

        impl SignedRequest<$client, $request> {
            /// Returns the headers, including those of the signature.
            pub fn headers(&self) -> &HeaderMap {
                self.request.headers()
            }
        }
    };
}

sign_request!(reqwest::RequestBuilder, reqwest::Client, reqwest::Request);
#[cfg(feature = "blocking")]
sign_request!(
    reqwest::blocking::RequestBuilder,
    reqwest::blocking::Client,
    reqwest::blocking::Request
);

impl SignedRequest {
    /// Sends the request once.
    ///
    /// # Errors
    /// [`Error::Transport`] if it cannot be sent or its response cannot be received.
    pub async fn send(self) -> Result<reqwest::Response, Error> {
        Ok(self.client.execute(self.request).await?)
    }
}

#[cfg(feature = "blocking")]
impl SignedRequest<reqwest::blocking::Client, reqwest::blocking::Request> {
    /// Sends the request once.
    ///
    /// # Errors
    /// [`Error::Transport`] if it cannot be sent or its response cannot be received.
    pub fn send(self) -> Result<reqwest::blocking::Response, Error> {
        Ok(self.client.execute(self.request)?)
    }
}

impl<C, R: crate::sign::Signable> fmt::Debug for SignedRequest<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("method", self.request.method())
            .field("host", &self.request.url().host_str())
            .field("path", &self.request.url().path())
            .field("headers", &self.request.headers().keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
