//! A refused response is explained in one call, and its body can still be read.

#![cfg(feature = "explain")]
#![allow(clippy::unwrap_used, reason = "tests")]

use reqwest::{Client, Response, Url};
use sigv4_core::Transcript;
use sigv4_reqwest::{
    Credentials, Error, RefusalCause as Cause, Region, Service, Signer, SigningClient,
    SigningClientBuilder, explain, explain_error,
};
use support::raw::RawServer;
use support::{refusing, wire};

const TOKEN: &str = "TOKENTHATISNEVERSHOWN";

fn wrong() -> Credentials {
    Credentials::new(wire::ACCESS_KEY, "another secret").with_session_token(TOKEN)
}

fn signer(region: &'static str) -> Signer {
    Signer::new(Region::from_static(region), Service::from_static("s3"))
}

fn builder(credentials: Credentials) -> SigningClientBuilder {
    SigningClient::builder(Client::builder().no_proxy(), signer(wire::REGION), credentials)
}

async fn put(server: &RawServer, client: SigningClientBuilder) -> Response {
    let url = format!("{}/bucket/key", server.endpoint());
    client.build().unwrap().put(url).body("hello").send().await.unwrap()
}

async fn check_wrong_secret(mut response: Response) {
    let url = response.url().clone();
    let explanation = explain(&mut response).await;
    assert_eq!(explanation.cause(), Cause::WrongSecret, "{explanation}");
    assert!(!format!("{explanation} {explanation:?}").contains(TOKEN));
    assert_eq!((response.url(), response.status().as_u16()), (&url, 403));
    let text = response.text().await.unwrap();
    assert!(text.contains("<Code>SignatureDoesNotMatch</Code>") && text.ends_with("</Error>"));
}

#[tokio::test]
async fn refused_response_is_explained_and_left_whole() {
    let server = refusing::start().unwrap();
    check_wrong_secret(put(&server, builder(wrong()).keep_transcripts()).await).await;
    let right = Credentials::new(wire::ACCESS_KEY, wire::SECRET_KEY);
    let mut response = put(&server, builder(right).keep_transcripts()).await;
    assert_eq!(explain(&mut response).await.cause(), Cause::NotRefused);
}

#[tokio::test]
async fn last_signature_is_the_one_explained() {
    let server = refusing::start().unwrap();
    let client = SigningClient::builder(Client::builder().no_proxy(), signer("eu-west-1"), wrong());
    // The server names its region, so the client signs again for it.
    check_wrong_secret(put(&server, client.keep_transcripts()).await).await;
}

#[tokio::test]
async fn transcript_is_kept_only_when_asked_for() {
    let server = refusing::start().unwrap();
    let mut response = put(&server, builder(wrong())).await;
    assert!(response.extensions().get::<Transcript>().is_none());
    let explanation = explain(&mut response).await;
    assert!(explanation.differences().is_empty());
    assert!(explanation.to_string().contains("transcript"), "{explanation}");
}

#[tokio::test]
async fn host_that_does_not_resolve_is_no_refusal() {
    let client = builder(wrong()).build().unwrap();
    // The top-level domain `invalid` never resolves (RFC 2606).
    let url = Url::parse("http://bucket.sigv4.invalid/key").unwrap();
    let error = client.get(url.clone()).send().await.unwrap_err();
    let explanation = explain_error(&error, &url).unwrap();
    assert_eq!(explanation.cause(), Cause::HostNotFound, "{error:?}");
    assert!(explanation.says().contains("bucket.sigv4.invalid"));
    assert!(matches!(&error, Error::Transport(error) if explain_error(error, &url).is_some()));
    let closed = Url::parse("http://127.0.0.1:1/key").unwrap();
    let error = client.get(closed.clone()).send().await.unwrap_err();
    assert_eq!(explain_error(&error, &closed), None);
}

#[cfg(feature = "middleware")]
#[tokio::test]
async fn response_through_the_middleware_is_explained() {
    use reqwest_middleware::ClientBuilder;
    use sigv4_reqwest::SignMiddleware;

    let server = refusing::start().unwrap();
    let plain = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let client = ClientBuilder::new(plain.build().unwrap())
        .with(SignMiddleware::new(signer(wire::REGION), wrong()).keep_transcripts())
        .build();
    let url = format!("{}/bucket/key", server.endpoint());
    check_wrong_secret(client.put(url).body("hello").send().await.unwrap()).await;
    let unresolved = Url::parse("http://bucket.sigv4.invalid/key").unwrap();
    let error = client.get(unresolved.clone()).send().await.unwrap_err();
    assert!(explain_error(&error, &unresolved).is_some(), "{error:?}");
}

#[cfg(feature = "blocking")]
mod blocking {
    use reqwest::blocking::{Client, Response};
    use sigv4_reqwest::blocking::{SigningClient, SigningClientBuilder, explain};
    use support::raw::{Answer, Reply};

    use super::*;

    fn builder() -> SigningClientBuilder {
        SigningClient::builder(Client::builder().no_proxy(), signer(wire::REGION), wrong())
    }

    fn put(server: &RawServer, client: SigningClientBuilder) -> Response {
        let url = format!("{}/bucket/key", server.endpoint());
        client.build().unwrap().put(url).body("hello").send().unwrap()
    }

    #[test]
    fn refused_response_is_explained_and_left_whole() {
        let server = refusing::start().unwrap();
        let mut response = put(&server, builder().keep_transcripts());
        let url = response.url().clone();
        let explanation = explain(&mut response);
        assert_eq!(explanation.cause(), Cause::WrongSecret, "{explanation}");
        assert_eq!((response.url(), response.status().as_u16()), (&url, 403));
        let text = response.text().unwrap();
        assert!(text.contains("<Code>SignatureDoesNotMatch</Code>") && text.ends_with("</Error>"));
        assert!(explain(&mut put(&server, builder())).differences().is_empty());
    }

    #[test]
    fn long_body_is_left_whole() {
        const LENGTH: usize = 3 << 20;
        let server =
            RawServer::start(|_| Answer::Reply(Reply::new(403).body("a".repeat(LENGTH)))).unwrap();
        let mut response = put(&server, builder().keep_transcripts());
        assert_eq!(explain(&mut response).cause(), Cause::Unknown);
        assert_eq!(response.bytes().unwrap().len(), LENGTH);
    }
}
