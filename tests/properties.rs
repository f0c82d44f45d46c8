//! Properties that hold for every request that `http` can represent.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use proptest::collection::vec;
use proptest::prelude::*;
use sigv4_core::service::Rules;
use sigv4_core::{
    Credentials, HeaderSelection, PayloadHash, Region, RequestHead, Service, Signer, SigningTime,
};
use support::oracle;

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn now() -> SigningTime {
    "20150830T123600Z".parse().unwrap()
}

fn signer(service: &str) -> Signer {
    Signer::new(Region::from_static("us-east-1"), Service::new(service).unwrap())
        .with_signed_headers(HeaderSelection::All)
}

fn any_service() -> impl Strategy<Value = &'static str> {
    // One of each row of the service table.
    prop::sample::select(vec![
        "s3",
        "execute-api",
        "es",
        "aoss",
        "s3express",
        "iotdevicegateway",
        "vpc-lattice-svcs",
        "kinesisvideo",
        "s3tables",
        "lex",
        "kms",
    ])
}

/// Generates anything that `http::Uri` accepts, with or without a host.
fn any_uri() -> impl Strategy<Value = Uri> {
    let path = "(/[ -~é]{0,12}){0,4}/?";
    let query = "(\\?[ -~é&=+%]{0,30})?";
    let authority = "(https?://([a-z]{1,5}@)?[a-zA-Z.]{1,8}(:[0-9]{1,4})?)?";
    (authority, path, query).prop_filter_map("not a URI", |(authority, path, query)| {
        format!("{authority}{path}{query}").parse().ok()
    })
}

fn any_headers() -> impl Strategy<Value = HeaderMap> {
    let name = "(x-amz-[a-z]{1,3}|x-[a-z]{1,2}|host|date|authorization|content-type|x-amz-date)";
    let value = vec(any::<u8>(), 0..12);
    vec((name, value), 0..8).prop_map(|pairs| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name: HeaderName = name.parse().unwrap();
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(name, value);
            }
        }
        headers
    })
}

fn any_method() -> impl Strategy<Value = Method> {
    prop_oneof!["[A-Z]{1,8}", Just("CONNECT".into())]
        .prop_map(|name| Method::from_bytes(name.as_bytes()).unwrap())
}

prop_compose! {
    fn any_request()(
        uri in any_uri(),
        headers in any_headers(),
        method in any_method(),
        body in vec(any::<u8>(), 0..64),
    ) -> Request<Vec<u8>> {
        let mut request = Request::new(body);
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        *request.method_mut() = method;
        request
    }
}

/// Builds the signed request's canonical text with the slow canonicaliser, which reads the rules
/// independently.
fn slow_canonical_request(request: &Request<Vec<u8>>, rules: &Rules) -> Option<Vec<u8>> {
    let path = oracle::canonical_path(request.uri().path().as_bytes(), slow_rules(rules));
    let query =
        oracle::canonical_query(request.uri().query().unwrap_or_default().as_bytes()).ok()?;
    Some([path, query].join(&b'\n'))
}

fn slow_rules(rules: &Rules) -> oracle::Rules {
    if *rules == Rules::DEFAULT { oracle::Rules::DEFAULT } else { oracle::Rules::S3 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn signing_never_panics_and_an_error_leaves_the_request_as_it_was(
        mut request in any_request(),
        service in any_service(),
        time in any::<i64>(),
    ) {
        let time = SigningTime::from_unix(time).unwrap_or(now());
        let (headers, uri) = (request.headers().clone(), request.uri().clone());
        let signed = signer(service).sign(&mut request, &credentials(), time);
        prop_assert_eq!(request.uri(), &uri);
        match signed {
            Ok(()) => prop_assert!(request.headers().contains_key("authorization")),
            Err(_) => prop_assert_eq!(request.headers(), &headers),
        }
    }

    #[test]
    fn signing_twice_equals_signing_once(mut request in any_request(), service in any_service()) {
        let signer = signer(service);
        let credentials = credentials().with_session_token("token");
        if signer.sign(&mut request, &credentials, now()).is_ok() {
            let once = request.headers().clone();
            signer.sign(&mut request, &credentials, now()).unwrap();
            prop_assert_eq!(request.headers(), &once);
        }
    }

    #[test]
    fn order_of_headers_and_parameters_does_not_matter(
        pairs in vec(("[a-zA-Z%2-5]{1,3}", "[ -%'-~]{0,5}"), 0..12),
        names in prop::collection::btree_set("x-[a-z]{1,4}", 0..8),
    ) {
        let sign = |pairs: Vec<&(String, String)>, names: Vec<&String>| {
            let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut headers = HeaderMap::new();
            for name in names {
                headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_static("v"));
            }
            let query = query.join("&");
            let head = RequestHead {
                method: &Method::GET,
                scheme: Some("https"),
                authority: Some("example.com"),
                path: "/",
                query: Some(&query),
                headers: &headers,
            };
            let signed = signer("es").compute(head, PayloadHash::EMPTY, &credentials(), now());
            signed.map(|signed| signed.signature())
        };
        let forwards = sign(pairs.iter().collect(), names.iter().collect());
        let backwards = sign(pairs.iter().rev().collect(), names.iter().rev().collect());
        prop_assert_eq!(forwards, backwards);
    }

    #[test]
    fn path_and_query_agree_with_the_slow_canonicaliser(
        request in any_request(),
        service in prop::sample::select(vec!["s3", "execute-api"]),
    ) {
        let signer = signer(service);
        let computed =
            signer.compute_transcript(&request, PayloadHash::EMPTY, &credentials(), now());
        if let Ok((_, transcript)) = computed {
            let text = transcript.canonical_request();
            let ours: Vec<_> = text.split(|byte| *byte == b'\n').skip(1).take(2).collect();
            let theirs = slow_canonical_request(&request, signer.service().rules());
            prop_assert_eq!(Some(ours.join(&b'\n')), theirs);
        }
    }
}
