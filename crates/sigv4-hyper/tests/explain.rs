//! A refused response is explained in one call, and its body can still be read.

#![cfg(feature = "explain")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail anywhere")]

mod common;

use std::io;

use bytes::Bytes;
use common::{block_on, http1, pieces, signer};
use http::{Request, Response, Uri};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, SigningTime, Transcript};
use sigv4_explain::{Explanation, RefusalCause as Cause};
use sigv4_hyper::{SignHeadLayer, SignLayer, SignStreamLayer, explain, explain_error};
use support::raw::RawServer;
use support::{refusing, wire};
use tower::{Layer, ServiceExt};

const TOKEN: &str = "TOKENTHATISNEVERSHOWN";

fn wrong() -> Credentials {
    Credentials::new(wire::ACCESS_KEY, "another secret").with_session_token(TOKEN)
}

fn put<B>(server: &RawServer, body: B) -> Request<B> {
    Request::put(format!("{}/bucket/key", server.endpoint())).body(body).unwrap()
}

fn hello(server: &RawServer) -> Request<Full<Bytes>> {
    put(server, Full::from("hello"))
}

/// Explains a response, and checks that the body is whole.
fn explained<B>(response: Response<B>) -> Explanation
where
    B: Body<Error: std::fmt::Debug>,
{
    block_on(async {
        let (response, explanation) = explain(response).await;
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(b"<?xml") && body.ends_with(b"</Error>"), "{body:?}");
        explanation
    })
}

fn check_wrong_secret(explanation: &Explanation) {
    assert_eq!(explanation.cause(), Cause::WrongSecret, "{explanation}");
    assert!(!format!("{explanation} {explanation:?}").contains(TOKEN));
}

#[test]
fn refused_response_of_every_layer_is_explained_and_left_whole() {
    let server = refusing::start().unwrap();
    let layer = SignLayer::new(signer("s3"), wrong()).with_transcripts();
    let sent = layer.layer(http1(server.address())).oneshot(hello(&server));
    check_wrong_secret(&explained(block_on(sent).unwrap()));

    let layer = SignHeadLayer::new(signer("s3"), wrong())
        .with_payload(PayloadHash::of(b"hello"))
        .with_transcripts();
    let sent = layer.layer(http1(server.address())).oneshot(hello(&server));
    check_wrong_secret(&explained(block_on(sent).unwrap()));

    let layer = SignStreamLayer::new(signer("s3"), wrong()).with_transcripts();
    let mut request = put(&server, pieces(["hel", "lo"]));
    request.headers_mut().insert("content-length", 5.into());
    let sent = layer.layer(http1(server.address())).oneshot(request);
    check_wrong_secret(&explained(block_on(sent).unwrap()));
}

#[test]
fn accepted_response_is_not_refused() {
    let server = refusing::start().unwrap();
    let right = Credentials::new(wire::ACCESS_KEY, wire::SECRET_KEY);
    let layer = SignLayer::new(signer("s3"), right).with_transcripts();
    let sent = layer.layer(http1(server.address())).oneshot(hello(&server));
    let (_, explanation) = block_on(async { explain(sent.await.unwrap()).await });
    assert_eq!(explanation.cause(), Cause::NotRefused);
}

#[test]
fn last_signature_is_the_one_explained() {
    let server = refusing::start().unwrap();
    let elsewhere = Signer::new(Region::from_static("eu-west-1"), Service::from_static("s3"));
    let layer = SignLayer::new(elsewhere, wrong()).with_transcripts();
    let sent = layer.layer(http1(server.address())).oneshot(hello(&server));
    // The server names its region, so the layer signs again for it.
    check_wrong_secret(&explained(block_on(sent).unwrap()));
}

#[test]
fn transcript_is_kept_only_when_asked_for() {
    let server = refusing::start().unwrap();
    let layer = SignLayer::new(signer("s3"), wrong());
    let sent = layer.layer(http1(server.address())).oneshot(hello(&server));
    let response = block_on(sent).unwrap();
    assert!(response.extensions().get::<Transcript>().is_none());
    let explanation = explained(response);
    assert!(explanation.differences().is_empty());
    assert!(explanation.to_string().contains("transcript"), "{explanation}");
}

#[test]
fn body_that_breaks_off_has_no_known_cause_and_keeps_its_error() {
    let request = Request::get("https://bucket.example.com/key").body(()).unwrap();
    let time: SigningTime = "20250903T162150Z".parse().unwrap();
    let (_, transcript) =
        signer("s3").compute_transcript(&request, PayloadHash::EMPTY, &wrong(), time).unwrap();
    let frames = [
        Ok(Frame::data(Bytes::from("<Error><Code>Signature"))),
        Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
    ];
    let body = StreamBody::new(futures_util::stream::iter(frames));
    let response = Response::builder().status(403).extension(transcript).body(body).unwrap();
    block_on(async {
        let (response, explanation) = explain(response).await;
        assert_eq!(explanation.cause(), Cause::Unknown);
        let mut body = response.into_body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap().len(), 22);
        assert_eq!(body.frame().await.unwrap().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    });
}

#[test]
fn host_that_does_not_resolve_is_no_refusal() {
    let failed = |uri: &Uri| {
        let client = SignLayer::new(signer("s3"), wrong())
            .layer(Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>());
        let request = Request::get(uri.clone()).body(Empty::<Bytes>::new()).unwrap();
        block_on(client.oneshot(request)).unwrap_err()
    };
    // The top-level domain `invalid` never resolves (RFC 2606).
    let uri = Uri::from_static("http://bucket.sigv4.invalid/key");
    let error = failed(&uri);
    let explanation = explain_error(&*error, &uri).unwrap();
    assert_eq!(explanation.cause(), Cause::HostNotFound, "{error:?}");
    assert!(explanation.says().contains("bucket.sigv4.invalid"));
    let closed = Uri::from_static("http://127.0.0.1:1/key");
    assert_eq!(explain_error(&*failed(&closed), &closed), None);
}
