//! Tests of what a call learns, keeps and refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, request::Parts};

use crate::client::*;
use crate::credentials::Credentials;
use crate::error::SignError;
use crate::head::RequestHead;
use crate::payload::PayloadHash;
use crate::provider::{CredentialsFuture, CredentialsProvider};
use crate::scope::{Region, Service};
use crate::sign::signer::Signer;
use crate::stream::AwsChunked;

/// Mon, 01 Jan 2024 00:00:00 GMT
fn clock() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200)
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "secret")
}

fn settings() -> Settings {
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    Settings::new(signer, credentials(), clock)
}

fn parts(uri: &str) -> Parts {
    Request::put(uri).body(()).unwrap().into_parts().0
}

fn start(settings: &Arc<Settings>) -> (Call, Parts) {
    let mut parts = parts("https://bucket.example.com/key");
    (Call::new(settings, Overrides::default(), &mut parts.headers), parts)
}

fn sign(call: &mut Call, parts: &Parts) -> Result<String, CallError> {
    let signed = call.sign(&parts.into(), PayloadHash::EMPTY, &credentials())?;
    Ok(signed.time().as_str().to_owned())
}

fn after(
    call: &mut Call,
    parts: &Parts,
    status: u16,
    headers: &[(&'static str, &str)],
    code: &str,
) -> Result<Step, CallError> {
    let status = StatusCode::from_u16(status).unwrap();
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    let error = ServiceError::read(format!("<Error><Code>{code}</Code></Error>").as_bytes());
    let received = Received { status, headers: &headers, error: error.as_ref() };
    call.after(&parts.into(), &received)
}

const LATER: (&str, &str) = ("date", "Mon, 01 Jan 2024 00:20:00 GMT");

#[test]
fn clock_offset_serves_every_call_to_that_origin_and_no_other() {
    let settings = Arc::new(settings());
    let (mut call, mut put) = start(&settings);
    assert_eq!(sign(&mut call, &put).unwrap(), "20240101T000000Z");
    let step = after(&mut call, &put, 403, &[LATER], "RequestTimeTooSkewed").unwrap();
    assert_eq!(step, Step::Again(Cause::ClockSkew(1200)));
    assert_eq!(sign(&mut call, &put).unwrap(), "20240101T002000Z");
    let (mut next, _) = start(&Arc::new((*settings).clone()));
    assert_eq!(sign(&mut next, &put).unwrap(), "20240101T002000Z");
    put.uri = "https://other.example.com/key".parse().unwrap();
    assert_eq!(sign(&mut next, &put).unwrap(), "20240101T000000Z");
}

#[test]
fn body_is_left_out_for_a_service_that_takes_no_hash_of_it() {
    let service = Service::from_static("vpc-lattice-svcs");
    let signer = Signer::new(Region::from_static("us-west-2"), service);
    let settings = Arc::new(Settings::new(signer, credentials(), clock));
    let (mut call, put) = start(&settings);
    let signed = call.sign(&(&put).into(), PayloadHash::of(b"body"), &credentials()).unwrap();
    let mut headers = HeaderMap::new();
    signed.apply(&mut headers);
    assert_eq!(headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
}

#[test]
fn response_dated_years_ahead_moves_no_clock() {
    let settings = Arc::new(settings());
    let (mut call, put) = start(&settings);
    sign(&mut call, &put).unwrap();
    let years_ahead = ("date", "Thu, 01 Jan 2099 00:00:00 GMT");
    let error = after(&mut call, &put, 403, &[years_ahead], "RequestTimeTooSkewed").unwrap_err();
    assert!(matches!(error, CallError::ClocksDiffer { .. }), "{error}");
    assert_eq!(sign(&mut call, &put).unwrap(), "20240101T000000Z");
}

#[test]
fn region_is_learnt_for_this_call_if_it_has_the_shape_of_one() {
    let settings = Arc::new(settings());
    let (mut call, put) = start(&settings);
    sign(&mut call, &put).unwrap();
    let named = |region| [("x-amz-bucket-region", region)];
    let code = "AuthorizationHeaderMalformed";
    let step = after(&mut call, &put, 400, &named("attacker-chosen"), code).unwrap();
    assert_eq!(step, Step::Done);
    let step = after(&mut call, &put, 400, &named("eu-west-1"), code).unwrap();
    assert_eq!(step, Step::Again(Cause::Region(Region::from_static("eu-west-1"))));
    let signed = call.sign(&(&put).into(), PayloadHash::EMPTY, &credentials()).unwrap();
    assert!(signed.authorization().contains("/20240101/eu-west-1/s3/"));
}

/// Gives other credentials after the first were reported as refused.
#[derive(Debug, Default)]
struct Rotating(AtomicUsize);

impl CredentialsProvider for Rotating {
    fn credentials(&self) -> CredentialsFuture {
        let id = format!("AKID{}", self.0.load(Ordering::Relaxed));
        CredentialsFuture::ready(Ok(Credentials::new(id, "secret")))
    }

    fn rejected(&self, _: &Credentials) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn refused_credentials_are_told_to_the_provider_and_sent_again_only_if_it_has_others() {
    let (mut call, put) = start(&Arc::new(settings()));
    sign(&mut call, &put).unwrap();
    let step = after(&mut call, &put, 403, &[], "InvalidAccessKeyId").unwrap();
    assert_eq!(step, Step::Done, "the same static credentials would be refused again");

    let mut put = put;
    let overrides = Overrides::default().provider(Rotating::default());
    let mut call = Call::new(&Arc::new(settings()), overrides, &mut put.headers);
    let first = call.provider().credentials().wait().unwrap();
    call.sign(&(&put).into(), PayloadHash::EMPTY, &first).unwrap();
    let step = after(&mut call, &put, 403, &[], "InvalidAccessKeyId").unwrap();
    assert_eq!(step, Step::Again(Cause::Credentials));
    assert_eq!(call.provider().credentials().wait().unwrap().access_key_id(), "AKID1");
}

#[test]
fn body_that_is_used_up_is_an_error_or_leaves_the_response_as_it_is() {
    for (resend, is_error) in [(Resend::Once, true), (Resend::PassedOn, false)] {
        let settings = Arc::new(settings());
        let (mut call, put) = start(&settings);
        call.set_resend(resend);
        sign(&mut call, &put).unwrap();
        match after(&mut call, &put, 403, &[LATER], "RequestTimeTooSkewed") {
            Err(CallError::BodyNotReplayable { status, cause }) if is_error => {
                assert_eq!((status.as_u16(), cause), (403, Some(Cause::ClockSkew(1200))));
            }
            Ok(Step::Done) if !is_error => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(sign(&mut call, &put).unwrap(), "20240101T002000Z", "learnt all the same");
    }
}

#[test]
fn redirect_is_followed_with_its_body_only_if_the_body_is_in_memory() {
    let mut following = settings();
    following.redirects = Redirects::SameOrigin;
    let following = Arc::new(following);
    let after = |resend, status| {
        let (mut call, put) = start(&following);
        call.set_resend(resend);
        sign(&mut call, &put).unwrap();
        after(&mut call, &put, status, &[("location", "/other")], "")
    };
    assert!(matches!(after(Resend::AtHand, 307), Ok(Step::Follow(_))));
    assert!(matches!(after(Resend::Once, 303), Ok(Step::Follow(_))));
    assert!(matches!(after(Resend::Once, 307), Err(CallError::BodyNotReplayable { .. })));
    let refused = after(Resend::PassedOn, 307).unwrap_err();
    assert!(matches!(refused, CallError::Redirect(RefusedRedirect::BodyPassedOn { .. })));
}

#[test]
fn hop_that_drops_the_body_drops_its_headers() {
    let (mut call, mut put) = start(&Arc::new(settings()));
    put.headers.insert("content-length", HeaderValue::from_static("5"));
    put.headers.insert("x-amz-meta-a", HeaderValue::from_static("1"));
    let hop = Hop {
        method: http::Method::GET,
        uri: "https://bucket.example.com/other".parse().unwrap(),
        body: HopBody::Dropped,
    };
    call.follow(&hop, &mut put.headers);
    assert_eq!(put.headers.len(), 1);
}

#[test]
fn default_headers_are_added_unless_the_request_sets_them() {
    let mut settings = settings();
    for (name, value) in [("x-amz-acl", "private"), ("accept", "*/*")] {
        settings.default_headers.insert(name, HeaderValue::from_static(value));
    }
    let mut put = parts("https://bucket.example.com/key");
    put.headers.insert("accept", HeaderValue::from_static("text/plain"));
    Call::new(&Arc::new(settings), Overrides::default(), &mut put.headers);
    assert_eq!(
        (&put.headers["x-amz-acl"], &put.headers["accept"]),
        (&HeaderValue::from_static("private"), &HeaderValue::from_static("text/plain"))
    );
}

#[test]
fn host_that_is_not_allowed_is_not_signed_for_in_the_uri_or_in_the_host_header() {
    let mut settings = settings();
    settings.signer = settings.signer.with_host_from_header();
    settings.allowed_hosts = Some(AllowedHosts::new(["https://*.example.com"]).unwrap());
    let settings = Arc::new(settings);
    let (mut call, mut put) = start(&settings);
    sign(&mut call, &put).unwrap();
    put.headers.insert("host", HeaderValue::from_static("evil.example.org"));
    let refused = sign(&mut call, &put);
    assert!(matches!(refused, Err(CallError::HostNotAllowed { .. })), "{refused:?}");
    put.headers.insert("host", HeaderValue::from_static("bucket.example.com"));
    put.uri = "https://evil.example.org/".parse().unwrap();
    let refused = sign(&mut call, &put);
    assert!(matches!(refused, Err(CallError::HostNotAllowed { .. })), "{refused:?}");
}

#[test]
fn payload_that_the_callers_header_asks_for_must_fit_connection_and_framing() {
    let (mut call, mut put) = start(&Arc::new(settings()));
    let name = HeaderName::from_static("x-amz-content-sha256");
    let unsigned = PayloadHash::Unsigned;
    let mut sign = |put: &Parts| call.sign(&put.into(), unsigned, &credentials()).map(|_| ());
    put.headers.insert(&name, HeaderValue::from_static("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"));
    let refused = sign(&put);
    assert!(matches!(refused, Err(CallError::Body(UnsignableBody::NotFramed))), "{refused:?}");
    put.headers.insert(&name, HeaderValue::from_static("UNSIGNED-PAYLOAD"));
    sign(&put).unwrap();
    put.uri = "http://bucket.example.com/key".parse().unwrap();
    let refused = sign(&put);
    assert!(matches!(refused, Err(CallError::Body(UnsignableBody::PlainHttp))), "{refused:?}");
}

#[test]
fn plan_is_the_choice_for_streams_and_needs_a_length_for_chunks() {
    let with = |choice| {
        let mut put = parts("https://bucket.example.com/key");
        let overrides = Overrides::default().stream_payload(choice);
        let mut call = Call::new(&Arc::new(settings()), overrides, &mut put.headers);
        put.headers.insert("content-length", HeaderValue::from_static("7"));
        let declared = call.plan(&RequestHead::from(&put), None);
        put.headers.clear();
        (declared, call.plan(&RequestHead::from(&put), None))
    };
    let chunks = StreamPayload::AwsChunked(AwsChunked::signed);
    let (declared, unknown) = with(chunks);
    assert_eq!(declared.unwrap(), BodyPlan::Chunked(AwsChunked::signed(7)));
    assert!(matches!(unknown, Err(CallError::Body(UnsignableBody::UnknownLength))));
    let (declared, unknown) = with(StreamPayload::Unsigned);
    assert_eq!(declared.unwrap(), BodyPlan::Unsigned { length: Some(7) });
    assert_eq!(unknown.unwrap(), BodyPlan::Unsigned { length: None });
    let (_, refused) = with(StreamPayload::Refuse);
    assert!(matches!(refused, Err(CallError::Body(UnsignableBody::Stream))));
}

#[test]
fn error_shows_cause_and_cure_in_display_and_debug_and_not_again_in_its_source() {
    let error = CallError::from(SignError::MissingHost);
    assert_eq!(error.to_string(), SignError::MissingHost.to_string());
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(std::error::Error::source(&error).is_none());
}

#[test]
fn request_is_kept_only_if_a_response_can_lead_to_another() {
    let mut following = settings();
    following.redirects = Redirects::SameOrigin;
    for (settings, expected) in
        [(settings(), [true, false, false]), (following, [true, true, false])]
    {
        let (mut call, _) = start(&Arc::new(settings));
        let may_repeat = [Resend::AtHand, Resend::Once, Resend::PassedOn].map(|resend| {
            call.set_resend(resend);
            call.may_repeat()
        });
        assert_eq!(may_repeat, expected);
    }
}
