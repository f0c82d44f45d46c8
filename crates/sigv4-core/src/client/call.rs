//! The loop of every client: sign, send, learn from the response, and perhaps once more.
//!
//! ```text
//! Call::new -> plan (a body not in memory) ----> +-> credentials -> sign -> (send) -> after -> Done
//!                                                |                                    |
//!                                                +--------- Again, or follow(Hop) ----+
//! ```
//!
//! A call owns neither the request nor the body: the adapter keeps them and sends.

use std::borrow::Cow;
use std::sync::Arc;

use http::{HeaderMap, Method, StatusCode, Uri, header};

use crate::client::attempt::{Answer, Attempt, Cause, Next, Sent};
use crate::client::clock::corrected_time;
use crate::client::error::CallError;
use crate::client::events;
use crate::client::length::declared_length;
use crate::client::redirect::{Hop, HopBody, Redirects, RefusedRedirect, remove_body_headers};
use crate::client::service_error::ServiceError;
use crate::client::settings::{Overrides, Settings, Transcripts};
use crate::client::step::{BodyPlan, Received, Resend, Step};
use crate::client::stream_payload::{StreamPayload, UnsignableBody};
use crate::credentials::Credentials;
use crate::head::{RequestHead, normal_authority};
use crate::payload::PayloadHash;
use crate::provider::CredentialsProvider;
use crate::sign::signed::Signed;
use crate::sign::signer::Signer;
use crate::sign::transcript::Transcript;
use crate::stream::AwsChunked;

/// One call of a client, including all the requests it takes.
///
/// ```
/// use std::sync::Arc;
/// use std::time::SystemTime;
///
/// use http::Request;
/// use sigv4_core::client::{Call, Overrides, Received, Settings, Step};
/// use sigv4_core::{Credentials, PayloadHash, Region, RequestHead, Service, Signer};
///
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("es"));
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let settings = Arc::new(Settings::new(signer, credentials, SystemTime::now));
///
/// let (template, ()) = Request::get("https://search.example.com/").body(())?.into_parts();
/// let mut parts = template.clone();
/// let mut call = Call::new(&settings, Overrides::default(), &mut parts.headers);
/// let response = loop {
///     let credentials = call.provider().credentials().wait()?;
///     let signed = call.sign(&RequestHead::from(&parts), PayloadHash::EMPTY, &credentials)?;
///     signed.apply(&mut parts.headers);
///     let response = http::Response::new("sent, and received"); // the client's own work
///     let received =
///         Received { status: response.status(), headers: response.headers(), error: None };
///     match call.after(&RequestHead::from(&parts), &received)? {
///         Step::Done => break response,
///         Step::Again(_) => {}
///         Step::Follow(hop) => {
///             call.follow(&hop, &mut parts.headers);
///             (parts.method, parts.uri) = (hop.method, hop.uri);
///         }
///         _ => break response,
///     }
/// };
/// assert_eq!(response.status(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Call {
    settings: Arc<Settings>,
    /// The signer, if the request brings its own.
    signer: Option<Signer>,
    provider: Arc<dyn CredentialsProvider>,
    stream_payload: StreamPayload,
    attempt: Attempt,
    resend: Resend,
    /// Whether a plan frames the body. Only then may chunks be signed.
    framed: bool,
    last: Option<Last>,
}

/// The last signature.
#[derive(Debug)]
struct Last {
    clock_offset: i64,
    credentials: Credentials,
    transcript: Option<Transcript>,
}

impl Call {
    /// Starts a call, and adds the default headers that the request does not have.
    pub fn new(settings: &Arc<Settings>, overrides: Overrides, headers: &mut HeaderMap) -> Self {
        add_missing(headers, &settings.default_headers);
        let Overrides { signer, provider, stream_payload } = overrides;
        Self {
            settings: Arc::clone(settings),
            signer,
            provider: provider.unwrap_or_else(|| Arc::clone(&settings.provider)),
            stream_payload: stream_payload.unwrap_or(settings.stream_payload),
            attempt: Attempt::new(settings.redirects),
            resend: Resend::default(),
            framed: false,
            last: None,
        }
    }

    /// Checks that the host may be signed for, both the URI's and the `Host` header's.
    /// [`Call::sign`] checks it too. Use this before the body is read and credentials are fetched.
    ///
    /// # Errors
    /// [`CallError::HostNotAllowed`] if it is not one of the allowed hosts.
    pub fn check_host(&self, head: &RequestHead<'_>) -> Result<(), CallError> {
        let Some(allowed) = &self.settings.allowed_hosts else {
            return Ok(());
        };
        let stated = host_header(head);
        for name in [head.authority, stated].into_iter().flatten() {
            let name = normal_authority(name, head.scheme)?;
            if !allowed.allow(head.scheme, &name) {
                let scheme = head.scheme.map(|scheme| format!("{scheme}://")).unwrap_or_default();
                return Err(CallError::HostNotAllowed { origin: format!("{scheme}{name}") });
            }
        }
        Ok(())
    }

    /// Returns how to send a body that is not in memory. `length` is the length that the body
    /// reports; if there is none, `content-length` is used.
    ///
    /// # Errors
    /// [`CallError::Body`] if the choice for streams does not allow it; see [`UnsignableBody`].
    pub fn plan(
        &mut self,
        head: &RequestHead<'_>,
        length: Option<u64>,
    ) -> Result<BodyPlan, CallError> {
        let choice = self.stream_payload;
        choice.check(head.scheme, authority(head).as_deref().unwrap_or_default())?;
        let length = match length {
            Some(length) => Some(length),
            None => declared_length(head.headers)?,
        };
        Ok(match choice {
            StreamPayload::Buffer(limit) => BodyPlan::Buffer { limit },
            StreamPayload::AwsChunked(plan) => {
                let plan = plan(length.ok_or(UnsignableBody::UnknownLength)?);
                BodyPlan::Chunked(self.framed_by(plan))
            }
            StreamPayload::Refuse
            | StreamPayload::Unsigned
            | StreamPayload::UnsignedOverPlainHttp => BodyPlan::Unsigned { length },
        })
    }

    /// Declares that the adapter frames the body by the caller's own plan. Returns the plan for this
    /// call's signer: use that one.
    #[must_use]
    pub fn framed_by(&mut self, plan: AwsChunked) -> AwsChunked {
        self.framed = true;
        plan.for_signer(self.signer.as_ref().unwrap_or(&self.settings.signer))
    }

    /// Sets whether the request can be sent a second time.
    pub fn set_resend(&mut self, resend: Resend) {
        self.resend = resend;
    }

    /// Returns whether a response can lead to another request. If not, the adapter sends its request
    /// without keeping a copy: [`Call::after`] needs only the method, the URI and `Host`.
    pub fn may_repeat(&self) -> bool {
        match self.resend {
            Resend::AtHand => true,
            // A redirect may drop the body.
            Resend::Once => self.settings.redirects == Redirects::SameOrigin,
            Resend::PassedOn => false,
        }
    }

    /// Returns the choice for bodies that are not in memory: the request's own, or that of the
    /// settings.
    pub fn stream_payload(&self) -> StreamPayload {
        self.stream_payload
    }

    /// Returns the provider to ask for credentials before each signature. The adapter awaits it or
    /// blocks.
    pub fn provider(&self) -> &Arc<dyn CredentialsProvider> {
        &self.provider
    }

    /// Signs the next request, dated by the service's clock if that is known.
    ///
    /// # Errors
    /// [`CallError::HostNotAllowed`], [`CallError::Sign`], or [`CallError::Body`] if one of the
    /// caller's headers asks for a payload that this connection or this body does not allow.
    pub fn sign(
        &mut self,
        head: &RequestHead<'_>,
        payload: PayloadHash,
        credentials: &Credentials,
    ) -> Result<Signed, CallError> {
        self.check_host(head)?;
        let clock_offset = self.settings.offsets.of(|| origin(head));
        let time = corrected_time((self.settings.clock)(), clock_offset)?;
        let signer = self.signer.as_ref().unwrap_or(&self.settings.signer);
        let payload = payload.as_taken_by(signer.service().rules());
        let (signed, transcript) = match self.settings.transcripts {
            Transcripts::Dropped if self.is_usual() => {
                let kept = &self.settings.kept;
                (kept.compute(signer, head, payload, credentials, time)?, None)
            }
            Transcripts::Dropped => (signer.compute(*head, payload, credentials, time)?, None),
            Transcripts::Kept => {
                let (signed, transcript) =
                    signer.compute_transcript(*head, payload, credentials, time)?;
                (signed, Some(transcript))
            }
        };
        self.check_payload(head, &signed)?;
        events::signed(head, signer, credentials, signed.time());
        self.last = Some(Last { clock_offset, credentials: credentials.clone(), transcript });
        Ok(signed)
    }

    /// Whether the request has the client's own signer and provider, as most have.
    fn is_usual(&self) -> bool {
        self.signer.is_none() && Arc::ptr_eq(&self.provider, &self.settings.provider)
    }

    /// Returns whether the response's body must be read to know its error. Read at most
    /// [`ServiceError::MAX_BODY`] bytes.
    pub fn reads_body(&self, method: &Method, status: StatusCode, headers: &HeaderMap) -> bool {
        method != Method::HEAD && ServiceError::is_in_body(status, headers)
    }

    /// Returns what to do after a response. Keeps what the response shows about clock, region and
    /// credentials. Each cause is handled once; after that, the response goes to the caller.
    ///
    /// # Errors
    /// [`CallError::Redirect`], [`CallError::BodyNotReplayable`], [`CallError::ClocksDiffer`].
    pub fn after(
        &mut self,
        head: &RequestHead<'_>,
        received: &Received<'_>,
    ) -> Result<Step, CallError> {
        let Some(last) = self.last.as_ref().filter(|_| !received.status.is_success()) else {
            return Ok(Step::Done);
        };
        let uri = absolute_uri(head).unwrap_or_default();
        let signer = self.signer.as_ref().unwrap_or(&self.settings.signer);
        let sent = Sent {
            method: head.method,
            uri: &uri,
            region: signer.region(),
            clock_offset: last.clock_offset,
        };
        let Received { status, headers, error } = *received;
        let answer = Answer { status, headers, error, received: (self.settings.clock)() };
        match self.attempt.after(&sent, &answer) {
            Next::Done => Ok(Step::Done),
            Next::SignAgain(cause) => self.again(head, cause, status),
            Next::Follow(hop) => self.may_follow(hop, status),
            Next::Refuse(refused) => Err(refused.into()),
            Next::ClocksDiffer(seconds) => Err(CallError::ClocksDiffer { seconds }),
        }
    }

    /// Applies a redirect to the headers. The hop gives the method and URI of the next request.
    pub fn follow(&mut self, hop: &Hop, headers: &mut HeaderMap) {
        if hop.body == HopBody::Dropped {
            remove_body_headers(headers);
            (self.resend, self.framed) = (Resend::AtHand, false);
        }
    }

    /// Returns the texts of the last signature, if they are kept.
    pub fn into_transcript(self) -> Option<Transcript> {
        self.last.and_then(|last| last.transcript)
    }

    /// Keeps what was learnt. Returns whether the request is to be signed again.
    fn again(
        &mut self,
        head: &RequestHead<'_>,
        cause: Cause,
        status: StatusCode,
    ) -> Result<Step, CallError> {
        events::learnt(head, &cause);
        match &cause {
            Cause::ClockSkew(seconds) => self.settings.offsets.learn(origin(head), *seconds),
            Cause::Region(region) => {
                let signer = self.signer.as_ref().unwrap_or(&self.settings.signer);
                self.signer = Some(signer.clone().with_region(region.clone()));
            }
            Cause::Credentials if !self.renews_credentials() => return Ok(Step::Done),
            Cause::Credentials => {}
        }
        match self.resend {
            Resend::AtHand => Ok(Step::Again(cause)),
            Resend::Once => Err(CallError::BodyNotReplayable { status, cause: Some(cause) }),
            Resend::PassedOn => Ok(Step::Done),
        }
    }

    /// Tells the provider that its credentials were refused. Returns false if the provider is
    /// already known to have no others, because the same ones would be refused again.
    fn renews_credentials(&self) -> bool {
        let Some(Last { credentials, .. }) = &self.last else {
            return false;
        };
        self.provider.rejected(credentials);
        match self.provider.credentials().into_ready() {
            Some(Ok(others)) => others != *credentials,
            Some(Err(_)) | None => true,
        }
    }

    fn may_follow(&self, hop: Hop, status: StatusCode) -> Result<Step, CallError> {
        match (self.resend, hop.body) {
            (Resend::AtHand, _) | (Resend::Once, HopBody::Dropped) => Ok(Step::Follow(hop)),
            (Resend::Once, HopBody::Kept) => {
                Err(CallError::BodyNotReplayable { status, cause: None })
            }
            (Resend::PassedOn, _) => {
                debug_assert_eq!(self.settings.redirects, Redirects::SameOrigin);
                let authority = hop.uri.authority().map_or("", |authority| authority.as_str());
                let origin = format!("{}://{authority}", hop.uri.scheme_str().unwrap_or_default());
                Err(RefusedRedirect::BodyPassedOn { origin }.into())
            }
        }
    }

    /// Refuses payloads that only a header of the caller's can have asked for: chunks without a
    /// frame, and an unsigned body that others could change on the way.
    fn check_payload(&self, head: &RequestHead<'_>, signed: &Signed) -> Result<(), CallError> {
        let over_http = |choice: StreamPayload| {
            let unsigned_is_allowed =
                matches!(self.stream_payload, StreamPayload::UnsignedOverPlainHttp);
            let choice = if unsigned_is_allowed { self.stream_payload } else { choice };
            choice.check(head.scheme, authority(head).as_deref().unwrap_or_default())
        };
        match signed.payload {
            None | Some(PayloadHash::Sha256(_)) => Ok(()),
            Some(PayloadHash::Unsigned) => Ok(over_http(StreamPayload::Unsigned)?),
            Some(_) if !self.framed => Err(UnsignableBody::NotFramed.into()),
            Some(PayloadHash::StreamingUnsignedTrailer) => Ok(over_http(StreamPayload::Unsigned)?),
            Some(_) => Ok(()),
        }
    }
}

/// Adds the headers of `defaults` whose names are missing.
fn add_missing(headers: &mut HeaderMap, defaults: &HeaderMap) {
    for name in defaults.keys() {
        if !headers.contains_key(name) {
            for value in defaults.get_all(name) {
                headers.append(name.clone(), value.clone());
            }
        }
    }
}

fn host_header<'a>(head: &RequestHead<'a>) -> Option<&'a str> {
    head.headers.get(header::HOST)?.to_str().ok().map(|host| host.trim_matches([' ', '\t']))
}

/// Returns where a request goes: the URI's authority, or the `Host` header for a relative target.
fn authority<'a>(head: &RequestHead<'a>) -> Option<Cow<'a, str>> {
    normal_authority(head.authority.or_else(|| host_header(head))?, head.scheme).ok()
}

fn origin(head: &RequestHead<'_>) -> String {
    let authority = authority(head).unwrap_or_default();
    format!("{}://{authority}", head.scheme.unwrap_or_default())
}

fn absolute_uri(head: &RequestHead<'_>) -> Option<Uri> {
    let (scheme, authority) = (head.scheme?, head.authority?);
    let query = head.query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{authority}{}{query}", head.path).parse().ok()
}
