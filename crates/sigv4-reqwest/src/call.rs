//! One call: the request as it was given, signed anew for each attempt. Async and blocking share it.

use http::{Extensions, HeaderMap, Method, StatusCode, Uri};
use reqwest::Url;
use sigv4_core::client::{
    Answer, Attempt, Cause, Hop, HopBody, Next, RefusedRedirect, Sent, ServiceError, StreamPayload,
    corrected_time, remove_body_headers,
};
use sigv4_core::stream::{AwsChunked, DeferredSigner};
use sigv4_core::{Credentials, PayloadHash, Signer, Transcript};

use crate::error::Error;
use crate::settings::Settings;
use crate::sign::sealed::Sealed;
use crate::sign::{check_transport, sign_as};

pub(crate) struct Call<'a, R: Sealed> {
    settings: &'a Settings,
    signer: Signer,
    attempt: Attempt,
    /// Never with a stream for a body, so it can be cloned.
    template: R,
    stream: Option<Once<R::Body>>,
    /// What was added to the clock for the last signature.
    clock_offset: i64,
    /// What was signed last, where it is kept.
    transcript: Option<Transcript>,
}

/// A stream, which can be sent once.
pub(crate) struct Once<B> {
    /// The stream, until it is sent.
    pub(crate) body: Option<B>,
    /// What the signature says of it.
    pub(crate) payload: PayloadHash,
    /// Where its chunks wait for the signature that they continue.
    pub(crate) chunks: Option<DeferredSigner>,
}

impl<B> Once<B> {
    pub(crate) fn unsigned(body: B) -> Self {
        Self { body: Some(body), payload: PayloadHash::Unsigned, chunks: None }
    }
}

/// What to do with a request's body before the first signature.
pub(crate) enum Settle<B> {
    /// Its bytes are at hand.
    AtHand,
    /// Read this stream, at most so many bytes, and put what it gave in its place.
    Buffer(B, usize),
    /// Frame this stream by the plan for its length.
    Chunk(B, fn(u64) -> AwsChunked),
    /// Send this stream unsigned.
    Unsigned(B),
}

/// What a response leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Done,
    Again,
}

/// Takes a stream off a request and says what is to become of it.
pub(crate) fn settle<R: Sealed>(
    request: &mut R,
    choice: StreamPayload,
) -> Result<Settle<R::Body>, Error> {
    if request.payload().is_some() {
        return Ok(Settle::AtHand);
    }
    check_transport(request.url(), choice)?;
    match (request.body_mut().take(), choice) {
        (None, _) => Ok(Settle::AtHand),
        (Some(stream), StreamPayload::Buffer(limit)) => Ok(Settle::Buffer(stream, limit)),
        (Some(stream), StreamPayload::AwsChunked(plan)) => Ok(Settle::Chunk(stream, plan)),
        (Some(stream), _) => Ok(Settle::Unsigned(stream)),
    }
}

impl<'a, R: Sealed> Call<'a, R> {
    /// A call whose body was settled: on the request, or a stream beside it.
    pub(crate) fn new(
        settings: &'a Settings,
        mut template: R,
        stream: Option<Once<R::Body>>,
    ) -> Self {
        settings.add_default_headers(template.headers_mut());
        Self {
            settings,
            signer: settings.signer.clone(),
            attempt: Attempt::new(settings.redirects),
            template,
            stream,
            clock_offset: 0,
            transcript: None,
        }
    }

    /// The request for the next attempt, signed.
    pub(crate) fn sign(&mut self, credentials: &Credentials) -> Result<R, Error> {
        self.clock_offset = self.settings.clock_offset.seconds();
        let time = corrected_time((self.settings.clock)(), self.clock_offset)?;
        let mut request =
            self.template.try_clone().ok_or(sigv4_core::client::UnsignableBody::Stream)?;
        let payload = match &self.stream {
            Some(once) => once.payload,
            None => request.payload().unwrap_or(PayloadHash::EMPTY),
        };
        let keep = self.settings.transcripts;
        let (signed, transcript) =
            sign_as(keep, &mut request, payload, &self.signer, credentials, time)?;
        self.transcript = transcript;
        if let Some(once) = &mut self.stream {
            if let Some(chunks) = &once.chunks {
                chunks.sign_with(signed)?;
            }
            *request.body_mut() = once.body.take();
        }
        log_attempt(&request, &self.signer, self.clock_offset);
        Ok(request)
    }

    /// Whether the body has to be read to know the error of this response.
    pub(crate) fn needs_body(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        ServiceError::is_in_body(status, headers) && *self.template.method() != Method::HEAD
    }

    /// What to do after a response that `credentials` signed for.
    pub(crate) fn after(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        error: Option<&ServiceError>,
        credentials: &Credentials,
    ) -> Result<Step, Error> {
        if status.is_success() {
            return Ok(Step::Done);
        }
        let Ok(uri) = self.template.url().as_str().parse::<Uri>() else { return Ok(Step::Done) };
        let sent = Sent {
            method: self.template.method(),
            uri: &uri,
            region: self.signer.region(),
            clock_offset: self.clock_offset,
        };
        let answer = Answer { status, headers, error, received: (self.settings.clock)() };
        match self.attempt.after(&sent, &answer) {
            Next::SignAgain(cause) => self.sign_again(cause, credentials),
            Next::Follow(hop) => self.follow(hop)?,
            Next::Refuse(refused) => return Err(refused.into()),
            _ => return Ok(Step::Done),
        }
        match &self.stream {
            Some(once) if once.body.is_none() => Err(Error::BodyNotReplayable { status }),
            _ => Ok(Step::Again),
        }
    }

    /// Puts what was signed last into the response's extensions, where it is kept.
    pub(crate) fn keep_transcript(self, extensions: &mut Extensions) {
        if let Some(transcript) = self.transcript {
            extensions.insert(transcript);
        }
    }

    fn sign_again(&mut self, cause: Cause, credentials: &Credentials) {
        log_cause(&cause);
        match cause {
            Cause::ClockSkew(seconds) => self.settings.clock_offset.learn(seconds),
            Cause::Region(region) => self.signer = self.signer.clone().with_region(region),
            Cause::Credentials => self.settings.provider.rejected(credentials),
            _ => {}
        }
    }

    fn follow(&mut self, hop: Hop) -> Result<(), Error> {
        let url = Url::parse(&hop.uri.to_string()).map_err(|_| RefusedRedirect::InvalidLocation)?;
        // Two parsers have read the target: they must have read the same origin.
        if url.origin() != self.template.url().origin() {
            let origin = url.origin().ascii_serialization();
            return Err(RefusedRedirect::OtherOrigin { origin }.into());
        }
        *self.template.url_mut() = url;
        *self.template.method_mut() = hop.method;
        if hop.body == HopBody::Dropped {
            *self.template.body_mut() = None;
            self.stream = None;
            remove_body_headers(self.template.headers_mut());
        }
        Ok(())
    }
}

#[cfg(feature = "tracing")]
fn log_attempt<R: Sealed>(request: &R, signer: &Signer, clock_offset: i64) {
    tracing::debug!(
        method = %request.method(),
        host = request.url().host_str(),
        region = %signer.region(),
        service = %signer.service(),
        clock_offset,
        "signed a request"
    );
}

#[cfg(not(feature = "tracing"))]
fn log_attempt<R: Sealed>(_: &R, _: &Signer, _: i64) {}

#[cfg(feature = "tracing")]
fn log_cause(cause: &Cause) {
    tracing::info!(?cause, "signing a request once more");
}

#[cfg(not(feature = "tracing"))]
fn log_cause(_: &Cause) {}
