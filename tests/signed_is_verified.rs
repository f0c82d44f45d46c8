//! What we sign we verify, for every service of the table, in both forms, with and without a token,
//! streams included; and what is changed afterwards is refused, unless it says the same.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use sigv4_core::service::{PathEncoding, PathNormalization, PresignedPayload, SessionToken};
use sigv4_core::stream::{AwsChunked, Checksum};
use sigv4_core::verify::{BodyRule, Form, Verified, Verifier, VerifyError};
use sigv4_core::{
    Credentials, HeaderSelection, PayloadHash, Region, Service, SignError, Signer, SigningTime,
};
use support::{edit, oracle};

/// Every name that the table of services has a row for, and one that it has not.
const SERVICES: [&str; 13] = [
    "s3",
    "s3-outposts",
    "s3-object-lambda",
    "s3express",
    "aoss",
    "vpc-lattice-svcs",
    "glacier",
    "kms",
    "lambda",
    "route53",
    "monitoring",
    "iotdevicegateway",
    "execute-api",
];

#[test]
fn every_row_of_the_service_table_is_tried_here() {
    let table = include_str!("../crates/sigv4-core/src/service/mod.rs");
    let names = table.split("b\"").skip(1).filter_map(|rest| rest.split('"').next());
    let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let rows: BTreeSet<&str> = names.filter(is_name).collect();
    assert!(rows.len() >= 12, "{rows:?}");
    let missing: Vec<_> = rows.iter().filter(|name| !SERVICES.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

const REGION: Region = Region::from_static("us-east-1");

fn now() -> SigningTime {
    "20150830T123600Z".parse().unwrap()
}

fn key(token: bool) -> Credentials {
    let key = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    if token { key.with_session_token("TOKEN/+= a") } else { key }
}

fn signer(service: &str) -> Signer {
    Signer::new(REGION, Service::new(service).unwrap())
}

fn verify(
    service: &str,
    parts: &Parts,
    key: &Credentials,
    body: &[u8],
) -> Result<(Verified, Vec<u8>, HeaderMap), VerifyError> {
    let claim = Verifier::new(REGION, Service::new(service).unwrap()).read(parts, now())?;
    if claim.body_rule() == BodyRule::HashFirst {
        let verified = claim.verify_hashed(Some(key), PayloadHash::of(body))?;
        return Ok((verified, body.to_vec(), HeaderMap::new()));
    }
    let is_stream = claim.body_rule() == BodyRule::Streamed;
    let (verified, mut reading) = claim.verify(Some(key))?;
    reading.update(&Bytes::copy_from_slice(body))?;
    let mut content = Vec::new();
    while let Some(bytes) = reading.content() {
        content.extend_from_slice(&bytes);
    }
    let complete = reading.finish()?;
    let content = if is_stream { content } else { body.to_vec() };
    Ok((verified, content, complete.trailers().clone()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Signed,
    SignedTrailer,
    UnsignedTrailer,
}

/// A request in one of its forms, as it is sent.
fn send(
    service: &str,
    form: Form,
    stream: Option<Stream>,
    mut request: Request<Vec<u8>>,
    key: &Credentials,
) -> Result<(Parts, Vec<u8>), SignError> {
    let signer = signer(service).with_signed_headers(HeaderSelection::All);
    if let Some(stream) = stream {
        let length = request.body().len() as u64;
        let plan = match stream {
            Stream::Signed => AwsChunked::signed(length),
            Stream::SignedTrailer => AwsChunked::signed(length).with_checksum(Checksum::Sha256),
            Stream::UnsignedTrailer => AwsChunked::unsigned(length, Checksum::Crc32),
        };
        plan.set_headers(request.headers_mut());
        let signed = signer.compute(&request, plan.payload(), key, now())?;
        signed.apply(request.headers_mut());
        let mut encoder = plan.encoder(signed).unwrap();
        let (parts, body) = request.into_parts();
        let (mut body, mut wire) = (Bytes::from(body), Vec::new());
        while let Some(chunk) = encoder.encode(&mut body).unwrap() {
            wire.extend_from_slice(&chunk);
        }
        wire.extend_from_slice(&encoder.finish(&HeaderMap::new()).unwrap());
        return Ok((parts, wire));
    }
    if form == Form::Header {
        signer.sign(&mut request, key, now())?;
        return Ok(request.into_parts());
    }
    let payload = match signer.service().rules().presigned_payload {
        PresignedPayload::Unsigned => PayloadHash::Unsigned,
        _ => PayloadHash::of(request.body()),
    };
    let hour = Duration::from_secs(3600);
    let presigned = signer.presign_hashed(&request, payload, hour, key, now())?;
    Ok((presigned.into_request(())?.into_parts().0, request.into_body()))
}

/// Requests as clients send them: no parameter or header of the signature's is there before.
fn any_request() -> impl Strategy<Value = Request<Vec<u8>>> {
    let target = "(/[ -~é]{0,10}){0,4}/?(\\?[a-wyzA-WYZ0-9%&=+~/:é-]{0,30})?";
    let names = "(x-amz-(meta-)?[a-c]{1,3}|x-[a-z]{1,2}|content-type|date|range|user-agent)";
    let headers = vec((names, vec(any::<u8>(), 0..12)), 0..8);
    let method = "(GET|PUT|POST|DELETE|PATCH|[A-Z]{1,6})";
    let body = vec(any::<u8>(), 0..64);
    (target, headers, method, body).prop_filter_map(
        "not a request",
        |(target, headers, method, body)| {
            let uri = format!("https://example.com{target}");
            let mut request = Request::builder().method(&*method).uri(uri).body(body).ok()?;
            for (name, value) in headers {
                let (name, value) =
                    (name.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(&value).ok()?);
                // Each of these once: a server may not read them as a list.
                let is_single = !name.as_str().starts_with("x-");
                if !(is_single && request.headers().contains_key(&name)) {
                    request.headers_mut().append(name, value);
                }
            }
            Some(request)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn what_we_sign_we_verify(
        request in any_request(),
        service in prop::sample::select(SERVICES.to_vec()),
        form in prop::sample::select(vec![Form::Header, Form::Query]),
        token in any::<bool>(),
    ) {
        let (key, body) = (key(token), request.body().clone());
        if let Ok((parts, sent)) = send(service, form, None, request, &key) {
            let verified = verify(service, &parts, &key, &sent);
            let (verified, content, _) = verified.map_err(|error| {
                TestCaseError::fail(format!("{error}: {parts:?}"))
            })?;
            prop_assert_eq!(verified.access_key_id(), "AKIDEXAMPLE");
            prop_assert_eq!(verified.form(), form);
            prop_assert_eq!(content, body);
        }
    }

    #[test]
    fn stream_that_we_sign_we_verify(
        request in any_request(),
        service in prop::sample::select(SERVICES.to_vec()),
        token in any::<bool>(),
        stream in prop::sample::select(
            vec![Stream::Signed, Stream::SignedTrailer, Stream::UnsignedTrailer]
        ),
    ) {
        let (key, body) = (key(token), request.body().clone());
        if let Ok((parts, sent)) = send(service, Form::Header, Some(stream), request, &key) {
            let verified = verify(service, &parts, &key, &sent);
            let (_, content, trailers) = verified.map_err(|error| {
                TestCaseError::fail(format!("{error}: {parts:?}"))
            })?;
            prop_assert_eq!(content, body);
            prop_assert_eq!(trailers.is_empty(), stream == Stream::Signed);
        }
    }
}

fn rules_of(service: &str) -> oracle::Rules {
    let rules = *signer(service).service().rules();
    oracle::Rules {
        encoding: match rules.path_encoding {
            PathEncoding::Single => oracle::PathEncoding::Single,
            _ => oracle::PathEncoding::Double,
        },
        segments: match rules.path_normalization {
            PathNormalization::Verbatim => oracle::PathSegments::Kept,
            _ => oracle::PathSegments::Normalized,
        },
        presigned_payload: oracle::PresignedPayload::Unsigned, // not asked here
    }
}

/// The parts without the token that a service takes unsigned, which the canonical text leaves out.
fn without_late_token(service: &str, mut parts: Parts) -> Parts {
    if signer(service).service().rules().session_token == SessionToken::Unsigned
        && let Some((before, query)) = parts.uri.to_string().split_once('?')
    {
        let is_late = |pair: &&str| pair.starts_with("X-Amz-Security-Token=");
        let kept: Vec<&str> = query.split('&').filter(|pair| !is_late(pair)).collect();
        parts.uri = format!("{before}?{}", kept.join("&")).parse().unwrap();
    }
    parts
}

/// What the signature of accepted bytes says, and what was read of the body.
type Accepted = (Vec<u8>, Vec<u8>, HeaderMap);

fn read(service: &str, key: &Credentials, wire: &[u8]) -> Option<Accepted> {
    let (parts, body) = edit::from_wire(wire)?;
    let (verified, content, trailers) = verify(service, &parts, key, &body).ok()?;
    let (list, payload) = (verified.signed_headers().to_owned(), verified.payload().to_string());
    let parts = without_late_token(service, parts);
    let text = edit::signed_text(&parts, &list, &payload, rules_of(service)).unwrap();
    // What is not covered may be anything.
    let content = if verified.payload() == PayloadHash::Unsigned { Vec::new() } else { content };
    Some((text, content, trailers))
}

/// Changes every byte, drops it, and puts another before it: how many changes were tried, and how
/// many of them were accepted.
fn changes_accepted(
    service: &str,
    form: Form,
    stream: Option<Stream>,
    token: bool,
) -> (usize, usize) {
    let request = Request::put("https://example.com/a%20b/c?d=e&f=%2F")
        .header("content-type", "text/plain")
        .header("x-amz-meta-a", "b  c")
        .header("user-agent", "x")
        .body(b"hello".to_vec())
        .unwrap();
    let key = key(token);
    let (parts, body) = send(service, form, stream, request, &key).unwrap();
    let wire = edit::to_wire(&parts, &body);
    let original = read(service, &key, &wire).unwrap();
    let (mut tried, mut accepted) = (0, 0);
    for at in 0..wire.len() {
        let mut changed: Vec<Vec<u8>> = Vec::new();
        for byte in [wire[at] ^ 1, wire[at] ^ 0x20, b'&'] {
            let mut flipped = wire.clone();
            flipped[at] = byte;
            changed.push(flipped);
            changed.push([&wire[..at], &[byte], &wire[at..]].concat());
        }
        changed.push([&wire[..at], &wire[at + 1..]].concat());
        for changed in changed.into_iter().filter(|changed| *changed != wire) {
            tried += 1;
            if let Some(read) = read(service, &key, &changed) {
                accepted += 1;
                let shown = String::from_utf8_lossy(&changed).into_owned();
                assert_eq!(read, original, "{service}, {form:?}, {stream:?}: {shown}");
            }
        }
    }
    (tried, accepted)
}

#[test]
fn any_one_byte_changed_added_or_dropped_is_refused_unless_the_signed_text_is_the_same() {
    let (mut tried, mut accepted) = (0, 0);
    let streams = [Stream::Signed, Stream::SignedTrailer, Stream::UnsignedTrailer].map(Some);
    for (nth, service) in SERVICES.into_iter().enumerate() {
        let token = nth % 2 == 1; // IoT and S3 Express are among those with one
        for form in [Form::Header, Form::Query] {
            let one = changes_accepted(service, form, None, token);
            (tried, accepted) = (tried + one.0, accepted + one.1);
        }
    }
    for stream in streams {
        let one = changes_accepted("s3", Form::Header, stream, true);
        (tried, accepted) = (tried + one.0, accepted + one.1);
    }
    println!("{tried} changes, {accepted} of them without one of the signed text");
    assert!(tried > 80_000, "{tried}");
    // Headers that are not signed, and other spellings of what is.
    assert!(accepted > 0 && accepted < tried / 10, "{accepted}");
}
