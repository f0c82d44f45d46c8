//! Signs a request in place.

use http::{HeaderMap, Method, header};
use reqwest::Url;
use sigv4_core::client::{StreamPayload, UnsignableBody, plus_as_space};
use sigv4_core::{Credentials, PayloadHash, RequestHead, SignError, Signer, SigningTime};

use crate::error::Error;

/// Signs a request in place: hashes its body, sets its headers, and writes a `+` in its query as
/// `%20`.
///
/// Use it in hooks that receive a `&mut reqwest::Request`. Nothing may be added to the request
/// afterwards, and the client that sends it must not follow redirects
/// ([`reqwest::redirect::Policy::none`]).
///
/// # Errors
/// [`Error::Call`] if the body is a stream or the request cannot be signed. Headers and body are
/// then unchanged.
pub fn sign<R: Signable>(
    request: &mut R,
    signer: &Signer,
    credentials: &Credentials,
    time: impl TryInto<SigningTime, Error: Into<SignError>>,
) -> Result<(), Error> {
    let payload = request.payload().ok_or(UnsignableBody::Stream)?;
    sign_as(request, payload, signer, credentials, time)
}

/// Signs a request in place with the given payload hash: a hash computed elsewhere, or
/// [`PayloadHash::Unsigned`] over https or to this machine.
///
/// # Errors
/// As for [`sign`], and if the body would be sent unsigned over plain http.
pub fn sign_hashed<R: Signable>(
    request: &mut R,
    payload: PayloadHash,
    signer: &Signer,
    credentials: &Credentials,
    time: impl TryInto<SigningTime, Error: Into<SignError>>,
) -> Result<(), Error> {
    if payload == PayloadHash::Unsigned {
        let url = request.url();
        StreamPayload::Unsigned.check(Some(url.scheme()), authority(url))?;
    }
    sign_as(request, payload, signer, credentials, time)
}

fn sign_as<R: Signable>(
    request: &mut R,
    payload: PayloadHash,
    signer: &Signer,
    credentials: &Credentials,
    time: impl TryInto<SigningTime, Error: Into<SignError>>,
) -> Result<(), Error> {
    to_wire(request)?;
    let signed = signer.compute(head(request), payload, credentials, time)?;
    signed.apply(request.headers_mut());
    Ok(())
}

/// Rewrites the URL into the form that is both signed and sent.
pub(crate) fn to_wire<R: sealed::Sealed>(request: &mut R) -> Result<(), SignError> {
    let url = request.url_mut();
    if let Some(query) = url.query().filter(|query| query.contains('+')) {
        let query = plus_as_space(query).into_owned();
        url.set_query(Some(&query));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SignError::UserInfo);
    }
    Ok(())
}

pub(crate) fn head<R: sealed::Sealed>(request: &R) -> RequestHead<'_> {
    let url = request.url();
    RequestHead {
        method: request.method(),
        scheme: Some(url.scheme()),
        authority: Some(authority(url)),
        path: url.path(),
        query: url.query(),
        headers: request.headers(),
    }
}

/// Returns host and port as reqwest sends them.
fn authority(url: &Url) -> &str {
    url.authority().rsplit('@').next().unwrap_or_default()
}

/// One of reqwest's request types, async or blocking. Other types cannot implement it.
pub trait Signable: sealed::Sealed {}

impl<R: sealed::Sealed> Signable for R {}

pub(crate) mod sealed {
    use super::{HeaderMap, Method, PayloadHash, Url};

    pub trait Sealed: Sized {
        type Body;

        fn method(&self) -> &Method;
        fn method_mut(&mut self) -> &mut Method;
        fn url(&self) -> &Url;
        fn url_mut(&mut self) -> &mut Url;
        fn headers(&self) -> &HeaderMap;
        fn headers_mut(&mut self) -> &mut HeaderMap;
        fn body_mut(&mut self) -> &mut Option<Self::Body>;
        /// Returns the hash of the body, or `None` for a stream.
        fn payload(&self) -> Option<PayloadHash>;
        /// Copies the request, with the body if it is bytes and without it if it is a stream.
        fn copied(&self) -> Self;
        /// Takes the request, and leaves its method, URL and `Host`.
        fn taken(&mut self) -> Self;
    }
}

macro_rules! signable {
    ($request:ty, $body:ty) => {
        impl sealed::Sealed for $request {
            type Body = $body;

            fn method(&self) -> &Method {
                self.method()
            }
            fn method_mut(&mut self) -> &mut Method {
                self.method_mut()
            }
            fn url(&self) -> &Url {
                self.url()
            }
            fn url_mut(&mut self) -> &mut Url {
                self.url_mut()
            }
            fn headers(&self) -> &HeaderMap {
                self.headers()
            }
            fn headers_mut(&mut self) -> &mut HeaderMap {
                self.headers_mut()
            }
            fn body_mut(&mut self) -> &mut Option<$body> {
                self.body_mut()
            }
            fn payload(&self) -> Option<PayloadHash> {
                match self.body() {
                    None => Some(PayloadHash::EMPTY),
                    Some(body) => body.as_bytes().map(PayloadHash::of),
                }
            }
            fn copied(&self) -> Self {
                self.try_clone().unwrap_or_else(|| {
                    let mut copy = Self::new(self.method().clone(), self.url().clone());
                    copy.headers_mut().clone_from(self.headers());
                    copy
                })
            }
            fn taken(&mut self) -> Self {
                let mut rest = Self::new(self.method().clone(), self.url().clone());
                let host = self.headers().get(header::HOST).cloned();
                rest.headers_mut().extend(host.map(|host| (header::HOST, host)));
                core::mem::replace(self, rest)
            }
        }
    };
}

signable!(reqwest::Request, reqwest::Body);
#[cfg(feature = "blocking")]
signable!(reqwest::blocking::Request, reqwest::blocking::Body);
