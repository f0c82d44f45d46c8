//! The inputs of every contender.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Request;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};

pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const SERVICE: &str = "service";

/// How long a presigned URL is valid.
pub(crate) const EXPIRES: Duration = Duration::from_secs(900);

/// The signature from which the streams start.
pub(crate) const SEED: &str = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

/// 2015-08-30T12:36:00Z.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY_ID, SECRET)
}

pub(crate) fn signer(service: &'static str) -> Signer {
    Signer::new(Region::from_static(REGION), Service::from_static(service))
}

/// AWS's own example: one parameter, no headers, no body.
pub(crate) fn get() -> Request<&'static [u8]> {
    Request::get("https://example.amazonaws.com/?Param1=value1").body(&b""[..]).unwrap()
}

/// The same, signed, as a server receives it.
pub(crate) fn signed_get() -> Request<()> {
    let mut request = get().map(|_| ());
    request.headers_mut().insert("host", "example.amazonaws.com".parse().unwrap());
    signer(SERVICE).sign_hashed(&mut request, PayloadHash::EMPTY, &credentials(), now()).unwrap();
    request
}

/// A JSON body of 1 KiB with its content type.
pub(crate) fn post_json() -> Request<Vec<u8>> {
    let mut body = br#"{"text":""#.to_vec();
    body.resize(1022, b'a');
    body.extend_from_slice(br#""}"#);
    Request::post("https://example.amazonaws.com/items")
        .header("content-type", "application/json")
        .body(body)
        .unwrap()
}

/// A body of 64 KiB for S3.
pub(crate) fn put_64_kib() -> Request<Vec<u8>> {
    Request::put("https://bucket.s3.us-east-1.amazonaws.com/key").body(vec![0x5a; 65_536]).unwrap()
}

/// The host of the presigned rows.
pub(crate) const OBJECT_HOST: &str = "bucket.s3.us-east-1.amazonaws.com";

/// An S3 object, to be fetched with a presigned URL.
pub(crate) fn object() -> Request<&'static [u8]> {
    Request::get(format!("https://{OBJECT_HOST}/path/to/cat.jpg")).body(&b""[..]).unwrap()
}

/// The path of one of many S3 objects.
pub(crate) fn object_path(nth: usize) -> String {
    format!("/path/to/cat-{nth:04}.jpg")
}

/// Thirty headers with values of this beginning, thirty parameters and a path that is not ASCII.
pub(crate) fn thirty_of_each(value: &str) -> Request<&'static [u8]> {
    let query: Vec<_> = (0..30).rev().map(|n| format!("parameter{n:02}=value+{n}")).collect();
    let query = query.join("&").replace('+', "%20");
    let mut request = Request::get(format!(
        "https://example.amazonaws.com/caf%C3%A9/%E6%96%87%E4%BB%B6/r%C3%A9sum%C3%A9?{query}"
    ));
    for n in 0..30 {
        request = request.header(format!("x-amz-meta-{:02}", 29 - n), format!("{value} {n}"));
    }
    request.body(&b""[..]).unwrap()
}

/// The payload of an event-stream message: 1 KiB.
pub(crate) fn event_payload() -> Bytes {
    Bytes::from(vec![0x5a; 1024])
}

/// A chunk of 64 KiB.
pub(crate) fn chunk() -> Bytes {
    Bytes::from(vec![0x5a; 65_536])
}
