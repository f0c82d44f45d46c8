//! Reads any query as that of a presigned URL. It must never verify without the secret.
#![no_main]

use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use sigv4_core::{Credentials, Region, RequestHead, Service, SigningTime};
use sigv4_core::verify::Verifier;

fuzz_target!(|query: &str| {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("example.com"));
    let head = RequestHead {
        method: &Method::GET,
        scheme: None,
        authority: None,
        path: "/",
        query: Some(query),
        headers: &headers,
    };
    let now: SigningTime = "20130524T000000Z".parse().unwrap();
    let verifier = Verifier::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    if let Ok(claim) = verifier.read(head, now) {
        let key = Credentials::new(claim.access_key_id(), "a secret that no input knows");
        assert!(claim.verify(Some(&key)).is_err());
    }
});
