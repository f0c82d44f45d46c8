use std::time::SystemTime;

use http::Method;
use sigv4_core::client::{CallError, UnsignableBody};
use sigv4_core::{Credentials, PayloadHash, Region, Service, SignError, Signer, SigningTime};

use crate::error::Error;
use crate::sign::{sign, sign_hashed};

const SIGNER: Signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
const TIME: &str = "20150830T123600Z";

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn time() -> SigningTime {
    TIME.parse().unwrap()
}

fn request(url: &str) -> reqwest::Request {
    reqwest::Request::new(Method::PUT, url.parse().unwrap())
}

fn stream() -> reqwest::Body {
    reqwest::Body::wrap(String::from("hello"))
}

#[test]
fn signature_is_that_of_the_same_http_request() {
    let mut ours = request("https://bucket.example.com/a%20key?b=c&a");
    ours.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    *ours.body_mut() = Some("hello".into());
    sign(&mut ours, &SIGNER, &credentials(), time()).unwrap();
    let mut plain = http::Request::put("https://bucket.example.com/a%20key?b=c&a")
        .header("content-type", "text/plain")
        .body("hello")
        .unwrap();
    SIGNER.sign(&mut plain, &credentials(), time()).unwrap();
    assert_eq!(ours.headers(), plain.headers());
}

#[test]
fn plus_in_the_query_is_sent_as_it_is_signed() {
    let mut request = request("https://example.com/?q=a+b&r=%2B");
    sign(&mut request, &SIGNER, &credentials(), time()).unwrap();
    assert_eq!(request.url().query(), Some("q=a%20b&r=%2B"));
}

#[test]
fn stream_is_an_error_that_names_the_choices_and_changes_nothing() {
    let mut request = request("https://example.com/");
    *request.body_mut() = Some(stream());
    let error = sign(&mut request, &SIGNER, &credentials(), time()).unwrap_err();
    assert!(matches!(error, Error::Call(CallError::Body(UnsignableBody::Stream))));
    let text = error.to_string();
    assert!(text.contains("Buffer") && text.contains("Unsigned"), "{text}");
    assert!(request.headers().is_empty() && request.body().is_some());
}

#[test]
fn unsigned_payload_is_refused_over_plain_http_to_another_machine() {
    let sign = |url| {
        let mut request = request(url);
        *request.body_mut() = Some(stream());
        sign_hashed(&mut request, PayloadHash::Unsigned, &SIGNER, &credentials(), time())
            .map(|()| request.headers()["x-amz-content-sha256"].clone())
    };
    assert!(matches!(
        sign("http://example.com/"),
        Err(Error::Call(CallError::Body(UnsignableBody::PlainHttp)))
    ));
    for url in ["https://example.com/", "http://127.0.0.1:9000/", "http://[::1]/"] {
        assert_eq!(sign(url).unwrap(), "UNSIGNED-PAYLOAD", "{url}");
    }
}

#[test]
fn user_information_is_refused() {
    let mut request = request("https://user:hunter2@example.com/");
    let error = sign(&mut request, &SIGNER, &credentials(), time()).unwrap_err();
    assert!(matches!(error, Error::Call(CallError::Sign(SignError::UserInfo))));
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[test]
fn host_header_that_differs_from_the_url_is_refused() {
    let mut request = request("https://example.com/");
    request.headers_mut().insert("host", "other.example.com".parse().unwrap());
    let error = sign(&mut request, &SIGNER, &credentials(), SystemTime::now()).unwrap_err();
    assert!(matches!(error, Error::Call(CallError::Sign(SignError::HostMismatch { .. }))));
    assert_eq!(request.headers().len(), 1);
}

#[test]
fn basic_auth_that_reqwest_made_of_user_information_is_replaced() {
    let client = reqwest::Client::new();
    let mut request = client.get("https://user:password@example.com/").build().unwrap();
    sign(&mut request, &SIGNER, &credentials(), time()).unwrap();
    let values: Vec<_> = request.headers().get_all("authorization").iter().collect();
    assert_eq!(values.len(), 1);
    assert!(values[0].to_str().unwrap().starts_with("AWS4-HMAC-SHA256 "));
}
