//! Tests that we verify our own signatures, for every service of the table, in both forms, with and
//! without a token, streams included. A request changed afterwards is refused, unless the signed
//! text is the same.

mod signed;

use std::collections::BTreeSet;

use ::support;
use http::{HeaderName, HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use sigv4_core::verify::Form;
use support::edit;

use crate::signed::{SERVICES, Stream, key, read, send, verify};

#[test]
fn every_row_of_the_service_table_is_tried_here() {
    let table = include_str!("../crates/sigv4-core/src/service/mod.rs");
    let names = table.split("b\"").skip(1).filter_map(|rest| rest.split('"').next());
    let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let rows: BTreeSet<&str> = names.filter(is_name).collect();
    assert!(rows.len() >= 22, "{rows:?}");
    let missing: Vec<_> = rows.iter().filter(|name| !SERVICES.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
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

/// Changes every byte, drops it, and puts another before it. Returns how many changes were tried,
/// and how many of them were accepted.
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
        let token = nth % 2 == 1; // S3 Express and IoT are among those with one
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
    // Headers that are not signed, and other spellings of signed text.
    assert!(accepted > 0 && accepted < tried / 10, "{accepted}");
}
