//! Tests against s3s, an S3 server by others that verifies signatures, running in this process.

#![allow(clippy::unwrap_used, reason = "a test")]

use http::Request;
use sigv4_core::client::StreamPayload;
use sigv4_core::stream::{AwsChunked, Checksum};
use sigv4_core::{Credentials, Region, Service, Signer};
use sigv4_ureq::{Payload, SignMiddleware, SigningAgent};
use support::s3::{ACCESS_KEY, BUCKET, S3Server, SECRET_KEY};
use ureq::Agent;

fn signer() -> Signer {
    Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"))
}

#[test]
fn signing_agent_puts_and_gets_every_kind_of_body() {
    let server = S3Server::start().unwrap();
    let agent =
        SigningAgent::builder(ureq::agent(), signer(), Credentials::new(ACCESS_KEY, SECRET_KEY))
            .stream_payload(StreamPayload::Unsigned)
            .build();
    let data = vec![b'x'; 150_000];
    let length = data.len() as u64;
    let bodies: [(&str, Payload<'_>); 5] = [
        ("empty", ().into()),
        ("bytes", data.as_slice().into()),
        ("unsigned", Payload::sized_reader(data.as_slice(), length)),
        ("chunks", Payload::aws_chunked(data.as_slice(), AwsChunked::signed(length))),
        (
            "checksum",
            Payload::aws_chunked(
                data.as_slice(),
                AwsChunked::signed(length).with_checksum(Checksum::Sha256),
            ),
        ),
    ];
    for (key, body) in bodies {
        let uri = format!("{}/{BUCKET}/a%20{key}", server.endpoint());
        agent.run(Request::put(&uri).body(body).unwrap()).unwrap();
        let got = agent.run(Request::get(&uri).body(()).unwrap()).unwrap().body_mut().read_to_vec();
        let expected: &[u8] = if key == "empty" { b"" } else { &data };
        assert!(got.unwrap() == expected, "{key}");
    }
    let uri = format!("{}/{BUCKET}?list-type=2&prefix=a+u", server.endpoint());
    let list = agent.run(Request::get(uri).body(()).unwrap()).unwrap().body_mut().read_to_string();
    assert!(list.unwrap().contains("<Key>a unsigned</Key>"));
}

#[test]
fn middleware_signs_what_the_request_builder_builds() {
    let server = S3Server::start().unwrap();
    let agent = |secret| -> Agent {
        let middleware = SignMiddleware::new(signer(), Credentials::new(ACCESS_KEY, secret));
        Agent::config_builder().middleware(middleware).build().into()
    };
    let uri = format!("{}/{BUCKET}/key", server.endpoint());
    let right = agent(SECRET_KEY);
    right.put(&uri).send("hello").unwrap();
    assert_eq!(right.get(&uri).call().unwrap().body_mut().read_to_string().unwrap(), "hello");
    right.delete(&uri).call().unwrap();
    assert_eq!(server.keys(BUCKET), [""; 0]);
    let refused = agent("another").put(&uri).send("hello").unwrap_err();
    assert!(matches!(refused, ureq::Error::StatusCode(403)), "{refused:?}");
}
