//! The middleware: signs what any agent sends.

use std::time::SystemTime;

use http::{Method, Request, Response, request};
use sigv4_core::client::{Answer, Attempt, Next, Redirects, Sent, StreamPayload, UnsignableBody};
use sigv4_core::stream::AwsChunkedReader;
use sigv4_core::{CredentialsProvider, PayloadHash, Signed, Signer, Transcript};
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::{Body, RequestExt, SendBody};

use crate::error::Error;
use crate::payload::{Length, buffer, check_length, declared_length, set_length};
use crate::settings::Settings;

/// Bodies up to this many bytes are read and hashed unless another choice is made: 16 MiB.
const DEFAULT_LIMIT: usize = 16 << 20;

/// Signs every request of an agent, with ureq's own request builder above it.
///
/// ureq runs a middleware once for each call, so a redirect that it followed by itself would carry the
/// signature along: it is told to follow none, and a redirect is an error that names its target. For
/// redirects, clock skew and retries take [`SigningAgent`](crate::SigningAgent), which stands above.
///
/// ureq does not tell a middleware whether a body is bytes or a reader. So each is read into memory and
/// hashed, at most 16 MiB, unless [`SignMiddleware::stream_payload`] says otherwise. A request that sets
/// `x-amz-content-sha256` itself is signed with that, and its body goes out as it is.
///
/// Put it last: a middleware behind it would change what is signed.
///
/// ```
/// use sigv4_core::{Credentials, Region, Service, Signer};
/// use sigv4_ureq::SignMiddleware;
///
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("execute-api"));
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let agent: ureq::Agent = ureq::Agent::config_builder()
///     .middleware(SignMiddleware::new(signer, credentials))
///     .build()
///     .into();
/// ```
#[derive(Debug)]
pub struct SignMiddleware {
    settings: Settings,
}

impl SignMiddleware {
    /// A middleware that asks `provider` for credentials at each call, and waits for them.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        let mut settings = Settings::new(signer, provider);
        settings.stream_payload = StreamPayload::Buffer(DEFAULT_LIMIT);
        Self { settings }
    }

    /// How bodies are signed. With `StreamPayload::Refuse`, only requests without a body pass.
    #[must_use]
    pub fn stream_payload(mut self, payload: StreamPayload) -> Self {
        self.settings.stream_payload = payload;
        self
    }

    /// Redirects are responses like any other, for the caller to read. They are not followed.
    #[must_use]
    pub fn returning_redirects(mut self) -> Self {
        self.settings.redirects = Redirects::Return;
        self
    }

    /// The clock to sign by, in place of [`SystemTime::now`].
    #[must_use]
    pub fn clock(mut self, clock: fn() -> SystemTime) -> Self {
        self.settings.clock = clock;
        self
    }
}

impl Middleware for SignMiddleware {
    fn handle(
        &self,
        request: Request<SendBody<'_>>,
        next: MiddlewareNext<'_>,
    ) -> Result<Response<Body>, ureq::Error> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let response = self.send(request, next)?;
        let sent = Sent {
            method: &method,
            uri: &uri,
            region: self.settings.signer.region(),
            clock_offset: 0,
        };
        let (status, headers) = (response.status(), response.headers());
        let received = (self.settings.clock)();
        let answer = Answer { status, headers, error: None, received };
        // Only redirects are judged here: to sign once more, a middleware would have to go on twice.
        match Attempt::new(self.settings.redirects).after(&sent, &answer) {
            Next::Refuse(refused) => Err(Error::Redirect(refused).into()),
            _ => Ok(response),
        }
    }
}

impl SignMiddleware {
    fn send(
        &self,
        request: Request<SendBody<'_>>,
        next: MiddlewareNext<'_>,
    ) -> Result<Response<Body>, ureq::Error> {
        if request.headers().contains_key("x-amz-content-sha256") {
            return self.send_as_is(request, next);
        }
        let choice = self.settings.stream_payload;
        let limit = match choice {
            StreamPayload::Buffer(limit) => limit,
            StreamPayload::Refuse => 0,
            _ if has_no_body(request.method()) => DEFAULT_LIMIT,
            _ => return self.send_stream(request, next, choice),
        };
        let (mut parts, body) = request.into_parts();
        let bytes = buffer(body.into_reader(), limit).map_err(|error| match choice {
            StreamPayload::Refuse => Error::Body(UnsignableBody::Stream),
            _ => error,
        })?;
        check_length(&bytes, &parts.headers)?;
        let payload = PayloadHash::of(&bytes);
        // A body with the life of `bytes` and one without are not of one type.
        match set_length(&mut parts, Some(bytes.len() as u64)) {
            Length::NoBody => {
                next.handle(self.sign(Request::from_parts(parts, SendBody::none()), payload)?)
            }
            Length::Known | Length::Unknown => {
                let mut reader = bytes.as_slice();
                let body = SendBody::from_reader(&mut reader);
                next.handle(self.sign(Request::from_parts(parts, body), payload)?)
            }
        }
    }

    /// Sends a body as it comes: unsigned, or in chunks.
    fn send_stream(
        &self,
        request: Request<SendBody<'_>>,
        next: MiddlewareNext<'_>,
        choice: StreamPayload,
    ) -> Result<Response<Body>, ureq::Error> {
        let authority = request.uri().authority().map_or("", |it| it.as_str());
        choice.check(request.uri().scheme_str(), authority).map_err(Error::Body)?;
        let StreamPayload::AwsChunked(plan) = choice else {
            return self.send_as_is(request, next);
        };
        let length =
            declared_length(request.headers()).ok_or(Error::Body(UnsignableBody::UnknownLength))?;
        let (mut parts, body) = request.into_parts();
        let plan = plan(length);
        plan.set_headers(&mut parts.headers);
        let (signed, _) = self.sign_parts(&mut parts, plan.payload())?;
        let encoder = plan.encoder(signed).map_err(Error::Sign)?;
        let mut reader = AwsChunkedReader::new(body.into_reader(), encoder);
        let body = SendBody::from_reader(&mut reader);
        next.handle(without_redirects(Request::from_parts(parts, body)))
    }

    /// Signs with what the request says of its body, `UNSIGNED-PAYLOAD` where it says nothing.
    fn send_as_is(
        &self,
        request: Request<SendBody<'_>>,
        next: MiddlewareNext<'_>,
    ) -> Result<Response<Body>, ureq::Error> {
        next.handle(self.sign(request, PayloadHash::Unsigned)?)
    }

    fn sign<'b>(
        &self,
        request: Request<SendBody<'b>>,
        payload: PayloadHash,
    ) -> Result<Request<SendBody<'b>>, Error> {
        let (mut parts, body) = request.into_parts();
        self.sign_parts(&mut parts, payload)?;
        Ok(without_redirects(Request::from_parts(parts, body)))
    }

    fn sign_parts(
        &self,
        parts: &mut request::Parts,
        payload: PayloadHash,
    ) -> Result<(Signed, Option<Transcript>), Error> {
        let credentials = self.settings.credentials()?;
        self.settings.sign(parts, payload, &self.settings.signer, &credentials, 0)
    }
}

/// A method that ureq sends without a body unless it is forced to: nothing that has to go unsigned.
fn has_no_body(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::DELETE, Method::OPTIONS, Method::TRACE].contains(method)
}

/// A request with which ureq follows no redirect.
fn without_redirects(request: Request<SendBody<'_>>) -> Request<SendBody<'_>> {
    let (parts, body) = request.into_parts();
    // Asked apart from the body, because there is no way back from a request without an agent.
    let bare = Request::from_parts(parts.clone(), ());
    let Some(config) = bare.middleware_config() else {
        return Request::from_parts(parts, body);
    };
    let bare = config.max_redirects(0).max_redirects_will_error(false).build();
    Request::from_parts(bare.into_parts().0, body)
}
