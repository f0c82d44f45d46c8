//! The middleware: signs the requests of any agent.

use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, HeaderName, Request, Response, header, request};
use sigv4_core::client::{
    BodyPlan, Call, CallError, DEFAULT_BUFFER_LIMIT, Overrides, Received, Resend, Settings,
    StreamPayload, UnsignableBody, expects_content, settle_length, to_wire,
};
use sigv4_core::stream::AwsChunkedReader;
use sigv4_core::{CredentialsProvider, PayloadHash, RequestHead, Signed, Signer};
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::{Body, RequestExt, SendBody};

use crate::body::{Length, buffer, set_length};
use crate::error::other;
use crate::settings::settings_methods;

const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// Signs every request of an agent. Requests can be made with ureq's own request builder.
///
/// ureq runs a middleware once for each call, so a redirect that ureq followed would carry the
/// signature along. This middleware turns that off. By default a redirect is an error that names
/// its target. A middleware passes the body on and cannot sign it again, so what a response shows
/// about clock and credentials is used for the next request. [`SigningAgent`](crate::SigningAgent),
/// which stands above the agent, can sign again, follow redirects and retry.
///
/// ureq does not tell a middleware whether a body is bytes or a reader. Each body is therefore read
/// into memory and hashed, at most 8 MiB, unless [`SignMiddleware::stream_payload`] says otherwise.
/// If a request sets `x-amz-content-sha256` itself, that value is signed and the body is sent
/// unchanged.
///
/// Put it last: a middleware after it would change what is signed.
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
#[must_use = "a middleware does nothing until it is added to an agent"]
pub struct SignMiddleware {
    settings: Arc<Settings>,
}

impl SignMiddleware {
    /// Signs with the provider's credentials. It asks for them at each call and waits for them.
    pub fn new(signer: Signer, provider: impl CredentialsProvider + 'static) -> Self {
        let mut settings = Settings::new(signer, provider, SystemTime::now);
        settings.stream_payload = StreamPayload::Buffer(DEFAULT_BUFFER_LIMIT);
        Self { settings: Arc::new(settings) }
    }

    settings_methods!();
}

impl Middleware for SignMiddleware {
    fn handle(
        &self,
        request: Request<SendBody<'_>>,
        next: MiddlewareNext<'_>,
    ) -> Result<Response<Body>, ureq::Error> {
        let (mut parts, body) = request.into_parts();
        let overrides = parts.extensions.remove::<Overrides>().unwrap_or_default();
        let mut call = Call::new(&self.settings, overrides, &mut parts.headers);
        call.set_resend(Resend::PassedOn);
        to_wire(&mut parts).map_err(other)?;
        call.check_host(&(&parts).into()).map_err(other)?;
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        let host = parts.headers.get(header::HOST).map(|host| (header::HOST, host.clone()));
        let mut response = send(&mut call, parts, body, next)?;
        let received =
            Received { status: response.status(), headers: response.headers(), error: None };
        let headers = HeaderMap::from_iter(host);
        call.after(&RequestHead::new(&method, &uri, &headers), &received).map_err(other)?;
        if let Some(transcript) = call.into_transcript() {
            response.extensions_mut().insert(transcript);
        }
        Ok(response)
    }
}

/// Signs and sends. The request and the settings decide how the body is sent.
fn send(
    call: &mut Call,
    mut parts: request::Parts,
    body: SendBody<'_>,
    next: MiddlewareNext<'_>,
) -> Result<Response<Body>, ureq::Error> {
    if parts.headers.contains_key(X_AMZ_CONTENT_SHA256) {
        return send_as_is(call, parts, body, next);
    }
    let plan = match call.stream_payload() {
        // ureq does not say whether there is a body. Only reading shows it.
        StreamPayload::Refuse => BodyPlan::Buffer { limit: 0 },
        _ if !expects_content(&parts.method) => BodyPlan::Buffer { limit: DEFAULT_BUFFER_LIMIT },
        _ => call.plan(&(&parts).into(), None).map_err(other)?,
    };
    match plan {
        BodyPlan::Buffer { limit } => send_buffered(call, parts, body, next, limit),
        BodyPlan::Chunked(plan) => {
            plan.set_headers(&mut parts.headers);
            let signed = sign(call, &mut parts, plan.payload())?;
            let encoder = plan.encoder(signed).map_err(other)?;
            let mut reader = AwsChunkedReader::new(body.into_reader(), encoder);
            let body = SendBody::from_reader(&mut reader);
            next.handle(without_redirects(Request::from_parts(parts, body)))
        }
        _ => send_as_is(call, parts, body, next),
    }
}

fn send_buffered(
    call: &mut Call,
    mut parts: request::Parts,
    body: SendBody<'_>,
    next: MiddlewareNext<'_>,
    limit: usize,
) -> Result<Response<Body>, ureq::Error> {
    let refuses = matches!(call.stream_payload(), StreamPayload::Refuse);
    let bytes = buffer(body.into_reader(), limit).map_err(|error| match error {
        CallError::Body(UnsignableBody::TooLong { .. }) if refuses => other(UnsignableBody::Stream),
        error => other(error),
    })?;
    let length = bytes.len() as u64;
    settle_length(&parts.method, &mut parts.headers, length).map_err(other)?;
    // A body that borrows `bytes` and one that does not have different types.
    match set_length(&mut parts, length) {
        Length::NoBody => {
            sign(call, &mut parts, PayloadHash::EMPTY)?;
            next.handle(without_redirects(Request::from_parts(parts, SendBody::none())))
        }
        Length::Declared => {
            sign(call, &mut parts, PayloadHash::of(&bytes))?;
            let mut reader = bytes.as_slice();
            let body = SendBody::from_reader(&mut reader);
            next.handle(without_redirects(Request::from_parts(parts, body)))
        }
    }
}

/// Signs the request with its own `x-amz-content-sha256`, or `UNSIGNED-PAYLOAD` if it has none.
fn send_as_is(
    call: &mut Call,
    mut parts: request::Parts,
    body: SendBody<'_>,
    next: MiddlewareNext<'_>,
) -> Result<Response<Body>, ureq::Error> {
    sign(call, &mut parts, PayloadHash::Unsigned)?;
    next.handle(without_redirects(Request::from_parts(parts, body)))
}

fn sign(
    call: &mut Call,
    parts: &mut request::Parts,
    payload: PayloadHash,
) -> Result<Signed, ureq::Error> {
    let credentials = call.provider().credentials().wait().map_err(other)?;
    let signed = call.sign(&(&*parts).into(), payload, &credentials).map_err(other)?;
    signed.apply(&mut parts.headers);
    Ok(signed)
}

/// Returns a request for which ureq follows no redirect.
fn without_redirects(request: Request<SendBody<'_>>) -> Request<SendBody<'_>> {
    let (mut parts, body) = request.into_parts();
    // This is read from a request without the rest, because one without an agent is not given back.
    let mut bare = Request::new(());
    bare.extensions_mut().clone_from(&parts.extensions);
    if let Some(config) = bare.middleware_config() {
        let bare = config.max_redirects(0).max_redirects_will_error(false).build();
        parts.extensions = bare.into_parts().0.extensions;
    }
    Request::from_parts(parts, body)
}
