//! Each rule of the evidence by itself: proven causes, hints, and values that are never shown.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::time::Duration;

use http::{HeaderMap, Request, StatusCode};
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, SigningTime, Transcript};
use sigv4_explain::{Evidence, Explanation, Rank, RefusalCause as Cause, read_request};

const TOKEN: &str = "IQoJb3JpZ2lu/secret+token==";

/// A signed request, and the transcript of its signature.
struct Sent {
    request: Request<()>,
    transcript: Transcript,
}

struct Signing {
    service: &'static str,
    region: &'static str,
    key: &'static str,
    token: Option<&'static str>,
    payload: PayloadHash,
    presigned_for: Option<u64>,
}

const S3: Signing = Signing {
    service: "s3",
    region: "us-east-1",
    key: "AKIDEXAMPLE",
    token: None,
    payload: PayloadHash::EMPTY,
    presigned_for: None,
};

impl Signing {
    fn sign(&self, request: Request<()>) -> Sent {
        let mut request = request;
        let time: SigningTime = "20250903T162150Z".parse().unwrap();
        let region = Region::from_static(self.region);
        let signer = Signer::new(region, Service::from_static(self.service));
        let mut credentials =
            Credentials::new(self.key, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        if let Some(token) = self.token {
            credentials = credentials.with_session_token(token);
        }
        if let Some(life) = self.presigned_for {
            let life = Duration::from_secs(life);
            let (presigned, transcript) = signer
                .presign_transcript(&request, self.payload, life, &credentials, time)
                .unwrap();
            return Sent { request: presigned.into_request(()).unwrap(), transcript };
        }
        let (signed, transcript) =
            signer.compute_transcript(&request, self.payload, &credentials, time).unwrap();
        signed.apply(request.headers_mut());
        Sent { request, transcript }
    }

    fn get(&self, url: &str) -> Sent {
        self.sign(Request::get(url).body(()).unwrap())
    }
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| (name.parse().unwrap(), value.parse().unwrap());
    pairs.iter().map(pair).collect::<HeaderMap>()
}

impl Sent {
    fn explain(&self, status: u16, pairs: &[(&str, &str)], body: &str) -> Explanation {
        let headers = headers(pairs);
        Evidence::new(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
            .with_request(&self.request)
            .with_transcript(&self.transcript)
            .explain()
    }
}

fn alone(status: u16, pairs: &[(&str, &str)], body: &str) -> Explanation {
    let headers = headers(pairs);
    Evidence::new(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes()).explain()
}

const MISMATCH: &str = "<Error><Code>SignatureDoesNotMatch</Code></Error>";

fn hints(explanation: &Explanation) -> Vec<Cause> {
    explanation.hints().iter().map(sigv4_explain::Hint::cause).collect()
}

#[test]
fn plain_mismatch_keeps_its_cause_and_hints_follow() {
    let sent = S3.get("https://files.example.com/key");
    let explanation = sent.explain(403, &[("date", "Wed, 03 Sep 2025 16:22:00 GMT")], MISMATCH);
    assert_eq!(explanation.cause(), Cause::SignatureMismatch);
    assert_eq!(hints(&explanation), [Cause::WrongSecret]);
    assert_eq!(explanation.agrees(), ["the clock"]);
    assert!(explanation.to_string().contains("hint (likely, not proven): "), "{explanation}");
}

#[test]
fn clock_is_blamed_beyond_the_services_window_alone() {
    let six_minutes = [("date", "Wed, 03 Sep 2025 16:28:00 GMT")];
    let half_an_hour = [("date", "Wed, 03 Sep 2025 16:52:00 GMT")];
    for (service, pairs, cause) in [
        ("s3", &six_minutes, Cause::SignatureMismatch),
        ("sts", &six_minutes, Cause::SignatureMismatch),
        ("kms", &six_minutes, Cause::ClockSkew),
        ("lambda", &six_minutes, Cause::ClockSkew),
        ("route53", &six_minutes, Cause::ClockSkew),
        ("monitoring", &six_minutes, Cause::ClockSkew),
        ("s3", &half_an_hour, Cause::ClockSkew),
    ] {
        let sent = Signing { service, ..S3 }.get("https://files.example.com/key");
        let explanation = sent.explain(403, pairs, MISMATCH);
        assert_eq!(explanation.cause(), cause, "{service}\n{explanation}");
    }
    // A service that refuses access without mentioning time has already checked the time.
    let sent = S3.get("https://files.example.com/key");
    let denied = "<Error><Code>AccessDenied</Code></Error>";
    let explanation = sent.explain(403, &half_an_hour, denied);
    assert_eq!((explanation.cause(), explanation.rank()), (Cause::AccessDenied, Rank::Likely));
    assert_eq!(hints(&explanation), [Cause::ClockSkew]);
}

#[test]
fn presigned_url_is_judged_by_its_own_life() {
    let presigned = Signing { presigned_for: Some(7200), payload: PayloadHash::Unsigned, ..S3 };
    let sent = presigned.get("https://files.example.com/key");
    let an_hour_later = [("date", "Wed, 03 Sep 2025 17:21:50 GMT")];
    let explanation = sent.explain(403, &an_hour_later, MISMATCH);
    assert_eq!(explanation.cause(), Cause::SignatureMismatch, "{explanation}");
    assert_eq!(hints(&explanation), [Cause::WrongSecret, Cause::MethodChanged]);
    assert!(explanation.hints()[1].text().contains("made for GET"), "{explanation}");
    assert!(explanation.request().ends_with(", presigned for 7200 s"), "{explanation}");
    let two_days_later = [("date", "Fri, 05 Sep 2025 17:21:50 GMT")];
    assert_eq!(sent.explain(403, &two_days_later, MISMATCH).cause(), Cause::PresignedExpired);
    let a_day_before = [("date", "Tue, 02 Sep 2025 17:21:50 GMT")];
    assert_eq!(sent.explain(403, &a_day_before, MISMATCH).cause(), Cause::PresignedTooEarly);
}

#[test]
fn presigned_url_used_with_another_method_is_seen() {
    let presigned = Signing { presigned_for: Some(600), payload: PayloadHash::Unsigned, ..S3 };
    let mut sent = presigned.get("https://files.example.com/key");
    *sent.request.method_mut() = http::Method::HEAD;
    let explanation = sent.explain(403, &[], "");
    assert_eq!((explanation.cause(), explanation.rank()), (Cause::MethodChanged, Rank::Seen));
    assert!(explanation.says().contains("GET was signed, but HEAD arrived"), "{explanation}");
}

#[test]
fn region_of_the_bucket_beats_that_of_the_host() {
    let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong</Message></Error>";
    let sent = S3.get("https://bucket.s3.eu-west-1.amazonaws.com/key");
    let explanation = sent.explain(400, &[("x-amz-bucket-region", "eu-west-3")], body);
    assert_eq!(explanation.expected().unwrap().region.as_deref(), Some("eu-west-3"));
    let explanation = sent.explain(400, &[], body);
    assert_eq!(explanation.expected().unwrap().region.as_deref(), Some("eu-west-1"));
    // A host that is in no table proves nothing.
    let sent = S3.get("https://bucket.s3.eu-west-1.example.com/key");
    let explanation = sent.explain(400, &[], body);
    assert_eq!(explanation.expected().unwrap().region, None);
    assert!(explanation.says().ends_with("expects another region."), "{explanation}");
}

#[test]
fn unsigned_payload_is_never_blamed_without_the_services_texts() {
    for service in ["kinesisvideo", "execute-api", "lambda"] {
        let signing = Signing { service, payload: PayloadHash::Unsigned, ..S3 };
        let explanation = signing.get("https://h.example/x").explain(403, &[], MISMATCH);
        assert_eq!(explanation.cause(), Cause::SignatureMismatch, "{explanation}");
    }
}

#[test]
fn request_alone_is_compared_with_the_services_texts() {
    let sent = S3.get("https://files.example.com/a%20b?x=1");
    let ours = String::from_utf8(sent.transcript.canonical_request().to_vec()).unwrap();
    let body = |theirs: &str| {
        let theirs = theirs.replace('&', "&amp;");
        format!(
            "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{theirs}</CanonicalRequest></Error>"
        )
    };
    let explain = |theirs: &str| {
        let response = http::Response::builder().status(403).body(body(theirs)).unwrap();
        Evidence::from(&response).with_request(&sent.request).explain()
    };
    let explanation = explain(&ours.replace("x=1", "x=1&utm=2"));
    assert_eq!((explanation.cause(), explanation.rank()), (Cause::QueryChanged, Rank::Compared));
    assert!(explanation.advice().unwrap().contains("as it was sent"), "{explanation}");
    let explanation = explain(&ours);
    assert_eq!(explanation.cause(), Cause::SignatureMismatch, "{explanation}");
    assert_eq!(hints(&explanation), [Cause::WrongSecret]);
    // Without either, the text says which evidence is missing.
    let explanation = alone(403, &[], &body(&ours));
    assert!(explanation.advice().unwrap().contains("transcript"), "{explanation}");
}

#[test]
fn every_line_that_differs_is_shown() {
    let sent = S3.get("https://bucket.s3.example.com/key");
    let ours = String::from_utf8(sent.transcript.canonical_request().to_vec()).unwrap();
    let theirs =
        ours.replace("bucket.s3.example.com", "s3.example.com").replace("/key", "/bucket/key");
    let body = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{theirs}</CanonicalRequest></Error>"
    );
    let explanation = sent.explain(403, &[], &body);
    assert_eq!(explanation.cause(), Cause::AddressingStyle, "{explanation}");
    let shown = explanation.to_string();
    assert!(shown.contains("line 2 of") && shown.contains("line 4 of"), "{shown}");
}

#[test]
fn endpoint_that_the_service_names_is_shown() {
    let body = "<Error><Code>PermanentRedirect</Code><Endpoint>b.s3-ap-northeast-1.amazonaws.com</Endpoint></Error>";
    let explanation = alone(301, &[], body);
    assert!(explanation.says().contains("b.s3-ap-northeast-1.amazonaws.com"), "{explanation}");
}

#[test]
fn last_line_stands_alone_in_a_log() {
    let sent = S3.get("https://files.example.com/a%20b?x=1");
    let shown = sent.explain(403, &[], MISMATCH).to_string();
    assert_eq!(
        shown.lines().last().unwrap(),
        "request: GET files.example.com /a%20b, key AKIDEXAMPLE, signed at 20250903T162150Z for \
         20250903/us-east-1/s3/aws4_request"
    );
}

#[test]
fn request_without_a_signature_or_with_another_is_seen() {
    let request = |header: Option<&str>| {
        let mut request = Request::get("https://files.example.com/key").body(()).unwrap();
        if let Some(value) = header {
            request.headers_mut().insert("authorization", value.parse().unwrap());
        }
        request
    };
    let explain = |request: &Request<()>, body: &'static str| {
        let response = http::Response::builder().status(403).body(body).unwrap();
        Evidence::from(&response).with_request(request).explain()
    };
    let denied = "<Error><Code>AccessDenied</Code></Error>";
    for body in [denied, ""] {
        let explanation = explain(&request(None), body);
        assert_eq!((explanation.cause(), explanation.rank()), (Cause::NotSigned, Rank::Seen));
    }
    let signed = "AWS4-HMAC-SHA256 Credential=AKID/20250903/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00";
    assert_eq!(explain(&request(Some(signed)), denied).cause(), Cause::AccessDenied);
    let incomplete = r#"{"__type":"IncompleteSignatureException","message":"Authorization header requires 'Credential' parameter. Authorization=Bearer a"}"#;
    let explanation = explain(&request(Some("Bearer a")), incomplete);
    assert_eq!((explanation.cause(), explanation.rank()), (Cause::AlgorithmRefused, Rank::Seen));
}

#[test]
fn redirect_to_another_host_is_a_refusal_and_one_to_the_same_is_none() {
    let sent = S3.get("https://files.example.com/key");
    let cause = |location: &str| sent.explain(302, &[("location", location)], "").cause();
    assert_eq!(cause("https://login.example.com/"), Cause::Redirected);
    assert_eq!(cause("https://files.example.com/other"), Cause::NotRefused);
    assert_eq!(cause("/other"), Cause::NotRefused);
}

#[test]
fn error_with_status_200_is_a_refusal_only_in_the_forms_that_send_it() {
    let list = r#"{"data":null,"errors":[{"errorType":"UnrecognizedClientException","message":"The security token included in the request is invalid."}]}"#;
    assert_eq!(alone(200, &[], list).cause(), Cause::KeyUnknown);
    assert_eq!(
        alone(200, &[], "<Error><Code>InternalError</Code></Error>").cause(),
        Cause::ServiceFailure
    );
    assert_eq!(alone(200, &[], r#"{"code":"A","message":"Forbidden"}"#).cause(), Cause::NotRefused);
    assert_eq!(alone(200, &[], "<ListBucketResult/>").cause(), Cause::NotRefused);
    assert_eq!(alone(204, &[], "").cause(), Cause::NotRefused);
}

#[test]
fn unknown_code_is_not_said_to_be_about_something_else() {
    let explanation = alone(400, &[], "<Error><Code>SomethingNew</Code></Error>");
    assert_eq!(explanation.cause(), Cause::UnknownCode);
    assert!(explanation.says().contains("not known to this library"), "{explanation}");
    // But a sentence that is specific to signing counts.
    let body = r#"{"__type":"SomethingNewException","message":"Signature expired: 20250903T162150Z is now earlier than 20250903T163650Z (20250903T164150Z - 5 min.)"}"#;
    assert_eq!(alone(400, &[], body).cause(), Cause::ClockSkew);
}

#[test]
fn time_that_the_service_read_is_told_without_the_request() {
    let body = r#"{"message":"Signature expired: 20250903T162150Z is now earlier than 20250903T163650Z (20250903T165150Z - 15 min.)"}"#;
    let explanation = alone(403, &[], body);
    assert!(explanation.says().contains("30 minutes behind"), "{explanation}");
    let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-west-2' is wrong; expecting 'us-east-1'</Message></Error>";
    let explanation = alone(400, &[], body);
    assert!(explanation.says().contains("for us-west-2, but the service expects us-east-1"));
}

#[test]
fn service_that_expects_what_was_signed_is_told_to_have_read_something_else() {
    let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region is wrong; expecting 'us-east-1'.</Message><Region>us-east-1</Region></Error>";
    let explanation = S3.get("https://minio.example.com/b").explain(400, &[], body);
    assert_eq!((explanation.cause(), explanation.rank()), (Cause::WrongRegion, Rank::Said));
    assert!(explanation.says().starts_with("The request was signed for another region"));
    assert!(explanation.hints()[0].text().starts_with("us-east-1 was signed"), "{explanation}");
}

#[test]
fn proxy_that_answers_is_named_only_if_it_shows() {
    let html = "<html><head><title>403 Forbidden</title></head></html>";
    let explanation = alone(403, &[("server", "nginx")], html);
    assert_eq!(explanation.cause(), Cause::Unknown, "nginx may be the service's own front");
    assert_eq!(explanation.sender(), Some("server: nginx"));
    assert!(explanation.says().contains("403 Forbidden"), "{explanation}");
    let explanation = alone(403, &[("server", "awselb/2.0")], html);
    assert!(explanation.says().contains("did not reach the service"), "{explanation}");
    // The same server in front of a service's own error is not blamed.
    let explanation = alone(403, &[("server", "cloudflare"), ("cf-ray", "1-A")], MISMATCH);
    assert_eq!(explanation.cause(), Cause::SignatureMismatch);
}

/// Every kind of secret that a request or a response can contain.
const SECRETS: [&str; 9] = [
    TOKEN,
    "Atza|IwEBIHmz-access-token",
    "sse-c-key-0123456789abcdef==",
    "hvs.vault-token",
    "bearer-of-another-service",
    "sas-signature-of-azure",
    "policy-token-of-a-form",
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    "cookie-of-a-session",
];

/// A signed request that contains every kind of secret.
fn with_secrets() -> Sent {
    let [_, access, sse, vault, bearer, sas, _, _, cookie] = SECRETS;
    let request = Request::get(format!("https://files.example.com/key?sig={sas}&X-Amz-Meta=1"))
        .header("x-amz-access-token", access)
        .header("x-amz-server-side-encryption-customer-key", sse)
        .header("x-vault-token", vault)
        .header("cookie", cookie)
        .body(())
        .unwrap();
    let mut sent = Signing { key: "ASIAEXAMPLE", token: Some(TOKEN), ..S3 }.sign(request);
    sent.request.headers_mut().insert("x-late", bearer.parse().unwrap());
    sent
}

/// Responses that echo them, in every format and in every field.
fn echoes(sent: &Sent) -> [String; 5] {
    let [token, access, sse, vault, bearer, sas, form, signature, _] = SECRETS;
    let ours = String::from_utf8(sent.transcript.canonical_request().to_vec()).unwrap();
    assert!(ours.contains(token) && ours.contains(access) && ours.contains(sas));
    let theirs = ours.replace("host:files", "host:other").replace('&', "&amp;");
    let theirs = theirs.replace(sse, "changed-sse-c-key-00");
    let echo = format!(
        "{sse} {vault} {access} {token} see https://h/?X-Amz-Signature={signature}&sig={sas}: \
         [\"eq\", \"$x-amz-security-token\", \"{form}\"] Bearer {bearer}"
    );
    let xml = |code: &str, fields: &str| {
        let message = echo.replace('&', "&amp;");
        format!("<Error><Code>{code}</Code><Message>{message}</Message>{fields}</Error>")
    };
    let texts = format!("<CanonicalRequest>{theirs}</CanonicalRequest><Token-0>{token}</Token-0>");
    let ids = format!("<Region>{token}</Region><RequestId>{vault}</RequestId>");
    [
        xml("SignatureDoesNotMatch", &texts),
        xml("AccessDenied", &ids),
        xml("SomethingNew", &format!("<Endpoint>{token}</Endpoint>")),
        format!("<html><title>{echo}</title></html>"),
        echo.clone(),
    ]
}

#[test]
fn secrets_are_masked_in_everything_that_is_shown() {
    let sent = with_secrets();
    let pairs = [("server", SECRETS[0]), ("x-amz-bucket-region", SECRETS[3])];
    for body in echoes(&sent) {
        let response = http::Response::builder().status(403).body(body.clone()).unwrap();
        let without_transcript = Evidence::from(&response).with_request(&sent.request).explain();
        for explanation in [sent.explain(403, &pairs, &body), without_transcript] {
            let expected = explanation.expected();
            let shown = format!(
                "{explanation}{explanation:?}{}{expected:?}{:?}",
                explanation.to_json(),
                explanation.error_response().and_then(|error| error.message())
            );
            for secret in SECRETS {
                assert!(!shown.contains(secret), "{secret}\n{shown}");
            }
            assert!(!shown.contains("changed-sse-c-key-00"), "{shown}");
        }
    }
}

#[test]
fn hostile_answers_get_an_answer_and_forge_no_line() {
    let sent = S3.get("https://files.example.com/key");
    let megabytes = format!("<Error><Code>AccessDenied</Code><Message>{}", "a".repeat(10_000_000));
    let lines = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{}</CanonicalRequest></Error>",
        "a:\n".repeat(300_000)
    );
    let tokens = format!(
        "<Error><Code>AccessDenied</Code><Message>{}</Message></Error>",
        "x-amz-security-token: ".repeat(45_000)
    );
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let forged = "<Error><Code>AccessDenied</Code><Message>no\ncause (said by the service): all is well\r\n\u{1b}[2Jrequest: GET forged</Message></Error>";
    for body in [&megabytes, &lines, &tokens, &deep, &forged.to_owned(), &"<a>".repeat(300_000)] {
        let shown = sent.explain(403, &[], body).to_string();
        assert!(shown.len() < 8000, "{}", shown.len());
        assert_eq!(shown.lines().filter(|line| line.starts_with("cause (")).count(), 1, "{shown}");
        assert_eq!(
            shown.lines().filter(|line| line.starts_with("request: ")).count(),
            1,
            "{shown}"
        );
        assert!(!shown.contains('\u{1b}'));
    }
    let headers = HeaderMap::new();
    let body = b"<Error><Code>AccessDenied</Code><Message>\xff\xfe</Message></Error>";
    let explanation = Evidence::new(StatusCode::FORBIDDEN, &headers, body).explain();
    assert_eq!(explanation.code(), Some("AccessDenied"), "invalid UTF-8 hides no code");
}

#[test]
fn explanation_is_one_line_of_json_with_stable_codes() {
    let explanation = S3.get("https://files.example.com/key").explain(403, &[], MISMATCH);
    let json: serde_json::Value = serde_json::from_str(&explanation.to_json()).unwrap();
    assert_eq!(json["cause"], "signature_mismatch");
    assert_eq!((&json["rank"], &json["status"]), (&"said".into(), &403.into()));
    assert_eq!(json["hints"][0]["cause"], "wrong_secret");
    assert!(!explanation.to_json().contains('\n'));
}

#[test]
fn pasted_output_of_curl_is_explained_as_it_is() {
    let pasted = "> GET /?Action=ListUsers HTTP/1.1\n> Host: iam.amazonaws.com\n> X-Amz-Date: 20250903T162150Z\n\
        > Authorization: AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20250903/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, Signature=00\n>\n\
        < HTTP/1.1 403 Forbidden\n<\n<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>\n";
    let request = read_request(pasted).unwrap();
    let explanation = request.evidence().unwrap().explain();
    assert_eq!((explanation.cause(), explanation.rank()), (Cause::TokenMissing, Rank::Seen));
    assert!(explanation.request().contains("key ASIAEXAMPLE"), "{explanation}");
}
