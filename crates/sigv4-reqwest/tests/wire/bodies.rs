//! Tests of streamed bodies.

use std::io;

use futures_util::stream;
use reqwest::Body;
use sigv4_reqwest::{AwsChunked, CallError, Checksum, Error, StreamPayload, UnsignableBody};
use support::raw::{Answer, RawServer, Reply};
use support::wire;

use crate::{chain, check, client, ok_server};

fn of_chunks(chunks: &'static [&'static str]) -> Body {
    Body::wrap_stream(stream::iter(chunks.iter().copied().map(Ok::<_, io::Error>)))
}

#[tokio::test]
async fn stream_without_a_choice_is_an_error_and_nothing_is_sent() {
    let server = ok_server();
    let error = client().put(server.endpoint()).body(of_chunks(&["a"])).send().await.unwrap_err();
    assert!(matches!(error, Error::Call(CallError::Body(UnsignableBody::Stream))), "{error:?}");
    let text = chain(&error);
    assert!(text.contains("Buffer(limit)") && text.contains("Unsigned"), "{text}");
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn buffered_stream_is_hashed_and_sent_with_its_length() {
    let server = ok_server();
    let put = |limit| {
        client()
            .put(server.endpoint())
            .body(of_chunks(&["hel", "", "lo"]))
            .stream_payload(StreamPayload::Buffer(limit))
            .send()
    };
    put(5).await.unwrap();
    let received = server.last().unwrap();
    assert_eq!(
        (received.body.as_slice(), received.header("content-length")),
        (&b"hello"[..], vec!["5".to_owned()])
    );
    check(&received);
    let error = put(4).await.unwrap_err();
    assert!(
        matches!(error, Error::Call(CallError::Body(UnsignableBody::TooLong { limit: 4 }))),
        "{error:?}"
    );
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn buffered_stream_is_sent_again_after_a_redirect() {
    let server = RawServer::start(|received| {
        let old = received.target == b"/old";
        Answer::Reply(if old {
            Reply::new(307).header("location", "/new")
        } else {
            Reply::new(200)
        })
    })
    .unwrap();
    let request = client().put(format!("{}/old", server.endpoint())).body(of_chunks(&["a", "b"]));
    let response = request.stream_payload(StreamPayload::Buffer(10)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let received = server.received();
    assert_eq!(received.len(), 2);
    for one in &received {
        assert_eq!(one.body, b"ab");
        check(one);
    }
}

#[tokio::test]
async fn unsigned_stream_declares_itself_and_is_sent_unchanged() {
    let server = ok_server();
    let request = client().put(server.endpoint()).body(of_chunks(&["hel", "lo"]));
    request.stream_payload(StreamPayload::Unsigned).send().await.unwrap();
    let received = server.last().unwrap();
    assert_eq!(received.body, b"hello");
    assert_eq!(received.header("x-amz-content-sha256"), ["UNSIGNED-PAYLOAD"]);
    assert_eq!(received.header("transfer-encoding"), ["chunked"]);
    check(&received);
}

#[tokio::test]
async fn unsigned_stream_over_plain_http_needs_loopback_or_the_choice_that_names_the_risk() {
    let server = ok_server();
    let plain = crate::plain().resolve("example.com", server.address());
    let client =
        sigv4_reqwest::SigningClient::builder(plain, crate::signer("s3"), crate::credentials())
            .build()
            .unwrap();
    let put = |payload| {
        client.put("http://example.com/").body(of_chunks(&["a"])).stream_payload(payload).send()
    };
    let error = put(StreamPayload::Unsigned).await.unwrap_err();
    assert!(matches!(error, Error::Call(CallError::Body(UnsignableBody::PlainHttp))), "{error:?}");
    assert_eq!(server.received(), []);
    put(StreamPayload::UnsignedOverPlainHttp).await.unwrap();
    check(&server.last().unwrap());
}

#[tokio::test]
async fn chunked_stream_is_signed_chunk_by_chunk() {
    let checksum = |length| AwsChunked::signed(length).with_checksum(Checksum::Sha256);
    let unsigned = |length| AwsChunked::unsigned(length, Checksum::Sha256);
    for (plan, line) in [
        (AwsChunked::signed as fn(u64) -> AwsChunked, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        (checksum, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        (unsigned, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    ] {
        let server = ok_server();
        let block = "x".repeat(50_000);
        let blocks = stream::iter([block.clone(), block.clone()].map(Ok::<_, io::Error>));
        let request = client().put(server.endpoint()).header("content-length", "100000");
        let request = request.body(Body::wrap_stream(blocks));
        request.stream_payload(StreamPayload::AwsChunked(plan)).send().await.unwrap();
        let received = server.last().unwrap();
        assert_eq!(received.header("x-amz-content-sha256"), [line]);
        assert_eq!(received.header("content-length"), [received.body.len().to_string()]);
        assert!(received.header("transfer-encoding").is_empty());
        let checked = wire::check("s3", &received);
        assert_eq!(checked.body, block.repeat(2).as_bytes());
    }
}

#[tokio::test]
async fn chunked_stream_needs_a_length() {
    let server = ok_server();
    let chunked = StreamPayload::AwsChunked(AwsChunked::signed);
    let request = client().put(server.endpoint()).body(of_chunks(&["a"]));
    let error = request.stream_payload(chunked).send().await.unwrap_err();
    assert!(
        matches!(error, Error::Call(CallError::Body(UnsignableBody::UnknownLength))),
        "{error:?}"
    );
    assert_eq!(server.received(), []);
    let sized = Body::wrap("hello".to_owned()); // its length is known
    client().put(server.endpoint()).body(sized).stream_payload(chunked).send().await.unwrap();
    assert_eq!(wire::check("s3", &server.last().unwrap()).body, b"hello");
}

#[tokio::test]
async fn stream_longer_or_shorter_than_declared_never_succeeds() {
    for (chunks, declared) in [
        (&["hello", "x"][..], "5"),
        (&["hellox"], "5"),
        (&["hell"], "5"),
        (&[], "5"),
        (&["x"], "0"),
    ] {
        for payload in [StreamPayload::Unsigned, StreamPayload::AwsChunked(AwsChunked::signed)] {
            let server = ok_server();
            let request = client().put(server.endpoint()).header("content-length", declared);
            let outcome = request.body(of_chunks(chunks)).stream_payload(payload).send().await;
            assert!(outcome.is_err(), "{payload:?}, {chunks:?} as {declared}: {outcome:?}");
            let whole = server.received().iter().any(|it| it.complete);
            assert!(!whole, "{payload:?}, {chunks:?} as {declared}");
        }
    }
}

#[tokio::test]
async fn stream_of_the_declared_length_arrives_whole() {
    let server = ok_server();
    let request = client().put(server.endpoint()).header("content-length", "5");
    let request = request.body(of_chunks(&["hel", "lo"])).stream_payload(StreamPayload::Unsigned);
    request.send().await.unwrap();
    let received = server.last().unwrap();
    assert_eq!((received.body.as_slice(), received.complete), (&b"hello"[..], true));
    check(&received);
}

#[tokio::test]
async fn used_up_stream_is_an_error_not_a_second_empty_request() {
    for reply in [
        Reply::new(307).header("location", "/new"),
        Reply::new(400).body(
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>",
        ),
    ] {
        let status = reply.status;
        let server = RawServer::start(move |_| Answer::Reply(reply.clone())).unwrap();
        let request = client().put(server.endpoint()).body(of_chunks(&["a"]));
        let error = request.stream_payload(StreamPayload::Unsigned).send().await.unwrap_err();
        let Error::Call(CallError::BodyNotReplayable { status: answered, .. }) = error else {
            panic!("{error:?}")
        };
        assert_eq!((answered.as_u16(), server.received().len()), (status, 1));
    }
}

#[tokio::test]
async fn used_up_stream_is_no_error_if_the_redirect_drops_the_body() {
    let server = RawServer::start(|received| {
        let post = received.method == b"POST";
        Answer::Reply(if post {
            Reply::new(303).header("location", "/new")
        } else {
            Reply::new(200)
        })
    })
    .unwrap();
    let request = client().post(server.endpoint()).header("content-type", "text/plain");
    let request = request.body(of_chunks(&["a"])).stream_payload(StreamPayload::Unsigned);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let second = server.last().unwrap();
    assert_eq!((second.method.as_slice(), second.body.as_slice()), (&b"GET"[..], &b""[..]));
    assert!(second.header("content-type").is_empty());
    assert_ne!(second.header("x-amz-content-sha256"), ["UNSIGNED-PAYLOAD"]);
    check(&second);
}

#[tokio::test]
async fn stream_that_fails_half_way_is_an_error() {
    for payload in [StreamPayload::Unsigned, StreamPayload::Buffer(100)] {
        let server = ok_server();
        let failing = stream::iter([Ok("ab"), Err(io::Error::other("the disk is gone"))]);
        let request = client().put(server.endpoint()).body(Body::wrap_stream(failing));
        let error = request.stream_payload(payload).send().await.unwrap_err();
        assert!(chain(&error).contains("the disk is gone"), "{}", chain(&error));
        assert!(server.received().iter().all(|it| !it.complete));
    }
}

#[cfg(feature = "multipart")]
#[tokio::test]
async fn multipart_is_a_stream() {
    let server = ok_server();
    let put = |payload| {
        let form = reqwest::multipart::Form::new().text("name", "Rex");
        client().post(server.endpoint()).multipart(form).stream_payload(payload).send()
    };
    let error = put(StreamPayload::Refuse).await.unwrap_err();
    assert!(matches!(error, Error::Call(CallError::Body(UnsignableBody::Stream))), "{error:?}");
    for payload in [StreamPayload::Buffer(10_000), StreamPayload::Unsigned] {
        put(payload).await.unwrap();
        let received = server.last().unwrap();
        assert!(received.body.windows(3).any(|window| window == b"Rex"));
        wire::check("s3", &received);
    }
}
