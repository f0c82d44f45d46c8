//! Signs one request wrongly in each of ten ways, and prints how each refusal is explained.
//!
//! `cargo run --example explain` asks a server in this process that refuses as S3 does;
//! `cargo run --example explain -- swift` asks OpenStack Swift, where `tests/support/servers` has it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use examples::{Outcome, send};
use http::{HeaderValue, Request};
use sigv4_core::service::{PathEncoding, Rules};
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
use sigv4_explain::{Cause, explain};
use support::servers::Swift;
use support::{refusing, wire};

/// One way to get a signature wrong: with the wrong means, or by a change after signing.
struct Wrong {
    what: &'static str,
    region: &'static str,
    service: Service,
    credentials: Credentials,
    minutes_late: u64,
    change: fn(&mut Request<Bytes>),
    cause: Cause,
}

fn ten_ways(access_key: &str, secret_key: &str) -> [Wrong; 10] {
    let right = |what, cause| Wrong {
        what,
        region: wire::REGION,
        service: Service::from_static("s3"),
        credentials: Credentials::new(access_key, secret_key),
        minutes_late: 0,
        change: |_| {},
        cause,
    };
    let changed = |what, cause, change| Wrong { change, ..right(what, cause) };
    let as_key = |what, cause, credentials| Wrong { credentials, ..right(what, cause) };
    let another = Credentials::new(access_key, "another-secret");
    let no_token = Credentials::new("ASIAEXAMPLE", secret_key);
    let rules = Rules::S3.with_path_encoding(PathEncoding::Double);
    let encoded_twice = Service::with_rules("s3", rules).unwrap_or(Service::from_static("s3"));
    [
        as_key("the secret of another key", Cause::WrongSecret, another),
        as_key("a temporary key without its token", Cause::TokenMissing, no_token),
        Wrong { region: "eu-west-1", ..right("another region", Cause::WrongRegion) },
        Wrong {
            service: Service::from_static("execute-api"),
            ..right("another service", Cause::WrongService)
        },
        Wrong { minutes_late: 20, ..right("a clock 20 minutes late", Cause::ClockSkew) },
        Wrong { service: encoded_twice, ..right("another path encoding", Cause::PathEncodedTwice) },
        changed("a query changed on the way", Cause::QueryChanged, |request| {
            let uri = request.uri().to_string().replace("x=1", "x=2");
            *request.uri_mut() = uri.parse().unwrap_or_default();
        }),
        changed("a header changed on the way", Cause::HeaderChanged, |request| {
            let value = HeaderValue::from_static("changed");
            request.headers_mut().insert("x-amz-meta-note", value);
        }),
        changed("a header added on the way", Cause::UnsignedHeaders, |request| {
            let value = HeaderValue::from_static("public-read");
            request.headers_mut().insert("x-amz-acl", value);
        }),
        changed("a body changed on the way", Cause::PayloadChanged, |request| {
            *request.body_mut() = Bytes::from_static(b"HELLO");
        }),
    ]
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    if std::env::args().nth(1).as_deref() == Some("swift") {
        let swift = Swift::start().ok_or("Swift is not installed")?;
        let ways = ten_ways(Swift::ACCESS_KEY, Swift::SECRET_KEY);
        return explain_all(swift.endpoint(), ways).await.map(|_| ());
    }
    let server = refusing::start()?;
    let right =
        explain_all(&server.endpoint(), ten_ways(wire::ACCESS_KEY, wire::SECRET_KEY)).await?;
    if right == 10 { Ok(()) } else { Err(format!("{right} of 10 causes are right").into()) }
}

/// Sends each, prints its explanation, and counts those that are right.
async fn explain_all(endpoint: &str, ways: [Wrong; 10]) -> Outcome<usize> {
    let mut right = 0;
    for (number, wrong) in (1..).zip(ways) {
        let mut request = Request::put(format!("{endpoint}/bucket/a%20b?x=1"))
            .header("x-amz-meta-note", "signed")
            .body(Bytes::from_static(b"hello"))?;
        let signer = Signer::new(Region::from_static(wrong.region), wrong.service);
        let time = SystemTime::now() - Duration::from_secs(60 * wrong.minutes_late);
        let payload = PayloadHash::of(request.body());
        let (signed, transcript) =
            signer.compute_transcript(&request, payload, &wrong.credentials, time)?;
        signed.apply(request.headers_mut());
        (wrong.change)(&mut request);

        let response = send(request.map(Into::into)).await?;
        let explanation = explain(&transcript, &response);
        println!("{number}. {}\n{explanation}\n", wrong.what);
        right += usize::from(explanation.kind() == wrong.cause);
    }
    Ok(right)
}
