//! Tests of what the signing agent and the middleware put on the wire. A server recomputes every
//! signature.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use std::cell::Cell;
use std::error::Error as _;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use http::{Method, Request, StatusCode};
use sigv4_core::client::{Overrides, Redirects, StreamPayload, UnsignableBody};
use sigv4_core::stream::{AwsChunked, Checksum};
use sigv4_core::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, Region, Service,
    SignError, Signer,
};
use sigv4_ureq::{
    CallError, Payload, Retries, SignMiddleware, SigningAgent, SigningAgentBuilder, signing_error,
};
use support::raw::{Answer, RawServer, Reply};
use support::wire::{self, Call, Outcome};
use ureq::config::Config;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, SendBody};

/// Resolves every name to one address.
#[derive(Debug)]
struct To(SocketAddr);

impl Resolver for To {
    fn resolve(
        &self,
        _: &http::Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

fn signer(service: &str) -> Signer {
    Signer::new(Region::from_static(wire::REGION), Service::new(service).unwrap())
}

fn credentials() -> Credentials {
    Credentials::new(wire::ACCESS_KEY, wire::SECRET_KEY).with_session_token(wire::TOKEN)
}

fn plain_agent(to: SocketAddr) -> Agent {
    let config = Config::builder().http_status_as_error(false).build();
    Agent::with_parts(config, DefaultConnector::default(), To(to))
}

fn builder(to: SocketAddr) -> SigningAgentBuilder {
    SigningAgent::builder(plain_agent(to), signer("s3"), credentials())
}

fn unsignable(error: &ureq::Error) -> Option<&UnsignableBody> {
    match signing_error(error) {
        Some(CallError::Body(why)) => Some(why),
        _ => None,
    }
}

/// Returns the error and all its sources as text, including ureq's.
fn text_of(error: &ureq::Error) -> String {
    let mut text = error.to_string();
    let mut next = signing_error(error).and_then(|error| error.source());
    while let Some(source) = next {
        text.push_str(&format!(": {source}"));
        next = source.source();
    }
    text
}

fn outcome(result: Result<http::Response<ureq::Body>, ureq::Error>) -> Outcome {
    let mut response = result.map_err(|error| text_of(&error))?;
    let status = response.status().as_u16();
    response.body_mut().read_to_vec().map_err(|error| error.to_string())?;
    Ok(status)
}

fn by_agent(call: &Call<'_>) -> Outcome {
    let agent =
        SigningAgent::builder(plain_agent(call.connect_to), signer(call.service), credentials())
            .redirects(Redirects::SameOrigin)
            .clock(call.clock)
            .build();
    let request = Request::builder().method(call.method).uri(call.uri).body(call.body).unwrap();
    outcome(agent.run(request))
}

fn middleware_agent(call: &Call<'_>, middleware: SignMiddleware) -> Agent {
    let config = Config::builder()
        .middleware(middleware.clock(call.clock))
        .http_status_as_error(false)
        .build();
    Agent::with_parts(config, DefaultConnector::default(), To(call.connect_to))
}

fn by_middleware(call: &Call<'_>) -> Outcome {
    let agent = middleware_agent(call, SignMiddleware::new(signer(call.service), credentials()));
    let request = Request::builder().method(call.method).uri(call.uri);
    outcome(match call.body {
        b"" => agent.run(request.body(()).unwrap()),
        body => agent.run(request.body(body).unwrap()),
    })
}

#[test]
fn awkward_targets_arrive_as_they_were_signed() {
    wire::awkward_targets(by_agent);
    wire::awkward_targets(by_middleware);
}

#[test]
fn every_method_and_body_arrives_whole_and_signed() {
    wire::methods_and_bodies(by_agent);
    wire::methods_and_bodies(by_middleware);
}

#[test]
fn host_is_signed_as_it_is_sent() {
    wire::hosts(by_agent);
    wire::hosts(by_middleware);
}

#[test]
fn broken_connection_is_an_error() {
    wire::broken_connections(by_agent);
    wire::broken_connections(by_middleware);
}

#[test]
fn redirects_stay_within_the_origin_and_are_signed_anew() {
    wire::redirects(by_agent);
}

#[test]
fn skewed_clock_is_corrected_once_and_absurd_dates_are_not_believed() {
    wire::skewed_clock(by_agent);
}

#[test]
fn middleware_follows_no_redirect_and_names_its_target() {
    let other = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    for location in ["/new".to_owned(), format!("{}/stolen", other.endpoint())] {
        let server =
            RawServer::start(move |_| Answer::Reply(Reply::new(307).header("location", &location)))
                .unwrap();
        let uri = format!("{}/old", server.endpoint());
        let call = call_of(&server, &uri);
        let text = by_middleware(&call).unwrap_err();
        assert!(text.contains("redirects to http://127.0.0.1:"), "{text}");
        assert_eq!(server.received().len(), 1);
        let returning =
            SignMiddleware::new(signer("s3"), credentials()).redirects(Redirects::Return);
        let result = middleware_agent(&call, returning).get(&uri).call();
        assert_eq!(outcome(result), Ok(307));
        assert_eq!(server.received().len(), 2);
    }
    assert_eq!(other.received(), []);
}

fn call_of<'a>(server: &RawServer, uri: &'a str) -> Call<'a> {
    Call {
        service: "s3",
        method: "GET",
        uri,
        body: b"",
        connect_to: server.address(),
        clock: SystemTime::now,
    }
}

#[test]
fn request_builder_above_the_middleware_is_signed_as_it_is_sent() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let uri = format!("{}/a%20b", server.endpoint());
    let call = call_of(&server, &uri);
    let agent = middleware_agent(&call, SignMiddleware::new(signer("s3"), credentials()));
    agent.get(&uri).query("q", "x y+z").header("x-amz-meta-a", "b").call().unwrap();
    agent.post(&uri).send_empty().unwrap();
    agent.put(&uri).content_type("text/plain").send("text").unwrap();
    agent.post(&uri).send_form([("a", "b c")]).unwrap();
    agent.put(&uri).send(SendBody::from_reader(&mut &b"from a reader"[..])).unwrap();
    agent.delete(&uri).force_send_body().send("forced").unwrap();
    agent.delete(&uri).call().unwrap();
    agent.head(&uri).call().unwrap();
    let received = server.received();
    let bodies: Vec<&[u8]> = received.iter().map(|it| it.body.as_slice()).collect();
    let expected: [&[u8]; 8] = [b"", b"", b"text", b"a=b+c", b"from a reader", b"forced", b"", b""];
    assert_eq!(bodies, expected);
    for one in &received {
        wire::check("s3", one);
        assert_eq!(one.header("transfer-encoding"), [""; 0]);
    }
    assert_eq!(received[1].header("content-length"), ["0"]);
    assert_eq!(received[2].header("content-type"), ["text/plain"]);
    assert_eq!(server.malformed(), Vec::<String>::new());
}

#[test]
fn hash_that_the_request_brings_is_signed_and_its_reader_is_left_alone() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let uri = format!("{}/key", server.endpoint());
    let refusing = SignMiddleware::new(signer("execute-api"), credentials())
        .stream_payload(StreamPayload::Refuse);
    let agent = middleware_agent(&call_of(&server, &uri), refusing);
    let hash = support::oracle::sha256_hex(b"from a reader");
    let mut reader = &b"from a reader"[..];
    let body = SendBody::from_reader(&mut reader);
    agent.put(&uri).header("x-amz-content-sha256", &hash).send(body).unwrap();
    let received = server.last().unwrap();
    assert_eq!(received.body, b"from a reader");
    let checked = wire::check("execute-api", &received);
    assert!(checked.canonical_request.ends_with(hash.as_bytes()));
}

#[test]
fn plus_in_a_query_goes_out_as_a_space() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let uri = format!("{}/?q=a+b%2Bc", server.endpoint());
    for send in [by_agent, by_middleware] {
        assert_eq!(send(&call_of(&server, &uri)), Ok(200));
        let received = server.last().unwrap();
        assert_eq!(received.target, b"/?q=a%20b%2Bc");
        wire::check("s3", &received);
    }
}

#[test]
fn transient_failures_are_retried_with_a_new_date_and_signature_each() {
    thread_local!(static NOW: Cell<u64> = const { Cell::new(1_700_000_000) });
    let server = wire::failing_first(2);
    let agent = builder(server.address())
        .retries(Retries::new(2).with_pause(Duration::ZERO))
        .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.replace(NOW.get() + 60)))
        .build();
    let uri = format!("{}/key", server.endpoint());
    let result = agent.run(Request::put(&uri).body("hello").unwrap());
    assert_eq!(outcome(result), Ok(200));
    let received = server.received();
    let dates: Vec<String> = received.iter().flat_map(|it| it.header("x-amz-date")).collect();
    assert_eq!(dates.len(), 3);
    assert!(dates.windows(2).all(|pair| pair[0] < pair[1]), "{dates:?}");
    for one in &received {
        wire::check("s3", one);
        assert_eq!(one.body, b"hello");
    }
}

#[test]
fn retries_are_as_many_as_asked_for_and_none_for_post_or_a_used_up_reader() {
    for (method, body, sent) in [
        ("PUT", Payload::from("a"), 2),
        ("POST", Payload::from("a"), 1),
        ("PUT", Payload::sized_reader(&b"a"[..], 1), 1),
    ] {
        let server = wire::failing_first(9);
        let agent = builder(server.address())
            .stream_payload(StreamPayload::Unsigned)
            .retries(Retries::new(1).with_pause(Duration::ZERO))
            .build();
        let uri = format!("{}/key", server.endpoint());
        let request = Request::builder().method(method).uri(uri).body(body).unwrap();
        assert_eq!(outcome(agent.run(request)), Ok(503));
        assert_eq!(server.received().len(), sent);
    }
}

#[test]
fn reset_connection_is_retried_with_a_new_signature() {
    let seen = AtomicUsize::new(0);
    let server = RawServer::start(move |_| match seen.fetch_add(1, Ordering::SeqCst) {
        0 => Answer::Reset(Vec::new()),
        _ => Answer::Reply(Reply::new(200)),
    })
    .unwrap();
    let agent =
        builder(server.address()).retries(Retries::new(1).with_pause(Duration::ZERO)).build();
    let request = Request::put(format!("{}/key", server.endpoint())).body("hello").unwrap();
    assert_eq!(outcome(agent.run(request)), Ok(200));
    assert_eq!(server.received().len(), 2);
}

#[test]
fn reader_is_refused_until_a_choice_is_made() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let uri = format!("{}/key", server.endpoint());
    let send = |choice: StreamPayload, body: Payload<'_>| {
        let agent = builder(server.address()).stream_payload(choice).build();
        agent.run(Request::put(&uri).body(body).unwrap())
    };
    let reader = || Payload::reader(&b"from a reader"[..]);
    let error = send(StreamPayload::Refuse, reader()).unwrap_err();
    assert!(
        matches!(signing_error(&error), Some(CallError::Body(UnsignableBody::Stream))),
        "{error:?}"
    );
    assert!(text_of(&error).contains("StreamPayload::Buffer"), "{}", text_of(&error));
    let error = send(StreamPayload::Buffer(12), reader()).unwrap_err();
    let too_long = UnsignableBody::TooLong { limit: 12 };
    assert!(
        matches!(signing_error(&error), Some(CallError::Body(it)) if *it == too_long),
        "{error:?}"
    );
    assert_eq!(server.received(), []);

    for (choice, body) in [
        (StreamPayload::Buffer(13), reader()),
        (StreamPayload::Unsigned, reader()),
        (StreamPayload::Unsigned, Payload::sized_reader(&b"from a reader"[..], 13)),
        (StreamPayload::Buffer(99), SendBody::from_reader(&mut &b"from a reader"[..]).into()),
    ] {
        assert_eq!(outcome(send(choice, body)), Ok(200));
        let received = server.last().unwrap();
        assert_eq!(received.body, b"from a reader");
        let checked = wire::check("s3", &received);
        let unsigned = checked.canonical_request.ends_with(b"\nUNSIGNED-PAYLOAD");
        assert_eq!(unsigned, matches!(choice, StreamPayload::Unsigned));
    }
}

#[test]
fn unsigned_payload_is_refused_on_plain_http_to_another_machine() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let send = |choice: StreamPayload| {
        let agent = builder(server.address()).stream_payload(choice).build();
        let body = Payload::reader(&b"hello"[..]);
        agent.run(Request::put("http://example.com/key").body(body).unwrap())
    };
    let error = send(StreamPayload::Unsigned).unwrap_err();
    assert!(matches!(signing_error(&error), Some(CallError::Body(UnsignableBody::PlainHttp))));
    assert_eq!(server.received(), []);
    assert_eq!(outcome(send(StreamPayload::UnsignedOverPlainHttp)), Ok(200));

    let call = Call { uri: "http://example.com/key", ..call_of(&server, "") };
    let middleware = |choice| {
        let it = SignMiddleware::new(signer("s3"), credentials()).stream_payload(choice);
        middleware_agent(&call, it)
    };
    let error = middleware(StreamPayload::Unsigned).put(call.uri).send("hello").unwrap_err();
    assert!(matches!(signing_error(&error), Some(CallError::Body(UnsignableBody::PlainHttp))));
    let error = middleware(StreamPayload::Refuse).put(call.uri).send("hello").unwrap_err();
    assert!(matches!(signing_error(&error), Some(CallError::Body(UnsignableBody::Stream))));
    middleware(StreamPayload::Refuse).put(call.uri).send_empty().unwrap();
    middleware(StreamPayload::UnsignedOverPlainHttp).put(call.uri).send("hello").unwrap();
    let checked = wire::check("s3", &server.last().unwrap());
    assert!(checked.canonical_request.ends_with(b"\nUNSIGNED-PAYLOAD"));
    middleware(StreamPayload::Unsigned).get(call.uri).call().unwrap();
}

#[test]
fn file_is_sent_in_signed_chunks() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let data = vec![b'x'; 200_001];
    let length = data.len() as u64;
    for plan in [
        AwsChunked::signed(length),
        AwsChunked::signed(length).with_checksum(Checksum::Sha256),
        AwsChunked::unsigned(length, Checksum::Sha256),
    ] {
        let agent = builder(server.address()).build();
        let body = Payload::aws_chunked(data.as_slice(), plan);
        let uri = format!("{}/big", server.endpoint());
        assert_eq!(outcome(agent.run(Request::put(uri).body(body).unwrap())), Ok(200));
        let received = server.last().unwrap();
        assert_eq!(received.header("transfer-encoding"), [""; 0]);
        assert!(wire::check("s3", &received).body == data);
    }
}

#[test]
fn readers_are_sent_in_signed_chunks_if_that_is_the_choice() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let uri = format!("{}/big", server.endpoint());
    let choice = StreamPayload::AwsChunked(AwsChunked::signed);
    let agent = builder(server.address()).stream_payload(choice).build();
    let send = |body| agent.run(Request::put(&uri).body(body).unwrap());
    let error = send(Payload::reader(&b"hello"[..])).unwrap_err();
    assert_eq!(unsignable(&error), Some(&UnsignableBody::UnknownLength));
    send(Payload::sized_reader(&b"hello"[..], 5)).unwrap();
    let middleware = SignMiddleware::new(signer("s3"), credentials()).stream_payload(choice);
    let below = middleware_agent(&call_of(&server, &uri), middleware);
    assert_eq!(
        unsignable(&below.put(&uri).send("hello").unwrap_err()),
        Some(&UnsignableBody::UnknownLength)
    );
    below.put(&uri).header("content-length", "5").send("hello").unwrap();
    below.get(&uri).call().unwrap();
    let received = server.received();
    let bodies: Vec<_> = received.iter().map(|it| wire::check("s3", it).body).collect();
    assert_eq!(bodies, [b"hello".as_slice(), b"hello", b""]);
}

#[test]
fn unsigned_chunks_are_refused_on_plain_http_to_another_machine() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let send = |choice| {
        let agent = builder(server.address()).stream_payload(choice).build();
        let plan = AwsChunked::unsigned(5, Checksum::Sha256);
        let body = Payload::aws_chunked(&b"hello"[..], plan);
        agent.run(Request::put("http://example.com/key").body(body).unwrap())
    };
    let error = send(StreamPayload::Refuse).unwrap_err();
    assert_eq!(unsignable(&error), Some(&UnsignableBody::PlainHttp));
    assert_eq!(server.received(), []);
    assert_eq!(outcome(send(StreamPayload::UnsignedOverPlainHttp)), Ok(200));
}

#[test]
fn body_of_another_length_than_declared_never_arrives_whole() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let uri = format!("{}/key", server.endpoint());
    let agent = builder(server.address()).stream_payload(StreamPayload::Unsigned).build();
    for length in [4, 6, 100_000] {
        let body = Payload::sized_reader(&b"hello"[..], length);
        let error = agent.run(Request::put(&uri).body(body).unwrap()).unwrap_err();
        assert!(error.to_string().contains("longer or shorter than"), "{error}");
        let plan = AwsChunked::signed(length);
        let body = Payload::aws_chunked(&b"hello"[..], plan);
        assert!(agent.run(Request::put(&uri).body(body).unwrap()).is_err());
    }
    // Here the caller sets the length in a header.
    for body in [Payload::from("hello"), Payload::reader(&b"hello"[..])] {
        let request = Request::put(&uri).header("content-length", "4").body(body).unwrap();
        assert!(agent.run(request).is_err());
    }
    let error = agent.run(Request::put(&uri).header("content-length", "4").body("hello").unwrap());
    let error = error.unwrap_err();
    assert_eq!(unsignable(&error), Some(&UnsignableBody::WrongLength { declared: 4 }));
    let call = call_of(&server, &uri);
    let middleware = middleware_agent(&call, SignMiddleware::new(signer("s3"), credentials()));
    let error = middleware.put(&uri).header("content-length", "6").send("hello").unwrap_err();
    assert_eq!(unsignable(&error), Some(&UnsignableBody::WrongLength { declared: 6 }));
    assert!(server.received().iter().all(|it| !it.complete));
}

#[test]
fn used_up_reader_is_not_sent_again() {
    let server = RawServer::start(|_| {
        let skewed = Reply::new(403).header("date", "Mon, 01 Jan 2024 00:00:00 GMT");
        Answer::Reply(skewed.body("<Error><Code>RequestTimeTooSkewed</Code></Error>"))
    })
    .unwrap();
    let an_hour_ahead = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_070_800);
    let agent = builder(server.address())
        .stream_payload(StreamPayload::Unsigned)
        .clock(an_hour_ahead)
        .build();
    let body = Payload::sized_reader(&b"hello"[..], 5);
    let request = Request::put(format!("{}/key", server.endpoint())).body(body).unwrap();
    let error = agent.run(request).unwrap_err();
    let expected = StatusCode::FORBIDDEN;
    assert!(
        matches!(signing_error(&error), Some(CallError::BodyNotReplayable { status, .. }) if *status == expected),
        "{error:?}"
    );
    assert_eq!(server.received().len(), 1);
}

#[test]
fn service_clock_that_differs_by_more_than_a_day_is_an_error_that_says_so() {
    let server = RawServer::start(|_| {
        let skewed = Reply::new(403).header("date", "Thu, 01 Jan 2099 00:00:00 GMT");
        Answer::Reply(skewed.body("<Error><Code>RequestTimeTooSkewed</Code></Error>"))
    })
    .unwrap();
    let agent = builder(server.address()).build();
    let request = Request::put(format!("{}/key", server.endpoint())).body("hello").unwrap();
    let error = agent.run(request).unwrap_err();
    assert!(matches!(signing_error(&error), Some(CallError::ClocksDiffer { .. })), "{error:?}");
    assert_eq!(server.received().len(), 1);
}

#[test]
fn session_token_does_not_go_through_a_proxy_over_plain_http() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let proxy = ureq::Proxy::new(&server.endpoint()).unwrap();
    let agent: Agent = Config::builder().proxy(Some(proxy)).build().into();
    let run = |credentials: Credentials| {
        let agent = SigningAgent::new(agent.clone(), signer("s3"), credentials);
        agent.run(Request::get("http://bucket.example.com/key").body(()).unwrap())
    };
    let error = run(credentials()).unwrap_err();
    assert!(matches!(signing_error(&error), Some(CallError::TokenThroughProxy)), "{error:?}");
    assert_eq!(server.received(), []);
    let long_term = Credentials::new(wire::ACCESS_KEY, wire::SECRET_KEY);
    assert!(run(long_term).is_ok());
}

#[test]
fn one_request_may_bring_its_own_signer_provider_and_body_choice() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let agent = SigningAgent::new(plain_agent(server.address()), signer("es"), Nothing);
    let overrides = Overrides::default()
        .signer(signer("s3"))
        .provider(credentials())
        .stream_payload(StreamPayload::Buffer(5));
    let request = Request::put(format!("{}/key", server.endpoint())).extension(overrides);
    agent.run(request.body(Payload::reader(&b"hello"[..])).unwrap()).unwrap();
    wire::check("s3", &server.last().unwrap());
}

#[test]
fn host_header_is_signed_and_sent_as_it_stands_if_the_signer_says_so() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let signer = signer("s3").with_host_from_header();
    let agent = SigningAgent::new(plain_agent(server.address()), signer, credentials());
    let request = Request::get(format!("{}/key", server.endpoint()));
    let request = request.header("host", "bucket.s3.example.com").body(()).unwrap();
    agent.run(request).unwrap();
    let received = server.last().unwrap();
    assert_eq!(received.header("host"), ["bucket.s3.example.com"]);
    wire::check("s3", &received);
}

/// Gives expired credentials until they are rejected.
#[derive(Debug, Default)]
struct Renewing(AtomicUsize);

impl CredentialsProvider for Renewing {
    fn credentials(&self) -> CredentialsFuture {
        let rejected = self.0.load(Ordering::SeqCst);
        CredentialsFuture::ready(Ok(if rejected == 0 {
            Credentials::new("ASIAOLD", "old").with_session_token("old")
        } else {
            credentials()
        }))
    }

    fn rejected(&self, rejected: &Credentials) {
        assert_eq!(rejected.access_key_id(), "ASIAOLD");
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn expired_session_is_renewed_once() {
    let server = RawServer::start(|received| {
        let old = received.header("authorization").concat().contains("ASIAOLD");
        let expired = Reply::new(400).body("<Error><Code>ExpiredToken</Code></Error>");
        Answer::Reply(if old { expired } else { Reply::new(200) })
    })
    .unwrap();
    let provider = Arc::new(Renewing::default());
    let agent =
        SigningAgent::new(plain_agent(server.address()), signer("s3"), Arc::clone(&provider));
    let request = Request::put(format!("{}/key", server.endpoint())).body("hello").unwrap();
    assert_eq!(outcome(agent.run(request)), Ok(200));
    assert_eq!(provider.0.load(Ordering::SeqCst), 1);
    assert_eq!(server.received().len(), 2);
    wire::check("s3", &server.last().unwrap());
}

#[test]
fn error_body_is_returned_whole_after_it_was_read() {
    let text = format!("<Error><Code>NoSuchThing</Code>{}</Error>", " ".repeat(100_000));
    let answer = text.clone();
    let server = RawServer::start(move |_| {
        let reply = Reply::new(400).header("content-type", "application/xml; charset=utf-8");
        Answer::Reply(reply.body(answer.clone()))
    })
    .unwrap();
    let agent = builder(server.address()).build();
    let uri = format!("{}/key", server.endpoint());
    let mut response = agent.run(Request::get(&uri).body(()).unwrap()).unwrap();
    assert_eq!(response.body().mime_type(), Some("application/xml"));
    assert_eq!(response.body_mut().read_to_string().unwrap(), text);
    // An agent that turns refusals into errors, as ureq does by default, still does so.
    let strict = SigningAgent::new(ureq::agent(), signer("s3"), credentials());
    let error = strict.run(Request::get(&uri).body(()).unwrap()).unwrap_err();
    assert!(matches!(error, ureq::Error::StatusCode(400)), "{error:?}");
}

/// A provider that fails on another thread after a short delay, as a chain without sources does.
#[derive(Debug)]
struct Nothing;

impl CredentialsProvider for Nothing {
    fn credentials(&self) -> CredentialsFuture {
        CredentialsFuture::new(async { Err(CredentialsError::new("no source has any")) })
    }
}

#[test]
fn errors_are_typed_and_have_their_sources() {
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let uri = format!("{}/key", server.endpoint());
    let agent = SigningAgent::new(plain_agent(server.address()), signer("s3"), Nothing);
    let error = agent.run(Request::get(&uri).body(()).unwrap()).unwrap_err();
    assert!(matches!(signing_error(&error), Some(CallError::Credentials(_))));
    assert!(text_of(&error).contains("no source has any"), "{}", text_of(&error));

    let agent = builder(server.address()).build();
    let error = agent.run(Request::get("/relative").body(()).unwrap()).unwrap_err();
    assert!(matches!(signing_error(&error), Some(CallError::Sign(SignError::MissingHost))));
    let error = agent.run(Request::get("http://a:b@example.com/").body(()).unwrap()).unwrap_err();
    assert!(matches!(signing_error(&error), Some(CallError::Sign(SignError::UserInfo))));
    let failing = || Payload::reader(Failing);
    let buffering = builder(server.address()).stream_payload(StreamPayload::Buffer(9)).build();
    let error = buffering.run(Request::put(&uri).body(failing()).unwrap()).unwrap_err();
    assert!(matches!(signing_error(&error), Some(CallError::ReadBody(_))));
    assert_eq!(server.received(), []);
    let unsigned = builder(server.address()).stream_payload(StreamPayload::Unsigned).build();
    assert!(unsigned.run(Request::put(&uri).body(failing()).unwrap()).is_err());
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

/// Gives different credentials at each call. Key, secret and token carry the same number.
#[derive(Debug)]
struct Rotating(AtomicUsize);

impl CredentialsProvider for Rotating {
    fn credentials(&self) -> CredentialsFuture {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        CredentialsFuture::ready(Ok(Credentials::new(
            format!("AKID{number}"),
            format!("secret{number}"),
        )
        .with_session_token(format!("token{number}"))))
    }
}

#[test]
fn rotation_never_mixes_key_secret_and_token() {
    use support::oracle::{Oracle, Rules};
    let server = RawServer::start(|_| Answer::Reply(Reply::new(200))).unwrap();
    let rotating = Rotating(AtomicUsize::new(0));
    let agent = SigningAgent::new(plain_agent(server.address()), signer("s3"), rotating);
    let uri = format!("{}/key", server.endpoint());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..1250 {
                    let request = Request::builder().method(Method::PUT).uri(&uri).body("hello");
                    assert_eq!(outcome(agent.run(request.unwrap())), Ok(200));
                }
            });
        }
    });
    let received = server.received();
    assert_eq!(received.len(), 10_000);
    for one in received {
        let token = one.header("x-amz-security-token").concat();
        let number = token.strip_prefix("token").unwrap();
        let key = format!("AKID{number}");
        let secret = format!("secret{number}");
        let oracle = Oracle::new(wire::REGION, "s3", Rules::S3, &key, &secret).with_token(&token);
        one.check(&oracle).unwrap_or_else(|error| panic!("{error}"));
    }
}
