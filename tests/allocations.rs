//! Tests of the exact number of allocations per signature. This program has its own counting
//! allocator.

use std::time::{Duration, SystemTime};

use allocation_counter::measure;
use http::{HeaderValue, Request};
use sigv4_core::{Credentials, Endpoint, PayloadHash, Region, Service, Signer};

const REGION: Region = Region::from_static("us-east-1");
const SIGNER: Signer = Signer::new(REGION, Service::from_static("execute-api"));
const S3: Signer = Signer::new(REGION, Service::from_static("s3"));

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

/// Returns credentials that have signed before, so that the derived key is cached.
fn warm(signer: &Signer, request: &Request<&str>) -> Credentials {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret").with_session_token("token");
    signer.compute(request, PayloadHash::EMPTY, &credentials, now()).unwrap();
    credentials
}

fn request() -> Request<&'static str> {
    Request::post("https://abc.execute-api.us-east-1.amazonaws.com/pets/1?b=2&a=1%20x")
        .header("content-type", "application/json")
        .header("x-amz-meta-note", "a  b")
        .body(r#"{"name":"Rex"}"#)
        .unwrap()
}

#[test]
fn computing_a_signature_allocates_nothing() {
    let request = request();
    for signer in [SIGNER, S3] {
        let credentials = warm(&signer, &request);
        let counted = measure(|| {
            let payload = PayloadHash::of(request.body().as_bytes());
            signer.compute(&request, payload, &credentials, now()).unwrap();
        });
        assert_eq!(counted.count_total, 0);
    }
}

#[test]
fn computing_a_signature_for_another_day_allocates_only_for_the_key() {
    let request = request();
    let credentials = warm(&SIGNER, &request);
    let tomorrow = now() + Duration::from_secs(86_400);
    let compute = || {
        SIGNER.compute(&request, PayloadHash::EMPTY, &credentials, tomorrow).unwrap();
    };
    assert!(measure(compute).count_total > 0);
    assert_eq!(measure(compute).count_total, 0);
}

#[test]
fn a_signed_request_has_six_allocations_at_most() {
    let mut request = request();
    let credentials = warm(&S3, &request);
    let counted = measure(|| S3.sign(&mut request, &credentials, now()).unwrap());
    assert!(counted.count_total <= 6, "{counted:?}");

    let mut bare = Request::get("https://a.example.com/").body("").unwrap();
    let credentials = warm(&SIGNER, &bare);
    let counted = measure(|| SIGNER.sign(&mut bare, &credentials, now()).unwrap());
    assert!(counted.count_total <= 6, "{counted:?}");
    assert_eq!(
        bare.headers().get("x-amz-date"),
        Some(&HeaderValue::from_static("20150830T123600Z"))
    );
}

#[test]
fn a_prepared_signer_allocates_nothing_and_not_for_a_new_second_either() {
    let request = request();
    for signer in [SIGNER, S3] {
        let credentials = warm(&signer, &request);
        let mut prepared = signer.prepared(&credentials, now()).unwrap();
        for seconds in [0, 0, 1, 2, 2] {
            let time = now() + Duration::from_secs(seconds);
            let counted = measure(|| {
                prepared.compute(&request, PayloadHash::EMPTY, time).unwrap();
            });
            assert_eq!(counted.count_total, 0, "{seconds}");
        }
    }
}

#[test]
fn a_presigned_url_has_one_allocation() {
    let request = Request::get("https://bucket.s3.amazonaws.com/key?versionId=1").body("").unwrap();
    let credentials = warm(&S3, &request);
    let counted = measure(|| {
        S3.presign(&request, Duration::from_secs(900), &credentials, now()).unwrap();
    });
    assert_eq!(counted.count_total, 1);
}

#[test]
fn each_of_many_presigned_urls_has_one_allocation() {
    let template = Request::get("https://bucket.s3.amazonaws.com").body("").unwrap();
    let credentials = warm(&S3, &template);
    let expires = Duration::from_secs(900);
    let mut urls = S3.presign_many(&template, ["/a"; 100], expires, &credentials, now()).unwrap();
    let counted = measure(|| urls.by_ref().for_each(|url| drop(url.unwrap())));
    assert_eq!(counted.count_total, 100);
}

#[test]
fn reading_an_endpoint_allocates_nothing() {
    for host in [
        "abc.execute-api.eu-west-1.amazonaws.com:443",
        "My.Bucket.s3.dualstack.us-west-2.amazonaws.com",
        "search-x.us-east-1.es.amazonaws.com",
        "iam.amazonaws.com",
        "123456789012.ddb.us-east-1.api.aws",
    ] {
        let counted = measure(|| drop(Endpoint::from_host(host).unwrap()));
        assert_eq!(counted.count_total, 0, "{host}");
    }
    // The name of a region that is not in the table is copied.
    let tomorrow = || drop(Endpoint::from_host("sqs.eu-north-9.amazonaws.com").unwrap());
    assert_eq!(measure(tomorrow).count_total, 1);
}
