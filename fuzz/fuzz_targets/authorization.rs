//! Parses any text as an `Authorization` header. A parsed header must print as it was read.
#![no_main]

use http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use sigv4_core::{Credentials, Region, Service, SigningTime};
use sigv4_core::verify::{Authorization, Verifier};

fuzz_target!(|header: &[u8]| {
    if let Ok(text) = std::str::from_utf8(header)
        && let Ok(parsed) = Authorization::parse(text)
    {
        let printed = parsed.to_string();
        assert_eq!(Authorization::parse(&printed), Ok(parsed));
    }
    let Ok(value) = HeaderValue::from_bytes(header) else { return };
    let request = Request::get("/a?b=c")
        .header("host", "example.com")
        .header("x-amz-date", "20150830T123600Z")
        .header("authorization", value)
        .body(())
        .unwrap();
    let now: SigningTime = "20150830T123600Z".parse().unwrap();
    let verifier = Verifier::new(Region::from_static("us-east-1"), Service::from_static("iam"));
    if let Ok(claim) = verifier.read(&request, now) {
        let key = Credentials::new(claim.access_key_id(), "a secret that no input knows");
        let empty = sigv4_core::PayloadHash::EMPTY;
        assert!(claim.verify_hashed(Some(&key), empty).is_err());
    }
});
