//! What every layer holds, and the steps that all share: prepare, sign, learn from the answer.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use http::request::Parts;
use http::{
    Extensions, HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use sigv4_core::client::{
    Answer, Attempt, Cause, ClockOffset, Next, Redirects, Sent, ServiceError, StreamPayload,
    Transcripts, corrected_time,
};
use sigv4_core::{
    Credentials, CredentialsProvider, PayloadHash, Region, Signed, Signer, Transcript,
};
use tower_service::Service;

use crate::error::{BoxError, Error};
use crate::hosts::AllowedHosts;
use crate::{target, trace};

/// A layer's settings. What is learnt of the clock is shared by every service that the layer makes.
#[derive(Clone, Debug)]
pub(crate) struct Signing {
    pub(crate) signer: Signer,
    pub(crate) provider: Arc<dyn CredentialsProvider>,
    pub(crate) clock: fn() -> SystemTime,
    pub(crate) hosts: Option<AllowedHosts>,
    /// What `UNSIGNED-PAYLOAD` asks of the connection.
    pub(crate) unsigned: StreamPayload,
    pub(crate) transcripts: Transcripts,
    offset: Arc<ClockOffset>,
}

/// What a request was signed with, kept until its answer is there.
pub(crate) struct Exchange {
    method: Method,
    uri: Uri,
    /// The region, where it is not the layer's.
    region: Option<Region>,
    credentials: Credentials,
    clock_offset: i64,
    transcript: Option<Transcript>,
}

impl Exchange {
    /// Puts what was signed into the response's extensions, where it is kept.
    pub(crate) fn keep_transcript(&mut self, extensions: &mut Extensions) {
        if let Some(transcript) = self.transcript.take() {
            extensions.insert(transcript);
        }
    }
}

impl Signing {
    pub(crate) fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        Self {
            signer,
            provider: Arc::new(provider),
            clock: SystemTime::now,
            hosts: None,
            unsigned: StreamPayload::Unsigned,
            transcripts: Transcripts::default(),
            offset: Arc::new(ClockOffset::new()),
        }
    }

    /// Writes the target as it will go on the wire, and refuses hosts that are not to be signed for.
    pub(crate) fn prepare(&self, parts: &mut Parts) -> Result<(), Error> {
        target::normalize(parts)?;
        let (scheme, authority) = (parts.uri.scheme_str(), target::authority(parts));
        match &self.hosts {
            Some(hosts) if !hosts.allow(scheme, authority) => {
                let origin = scheme.map_or_else(
                    || authority.to_owned(),
                    |scheme| format!("{scheme}://{authority}"),
                );
                Err(Error::HostNotAllowed { origin })
            }
            _ => Ok(()),
        }
    }

    /// Puts a signature on the head, dated now by the service's clock as far as it is known.
    pub(crate) async fn sign(
        &self,
        parts: &mut Parts,
        payload: PayloadHash,
        region: Option<Region>,
    ) -> Result<(Exchange, Signed), Error> {
        let credentials = self.provider.credentials().await?;
        let clock_offset = self.offset.seconds();
        let time = corrected_time((self.clock)(), clock_offset)?;
        let signer = match &region {
            Some(region) => Cow::Owned(self.signer.clone().with_region(region.clone())),
            None => Cow::Borrowed(&self.signer),
        };
        let (signed, transcript) =
            signer.compute_keeping(self.transcripts, &*parts, payload, &credentials, time)?;
        signed.apply(&mut parts.headers);
        self.check_connection(parts)?;
        trace::signed(parts, &signer, &credentials, time);
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        Ok((Exchange { method, uri, region, credentials, clock_offset, transcript }, signed))
    }

    /// Refuses an unsigned payload where others could change it on the way.
    fn check_connection(&self, parts: &Parts) -> Result<(), Error> {
        let payload = signed_payload(parts);
        if !matches!(payload, Some(PayloadHash::Unsigned | PayloadHash::StreamingUnsignedTrailer)) {
            return Ok(());
        }
        let authority = target::authority(parts);
        self.unsigned
            .check(parts.uri.scheme_str(), authority)
            .map_err(|_| Error::UnsignedOverHttp { authority: authority.to_owned() })
    }

    /// Sends a request whose body is gone then: an answer can only make the next one right.
    pub(crate) async fn send_once<S, B, R>(
        &self,
        mut service: S,
        request: Request<B>,
        mut exchange: Exchange,
    ) -> Result<Response<R>, BoxError>
    where
        S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>>,
    {
        let mut response = service.call(request).await.map_err(Into::into)?;
        let answer = (response.status(), response.headers(), None);
        self.learn(&mut Attempt::new(Redirects::Return), &exchange, answer);
        exchange.keep_transcript(response.extensions_mut());
        Ok(response)
    }

    /// Keeps what an answer tells of the clock and the credentials; returns why to sign again.
    pub(crate) fn learn(
        &self,
        attempt: &mut Attempt,
        exchange: &Exchange,
        (status, headers, error): (StatusCode, &HeaderMap, Option<&ServiceError>),
    ) -> Option<Cause> {
        let sent = Sent {
            method: &exchange.method,
            uri: &exchange.uri,
            region: exchange.region.as_ref().unwrap_or(self.signer.region()),
            clock_offset: exchange.clock_offset,
        };
        let answer = Answer { status, headers, error, received: (self.clock)() };
        let Next::SignAgain(cause) = attempt.after(&sent, &answer) else {
            return None; // a redirect is a response like any other here
        };
        match &cause {
            Cause::ClockSkew(seconds) => self.offset.learn(*seconds),
            Cause::Credentials => self.provider.rejected(&exchange.credentials),
            _ => {}
        }
        trace::learnt(&cause, &exchange.uri);
        Some(cause)
    }
}

/// Refuses a payload whose chunks would have to be signed, on a head that was signed.
pub(crate) fn check_unframed(parts: &Parts) -> Result<(), Error> {
    match signed_payload(parts) {
        Some(
            PayloadHash::StreamingSigned
            | PayloadHash::StreamingSignedTrailer
            | PayloadHash::StreamingEvents,
        ) => Err(Error::PayloadNeedsFraming),
        _ => Ok(()),
    }
}

/// The payload that a signed head names: a header of the caller's may have chosen it.
fn signed_payload(parts: &Parts) -> Option<PayloadHash> {
    parts.headers.get("x-amz-content-sha256")?.to_str().ok()?.parse().ok()
}

/// Refuses a body of another length than the caller's `content-length`; says that none is none.
///
/// hyper sends an empty body without a word, and servers answer an empty PUT or POST that does not
/// say so with 411 (RFC 9110, section 8.6).
pub(crate) fn settle_length(parts: &mut Parts, actual: u64) -> Result<(), Error> {
    match parts.headers.get(header::CONTENT_LENGTH) {
        Some(declared) if declared.as_bytes() != actual.to_string().as_bytes() => {
            let declared = String::from_utf8_lossy(declared.as_bytes()).into_owned();
            return Err(Error::BodyLength { declared, actual });
        }
        None if actual == 0 && expects_content(&parts.method) => {
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        _ => {}
    }
    Ok(())
}

fn expects_content(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// The settings that all layers share, as methods.
macro_rules! shared_settings {
    () => {
        /// This layer, signing for these hosts alone. Where it is not called, for every host.
        #[must_use]
        pub fn with_hosts(mut self, hosts: $crate::AllowedHosts) -> Self {
            self.signing.hosts = Some(hosts);
            self
        }

        /// This layer with another clock than the system's.
        #[must_use]
        pub fn with_clock(mut self, clock: fn() -> std::time::SystemTime) -> Self {
            self.signing.clock = clock;
            self
        }

        /// This layer, keeping what was signed with each response, for
        /// [`explain`](crate::explain()). The texts hold the session token, and cost some allocations
        /// for each signature.
        #[cfg(feature = "explain")]
        #[must_use]
        pub fn with_transcripts(mut self) -> Self {
            self.signing.transcripts = sigv4_core::client::Transcripts::Kept;
            self
        }

        /// This layer, sending `UNSIGNED-PAYLOAD` over plain http to other machines too, where
        /// anyone on the way can change the body unseen. Otherwise that is an error.
        #[must_use]
        pub fn with_unsigned_payload_over_plain_http(mut self) -> Self {
            self.signing.unsigned = sigv4_core::client::StreamPayload::UnsignedOverPlainHttp;
            self
        }
    };
}
pub(crate) use shared_settings;
