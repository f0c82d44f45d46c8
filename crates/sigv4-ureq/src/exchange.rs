//! The attempt loop above ureq's agent.

use std::borrow::Cow;
use std::io::Read;
use std::thread;

use http::{Request, Response, header, request};
use sigv4_core::client::{Call, CallError, HopBody, Overrides, Received, Resend, Step, to_wire};
use sigv4_core::stream::AwsChunkedReader;
use sigv4_core::{Credentials, PayloadHash, Signed};
use ureq::{Agent, Body, SendBody};

use crate::body::{Content, Length, Payload, set_length};
use crate::client::SigningAgent;
use crate::error::other;
use crate::peek::read_error;
use crate::retry::{is_broken, is_transient};

/// One call: the request as given, with a new signature for each attempt.
pub(crate) struct Exchange<'a> {
    client: &'a SigningAgent,
    call: Call,
    template: request::Parts,
    retried: u32,
}

impl<'a> Exchange<'a> {
    /// Signs and sends. Repeats this if a response requires it.
    pub(crate) fn run(
        client: &'a SigningAgent,
        request: Request<Payload<'a>>,
    ) -> Result<Response<Body>, ureq::Error> {
        let (mut template, payload) = request.into_parts();
        let overrides = template.extensions.remove::<Overrides>().unwrap_or_default();
        let mut call = Call::new(&client.settings, overrides, &mut template.headers);
        to_wire(&mut template).map_err(other)?;
        call.check_host(&(&template).into()).map_err(other)?;
        let content = payload.settle(&mut call, &mut template).map_err(other)?;
        let mut exchange = Self { client, call, template, retried: 0 };
        let response = match content {
            Content::Bytes(bytes) => exchange.send_again_and_again(bytes),
            once => exchange.send_once(once),
        }?;
        finish(&client.agent, response, exchange.call)
    }

    /// Sends a body that is in memory.
    fn send_again_and_again(
        &mut self,
        mut bytes: Cow<'_, [u8]>,
    ) -> Result<Response<Body>, ureq::Error> {
        loop {
            let mut parts = self.template.clone();
            // The length is set first, because the signature may cover it.
            let length = set_length(&mut parts, bytes.len() as u64);
            self.sign(&mut parts, PayloadHash::of(&bytes))?;
            let sent = send_bytes(&self.client.agent, Request::from_parts(parts, &*bytes), length);
            let response = match sent {
                Ok(response) => response,
                Err(error) if is_broken(&error) && self.pauses_for_retry() => continue,
                Err(error) => return Err(error),
            };
            if is_transient(response.status()) && self.pauses_for_retry() {
                continue;
            }
            match self.after(response)? {
                (response, Next::Done) => return Ok(response),
                (_, Next::Again) => {}
                (_, Next::WithoutBody) => bytes = Cow::Borrowed(&[]),
            }
        }
    }

    /// Sends a body that is used up by sending it.
    fn send_once(&mut self, content: Content<'_>) -> Result<Response<Body>, ureq::Error> {
        self.call.set_resend(Resend::Once);
        let mut parts =
            if self.call.may_repeat() { self.template.clone() } else { taken(&mut self.template) };
        let agent = &self.client.agent;
        let signed = self.sign(&mut parts, content.payload())?;
        let response = match content {
            Content::Bytes(bytes) => send_reader(agent, parts, &*bytes),
            Content::Unsigned(reader) => send_reader(agent, parts, reader),
            Content::Chunked(reader, plan) => {
                let encoder = plan.encoder(signed).map_err(other)?;
                send_reader(agent, parts, AwsChunkedReader::new(reader, encoder))
            }
        }?;
        match self.after(response)? {
            (response, Next::Done) => Ok(response),
            // A redirect that drops the body.
            (_, Next::Again | Next::WithoutBody) => self.send_again_and_again((&[]).into()),
        }
    }

    /// Signs with the current time and the given credentials.
    fn sign(
        &mut self,
        parts: &mut request::Parts,
        payload: PayloadHash,
    ) -> Result<Signed, ureq::Error> {
        let credentials = self.call.provider().credentials().wait().map_err(other)?;
        self.check_proxy(&credentials)?;
        let signed = self.call.sign(&(&*parts).into(), payload, &credentials).map_err(other)?;
        signed.apply(&mut parts.headers);
        Ok(signed)
    }

    /// Refuses to send a session token through a proxy over plain http, where others can read it.
    fn check_proxy(&self, credentials: &Credentials) -> Result<(), ureq::Error> {
        let uri = &self.template.uri;
        let is_plain = uri.scheme_str() != Some("https");
        let through = self.client.agent.config().proxy().filter(|proxy| !proxy.is_no_proxy(uri));
        if is_plain && through.is_some() && credentials.session_token().is_some() {
            return Err(other(CallError::TokenThroughProxy));
        }
        Ok(())
    }

    /// Waits and returns true if the request is to be retried after a transient failure.
    fn pauses_for_retry(&mut self) -> bool {
        let pause = self.client.retries.pause_after(self.retried, &self.template.method);
        if let Some(pause) = pause {
            self.retried += 1;
            thread::sleep(pause);
        }
        pause.is_some()
    }

    fn after(&mut self, response: Response<Body>) -> Result<(Response<Body>, Next), ureq::Error> {
        let (status, headers) = (response.status(), response.headers());
        let (response, error) = if self.call.reads_body(&self.template.method, status, headers) {
            read_error(response)
        } else {
            (response, None)
        };
        let received = Received { status, headers: response.headers(), error: error.as_ref() };
        let next = match self.call.after(&(&self.template).into(), &received).map_err(other)? {
            Step::Again(_) => Next::Again,
            Step::Follow(hop) => {
                self.call.follow(&hop, &mut self.template.headers);
                (self.template.method, self.template.uri) = (hop.method, hop.uri);
                to_wire(&mut self.template).map_err(other)?;
                if hop.body == HopBody::Dropped { Next::WithoutBody } else { Next::Again }
            }
            _ => Next::Done,
        };
        Ok((response, next))
    }
}

/// Takes a request's parts, and leaves its method, URI and `Host`.
fn taken(parts: &mut request::Parts) -> request::Parts {
    let mut rest = Request::new(()).into_parts().0;
    (rest.method, rest.uri) = (parts.method.clone(), parts.uri.clone());
    let host = parts.headers.get(header::HOST).cloned();
    rest.headers.extend(host.map(|host| (header::HOST, host)));
    core::mem::replace(parts, rest)
}

/// What to do after a response.
enum Next {
    Done,
    Again,
    WithoutBody,
}

/// Returns the response, or an error for an error status if the agent is configured so, as in ureq.
fn finish(
    agent: &Agent,
    mut response: Response<Body>,
    call: Call,
) -> Result<Response<Body>, ureq::Error> {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if is_error && agent.config().http_status_as_error() {
        return Err(ureq::Error::StatusCode(status.as_u16()));
    }
    if let Some(transcript) = call.into_transcript() {
        response.extensions_mut().insert(transcript);
    }
    Ok(response)
}

fn send_bytes(
    agent: &Agent,
    request: Request<&[u8]>,
    length: Length,
) -> Result<Response<Body>, ureq::Error> {
    let (parts, mut reader) = request.into_parts();
    match length {
        Length::NoBody => send(agent, Request::from_parts(parts, SendBody::none())),
        Length::Declared => {
            send(agent, Request::from_parts(parts, SendBody::from_reader(&mut reader)))
        }
    }
}

fn send_reader(
    agent: &Agent,
    parts: request::Parts,
    mut reader: impl Read,
) -> Result<Response<Body>, ureq::Error> {
    send(agent, Request::from_parts(parts, SendBody::from_reader(&mut reader)))
}

/// Sends exactly one request. A redirect followed below the signature would carry it to another
/// origin.
fn send(agent: &Agent, request: Request<SendBody<'_>>) -> Result<Response<Body>, ureq::Error> {
    let request = agent
        .configure_request(request)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .build();
    agent.run(request)
}
