//! Security tests, one for each known failure of other signers: bad input is a typed error that
//! states the cure, the request stays unchanged, and nothing panics.

use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use sigv4_core::{
    Credentials, HeaderSelection, PayloadHash, Region, RequestHead, Service, SignError, Signer,
    SigningTime,
};

const SIGNER: Signer =
    Signer::new(Region::from_static("us-east-1"), Service::from_static("execute-api"));

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn now() -> SigningTime {
    "20150830T123600Z".parse().unwrap()
}

fn request(uri: &str) -> Request<String> {
    Request::get(uri).body(String::new()).unwrap()
}

/// Checks that signing and presigning both fail with this error and leave the request unchanged.
#[track_caller]
fn refused(request: Request<String>, credentials: &Credentials, expected: &SignError) {
    refused_by(&SIGNER, request, credentials, expected);
}

#[track_caller]
fn refused_by(
    signer: &Signer,
    mut request: Request<String>,
    credentials: &Credentials,
    expected: &SignError,
) {
    let before = request.headers().clone();
    let uri = request.uri().clone();
    assert_eq!(signer.sign(&mut request, credentials, now()).as_ref(), Err(expected));
    assert_eq!((request.headers(), request.uri()), (&before, &uri));
    let hour = Duration::from_secs(3600);
    let presigned = signer.presign(&request, hour, credentials, now());
    assert_eq!(presigned.map(|_| ()).as_ref(), Err(expected));
    let text = expected.to_string();
    assert!(text.contains(':'), "no cure in: {text}");
}

#[test]
fn relative_uri_without_host_is_an_error() {
    refused(request("/pets"), &credentials(), &SignError::MissingHost);
}

#[test]
fn two_host_headers_are_an_error() {
    let mut request = request("/pets");
    request.headers_mut().append("host", HeaderValue::from_static("a.example.com"));
    request.headers_mut().append("host", HeaderValue::from_static("a.example.com"));
    refused(request, &credentials(), &SignError::DuplicateHost);
}

#[test]
fn host_header_that_disagrees_with_the_uri_is_an_error() {
    let mut request = request("https://a.example.com/");
    request.headers_mut().insert("host", HeaderValue::from_static("b.example.com"));
    let expected = SignError::HostMismatch {
        header: "b.example.com".into(),
        authority: "a.example.com".into(),
    };
    refused(request, &credentials(), &expected);
}

#[test]
fn user_info_in_the_uri_is_an_error() {
    refused(request("https://user:password@example.com/"), &credentials(), &SignError::UserInfo);
}

#[test]
fn lone_percent_sign_in_the_query_is_an_error_but_in_the_path_it_is_text() {
    refused(request("https://example.com/?a=%"), &credentials(), &SignError::InvalidUri);
    refused(request("https://example.com/?a=%2&b=1"), &credentials(), &SignError::InvalidUri);
    assert_eq!(
        SIGNER.sign(&mut request("https://example.com/100%"), &credentials(), now()),
        Ok(())
    );
}

#[test]
fn region_and_service_accept_nothing_that_could_become_a_host() {
    for name in ["", "a/b", "a b", "a\n", "ä", "x@evil:443/#", "a:1", "a?b", "a#b", "[a]", "a%2f"]
    {
        let given = name.to_owned();
        let refused = SignError::InvalidRegion { name: given.clone() };
        assert_eq!(Region::new(name), Err(refused.clone()), "{name:?}");
        assert_eq!(Region::custom(name), Err(refused), "{name:?}");
        let refused = SignError::InvalidService { name: given };
        assert_eq!(Service::new(name), Err(refused), "{name:?}");
    }
}

#[test]
fn malformed_access_key_id_is_an_error_that_does_not_show_it() {
    for id in ["", "AK\nID", "AK ID", "AK,ID", "wJalrXUtnFEMI/K7MDENG", "AKID\r\n", "ÄKID"] {
        refused(
            request("https://example.com/"),
            &Credentials::new(id, "secret"),
            &SignError::InvalidAccessKeyId,
        );
    }
    assert!(!SignError::InvalidAccessKeyId.to_string().contains("wJalr"));
}

#[test]
fn secret_that_is_empty_or_ends_in_white_space_is_an_error_that_does_not_show_it() {
    for secret in ["", "wJalr\n", " wJalr", "wJalr\r\n", "wJalr\u{2003}"] {
        refused(
            request("https://example.com/"),
            &Credentials::new("AKIDEXAMPLE", secret),
            &SignError::InvalidSecretAccessKey,
        );
    }
    assert!(!SignError::InvalidSecretAccessKey.to_string().contains("wJalr"));
}

#[test]
fn session_token_with_a_control_is_an_error() {
    let credentials = credentials().with_session_token("token\n");
    refused(request("https://example.com/"), &credentials, &SignError::InvalidSessionToken);
}

#[test]
fn expiry_outside_one_second_to_seven_days_is_an_error() {
    let request = request("https://example.com/");
    for seconds in [0, 604_801, u64::MAX] {
        let expires = Duration::from_secs(seconds);
        let presigned = SIGNER.presign(&request, expires, &credentials(), now());
        assert_eq!(presigned.map(|_| ()), Err(SignError::InvalidExpiry { seconds }));
    }
    for seconds in [1, 604_800] {
        let expires = Duration::from_secs(seconds);
        assert!(SIGNER.presign(&request, expires, &credentials(), now()).is_ok());
    }
}

#[test]
fn time_before_1970_or_after_9999_is_an_error() {
    let year = Duration::from_secs(366 * 86_400);
    for time in [SystemTime::UNIX_EPOCH - year, SystemTime::UNIX_EPOCH + year * 8_100] {
        let mut request = request("https://example.com/");
        let signed = SIGNER.sign(&mut request, &credentials(), time);
        assert_eq!(signed, Err(SignError::TimeOutOfRange));
        assert!(request.headers().is_empty());
    }
}

#[test]
fn expired_credentials_are_an_error_that_states_the_expiry() {
    let end = now().offset(-60).unwrap();
    refused(
        request("https://example.com/"),
        &credentials().with_expiry(end.into()),
        &SignError::CredentialsExpired { at: end },
    );
}

#[test]
fn query_that_was_signed_before_is_an_error_in_any_spelling() {
    for parameter in [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
    ] {
        let expected = SignError::AlreadyPresigned { parameter };
        for spelt in [parameter.to_owned(), parameter.to_lowercase(), parameter.replace('-', "%2D")]
        {
            let uri = format!("https://example.com/?a=1&{spelt}=x");
            refused(request(&uri), &credentials(), &expected);
        }
    }
}

#[test]
fn connect_and_asterisk_targets_are_errors() {
    let mut connect = request("https://example.com/");
    *connect.method_mut() = Method::CONNECT;
    *connect.uri_mut() = Uri::from_static("example.com:443");
    refused(connect, &credentials(), &SignError::UnsupportedTarget);
    let mut options = request("*");
    *options.method_mut() = Method::OPTIONS;
    options.headers_mut().insert("host", HeaderValue::from_static("example.com"));
    refused(options, &credentials(), &SignError::UnsupportedTarget);
}

#[test]
fn listed_header_that_is_absent_is_an_error() {
    let name = HeaderName::from_static("x-vault-aws-iam-server-id");
    let listed = HeaderSelection::Listed(vec![name.clone()].into());
    refused_by(
        &SIGNER.with_signed_headers(listed),
        request("https://example.com/"),
        &credentials(),
        &SignError::MissingSignedHeader { name },
    );
}

#[test]
fn payload_header_of_the_caller_that_is_wrong_is_an_error() {
    let with_header = |value| {
        let mut request = request("https://example.com/");
        request.headers_mut().insert("x-amz-content-sha256", HeaderValue::from_static(value));
        request
    };
    refused(with_header("required"), &credentials(), &SignError::InvalidPayloadHeader);
    let other = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    refused(with_header(other), &credentials(), &SignError::PayloadMismatch);
}

#[test]
fn header_value_that_is_not_utf8_is_signed_as_bytes() {
    let mut request = request("https://example.com/");
    request.headers_mut().insert("x-amz-meta-a", HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    assert_eq!(SIGNER.sign(&mut request, &credentials(), now()), Ok(()));
}

#[test]
fn ten_thousand_parameters_or_headers_take_no_quadratic_time() {
    // No time is asserted. Quadratic work on these inputs would take minutes.
    let names = |n: usize| format!("x-amz-{:05}", (n * 7919) % 10_000);
    let query: Vec<_> = (0..10_000).map(names).collect();
    let mut request = request(&format!("https://example.com/?{}", &query.join("&")[..60_000]));
    for n in 0..10_000 {
        let name: HeaderName = names(n).parse().unwrap();
        request.headers_mut().append(name, HeaderValue::from_static("v"));
    }
    let start = Instant::now();
    SIGNER.sign(&mut request, &credentials(), now()).unwrap();
    println!("10,000 headers and 5,000 parameters: {:?}", start.elapsed());
    assert_eq!(request.headers().len(), 10_002);
}

#[test]
fn more_headers_than_a_header_map_has_room_for_are_an_error() {
    let mut request = request("https://example.com/");
    for _ in 0..16_385 {
        request.headers_mut().append("x-many", HeaderValue::from_static("v"));
    }
    refused(request, &credentials(), &SignError::TooManyHeaders);
}

#[test]
fn target_of_one_mebibyte_is_handled() {
    let long = "%2f../a//".repeat(120_000);
    let headers = HeaderMap::new();
    for (path, query) in [(format!("/{long}"), None), ("/".into(), Some(long.replace('/', "&=")))] {
        let head = RequestHead {
            method: &Method::GET,
            scheme: Some("https"),
            authority: Some("example.com"),
            path: &path,
            query: query.as_deref(),
            headers: &headers,
        };
        assert!(SIGNER.compute(head, PayloadHash::EMPTY, &credentials(), now()).is_ok());
    }
}

#[test]
fn key_is_found_only_by_the_secret_that_it_was_derived_from() {
    let sign = |secret: &str| {
        let mut request = request("https://example.com/");
        SIGNER.sign(&mut request, &Credentials::new("AKID", secret), now()).unwrap();
        request.headers()["authorization"].clone()
    };
    assert_ne!(sign("one"), sign("other"));
    assert_eq!(sign("one"), sign("one"));
}
