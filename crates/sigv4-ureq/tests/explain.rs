//! A refused response is explained in one call, and its body can still be read.

#![cfg(feature = "explain")]
#![allow(clippy::unwrap_used, reason = "a test")]

use http::{Request, Uri};
use sigv4_core::{Credentials, Region, Service, Signer};
use sigv4_explain::RefusalCause as Cause;
use sigv4_ureq::{SigningAgent, SigningAgentBuilder, explain, explain_error};
use support::{refusing, wire};

fn builder(secret: &str) -> SigningAgentBuilder {
    let signer = Signer::new(Region::from_static(wire::REGION), Service::from_static("s3"));
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let credentials = Credentials::new(wire::ACCESS_KEY, secret);
    SigningAgent::builder(config.new_agent(), signer, credentials)
}

#[test]
fn refused_response_is_explained_and_left_whole() {
    let server = refusing::start().unwrap();
    let uri = format!("{}/bucket/key", server.endpoint());
    let agent = builder("another secret").keep_transcripts().build();
    let mut response = agent.run(Request::put(&uri).body("hello").unwrap()).unwrap();
    let explanation = explain(&mut response);
    assert_eq!(explanation.cause(), Cause::WrongSecret, "{explanation}");
    let text = response.body_mut().read_to_string().unwrap();
    assert!(text.contains("<Code>SignatureDoesNotMatch</Code>") && text.ends_with("</Error>"));
    let accepted = builder(wire::SECRET_KEY).keep_transcripts().build();
    let mut response = accepted.run(Request::put(&uri).body("hello").unwrap()).unwrap();
    assert_eq!(explain(&mut response).cause(), Cause::NotRefused);
}

#[test]
fn transcript_is_kept_only_when_asked_for() {
    let server = refusing::start().unwrap();
    let uri = format!("{}/bucket/key", server.endpoint());
    let agent = builder("another secret").build();
    let mut response = agent.run(Request::get(&uri).body(()).unwrap()).unwrap();
    let explanation = explain(&mut response);
    assert!(explanation.differences().is_empty());
    assert!(explanation.to_string().contains("transcript"), "{explanation}");
}

#[test]
fn host_that_does_not_resolve_is_no_refusal() {
    // The top-level domain `invalid` never resolves (RFC 2606).
    let uri = Uri::from_static("http://bucket.sigv4.invalid/key");
    let agent = builder(wire::SECRET_KEY).build();
    let error = agent.run(Request::get(uri.clone()).body(()).unwrap()).unwrap_err();
    let explanation = explain_error(&error, &uri).unwrap();
    assert_eq!(explanation.cause(), Cause::HostNotFound, "{error:?}");
    assert!(explanation.says().contains("bucket.sigv4.invalid"));
    let closed = Uri::from_static("http://127.0.0.1:1/key");
    let error = agent.run(Request::get(closed.clone()).body(()).unwrap()).unwrap_err();
    assert_eq!(explain_error(&error, &closed), None);
}
