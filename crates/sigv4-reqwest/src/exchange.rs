//! One call over reqwest's request: the template, and a body that can be sent once. Async and
//! blocking share it.

use std::sync::Arc;

use http::{Extensions, HeaderMap, StatusCode};
use reqwest::Url;
use sigv4_core::client::{
    Call, HopBody, Overrides, Received, RefusedRedirect, Resend, ServiceError, Settings, Step,
};
use sigv4_core::stream::DeferredSigner;
use sigv4_core::{Credentials, CredentialsProvider, PayloadHash};

use crate::error::Error;
use crate::sign::sealed::Sealed;
use crate::sign::{head, to_wire};

pub(crate) struct Exchange<R: Sealed> {
    call: Call,
    /// The request to clone for each attempt, or to take for the only one. Its body is never a
    /// stream, so it can be cloned.
    template: R,
    stream: Option<Once<R::Body>>,
}

/// A stream, which can be sent only once.
pub(crate) struct Once<B> {
    /// The stream, until it is sent.
    pub(crate) body: Option<B>,
    /// The value that the signature covers for it.
    pub(crate) payload: PayloadHash,
    /// The signer that waits for the seed signature, if the stream is sent in signed chunks.
    pub(crate) chunks: Option<DeferredSigner>,
}

impl<B> Once<B> {
    pub(crate) fn unsigned(body: B) -> Self {
        Self { body: Some(body), payload: PayloadHash::Unsigned, chunks: None }
    }
}

/// Starts a call: adds default headers, writes the target in its wire form, checks the host.
pub(crate) fn start<R: Sealed>(
    settings: &Arc<Settings>,
    overrides: Overrides,
    request: &mut R,
) -> Result<Call, Error> {
    let call = Call::new(settings, overrides, request.headers_mut());
    to_wire(request)?;
    call.check_host(&head(request))?;
    Ok(call)
}

impl<R: Sealed> Exchange<R> {
    /// Creates a call whose body is settled: either on the request, or as a stream beside it.
    pub(crate) fn new(mut call: Call, template: R, stream: Option<Once<R::Body>>) -> Self {
        if stream.is_some() {
            call.set_resend(Resend::Once);
        }
        Self { call, template, stream }
    }

    pub(crate) fn provider(&self) -> &Arc<dyn CredentialsProvider> {
        self.call.provider()
    }

    /// Signs the request for the next attempt.
    pub(crate) fn sign(&mut self, credentials: &Credentials) -> Result<R, Error> {
        let mut request =
            if self.call.may_repeat() { self.template.copied() } else { self.template.taken() };
        let payload = match &self.stream {
            Some(once) => once.payload,
            None => request.payload().unwrap_or(PayloadHash::EMPTY),
        };
        let signed = self.call.sign(&head(&request), payload, credentials)?;
        signed.apply(request.headers_mut());
        if let Some(once) = &mut self.stream {
            if let Some(chunks) = &once.chunks {
                chunks.sign_with(signed)?;
            }
            *request.body_mut() = once.body.take();
        }
        Ok(request)
    }

    /// Returns whether the body must be read to know this response's error.
    pub(crate) fn reads_body(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        self.call.reads_body(self.template.method(), status, headers)
    }

    /// Returns true if the response goes to the caller, false if the request must be sent again.
    pub(crate) fn is_done(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        error: Option<&ServiceError>,
    ) -> Result<bool, Error> {
        let received = Received { status, headers, error };
        match self.call.after(&head(&self.template), &received)? {
            Step::Again(_) => Ok(false),
            Step::Follow(hop) => {
                let url = Url::parse(&hop.uri.to_string())
                    .map_err(|_| call_error(RefusedRedirect::InvalidLocation))?;
                // Two parsers have read the target: they must have read the same origin.
                if url.origin() != self.template.url().origin() {
                    let origin = url.origin().ascii_serialization();
                    return Err(call_error(RefusedRedirect::OtherOrigin { origin }));
                }
                self.call.follow(&hop, self.template.headers_mut());
                if hop.body == HopBody::Dropped {
                    *self.template.body_mut() = None;
                    self.stream = None;
                }
                *self.template.method_mut() = hop.method;
                *self.template.url_mut() = url;
                to_wire(&mut self.template)?;
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    /// Puts the texts of the last signature into the response's extensions, if they are kept.
    pub(crate) fn keep_transcript(self, extensions: &mut Extensions) {
        if let Some(transcript) = self.call.into_transcript() {
            extensions.insert(transcript);
        }
    }
}

fn call_error(refused: RefusedRedirect) -> Error {
    Error::Call(refused.into())
}
