//! One call: the request as it was given, signed anew for each attempt.

use std::io::Read;
use std::thread;

use http::{Method, Request, Response, request};
use sigv4_core::client::{
    Answer, Attempt, Cause, Hop, HopBody, Next, Sent, ServiceError, remove_body_headers,
};
use sigv4_core::stream::AwsChunkedReader;
use sigv4_core::{Credentials, Signed, Signer};
use ureq::{Agent, Body, SendBody};

use crate::answer::read_error;
use crate::error::Error;
use crate::exact::Exact;
use crate::payload::{Length, Payload, Settled};
use crate::retry::{is_broken, may_pass};
use crate::settings::Settings;

pub(crate) struct Call<'a> {
    agent: &'a Agent,
    settings: &'a Settings,
    signer: Signer,
    attempt: Attempt,
    template: request::Parts,
    body: Settled<'a>,
    retries: u32,
    /// What was added to the clock for the last signature.
    clock_offset: i64,
}

/// What a response leads to.
enum Step {
    Done,
    Again,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        agent: &'a Agent,
        settings: &'a Settings,
        request: Request<Payload<'a>>,
    ) -> Result<Self, Error> {
        let (mut template, payload) = request.into_parts();
        settings.add_default_headers(&mut template.headers);
        let body = payload.settle(settings.stream_payload, &template.uri, &template.headers)?;
        if let Settled::AwsChunked(_, plan) = &body {
            plan.set_headers(&mut template.headers);
        }
        Ok(Self {
            agent,
            settings,
            signer: settings.signer.clone(),
            attempt: Attempt::new(settings.redirects),
            template,
            body,
            retries: 0,
            clock_offset: 0,
        })
    }

    /// Signs and sends, as often as the answers call for.
    pub(crate) fn run(mut self) -> Result<Response<Body>, ureq::Error> {
        loop {
            let credentials = self.settings.credentials()?;
            let response = match self.send(&credentials) {
                Ok(response) => response,
                Err(error) if is_broken(&error) && self.pause_for_retry() => continue,
                Err(error) => return Err(error),
            };
            if may_pass(response.status()) && self.pause_for_retry() {
                continue;
            }
            let (response, step) = self.after(response, &credentials)?;
            if let Step::Done = step {
                return self.finish(response);
            }
        }
    }

    /// Whether to try again after a failure that may pass; where so, it has waited.
    fn pause_for_retry(&mut self) -> bool {
        if matches!(self.body, Settled::Used) {
            return false;
        }
        let pause = self.settings.retries.pause_after(self.retries, &self.template.method);
        if let Some(pause) = pause {
            self.retries += 1;
            thread::sleep(pause);
        }
        pause.is_some()
    }

    /// One attempt: a new date, a new signature, one request.
    fn send(&mut self, credentials: &Credentials) -> Result<Response<Body>, ureq::Error> {
        self.clock_offset = self.settings.clock_offset.seconds();
        let mut parts = self.template.clone();
        // Before the signature, which may cover it.
        let length = self.body.set_length(&mut parts);
        let (signer, offset) = (&self.signer, self.clock_offset);
        let (signed, transcript) =
            self.settings.sign(&mut parts, self.body.hash(), signer, credentials, offset)?;
        let mut response = match core::mem::replace(&mut self.body, Settled::Used) {
            Settled::Bytes(bytes) => {
                let result = send_bytes(self.agent, Request::from_parts(parts, &*bytes), length);
                self.body = Settled::Bytes(bytes);
                result
            }
            body => send_once(self.agent, parts, body, signed),
        }?;
        if let Some(transcript) = transcript {
            response.extensions_mut().insert(transcript);
        }
        Ok(response)
    }

    fn after(
        &mut self,
        response: Response<Body>,
        credentials: &Credentials,
    ) -> Result<(Response<Body>, Step), ureq::Error> {
        let has_body = self.template.method != Method::HEAD;
        let (response, error) =
            if has_body && ServiceError::is_in_body(response.status(), response.headers()) {
                read_error(response)?
            } else {
                (response, None)
            };
        let sent = Sent {
            method: &self.template.method,
            uri: &self.template.uri,
            region: self.signer.region(),
            clock_offset: self.clock_offset,
        };
        let answer = Answer {
            status: response.status(),
            headers: response.headers(),
            error: error.as_ref(),
            received: (self.settings.clock)(),
        };
        match self.attempt.after(&sent, &answer) {
            Next::SignAgain(cause) => self.sign_again(cause, credentials),
            Next::Follow(hop) => self.follow(hop),
            Next::Refuse(refused) => return Err(Error::Redirect(refused).into()),
            _ => return Ok((response, Step::Done)),
        }
        if matches!(self.body, Settled::Used) {
            return Err(Error::BodyNotReplayable { status: response.status() }.into());
        }
        Ok((response, Step::Again))
    }

    fn sign_again(&mut self, cause: Cause, credentials: &Credentials) {
        match cause {
            Cause::ClockSkew(seconds) => self.settings.clock_offset.learn(seconds),
            Cause::Region(region) => self.signer = self.signer.clone().with_region(region),
            Cause::Credentials => self.settings.provider.rejected(credentials),
            _ => {}
        }
    }

    fn follow(&mut self, hop: Hop) {
        self.template.uri = hop.uri;
        self.template.method = hop.method;
        if hop.body == HopBody::Dropped {
            self.body = Settled::Bytes((&[]).into());
            remove_body_headers(&mut self.template.headers);
        }
    }

    /// Refusals are errors where the agent is set so, as everywhere in ureq.
    fn finish(&self, response: Response<Body>) -> Result<Response<Body>, ureq::Error> {
        let status = response.status();
        let refused = status.is_client_error() || status.is_server_error();
        if refused && self.agent.config().http_status_as_error() {
            return Err(ureq::Error::StatusCode(status.as_u16()));
        }
        Ok(response)
    }
}

fn send_bytes(
    agent: &Agent,
    request: Request<&[u8]>,
    length: Length,
) -> Result<Response<Body>, ureq::Error> {
    let (parts, mut reader) = request.into_parts();
    match length {
        Length::NoBody => run(agent, Request::from_parts(parts, SendBody::none())),
        Length::Known | Length::Unknown => {
            run(agent, Request::from_parts(parts, SendBody::from_reader(&mut reader)))
        }
    }
}

/// Sends a body that can be read once.
fn send_once(
    agent: &Agent,
    parts: request::Parts,
    body: Settled<'_>,
    signed: Signed,
) -> Result<Response<Body>, ureq::Error> {
    let mut reader: Box<dyn Read + '_> = match body {
        Settled::Unsigned(reader, Some(length)) => Box::new(Exact::new(reader, length)),
        Settled::Unsigned(reader, None) => reader,
        Settled::AwsChunked(reader, plan) => {
            let encoder = plan.encoder(signed).map_err(Error::Sign)?;
            Box::new(AwsChunkedReader::new(reader, encoder))
        }
        Settled::Bytes(_) | Settled::Used => return Err(no_body()),
    };
    run(agent, Request::from_parts(parts, SendBody::from_reader(&mut reader)))
}

/// Never reached: a used body is not sent again, and bytes are sent elsewhere.
fn no_body() -> ureq::Error {
    Error::Body(sigv4_core::client::UnsignableBody::Stream).into()
}

/// Sends exactly one request: a redirect below the signature would carry it to another origin.
fn run(agent: &Agent, request: Request<SendBody<'_>>) -> Result<Response<Body>, ureq::Error> {
    let request = agent
        .configure_request(request)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .build();
    agent.run(request)
}
