//! Tests of credentials that change during requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use sigv4_core::verify::Authorization;
use sigv4_core::{CredentialsFuture, CredentialsProvider};
use sigv4_reqwest::{Credentials, SigningClient};
use support::oracle::{Key, Oracle, Rules};
use support::raw::{Answer, RawServer, Reply};
use support::wire;

use crate::{plain, signer};

/// Credentials whose three parts carry one number, which another thread increments.
#[derive(Clone, Debug, Default)]
struct Rotating(Arc<AtomicU64>);

impl CredentialsProvider for Rotating {
    fn credentials(&self) -> CredentialsFuture {
        let number = self.0.load(Ordering::SeqCst);
        let credentials = Credentials::new(format!("AKID{number}"), format!("secret{number}"));
        CredentialsFuture::new(async move {
            tokio::task::yield_now().await;
            Ok(credentials.with_session_token(format!("token{number}")))
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn triple_is_never_mixed_while_credentials_rotate_every_millisecond() {
    const REQUESTS: usize = 10_000;
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let provider = Rotating::default();
    let client = SigningClient::builder(plain(), signer("s3"), provider.clone()).build().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let rotation = std::thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            while !stop.load(Ordering::SeqCst) {
                provider.0.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(1));
            }
            provider.0.load(Ordering::SeqCst)
        }
    });
    stream::iter(0..REQUESTS)
        .map(|number| {
            let request = client.get(format!("{}/{number}", server.endpoint()));
            tokio::spawn(async move { request.send().await.unwrap().status() })
        })
        .buffer_unordered(64)
        .for_each(|status| async { assert_eq!(status.unwrap(), 200) })
        .await;
    stop.store(true, Ordering::SeqCst);
    let rotations = rotation.join().unwrap();
    assert!(rotations > 100, "the credentials rotated only {rotations} times");

    let received = server.received();
    assert_eq!(received.len(), REQUESTS);
    let mut oracle = Oracle::new(wire::REGION, "s3", Rules::S3, "none", "none");
    for one in received {
        let authorization = one.header("authorization").concat();
        let authorization = Authorization::parse(&authorization).unwrap();
        let number = authorization.access_key_id().strip_prefix("AKID").unwrap();
        let key = Key { secret: format!("secret{number}"), token: Some(format!("token{number}")) };
        oracle.keys = [(format!("AKID{number}"), key)].into();
        one.check(&oracle).unwrap();
    }
}
