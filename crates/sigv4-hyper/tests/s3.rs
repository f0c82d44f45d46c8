//! Tests of both layers against an S3 server written by others.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail anywhere"
)]

mod common;

use bytes::Bytes;
use common::{block_on, http1, pieces};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
use sigv4_hyper::{SignHeadLayer, SignLayer};
use support::s3::{ACCESS_KEY, BUCKET, S3Server, SECRET_KEY};
use tower::{Layer, ServiceExt};

const SIGNER: Signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
const KEYS: [&str; 6] = ["key", "a/b//c", "a%20b+c", "~!$'()*,;:@", "%E2%98%83", "./../x"];

fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET_KEY)
}

#[test]
fn objects_are_put_and_read_back_through_the_buffering_layer() {
    let server = S3Server::start().unwrap();
    block_on(async {
        let service = SignLayer::new(SIGNER, credentials()).layer(http1(server.address()));
        for key in KEYS {
            let uri = format!("{}/{BUCKET}/{key}", server.endpoint());
            let put = Request::put(&uri).body(Full::<Bytes>::from(key)).unwrap();
            assert_eq!(service.clone().oneshot(put).await.unwrap().status(), 200, "{key}");
            let get = Request::get(&uri).body(Full::<Bytes>::default()).unwrap();
            let response = service.clone().oneshot(get).await.unwrap();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), key);
        }
        assert_eq!(server.keys(BUCKET).len(), KEYS.len());
    });
}

#[test]
fn stream_is_put_through_the_head_layer() {
    let server = S3Server::start().unwrap();
    block_on(async {
        let layer = SignHeadLayer::new(SIGNER, credentials());
        for payload in [PayloadHash::Unsigned, PayloadHash::of(b"hello")] {
            let put = Request::put(format!("{}/{BUCKET}/key", server.endpoint()))
                .header("content-length", "5")
                .extension(payload)
                .body(pieces(["hel", "lo"]))
                .unwrap();
            let response = layer.layer(http1(server.address())).oneshot(put).await.unwrap();
            assert_eq!(response.status(), 200, "{payload}");
        }
    });
}

#[test]
fn wrong_secret_is_refused_and_the_error_comes_through() {
    let server = S3Server::start().unwrap();
    block_on(async {
        let layer = SignLayer::new(SIGNER, Credentials::new(ACCESS_KEY, "wrong"));
        let get = Request::get(format!("{}/{BUCKET}/key", server.endpoint()));
        let get = get.body(Full::<Bytes>::default()).unwrap();
        let response = layer.layer(http1(server.address())).oneshot(get).await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains("<Code>SignatureDoesNotMatch</Code>"));
    });
}
