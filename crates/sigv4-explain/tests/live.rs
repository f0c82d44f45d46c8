//! Tests against servers that refuse requests as S3 does, with the texts that they computed:
//! OpenStack Swift, and a server in this process.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use sigv4_core::service::{PathEncoding, Rules};
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
use sigv4_explain::{Evidence, Explanation, Rank, RefusalCause as Cause};
use support::servers::Swift;
use support::{refusing, wire};

/// How a request is signed incorrectly or changed after signing.
#[derive(Clone, Copy)]
struct Wrong<'a> {
    region: &'a str,
    service: &'a str,
    rules: Rules,
    access_key: &'a str,
    secret_key: &'a str,
    ahead: Duration,
    change: fn(&mut Request<()>),
}

const RIGHT: Wrong<'_> = Wrong {
    region: Swift::REGION,
    service: "s3",
    rules: Rules::S3,
    access_key: Swift::ACCESS_KEY,
    secret_key: Swift::SECRET_KEY,
    ahead: Duration::ZERO,
    change: |_| {},
};

/// S3's rules, except for the path.
const ENCODED_TWICE: Rules = Rules::S3.with_path_encoding(PathEncoding::Double);

impl Wrong<'_> {
    fn answer(&self, endpoint: &str, method: Method) -> (Response<Vec<u8>>, Explanation) {
        let service = Service::with_rules(self.service, self.rules).unwrap();
        let signer = Signer::new(Region::new(self.region).unwrap(), service);
        let credentials = Credentials::new(self.access_key, self.secret_key);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/bucket/a%20b?prefix=x%20y", endpoint))
            .header("x-amz-meta-note", "signed")
            .body(())
            .unwrap();
        let time = SystemTime::now() + self.ahead;
        let (signed, transcript) =
            signer.compute_transcript(&request, PayloadHash::EMPTY, &credentials, time).unwrap();
        signed.apply(request.headers_mut());
        (self.change)(&mut request);
        let response = exchange(&request);
        let explanation = Evidence::from(&response).with_transcript(&transcript).explain();
        (response, explanation)
    }
}

/// Sends a request over a plain socket and reads the whole response.
fn exchange(request: &Request<()>) -> Response<Vec<u8>> {
    let uri = request.uri();
    let authority = uri.authority().unwrap().as_str();
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n",
        request.method(),
        uri.path_and_query().unwrap()
    );
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value.trim()).unwrap());
    }
    let mut response = Response::new(answer[end + 4..].to_vec());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    *response.headers_mut() = headers;
    response
}

fn with_query(request: &mut Request<()>, query: &str) {
    let uri = request.uri().to_string();
    let path = uri.split('?').next().unwrap();
    *request.uri_mut() = format!("{path}?{query}").parse().unwrap();
}

#[test]
fn each_wrong_signature_gets_its_cause_from_swift() {
    let Some(swift) = Swift::start() else { return };
    let wrongs = [
        (Wrong { rules: ENCODED_TWICE, ..RIGHT }, Cause::PathEncodedTwice),
        (
            Wrong {
                change: |request| {
                    let value = HeaderValue::from_static("changed");
                    request.headers_mut().insert("x-amz-meta-note", value);
                },
                ..RIGHT
            },
            Cause::HeaderChanged,
        ),
        (Wrong { change: |it| with_query(it, "prefix=z"), ..RIGHT }, Cause::QueryChanged),
        (Wrong { change: |it| with_query(it, "prefix=x%2By"), ..RIGHT }, Cause::QueryReencoded),
        (Wrong { change: |it| *it.method_mut() = Method::DELETE, ..RIGHT }, Cause::MethodChanged),
        (Wrong { secret_key: "another", ..RIGHT }, Cause::WrongSecret),
        (Wrong { ahead: Duration::from_secs(7200), ..RIGHT }, Cause::ClockSkew),
        (Wrong { region: "eu-west-1", ..RIGHT }, Cause::WrongRegion),
    ];
    for (wrong, cause) in wrongs {
        let (response, explanation) = wrong.answer(swift.endpoint(), Method::GET);
        let body = String::from_utf8_lossy(response.body());
        assert_eq!(explanation.cause(), cause, "{explanation}\n{body}");
        println!("{explanation}\n");
        if cause == Cause::ClockSkew {
            assert!(
                explanation.says().contains("hours ahead of")
                    || explanation.says().contains("119 minutes ahead of"),
                "{explanation}"
            );
        }
        if cause == Cause::WrongRegion {
            let expected = explanation.expected().unwrap().region.as_deref();
            assert_eq!(expected, Some(Swift::REGION));
        }
        let by_line = explanation.code() == Some("SignatureDoesNotMatch");
        assert_eq!(!explanation.differences().is_empty(), by_line && cause != Cause::WrongSecret);
    }
    // HEAD has no body: only the headers can tell.
    let skewed = Wrong { ahead: Duration::from_secs(7200), ..RIGHT };
    let (_, explanation) = skewed.answer(swift.endpoint(), Method::HEAD);
    assert_eq!(explanation.cause(), Cause::ClockSkew, "{explanation}");
    // The right signature is accepted. The only error is that the bucket does not exist.
    let (response, explanation) = RIGHT.answer(swift.endpoint(), Method::GET);
    assert_eq!(response.status(), 404, "{explanation}");
    assert_eq!(explanation.cause(), Cause::NotAboutSignatures, "{explanation}");
}

#[test]
fn each_of_ten_ways_to_sign_wrongly_gets_its_cause() {
    let server = refusing::start().unwrap();
    let right = Wrong {
        region: wire::REGION,
        access_key: wire::ACCESS_KEY,
        secret_key: wire::SECRET_KEY,
        ..RIGHT
    };
    let ways = [
        (Wrong { secret_key: "another", ..right }, Cause::WrongSecret, Rank::Compared),
        (Wrong { access_key: "ASIAEXAMPLE", ..right }, Cause::TokenMissing, Rank::Seen),
        (Wrong { region: "eu-west-1", ..right }, Cause::WrongRegion, Rank::Said),
        (Wrong { service: "execute-api", ..right }, Cause::WrongService, Rank::Said),
        (Wrong { ahead: Duration::from_secs(1200), ..right }, Cause::ClockSkew, Rank::Said),
        (Wrong { rules: ENCODED_TWICE, ..right }, Cause::PathEncodedTwice, Rank::Compared),
        (
            Wrong { change: |it| with_query(it, "prefix=z"), ..right },
            Cause::QueryChanged,
            Rank::Compared,
        ),
        (
            Wrong { change: |it| set(it, "x-amz-meta-note", "changed"), ..right },
            Cause::HeaderChanged,
            Rank::Compared,
        ),
        (
            Wrong { change: |it| set(it, "x-amz-acl", "public-read"), ..right },
            Cause::UnsignedHeaders,
            Rank::Said,
        ),
        (
            Wrong { change: |it| *it.method_mut() = Method::DELETE, ..right },
            Cause::MethodChanged,
            Rank::Compared,
        ),
    ];
    for (wrong, cause, rank) in ways {
        let (_, explanation) = wrong.answer(&server.endpoint(), Method::GET);
        assert_eq!((explanation.cause(), explanation.rank()), (cause, rank), "{explanation}");
        println!("{explanation}\n");
    }
}

fn set(request: &mut Request<()>, name: &'static str, value: &'static str) {
    request.headers_mut().insert(name, HeaderValue::from_static(value));
}
