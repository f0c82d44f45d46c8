//! Tests of the signing client, the extension and signing in place.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use sigv4_core::{CredentialsError, CredentialsFuture, CredentialsProvider};
use sigv4_reqwest::{
    CallError, Credentials, Error, Redirects, RefusedRedirect, SignRequest, SigningClient, sign,
};
use support::h2::H2Server;
use support::oracle::{Oracle, Rules};
use support::raw::{Answer, RawServer, Reply};
use support::wire::{self, Call, Outcome};
use tower_service::Service as _;

use crate::{chain, check, client, credentials, host_of, ok_server, plain, signer};

/// Sends through a new client, as the tables of `wire` expect.
fn send(call: &Call<'_>) -> Outcome {
    runtime().block_on(async {
        let plain = plain().resolve(&host_of(call.uri), call.connect_to);
        let client = SigningClient::builder(plain, signer(call.service), credentials())
            .redirects(Redirects::SameOrigin)
            .clock(call.clock)
            .build()
            .unwrap();
        let mut request = client.request(call.method.parse().unwrap(), crate::parsed(call.uri));
        if !call.body.is_empty() {
            request = request.body(call.body.to_vec());
        }
        match request.send().await {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err(chain(&error)),
        }
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn awkward_targets_arrive_as_signed() {
    wire::awkward_targets(send);
}

#[test]
fn methods_and_bodies_arrive_as_signed() {
    wire::methods_and_bodies(send);
}

#[test]
fn hosts_arrive_as_signed() {
    wire::hosts(send);
}

#[test]
fn broken_connection_is_an_error_wherever_it_breaks() {
    wire::broken_connections(send);
}

#[test]
fn redirect_is_followed_within_the_origin_alone() {
    wire::redirects(send);
}

#[test]
fn skewed_clock_is_corrected_once_and_an_absurd_date_never() {
    wire::skewed_clock(send);
}

#[tokio::test]
async fn redirect_is_an_error_that_names_its_origin_unless_asked_for() {
    let server = RawServer::start(|_| {
        Answer::Reply(Reply::new(302).header("location", "https://other.example.com/x?y"))
    })
    .unwrap();
    let refusing = SigningClient::builder(plain(), signer("s3"), credentials()).build().unwrap();
    let error = refusing.get(server.endpoint()).send().await.unwrap_err();
    let Error::Call(CallError::Redirect(RefusedRedirect::NotAsked { origin })) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(origin, "https://other.example.com");
    let text = chain(&error);
    assert!(text.contains("https://other.example.com"), "{text}");

    let returning = SigningClient::builder(plain(), signer("s3"), credentials())
        .redirects(Redirects::Return)
        .build()
        .unwrap();
    let response = returning.get(server.endpoint()).send().await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "https://other.example.com/x?y");
}

#[tokio::test]
async fn client_builder_that_follows_and_retries_is_overruled() {
    let other = ok_server();
    let target = other.endpoint();
    let server =
        RawServer::start(move |_| Answer::Reply(Reply::new(307).header("location", &target)))
            .unwrap();
    let retry = reqwest::retry::for_host("127.0.0.1")
        .no_budget()
        .classify_fn(|it| if it.status().is_some() { it.retryable() } else { it.success() });
    let following = plain().redirect(reqwest::redirect::Policy::limited(5)).retry(retry);
    let client = SigningClient::builder(following, signer("s3"), credentials()).build().unwrap();
    client.get(server.endpoint()).send().await.unwrap_err();
    assert_eq!((server.received().len(), other.received().len()), (1, 0));
}

#[tokio::test]
async fn each_attempt_of_a_retry_has_its_own_date_and_signature() {
    static NOW: AtomicU64 = AtomicU64::new(1_704_067_200);
    fn clock() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.fetch_add(1, Ordering::SeqCst))
    }
    let server = wire::failing_first(3);
    let mut client =
        SigningClient::builder(plain(), signer("s3"), credentials()).clock(clock).build().unwrap();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let mut request =
            reqwest::Request::new(reqwest::Method::PUT, server.endpoint().parse().unwrap());
        *request.body_mut() = Some("hello".into());
        statuses.push(client.call(request).await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [503, 503, 503, 200]);
    let received = server.received();
    received.iter().for_each(check);
    for pair in received.windows(2) {
        assert!(pair[0].header("x-amz-date") < pair[1].header("x-amz-date"));
        assert_ne!(pair[0].header("authorization"), pair[1].header("authorization"));
    }
}

#[tokio::test]
async fn clock_learnt_by_one_request_serves_the_next() {
    // The server's clock is 20 minutes ahead of the client's, which stands still.
    let server = RawServer::start(|received| {
        let late = received.header("x-amz-date") == ["20240101T002000Z"];
        let reply = Reply::new(if late { 200 } else { 403 });
        Answer::Reply(reply.header("date", "Mon, 01 Jan 2024 00:20:00 GMT"))
    })
    .unwrap();
    let client = SigningClient::builder(plain(), signer("s3"), credentials())
        .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200))
        .build()
        .unwrap();
    for sent_so_far in [2, 3, 4] {
        let response = client.get(server.endpoint()).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(server.received().len(), sent_so_far);
    }
}

#[tokio::test]
async fn bucket_of_another_region_is_signed_for_once_more() {
    let server = RawServer::start(|received| {
        let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>";
        let right = received.header("authorization").concat().contains("/eu-west-1/s3/");
        Answer::Reply(if right { Reply::new(200) } else { Reply::new(400).body(body) })
    })
    .unwrap();
    let response = client().put(server.endpoint()).body("hello").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let oracle = Oracle::new("eu-west-1", "s3", Rules::S3, wire::ACCESS_KEY, wire::SECRET_KEY);
    server.last().unwrap().check(&oracle.with_token(wire::TOKEN)).unwrap();
    assert_eq!(server.received().len(), 2);
}

/// Gives expired credentials until they are rejected.
#[derive(Debug, Default)]
struct Renewing(AtomicBool);

impl CredentialsProvider for Renewing {
    fn credentials(&self) -> CredentialsFuture {
        let token = if self.0.load(Ordering::SeqCst) { wire::TOKEN } else { "expired" };
        let credentials = Credentials::new(wire::ACCESS_KEY, wire::SECRET_KEY);
        CredentialsFuture::ready(Ok(credentials.with_session_token(token)))
    }

    fn rejected(&self, rejected: &Credentials) {
        assert_eq!(rejected.session_token(), Some("expired"));
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn expired_token_is_renewed_and_the_request_signed_once_more() {
    let server = RawServer::start(|received| {
        let fresh = received.header("x-amz-security-token") == [wire::TOKEN];
        let body = "<Error><Code>ExpiredToken</Code></Error>";
        Answer::Reply(if fresh { Reply::new(200) } else { Reply::new(400).body(body) })
    })
    .unwrap();
    let client =
        SigningClient::builder(plain(), signer("s3"), Renewing::default()).build().unwrap();
    let response = client.put(server.endpoint()).body("hello").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let received = server.received();
    assert_eq!(received.len(), 2);
    check(&received[1]);
}

#[tokio::test]
async fn response_that_was_read_for_its_error_is_returned_whole() {
    for length in [0, 10, 64 * 1024, 300_000] {
        let body = "<Error><Code>AccessDenied</Code>".to_owned() + &"x".repeat(length);
        let reply = Reply::new(403).header("x-amz-request-id", "17").body(body.clone());
        let server = RawServer::start(move |_| Answer::Reply(reply.clone())).unwrap();
        let url = format!("{}/key?a=b", server.endpoint());
        let response = client().get(&url).send().await.unwrap();
        assert_eq!(response.status(), 403);
        assert_eq!(response.headers()["x-amz-request-id"], "17");
        assert_eq!(response.url().as_str(), url);
        assert_eq!(response.text().await.unwrap(), body, "{length}");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn default_headers_are_signed_and_a_default_host_that_differs_is_refused() {
    let with_default = |name: &'static str, value: &'static str| {
        let name = reqwest::header::HeaderName::from_static(name);
        let headers = [(name, reqwest::header::HeaderValue::from_static(value))];
        SigningClient::builder(plain(), signer("s3"), credentials())
            .default_headers(headers.into_iter().collect())
            .build()
            .unwrap()
    };
    let server = ok_server();
    let client = with_default("x-amz-acl", "private");
    client.get(server.endpoint()).send().await.unwrap();
    let received = server.last().unwrap();
    let checked = wire::check("s3", &received);
    assert!(checked.signed_headers.contains(&"x-amz-acl".to_owned()));
    client.get(server.endpoint()).header("x-amz-acl", "public-read").send().await.unwrap();
    assert_eq!(server.last().unwrap().header("x-amz-acl"), ["public-read"]);

    let refused = with_default("host", "other").get(server.endpoint()).send().await.unwrap_err();
    assert!(matches!(refused, Error::Call(CallError::Sign(_))), "{refused:?}");
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn plus_of_a_form_encoded_query_is_sent_as_an_escaped_space() {
    let server = ok_server();
    client().get(format!("{}/?q=a+b", server.endpoint())).send().await.unwrap();
    let received = server.last().unwrap();
    assert_eq!(received.target, b"/?q=a%20b");
    check(&received);
}

#[tokio::test]
async fn extension_signs_a_request_that_can_only_be_sent() {
    let server = ok_server();
    let plain = plain().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let signed = plain
        .put(format!("{}/a%20key", server.endpoint()))
        .body("hello")
        .sign(&signer("s3"), &credentials())
        .unwrap();
    assert!(signed.headers().contains_key("authorization"));
    let debug = format!("{signed:?}");
    assert!(!debug.contains(wire::TOKEN) && !debug.contains("Signature="), "{debug}");
    assert_eq!(signed.send().await.unwrap().status(), 200);
    check(&server.last().unwrap());
}

#[tokio::test]
async fn extension_passes_on_an_error_of_the_builder() {
    let request = reqwest::Client::new().get("no url");
    let error = request.sign(&signer("s3"), &credentials()).unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
}

#[tokio::test]
async fn request_signed_in_place_goes_through_any_client() {
    let server = ok_server();
    let url = format!("{}/a?b=c", server.endpoint()).parse().unwrap();
    let mut request = reqwest::Request::new(reqwest::Method::DELETE, url);
    sign(&mut request, &signer("s3"), &credentials(), SystemTime::now()).unwrap();
    plain().build().unwrap().execute(request).await.unwrap();
    check(&server.last().unwrap());
}

#[tokio::test]
async fn http2_signs_the_authority() {
    let server = H2Server::start(|_| Reply::new(200)).unwrap();
    let client =
        SigningClient::builder(plain().http2_prior_knowledge(), signer("s3"), credentials())
            .build()
            .unwrap();
    let oracle = Oracle::new(wire::REGION, "s3", Rules::S3, wire::ACCESS_KEY, wire::SECRET_KEY)
        .with_token(wire::TOKEN);
    for (at, target) in wire::AWKWARD_TARGETS.into_iter().enumerate() {
        let url = format!("http://{}{target}", server.address());
        let response = client.put(crate::parsed(&url)).body("hello").send().await.unwrap();
        assert_eq!(response.version(), reqwest::Version::HTTP_2);
        let received = server.received().swap_remove(at);
        assert_eq!(received.authority, server.address().to_string());
        received.check(&oracle).unwrap();
    }
    let url = format!("http://{}/", server.address());
    let refused = client.get(url).header("host", "other.example.com").send().await.unwrap_err();
    assert!(matches!(refused, Error::Call(CallError::Sign(_))), "{refused:?}");
}

#[tokio::test]
async fn text_whose_path_reqwest_would_change_is_refused_and_nothing_is_sent() {
    let server = ok_server();
    for path in ["/a/../b", "/a/%2e%2e/b", "/a/./b"] {
        let refused = client().put(format!("{}{path}", server.endpoint())).body("x").send().await;
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::PathRewritten { .. }), "{error}");
        assert!(error.to_string().contains("sigv4-ureq"), "{error}");
    }
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn one_request_may_bring_its_own_signer_and_provider() {
    let server = ok_server();
    let client = SigningClient::builder(plain(), signer("es"), Empty(Arc::default()));
    let request = client.build().unwrap().put(server.endpoint()).body("hello");
    request.signer(signer("s3")).provider(credentials()).send().await.unwrap();
    check(&server.last().unwrap());
}

#[tokio::test]
async fn host_header_is_signed_and_sent_as_it_stands_if_the_signer_says_so() {
    let server = ok_server();
    let signer = signer("s3").with_host_from_header();
    let client = SigningClient::builder(plain(), signer, credentials()).build().unwrap();
    let request = client.get(server.endpoint()).header("host", "bucket.s3.example.com");
    request.send().await.unwrap();
    let received = server.last().unwrap();
    assert_eq!(received.header("host"), ["bucket.s3.example.com"]);
    check(&received);
}

#[tokio::test]
async fn transport_error_shows_its_whole_chain_and_the_cure_for_a_client_without_tls() {
    let error = client().get("https://127.0.0.1:1/?token=secret").send().await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("built without TLS"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    assert_eq!(format!("{error:?}"), text);
    let error = client().get("http://127.0.0.1:1/").send().await.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
}

/// A provider that always fails.
#[derive(Debug)]
struct Empty(Arc<Mutex<u32>>);

impl CredentialsProvider for Empty {
    fn credentials(&self) -> CredentialsFuture {
        *self.0.lock().unwrap() += 1;
        CredentialsFuture::ready(Err(CredentialsError::new("nothing found in the environment")))
    }
}

#[tokio::test]
async fn provider_without_credentials_sends_nothing() {
    let asked = Arc::new(Mutex::new(0));
    let server = ok_server();
    let client =
        SigningClient::builder(plain(), signer("s3"), Empty(Arc::clone(&asked))).build().unwrap();
    let error = client.get(server.endpoint()).send().await.unwrap_err();
    assert!(matches!(error, Error::Call(CallError::Credentials(_))), "{error:?}");
    assert!(chain(&error).contains("nothing found in the environment"));
    assert_eq!((*asked.lock().unwrap(), server.received().len()), (1, 0));
}

#[test]
fn nothing_secret_is_printed() {
    let client = client();
    let request = client.put("https://example.com/?secret=value").header("x-amz-acl", "private");
    for text in [format!("{client:?}"), format!("{request:?}")] {
        assert!(!text.contains(wire::SECRET_KEY) && !text.contains(wire::TOKEN), "{text}");
    }
}
