//! Runs the shared tables against the middleware, and tests it below a retrying one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use sigv4_reqwest::{CallError, Error, Redirects, SignMiddleware};
use support::wire::{self, Call, Outcome};

use crate::{chain, check, credentials, host_of, ok_server, plain, signer};

fn client(plain: reqwest::ClientBuilder, sign: SignMiddleware) -> ClientWithMiddleware {
    let plain = plain.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    ClientBuilder::new(plain).with(sign).build()
}

fn send(call: &Call<'_>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let sign = SignMiddleware::new(signer(call.service), credentials())
            .redirects(Redirects::SameOrigin)
            .clock(call.clock);
        let client = client(plain().resolve(&host_of(call.uri), call.connect_to), sign);
        let mut request = client.request(call.method.parse().unwrap(), call.uri);
        if !call.body.is_empty() {
            request = request.body(call.body.to_vec());
        }
        match request.send().await {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err(chain(&error)),
        }
    })
}

#[test]
fn every_table_of_the_wire_is_passed() {
    wire::awkward_targets(send);
    wire::methods_and_bodies(send);
    wire::hosts(send);
    wire::broken_connections(send);
    wire::redirects(send);
    wire::skewed_clock(send);
}

/// Sends again until the status is something other than 503.
struct Retry;

#[async_trait]
impl Middleware for Retry {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        loop {
            let copy = request.try_clone().unwrap();
            let response = next.clone().run(copy, extensions).await?;
            if response.status() != 503 {
                return Ok(response);
            }
        }
    }
}

#[tokio::test]
async fn retry_above_signs_each_attempt_anew() {
    static NOW: AtomicU64 = AtomicU64::new(1_704_067_200);
    fn clock() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.fetch_add(1, Ordering::SeqCst))
    }
    let server = wire::failing_first(3);
    let sign = SignMiddleware::new(signer("s3"), credentials()).clock(clock);
    let client = ClientBuilder::new(plain().build().unwrap()).with(Retry).with(sign).build();
    let response = client.put(server.endpoint()).body("hello").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let received = server.received();
    assert_eq!(received.len(), 4);
    received.iter().for_each(check);
    for pair in received.windows(2) {
        assert!(pair[0].header("x-amz-date") < pair[1].header("x-amz-date"));
    }
}

#[tokio::test]
async fn transport_error_stays_reqwests_and_ours_can_be_found() {
    let sign = || SignMiddleware::new(signer("s3"), credentials());
    let unused = ok_server().address(); // dropped: no one listens here any more
    let error = client(plain(), sign()).get(format!("http://{unused}/")).send().await.unwrap_err();
    assert!(
        matches!(&error, reqwest_middleware::Error::Reqwest(it) if it.is_connect()),
        "{error:?}"
    );
    let request = client(plain(), sign()).get("http://h/").header("host", "other");
    let error = request.send().await.unwrap_err();
    let reqwest_middleware::Error::Middleware(ours) = &error else { panic!("{error:?}") };
    assert!(
        matches!(ours.downcast_ref::<Error>(), Some(Error::Call(CallError::Sign(_)))),
        "{error:?}"
    );
}
