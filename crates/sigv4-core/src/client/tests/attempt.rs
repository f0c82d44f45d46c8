use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, Method, StatusCode, Uri};

use crate::client::attempt::*;
use crate::client::redirect::*;
use crate::client::service_error::ServiceError;
use crate::scope::Region;

const REGION: Region = Region::from_static("us-east-1");
/// Mon, 01 Jan 2024 00:00:00 GMT
const NOW: u64 = 1_704_067_200;

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)
}

struct Case {
    attempt: Attempt,
    method: Method,
    uri: &'static str,
    clock_offset: i64,
}

fn case(redirects: Redirects) -> Case {
    Case {
        attempt: Attempt::new(redirects),
        method: Method::POST,
        uri: "https://example.com/a/b?c",
        clock_offset: 0,
    }
}

impl Case {
    fn after(&mut self, status: u16, headers: &[(&'static str, &str)], body: &str) -> Next {
        let uri = self.uri.parse().unwrap();
        let sent = Sent {
            method: &self.method,
            uri: &uri,
            region: &REGION,
            clock_offset: self.clock_offset,
        };
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let error = ServiceError::read(body.as_bytes());
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer { status, headers: &headers, error: error.as_ref(), received: now() };
        self.attempt.after(&sent, &answer)
    }

    fn redirect(&mut self, status: u16, location: &str) -> Next {
        self.after(status, &[("location", location)], "")
    }
}

fn xml(code: &str) -> String {
    format!("<Error><Code>{code}</Code></Error>")
}

const TWENTY_MINUTES_LATER: (&str, &str) = ("date", "Mon, 01 Jan 2024 00:20:00 GMT");

#[test]
fn success_and_plain_failure_are_done() {
    for status in [200, 204, 206, 304, 400, 401, 403, 404, 500, 503] {
        let next = case(Redirects::SameOrigin).after(status, &[], "");
        assert_eq!(next, Next::Done, "{status}");
    }
}

#[test]
fn clock_skew_is_learnt_from_the_date_once() {
    let mut case = case(Redirects::Refuse);
    let next = case.after(403, &[TWENTY_MINUTES_LATER], &xml("RequestTimeTooSkewed"));
    assert_eq!(next, Next::SignAgain(Cause::ClockSkew(1200)));
    let next = case.after(403, &[TWENTY_MINUTES_LATER], &xml("RequestTimeTooSkewed"));
    assert_eq!(next, Next::Done);
}

#[test]
fn clock_skew_is_learnt_without_a_code_and_backwards() {
    let early = ("date", "Sun, 31 Dec 2023 23:00:00 GMT");
    let next = case(Redirects::Refuse).after(401, &[early], "");
    assert_eq!(next, Next::SignAgain(Cause::ClockSkew(-3600)));
}

#[test]
fn clock_skew_is_learnt_from_the_codes_that_services_use_for_it() {
    for code in ["SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"] {
        let next = case(Redirects::Refuse).after(403, &[TWENTY_MINUTES_LATER], &xml(code));
        assert_eq!(next, Next::SignAgain(Cause::ClockSkew(1200)), "{code}");
    }
    for code in ["AccessDenied", "NoSuchBucket", "MissingAuthenticationTokenException"] {
        let next = case(Redirects::Refuse).after(403, &[TWENTY_MINUTES_LATER], &xml(code));
        assert_eq!(next, Next::Done, "{code}");
    }
}

#[test]
fn refused_credentials_are_renewed_once_whatever_the_service_calls_them() {
    for code in [
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
        "AuthFailure",
        "RequestExpired",
    ] {
        let mut case = case(Redirects::Refuse);
        let next = case.after(403, &[], &xml(code));
        assert_eq!(next, Next::SignAgain(Cause::Credentials), "{code}");
        assert_eq!(case.after(403, &[], &xml(code)), Next::Done, "{code}");
    }
}

#[test]
fn ec2_code_for_a_time_corrects_the_clock_first_and_then_the_credentials() {
    let mut case = case(Redirects::Refuse);
    let next = case.after(400, &[TWENTY_MINUTES_LATER], &xml("RequestExpired"));
    assert_eq!(next, Next::SignAgain(Cause::ClockSkew(1200)));
    case.clock_offset = 1200;
    let next = case.after(400, &[TWENTY_MINUTES_LATER], &xml("RequestExpired"));
    assert_eq!(next, Next::SignAgain(Cause::Credentials));
}

#[test]
fn difference_of_more_than_a_day_is_an_error_only_if_the_code_is_about_time() {
    let next_day = ("date", "Tue, 02 Jan 2024 00:00:01 GMT");
    let next = case(Redirects::Refuse).after(403, &[next_day], &xml("RequestTimeTooSkewed"));
    assert_eq!(next, Next::ClocksDiffer(86_401));
    for body in [xml("SignatureDoesNotMatch"), String::new()] {
        assert_eq!(case(Redirects::Refuse).after(403, &[next_day], &body), Next::Done, "{body}");
    }
}

#[test]
fn offset_in_use_is_replaced_by_one_from_the_bare_clock() {
    let mut case = case(Redirects::Refuse);
    case.clock_offset = -3600;
    let next = case.after(403, &[TWENTY_MINUTES_LATER], &xml("RequestTimeTooSkewed"));
    assert_eq!(next, Next::SignAgain(Cause::ClockSkew(1200)));
}

#[test]
fn clock_that_was_corrected_already_is_not_corrected_again() {
    let mut case = case(Redirects::Refuse);
    case.clock_offset = 1190;
    let next = case.after(403, &[TWENTY_MINUTES_LATER], &xml("SignatureDoesNotMatch"));
    assert_eq!(next, Next::Done);
}

#[test]
fn small_difference_of_clocks_is_no_skew() {
    let next = case(Redirects::Refuse).after(
        403,
        &[("date", "Mon, 01 Jan 2024 00:04:00 GMT")],
        &xml("SignatureDoesNotMatch"),
    );
    assert_eq!(next, Next::Done);
}

#[test]
fn absurd_date_teaches_nothing() {
    for date in [
        "Wed, 31 Dec 2014 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 01 Jan 2100 00:00:00 GMT",
        "Sat, 01 Jan 9999 00:00:00 GMT",
        "yesterday",
        "",
    ] {
        let answer = xml("RequestTimeTooSkewed");
        let next = case(Redirects::Refuse).after(403, &[("date", date)], &answer);
        assert_eq!(next, Next::Done, "{date}");
    }
}

#[test]
fn date_of_a_cached_response_teaches_nothing() {
    let headers = [TWENTY_MINUTES_LATER, ("age", "1200")];
    let next = case(Redirects::Refuse).after(403, &headers, &xml("RequestTimeTooSkewed"));
    assert_eq!(next, Next::Done);
}

#[test]
fn skew_on_a_success_or_another_error_is_left_alone() {
    for status in [200, 404, 500, 503] {
        let next = case(Redirects::Refuse).after(status, &[TWENTY_MINUTES_LATER], "");
        assert_eq!(next, Next::Done, "{status}");
    }
}

#[test]
fn region_of_the_bucket_is_taken_from_the_header_or_the_body_once() {
    let malformed = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>";
    let expected = Next::SignAgain(Cause::Region(Region::from_static("eu-west-1")));
    let mut case_of_body = case(Redirects::Refuse);
    assert_eq!(case_of_body.after(400, &[], malformed), expected);
    assert_eq!(case_of_body.after(400, &[], malformed), Next::Done);
    // The response to a HEAD has no body to name the error.
    let header = [("x-amz-bucket-region", "eu-west-1")];
    assert_eq!(case(Redirects::Refuse).after(400, &header, ""), expected);
}

#[test]
fn region_that_is_no_region_or_the_same_or_of_another_error_is_left_alone() {
    for (status, region, code) in [
        (400, "x@evil:443/#", "AuthorizationHeaderMalformed"),
        (400, "us-east-1", "AuthorizationHeaderMalformed"),
        (400, "eu-west-1", "InvalidRequest"),
        (403, "eu-west-1", "AccessDenied"),
        (200, "eu-west-1", "AuthorizationHeaderMalformed"),
    ] {
        let header = [("x-amz-bucket-region", region)];
        let next = case(Redirects::Refuse).after(status, &header, &xml(code));
        assert_eq!(next, Next::Done, "{status} {region} {code}");
    }
    // 403 without a code: S3 sends the bucket's region with every denial.
    let header = [("x-amz-bucket-region", "eu-west-1")];
    assert_eq!(case(Redirects::Refuse).after(403, &header, ""), Next::Done);
}

#[test]
fn expired_token_asks_for_other_credentials_once() {
    let mut by_header = case(Redirects::Refuse);
    let header = [("x-amzn-errortype", "ExpiredTokenException:http://internal.amazon.com/")];
    assert_eq!(by_header.after(403, &header, ""), Next::SignAgain(Cause::Credentials));
    assert_eq!(by_header.after(403, &header, ""), Next::Done);
    let next = case(Redirects::Refuse).after(400, &[], &xml("ExpiredToken"));
    assert_eq!(next, Next::SignAgain(Cause::Credentials));
}

#[test]
fn each_cause_is_handled_once_in_one_call() {
    let mut case = case(Redirects::Refuse);
    let region = [("x-amz-bucket-region", "eu-west-1")];
    assert!(matches!(case.after(400, &[], &xml("ExpiredToken")), Next::SignAgain(_)));
    assert!(matches!(case.after(400, &region, ""), Next::SignAgain(_)));
    assert!(matches!(case.after(403, &[TWENTY_MINUTES_LATER], ""), Next::SignAgain(_)));
    assert_eq!(case.after(400, &[], &xml("ExpiredToken")), Next::Done);
    assert_eq!(case.after(400, &region, ""), Next::Done);
    assert_eq!(case.after(403, &[TWENTY_MINUTES_LATER], ""), Next::Done);
}

#[test]
fn method_and_body_change_as_the_status_says() {
    use HopBody::{Dropped, Kept};
    for (status, method, next_method, body) in [
        (301, "POST", "GET", Dropped),
        (302, "POST", "GET", Dropped),
        (303, "POST", "GET", Dropped),
        (307, "POST", "POST", Kept),
        (308, "POST", "POST", Kept),
        (301, "PUT", "PUT", Kept),
        (302, "DELETE", "DELETE", Kept),
        (303, "PUT", "GET", Dropped),
        (303, "HEAD", "HEAD", Kept),
        (301, "HEAD", "HEAD", Kept),
        (308, "GET", "GET", Kept),
    ] {
        let mut case = case(Redirects::SameOrigin);
        case.method = method.parse().unwrap();
        let hop = Hop {
            method: next_method.parse().unwrap(),
            uri: Uri::from_static("https://example.com/new?x"),
            body,
        };
        assert_eq!(case.redirect(status, "/new?x"), Next::Follow(hop), "{status} {method}");
    }
}

#[test]
fn the_same_origin_is_known_in_any_spelling() {
    for location in [
        "https://example.com/",
        "https://EXAMPLE.com:443/x",
        "https://example.com:/x",
        "//example.com/x",
        "/x",
        "x",
        "?x",
    ] {
        let next = case(Redirects::SameOrigin).redirect(307, location);
        assert!(matches!(next, Next::Follow(_)), "{location}: {next:?}");
    }
}

#[test]
fn another_origin_is_refused_by_name() {
    for (location, origin) in [
        ("https://evil.com/x", "https://evil.com"),
        ("https://example.com:8443/x", "https://example.com:8443"),
        ("https://example.com:80/x", "https://example.com:80"),
        ("https://example.com.evil.com/", "https://example.com.evil.com"),
        ("https://sub.example.com/", "https://sub.example.com"),
        ("https://example.com./", "https://example.com."),
        ("//evil.com/x", "https://evil.com"),
    ] {
        let next = case(Redirects::SameOrigin).redirect(307, location);
        let refused = RefusedRedirect::OtherOrigin { origin: origin.into() };
        assert_eq!(next, Next::Refuse(refused), "{location}");
    }
}

#[test]
fn https_never_becomes_http() {
    for location in ["http://example.com/", "http://example.com:443/", "HTTP://EXAMPLE.com/"] {
        let next = case(Redirects::SameOrigin).redirect(308, location);
        assert!(matches!(next, Next::Refuse(RefusedRedirect::Downgrade { .. })), "{location}");
    }
}

#[test]
fn http_does_not_become_https_because_that_is_another_origin() {
    let mut case = case(Redirects::SameOrigin);
    case.uri = "http://example.com/";
    let next = case.redirect(301, "https://example.com/");
    assert!(matches!(next, Next::Refuse(RefusedRedirect::OtherOrigin { .. })));
}

#[test]
fn location_that_is_invalid_or_has_user_information_is_refused() {
    for location in [
        "https://user@example.com/",
        "https://example.com@evil.com/",
        "https://",
        "mailto:x",
        "a b",
    ] {
        let next = case(Redirects::SameOrigin).redirect(302, location);
        assert_eq!(next, Next::Refuse(RefusedRedirect::InvalidLocation), "{location}");
    }
}

#[test]
fn eleventh_hop_is_taken_for_a_loop() {
    let mut case = case(Redirects::SameOrigin);
    for hop in 0..MAX_HOPS {
        assert!(matches!(case.redirect(307, "/x"), Next::Follow(_)), "{hop}");
    }
    let next = case.redirect(307, "/x");
    assert!(matches!(next, Next::Refuse(RefusedRedirect::TooMany { .. })), "{next:?}");
}

#[test]
fn policy_decides_how_a_redirect_is_handled() {
    let refused = case(Redirects::default()).redirect(307, "/x");
    let origin = "https://example.com".to_owned();
    assert_eq!(refused, Next::Refuse(RefusedRedirect::NotAsked { origin }));
    assert_eq!(case(Redirects::Return).redirect(307, "https://evil.com/"), Next::Done);
}

#[test]
fn response_that_is_no_redirect_is_done_despite_a_location() {
    for status in [200, 201, 300, 304, 305] {
        let next = case(Redirects::SameOrigin).redirect(status, "https://evil.com/");
        assert_eq!(next, Next::Done, "{status}");
    }
    assert_eq!(case(Redirects::SameOrigin).after(301, &[], ""), Next::Done);
}

#[test]
fn refusal_names_the_origin_and_what_to_do() {
    let refused = RefusedRedirect::NotAsked { origin: "https://evil.com".into() };
    let text = refused.to_string();
    assert!(text.contains("https://evil.com") && text.contains("SameOrigin"), "{text}");
    assert_eq!(refused.origin(), Some("https://evil.com"));
}

#[test]
fn dropped_body_takes_its_headers_along() {
    let mut headers = HeaderMap::new();
    for name in ["content-type", "content-length", "x-amz-content-sha256", "x-amz-acl"] {
        headers.insert(name, "1".parse().unwrap());
    }
    remove_body_headers(&mut headers);
    assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-amz-acl"]);
}
