//! Tests of the bytes on the wire. A server reads them from a raw socket and recomputes every
//! signature.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[cfg(feature = "blocking")]
mod blocking;
mod bodies;
mod client;
#[cfg(feature = "middleware")]
mod middleware;
mod rotation;
mod s3;

use std::error::Error as StdError;

use sigv4_reqwest::{Credentials, Redirects, Region, Service, Signer, SigningClient};
use support::raw::{Answer, RawServer, Received, Reply};
use support::wire;

fn credentials() -> Credentials {
    Credentials::new(wire::ACCESS_KEY, wire::SECRET_KEY).with_session_token(wire::TOKEN)
}

fn signer(service: &str) -> Signer {
    Signer::new(Region::from_static(wire::REGION), Service::new(service).unwrap())
}

/// A client for S3 that follows redirects within an origin.
fn client() -> SigningClient {
    SigningClient::builder(plain(), signer("s3"), credentials())
        .redirects(Redirects::SameOrigin)
        .build()
        .unwrap()
}

/// reqwest's client builder as every test uses it.
fn plain() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

/// Returns an error and all its sources as text.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Parses a URL whose path reqwest may change. The caller sees the result and signs what is sent.
fn parsed(uri: &str) -> reqwest::Url {
    uri.parse().unwrap()
}

/// Returns the host of a URI as a resolver is asked for it.
fn host_of(uri: &str) -> String {
    uri.parse::<reqwest::Url>().unwrap().host_str().unwrap().to_owned()
}

fn ok_server() -> RawServer {
    RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap()
}

fn check(received: &Received) {
    wire::check("s3", received);
}
