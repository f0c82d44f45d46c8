//! Wire tests that every client must pass: one set of tables, checked by the raw server.
//!
//! A client's test passes one closure, which sends a [`Call`] with credentials of [`ACCESS_KEY`],
//! [`SECRET_KEY`] and [`TOKEN`] for [`REGION`], and returns the status or the error's text. The
//! functions here do the rest.
//!
//! | function | who must pass it |
//! | --- | --- |
//! | [`awkward_targets`], [`methods_and_bodies`], [`hosts`], [`broken_connections`] | everything that signs |
//! | [`redirects`], [`skewed_clock`] | a client that stands above the signer |

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use crate::oracle::{Checked, Oracle, Rules};
use crate::raw::{Answer, OnAccept, OnHead, RawServer, Received, Reply, Script};

/// The region to sign for.
pub const REGION: &str = "us-east-1";
/// The access key id to sign with.
pub const ACCESS_KEY: &str = "AKIDWIRE";
/// The secret access key to sign with.
pub const SECRET_KEY: &str = "wire/secret+key/EXAMPLE";
/// The session token to sign with.
pub const TOKEN: &str = "wire-session-token/+=";

/// Paths and queries that clients often rewrite and canonicalisers often get wrong. All are valid
/// in an `http::Uri`.
pub const AWKWARD_TARGETS: [&str; 44] = [
    "/",
    "/a/b/c",
    "/a/b/",
    "/a//b",
    "//a",
    "/a///",
    "/a/./b",
    "/a/../b",
    "/a/b/..",
    "/a%20b",
    "/a+b",
    "/a%2Bb",
    "/a%2Fb",
    "/a%2fb",
    "/a%252Fb",
    "/%7Euser",
    "/~user",
    "/-._~",
    "/a:b@c",
    "/a;b=c,d",
    "/$&'()*!",
    "/%E2%98%83",
    "/%e2%98%83",
    "/%FF",
    "/a=b",
    "/%00",
    "/?a",
    "/?a=",
    "/?=a",
    "/?a=b=c",
    "/?a&b",
    "/?&&a=1&&",
    "/?b=2&a=1",
    "/?a=2&a=1",
    "/?a=1&a=1",
    "/?A=1&a=2",
    "/?a-b=1&a=2&a.b=3",
    "/?q=a%20b",
    "/?q=a%2Bb",
    "/?q=%7E~%2D-",
    "/?q=%e2%98%83",
    "/?q=/:@!$'()*,;",
    "/?uploads&prefix=a/b&delimiter=%2F",
    "/key?X-Amz-Meta=1&x=%25",
];

/// A request for a client to sign and send.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The service to sign for: `s3` or `execute-api`.
    pub service: &'a str,
    /// The method.
    pub method: &'a str,
    /// The absolute URI.
    pub uri: &'a str,
    /// The body. If it is empty, there is none.
    pub body: &'a [u8],
    /// The address to connect to, whatever host the URI names.
    pub connect_to: SocketAddr,
    /// The client's clock.
    pub clock: fn() -> SystemTime,
}

/// The outcome: a status, or the text of an error with all its sources.
pub type Outcome = Result<u16, String>;

/// Checks that every target arrives as it was signed, under the rules of S3 and those of other
/// services.
pub fn awkward_targets(mut send: impl FnMut(&Call<'_>) -> Outcome) {
    for service in ["s3", "execute-api"] {
        let server = RawServer::start(|_| ok()).unwrap();
        for target in AWKWARD_TARGETS {
            let uri = format!("{}{target}", server.endpoint());
            let outcome = send(&Call { service, ..call(&server, &uri) });
            assert_eq!(outcome, Ok(200), "{service} {target}");
            check(service, &server.last().unwrap());
        }
        assert_eq!(server.received().len(), AWKWARD_TARGETS.len());
    }
}

/// Checks that every method arrives with its body whole and signed.
pub fn methods_and_bodies(mut send: impl FnMut(&Call<'_>) -> Outcome) {
    let server = RawServer::start(|_| ok()).unwrap();
    let large = vec![b'x'; 300_000];
    let bodies: [&[u8]; 4] = [b"", b"hello", b"\x00\xff\r\n\r\n0\r\n", &large];
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        for body in bodies {
            if matches!(method, "GET" | "HEAD" | "OPTIONS") && !body.is_empty() {
                continue; // RFC 9110 gives such a body no meaning, and some clients refuse to send it
            }
            let uri = format!("{}/a%20key?b=c", server.endpoint());
            let outcome = send(&Call { method, body, ..call(&server, &uri) });
            assert_eq!(outcome, Ok(200), "{method}, {} bytes", body.len());
            let received = server.last().unwrap();
            assert_eq!(received.method, method.as_bytes());
            assert!(received.body == body, "{method}: the body differs");
            check("s3", &received);
        }
    }
}

/// Checks that the host is signed as sent: default ports, upper case, IPv6 literals.
pub fn hosts(mut send: impl FnMut(&Call<'_>) -> Outcome) {
    let server = RawServer::start(|_| ok()).unwrap();
    let port = server.address().port();
    // An IPv4-mapped address reaches a server that listens only on 127.0.0.1.
    let mapped = format!("[::ffff:7f00:1]:{port}");
    let (named, lower) = (format!("Example.COM:{port}"), format!("example.com:{port}"));
    for (authority, host) in [
        ("example.com", "example.com"),
        ("example.com:80", "example.com"),
        ("EXAMPLE.com", "example.com"),
        ("Bucket.Example.COM:80", "bucket.example.com"),
        (named.as_str(), lower.as_str()),
        (mapped.as_str(), mapped.as_str()),
    ] {
        let uri = format!("http://{authority}/a?b=c");
        let outcome = send(&call(&server, &uri));
        assert_eq!(outcome, Ok(200), "{authority}");
        let received = server.last().unwrap();
        assert_eq!(received.header("host"), [host], "{authority}");
        check("s3", &received);
    }
}

/// Checks that a connection that breaks anywhere in an upload gives an error, never a truncated
/// success.
pub fn broken_connections(mut send: impl FnMut(&Call<'_>) -> Outcome) {
    let body = vec![b'x'; 4 << 20];
    let scripts: [(&str, Script); 4] = [
        ("before", Script::answering(|_| ok()).on_accept(|_| OnAccept::Reset)),
        ("start", Script::answering(|_| ok()).on_head(|_| OnHead::ResetAfter(0))),
        ("middle", Script::answering(|_| ok()).on_head(|_| OnHead::ResetAfter(1 << 20))),
        ("end", Script::answering(|_| Answer::Reset(Vec::new()))),
    ];
    for (place, script) in scripts {
        let server = RawServer::start_script(script).unwrap();
        let uri = format!("{}/upload", server.endpoint());
        let outcome = send(&Call { method: "PUT", body: &body, ..call(&server, &uri) });
        assert!(outcome.is_err(), "{place}: {outcome:?}");
        let whole = server.received().iter().filter(|it| it.complete).count();
        assert_eq!(whole, usize::from(place == "end"), "{place}");
    }
}

/// The effect of redirects: status and method, then the new method and whether the body is kept.
const REDIRECTS: [(u16, &str, &str, bool); 12] = [
    (301, "GET", "GET", false),
    (301, "POST", "GET", false),
    (301, "PUT", "PUT", true),
    (302, "POST", "GET", false),
    (302, "DELETE", "DELETE", false),
    (303, "POST", "GET", false),
    (303, "PUT", "GET", false),
    (303, "HEAD", "HEAD", false),
    (307, "POST", "POST", true),
    (307, "PUT", "PUT", true),
    (308, "POST", "POST", true),
    (308, "PATCH", "PATCH", true),
];

/// Checks that a redirect within the origin is followed with a new signature, and that no byte goes
/// to another origin.
pub fn redirects(mut send: impl FnMut(&Call<'_>) -> Outcome) {
    for (status, method, next_method, keeps_body) in REDIRECTS {
        let server = RawServer::start(move |received| match received.target.as_slice() {
            b"/old" => Answer::Reply(Reply::new(status).header("location", "/new%20key?a=b")),
            _ => ok(),
        })
        .unwrap();
        let uri = format!("{}/old", server.endpoint());
        let body: &[u8] = if matches!(method, "GET" | "HEAD" | "DELETE") { b"" } else { b"hello" };
        let outcome = send(&Call { method, body, ..call(&server, &uri) });
        assert_eq!(outcome, Ok(200), "{status} {method}");
        let received = server.received();
        assert_eq!(received.len(), 2, "{status} {method}");
        assert_eq!(received[1].target, b"/new%20key?a=b");
        assert_eq!(received[1].method, next_method.as_bytes(), "{status} {method}");
        let expected: &[u8] = if keeps_body { body } else { b"" };
        assert_eq!(received[1].body, expected, "{status} {method}");
        let signatures = [check("s3", &received[0]), check("s3", &received[1])];
        assert_ne!(signatures[0].signature, signatures[1].signature);
    }
    other_origins(&mut send);
    endless_redirect(&mut send);
}

fn other_origins(send: &mut impl FnMut(&Call<'_>) -> Outcome) {
    let other = RawServer::start(|_| ok()).unwrap();
    for status in [301, 302, 303, 307, 308] {
        for location in [
            format!("{}/stolen", other.endpoint()),
            format!("//{}/stolen", other.address()),
            format!("https://{}/stolen", other.address()),
            format!("http://user:password@{}/stolen", other.address()),
            "http://localhost:{port}/stolen".to_owned(),
            "https://127.0.0.1:{port}/stolen".to_owned(),
        ] {
            let server = RawServer::start(move |received| {
                let host = received.header("host").concat();
                let port = host.rsplit(':').next().unwrap_or_default();
                let location = location.replace("{port}", port);
                Answer::Reply(Reply::new(status).header("location", &location))
            })
            .unwrap();
            let uri = format!("{}/old", server.endpoint());
            let outcome = send(&Call { method: "POST", body: b"hello", ..call(&server, &uri) });
            let text = outcome.expect_err("a redirect to another origin is an error");
            assert!(text.contains("redirects to"), "{text}");
            assert!(!text.contains("password"), "{text}");
            assert_eq!(server.received().len(), 1, "{status}");
            assert_eq!(server.malformed(), Vec::<String>::new());
        }
    }
    // Nothing may arrive there: no `authorization`, no token, no `x-amz-*`, not even a request.
    assert_eq!(other.received(), []);
    assert_eq!(other.malformed(), Vec::<String>::new());
}

fn endless_redirect(send: &mut impl FnMut(&Call<'_>) -> Outcome) {
    let server =
        RawServer::start(|_| Answer::Reply(Reply::new(307).header("location", "/again"))).unwrap();
    let uri = format!("{}/again", server.endpoint());
    let text = send(&call(&server, &uri)).expect_err("an endless redirect is an error");
    assert!(text.contains("redirects to"), "{text}");
    assert_eq!(server.received().len(), 11);
}

/// The fixed clock of a [`skewed_clock`] client: `Mon, 01 Jan 2024 00:00:00 GMT`.
const CLIENT_CLOCK: u64 = 1_704_067_200;

/// Checks that a client adopts the time of a server 20 minutes ahead once, and never an absurd date
/// or one from a cache.
pub fn skewed_clock(mut send: impl FnMut(&Call<'_>) -> Outcome) {
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(CLIENT_CLOCK);
    for (date, age, dates_signed) in [
        ("Mon, 01 Jan 2024 00:20:00 GMT", None, &["20240101T000000Z", "20240101T002000Z"][..]),
        ("Sun, 31 Dec 2023 23:40:00 GMT", None, &["20240101T000000Z", "20231231T234000Z"]),
        ("Mon, 01 Jan 2024 00:20:00 GMT", Some("1200"), &["20240101T000000Z"]),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, &["20240101T000000Z"]),
        ("Fri, 01 Jan 2100 00:00:00 GMT", None, &["20240101T000000Z"]),
    ] {
        // It refuses every request. A client that learns from each response would never stop.
        let server = RawServer::start(move |_| {
            let reply = Reply::new(403).header("date", date);
            let reply = age.map_or(reply.clone(), |age| reply.header("age", age));
            Answer::Reply(reply.body("<Error><Code>RequestTimeTooSkewed</Code></Error>"))
        })
        .unwrap();
        let uri = format!("{}/key", server.endpoint());
        let outcome = send(&Call { method: "PUT", body: b"hello", clock, ..call(&server, &uri) });
        assert_eq!(outcome, Ok(403), "{date}");
        let received = server.received();
        let signed: Vec<String> = received.iter().flat_map(|it| it.header("x-amz-date")).collect();
        assert_eq!(signed, dates_signed, "{date}");
        for one in &received {
            check("s3", one);
            assert_eq!(one.body, b"hello");
        }
    }
}

/// Recomputes a request's signature, which must be present, correct, and the only one.
pub fn check(service: &str, received: &Received) -> Checked {
    let rules = if service == "s3" { Rules::S3 } else { Rules::DEFAULT };
    let oracle = Oracle::new(REGION, service, rules, ACCESS_KEY, SECRET_KEY).with_token(TOKEN);
    for name in ["authorization", "x-amz-date", "x-amz-security-token", "host"] {
        assert_eq!(received.header(name).len(), 1, "{name}");
    }
    received
        .check(&oracle)
        .unwrap_or_else(|error| panic!("{}\n{error}", String::from_utf8_lossy(&received.raw_head)))
}

/// Starts a server that responds with 503 to this many requests, then with 200.
///
/// # Panics
/// No port is available.
#[must_use]
pub fn failing_first(failures: usize) -> RawServer {
    let seen = AtomicUsize::new(0);
    RawServer::start(move |_| {
        let failed = seen.fetch_add(1, Ordering::SeqCst) < failures;
        Answer::Reply(Reply::new(if failed { 503 } else { 200 }))
    })
    .unwrap()
}

fn call<'a>(server: &RawServer, uri: &'a str) -> Call<'a> {
    Call {
        service: "s3",
        method: "GET",
        uri,
        body: b"",
        connect_to: server.address(),
        clock: SystemTime::now,
    }
}

fn ok() -> Answer {
    Answer::Reply(Reply::new(200))
}
