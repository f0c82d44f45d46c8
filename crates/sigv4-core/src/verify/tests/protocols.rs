//! A refusal in each protocol.

use super::*;

#[test]
fn refusals_have_the_shape_of_each_protocol() {
    let error =
        VerifyError::WrongRegion { given: "<eu>\"1".into(), expected: REGION, form: Form::Header };
    let s3 = error.refusal(Protocol::S3);
    assert_eq!((s3.status(), s3.code()), (StatusCode::BAD_REQUEST, "AuthorizationHeaderMalformed"));
    assert_eq!(
        s3.body(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AuthorizationHeaderMalformed\
         </Code><Message>The authorization header is malformed; the region '&lt;eu&gt;\"1' is \
         wrong; expecting 'us-east-1'</Message><Region>us-east-1</Region></Error>"
    );
    let json = error.refusal(Protocol::Json);
    assert_eq!(json.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        json.body(),
        "{\"__type\":\"InvalidSignatureException\",\"message\":\"Credential should be scoped to a \
         valid region, not '<eu>\\\"1'. \"}"
    );
    let response: http::Response<String> = error.refusal(Protocol::RestJson).into_response();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(response.headers()["x-amzn-errortype"], "InvalidSignatureException");
    assert_eq!(response.headers()["content-type"], "application/json");
    let query = VerifyError::LookUpFailed.refusal(Protocol::Query);
    assert_eq!(query.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(query.body().starts_with("<ErrorResponse><Error><Type>Receiver</Type>"));
}

#[test]
fn control_characters_of_the_caller_do_not_reach_the_answer() {
    let given = "a\u{1}&\n\\".into();
    let error = VerifyError::WrongRegion { given, expected: REGION, form: Form::Header };
    assert!(error.refusal(Protocol::S3).body().contains("region 'a?&amp;?\\' is wrong"));
    assert!(error.refusal(Protocol::Json).body().contains("'a\\u0001&\\u000a\\\\'"));
}

#[test]
fn grpc_caller_is_refused_in_headers_alone() {
    let answer = |error: VerifyError| -> http::Response<String> {
        error.refusal(Protocol::Grpc).into_response()
    };
    let response = answer(VerifyError::NoSignature);
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.body(), "");
    assert_eq!(response.headers()["content-type"], "application/grpc");
    assert_eq!(response.headers()["grpc-status"], "16");
    assert_eq!(
        response.headers()["grpc-message"],
        "MissingAuthenticationTokenException: Missing Authentication Token"
    );
    let scope = VerifyError::WrongRegion {
        given: "100%\n\u{e9}".into(),
        expected: REGION,
        form: Form::Header,
    };
    let message = answer(scope).headers()["grpc-message"].to_str().unwrap().to_owned();
    assert!(message.contains("'100%25%0A%C3%A9'"), "{message}");
    for (error, status) in [
        (VerifyError::WrongSignature, "16"),
        (VerifyError::LookUpFailed, "14"),
        (VerifyError::BodyTooLarge { limit: 1 }, "8"),
        (VerifyError::UnsupportedTarget, "3"),
    ] {
        assert_eq!(answer(error.clone()).headers()["grpc-status"], status, "{error}");
    }
}

#[test]
fn protocol_is_told_from_service_and_content_type() {
    let of = |service: &Service, content_type: &'static str| {
        let headers = http::HeaderMap::from_iter([(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static(content_type),
        )]);
        Protocol::of(service, &headers)
    };
    assert_eq!(of(&S3, "application/json"), Protocol::S3);
    assert_eq!(of(&IAM, "application/x-www-form-urlencoded; charset=utf-8"), Protocol::Query);
    assert_eq!(of(&IAM, "application/x-amz-json-1.0"), Protocol::Json);
    assert_eq!(of(&IAM, "application/json"), Protocol::RestJson);
    assert_eq!(of(&IAM, "application/grpc+proto"), Protocol::Grpc);
}
