//! Compares our canonical request with that of the slow implementation, for S3 and for other
//! services.
#![no_main]

#[allow(dead_code, unused_imports, reason = "the tests use all of it")]
#[path = "../../tests/support/src/oracle/mod.rs"]
mod oracle;

use arbitrary::Arbitrary;
use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use sigv4_core::{Credentials, HeaderSelection, PayloadHash, Region, RequestHead, Service, SignError, Signer, SigningTime};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    s3: bool,
    path: &'a str,
    query: &'a str,
    values: Vec<&'a [u8]>,
}

fuzz_target!(|input: Input<'_>| {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("example.com"));
    for value in &input.values {
        let Ok(value) = HeaderValue::from_bytes(value) else { return };
        headers.append("x-amz-meta-a", value);
    }
    let path = format!("/{}", input.path);
    let head = RequestHead {
        method: &Method::GET,
        scheme: None,
        authority: None,
        path: &path,
        query: Some(input.query),
        headers: &headers,
    };
    let (service, rules) =
        if input.s3 { ("s3", oracle::Rules::S3) } else { ("iam", oracle::Rules::DEFAULT) };
    let signer = Signer::new(Region::from_static("us-east-1"), Service::new(service).unwrap())
        .with_signed_headers(HeaderSelection::Default);
    let time: SigningTime = "20150830T123600Z".parse().unwrap();
    let key = Credentials::new("AKIDEXAMPLE", "secret");
    let ours = signer.compute_transcript(head, PayloadHash::EMPTY, &key, time);

    let payload = PayloadHash::EMPTY.to_string().into_bytes();
    let mut wire: Vec<oracle::BytePair> = headers
        .iter()
        .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
        .collect();
    let mut names = vec!["host".to_owned()];
    if input.s3 {
        wire.push((b"x-amz-content-sha256".to_vec(), payload.clone()));
        names.push("x-amz-content-sha256".into());
    }
    wire.push((b"x-amz-date".to_vec(), time.as_str().into()));
    names.push("x-amz-date".into());
    if !input.values.is_empty() {
        names.push("x-amz-meta-a".into());
    }
    let request = oracle::Request {
        method: b"GET".to_vec(),
        path: path.clone().into_bytes(),
        query: input.query.as_bytes().to_vec(),
        headers: wire,
        body: Vec::new(),
    };
    let theirs = oracle::canonical_request(&request, &names, &payload, rules);
    match (ours, theirs) {
        (Ok((_, transcript)), Ok(theirs)) => {
            let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
            assert_eq!(shown(transcript.canonical_request()), shown(&theirs));
        }
        (Err(SignError::AlreadyPresigned { .. }), _) => {}
        (Err(SignError::InvalidUri), Err(_)) => {}
        (ours, theirs) => panic!("{:?} against {theirs:?}", ours.err()),
    }
});
