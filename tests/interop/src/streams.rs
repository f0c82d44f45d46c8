//! One interface to every adapter's way of sending a stream in `aws-chunked` framing.

use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sigv4_core::client::StreamPayload;
use sigv4_core::stream::AwsChunked;
use sigv4_core::{Credentials, Signer};
use sigv4_hyper::{BoxError, SignStreamLayer};
use sigv4_reqwest::SigningClient;
use sigv4_ureq::{Payload, SigningAgent};
use tower::Layer as _;

use crate::adapter::{Answer, Call, Sent, block_on, read_ureq, send, send_chunked, with_sources};

/// How a body of a given length is framed.
pub(crate) type Plan = fn(u64) -> AwsChunked;

/// The ways to send a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Streaming {
    /// Core's encoder, sent by hyper.
    Core,
    /// `SignStreamLayer`.
    Hyper,
    /// reqwest's client, with a body that it cannot see into.
    Reqwest,
    /// The agent above ureq's, with a reader.
    Ureq,
}

impl Streaming {
    /// All ways.
    pub(crate) const ALL: [Self; 4] = [Self::Core, Self::Hyper, Self::Reqwest, Self::Ureq];

    /// Its name in the matrix.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Core => "sigv4-core Encoder",
            Self::Hyper => "sigv4-hyper SignStreamLayer",
            Self::Reqwest => "sigv4-reqwest AwsChunked",
            Self::Ureq => "sigv4-ureq aws_chunked",
        }
    }

    /// Signs and sends the call's body as a stream.
    ///
    /// # Errors
    /// The error of the adapter, with its sources.
    pub(crate) fn send(
        self,
        signer: &Signer,
        credentials: &Credentials,
        call: &Call,
        plan: Plan,
    ) -> Sent {
        let length = call.body.len() as u64;
        let (signer, credentials) = (signer.clone(), credentials.clone());
        let answer = match self {
            Self::Core => return send_chunked(&signer, &credentials, call, &plan(length), |_| {}),
            Self::Hyper => send_hyper(signer, credentials, call, plan),
            Self::Reqwest => send_reqwest(signer, credentials, call, plan),
            Self::Ureq => send_ureq(signer, credentials, call, plan(length)),
        };
        answer.map_err(|error| with_sources(&error))
    }
}

fn send_hyper(
    signer: Signer,
    credentials: Credentials,
    call: &Call,
    plan: Plan,
) -> Result<Answer, BoxError> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let client = SignStreamLayer::new(signer, credentials).with_plan(plan).layer(client);
    send(client, call.request()?)
}

fn send_reqwest(
    signer: Signer,
    credentials: Credentials,
    call: &Call,
    plan: Plan,
) -> Result<Answer, BoxError> {
    let client = SigningClient::builder(reqwest::Client::builder().no_proxy(), signer, credentials);
    let client = client.build()?;
    let body = reqwest::Body::wrap(Full::new(call.body.clone()));
    let request = client.request(call.method.clone(), call.url.as_str()).body(body);
    let request = request.stream_payload(StreamPayload::AwsChunked(plan));
    block_on(async {
        let response = request.send().await?;
        Ok(Answer { status: response.status().as_u16(), body: response.bytes().await? })
    })
}

fn send_ureq(
    signer: Signer,
    credentials: Credentials,
    call: &Call,
    plan: AwsChunked,
) -> Result<Answer, BoxError> {
    let plain = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let agent = SigningAgent::new(plain.new_agent(), signer, credentials);
    let request = call.request()?.map(|_| Payload::aws_chunked(&*call.body, plan));
    read_ureq(agent.run(request)?)
}
