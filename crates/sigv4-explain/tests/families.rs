//! A documented response of every family and every code, with the cause derived from it.

#![allow(clippy::unwrap_used, reason = "a test")]
#![expect(clippy::too_many_lines, reason = "the functions that are long are tables")]

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer, Transcript};
use sigv4_explain::{ErrorResponse, Evidence, Explanation, Family, RefusalCause as Cause};

const TIME: &str = "20250903T162150Z";

/// The parameters of a signed request.
struct Signed {
    key: &'static str,
    token: Option<&'static str>,
    region: &'static str,
    service: &'static str,
    url: &'static str,
}

const S3: Signed = Signed {
    key: "AKIDEXAMPLE",
    token: None,
    region: "us-east-1",
    service: "s3",
    url: "https://files.example.com/a%20b?x=1",
};
const TEMPORARY: Signed = Signed { key: "ASIAEXAMPLE", token: Some("SECRETTOKEN"), ..S3 };
const BARE_TEMPORARY: Signed = Signed { key: "ASIAEXAMPLE", ..S3 };
const LONG_TERM_WITH_TOKEN: Signed =
    Signed { key: "AKIAEXAMPLE", token: Some("SECRETTOKEN"), ..S3 };
const STS: Signed =
    Signed { service: "sts", url: "https://sts.amazonaws.com/?Action=GetCallerIdentity", ..S3 };
const DYNAMO: Signed =
    Signed { service: "dynamodb", url: "https://dynamodb.us-east-1.amazonaws.com/", ..S3 };
const API: Signed = Signed {
    service: "execute-api",
    url: "https://abc.execute-api.us-east-1.amazonaws.com/prod/pets",
    ..S3
};
const AOSS: Signed =
    Signed { service: "aoss", url: "https://abc.us-east-1.aoss.amazonaws.com/_search", ..S3 };

impl Signed {
    fn transcript(&self) -> Transcript {
        let signer =
            Signer::new(Region::from_static(self.region), Service::from_static(self.service));
        let mut credentials =
            Credentials::new(self.key, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        if let Some(token) = self.token {
            credentials = credentials.with_session_token(token);
        }
        let request = http::Request::get(self.url).body(()).unwrap();
        let time: sigv4_core::SigningTime = TIME.parse().unwrap();
        signer.compute_transcript(&request, PayloadHash::EMPTY, &credentials, time).unwrap().1
    }
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    pairs.iter().map(pair).collect()
}

fn answer_to(
    signed: &Signed,
    status: u16,
    pairs: &[(&'static str, &'static str)],
    body: &str,
) -> Explanation {
    let headers = headers(pairs);
    let status = StatusCode::from_u16(status).unwrap();
    let transcript = signed.transcript();
    Evidence::new(status, &headers, body.as_bytes()).with_transcript(&transcript).explain()
}

/// One documented response.
struct Case {
    signed: Signed,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: String,
    family: Family,
    code: Option<&'static str>,
    cause: Cause,
}

fn case(
    signed: Signed,
    status: u16,
    body: impl Into<String>,
    family: Family,
    code: &'static str,
    cause: Cause,
) -> Case {
    let code = (!code.is_empty()).then_some(code);
    Case { signed, status, headers: &[], body: body.into(), family, code, cause }
}

fn s3(
    signed: Signed,
    status: u16,
    code: &'static str,
    message: &str,
    fields: &str,
    cause: Cause,
) -> Case {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         {fields}<RequestId>0A49CE4060975EAC</RequestId><HostId>abc=</HostId></Error>"
    );
    case(signed, status, body, Family::S3, code, cause)
}

fn query(signed: Signed, status: u16, code: &'static str, message: &str, cause: Cause) -> Case {
    let body = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    \
         <Type>Sender</Type>\n    <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  \
         <RequestId>b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId>\n</ErrorResponse>\n"
    );
    case(signed, status, body, Family::Query, code, cause)
}

fn ec2(signed: Signed, status: u16, code: &'static str, message: &str, cause: Cause) -> Case {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
         <Message>{message}</Message></Error></Errors><RequestID>ea966190</RequestID></Response>"
    );
    case(signed, status, body, Family::Ec2, code, cause)
}

fn dynamo(code: &'static str, message: &str, cause: Cause) -> Case {
    let body = serde_json::json!({
        "__type": format!("com.amazon.coral.service#{code}"),
        "message": message,
    });
    let headers = &[("content-type", "application/x-amz-json-1.0")];
    Case { headers, ..case(DYNAMO, 400, body.to_string(), Family::AwsJson10, code, cause) }
}

fn with_headers(headers: &'static [(&'static str, &'static str)], case: Case) -> Case {
    Case { headers, ..case }
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. \
                        Check your AWS Secret Access Key and signing method. Consult the service \
                        documentation for details.";

fn s3_cases() -> Vec<Case> {
    use Cause::*;
    let scope = "The authorization header is malformed; ";
    let parameter = "Error parsing the X-Amz-Credential parameter; ";
    let mismatch = "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    vec![
        s3(S3, 403, "SignatureDoesNotMatch", mismatch, "", SignatureMismatch),
        s3(
            S3,
            403,
            "SignatureDoesNotMatch",
            mismatch,
            "<StringToSign>eyJleHBpcmF0aW9uIjoiMjAxNSJ9</StringToSign>",
            SignatureMismatch,
        ),
        s3(
            S3,
            403,
            "SignatureDoesNotMatch",
            mismatch,
            "<StringToSign>AWS4-HMAC-SHA256-PAYLOAD\na</StringToSign>",
            ChunkMismatch,
        ),
        s3(
            S3,
            400,
            "AuthorizationHeaderMalformed",
            &format!("{scope}the region 'us-east-1' is wrong; expecting 'eu-west-1'"),
            "<Region>eu-west-1</Region>",
            WrongRegion,
        ),
        s3(
            S3,
            400,
            "AuthorizationHeaderMalformed",
            &format!("{scope}incorrect service \"sts\". This endpoint belongs to \"s3\"."),
            "",
            WrongService,
        ),
        s3(
            S3,
            400,
            "AuthorizationHeaderMalformed",
            &format!("{scope}the Credential is mal-formed; expecting"),
            "",
            MalformedAuthorization,
        ),
        s3(
            S3,
            400,
            "AuthorizationHeaderMalformed",
            &format!(
                "{scope}the authorization header requires three components: Credential, SignedHeaders, and Signature."
            ),
            "",
            MalformedAuthorization,
        ),
        s3(
            S3,
            400,
            "AuthorizationQueryParametersError",
            &format!("{parameter}the region 'us-east-1' is wrong; expecting 'ap-northeast-2'"),
            "<Region>ap-northeast-2</Region>",
            WrongRegion,
        ),
        s3(
            S3,
            400,
            "AuthorizationQueryParametersError",
            &format!("{parameter}incorrect service \"sts\". This endpoint belongs to \"s3\"."),
            "",
            WrongService,
        ),
        s3(
            S3,
            400,
            "AuthorizationQueryParametersError",
            "X-Amz-Expires must be less than a week (in seconds) that is 604800",
            "",
            PresignedExpiry,
        ),
        s3(
            S3,
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            "<AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId>",
            KeyUnknown,
        ),
        s3(
            BARE_TEMPORARY,
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            "",
            TokenMissing,
        ),
        s3(
            TEMPORARY,
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            "",
            TokenRefused,
        ),
        s3(
            LONG_TERM_WITH_TOKEN,
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            "",
            TokenUnexpected,
        ),
        s3(
            S3,
            403,
            "AccessDenied",
            "There were headers present in the request which were not signed",
            "<HeadersNotSigned>x-amz-acl, content-md5</HeadersNotSigned>",
            UnsignedHeaders,
        ),
        s3(
            TEMPORARY,
            400,
            "InvalidToken",
            "The provided token is malformed or otherwise invalid.",
            "<Token-0>SECRETTOKEN</Token-0>",
            TokenInvalid,
        ),
        s3(
            TEMPORARY,
            400,
            "ExpiredToken",
            "The provided token has expired.",
            "<Token-0>SECRETTOKEN</Token-0>",
            TokenExpired,
        ),
        s3(
            TEMPORARY,
            400,
            "TokenRefreshRequired",
            "The provided token must be refreshed.",
            "<Token-0>SECRETTOKEN</Token-0>",
            TokenExpired,
        ),
        s3(
            S3,
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            "<RequestTime>20250901T162148Z</RequestTime><ServerTime>2025-09-03T16:51:50Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>",
            ClockSkew,
        ),
        s3(
            S3,
            403,
            "AccessDenied",
            "Request has expired",
            "<X-Amz-Expires>300</X-Amz-Expires><Expires>2017-07-20T04:18:45Z</Expires><ServerTime>2017-07-20T04:20:45Z</ServerTime>",
            PresignedExpired,
        ),
        s3(
            S3,
            403,
            "AccessDenied",
            "Request is not yet valid",
            "<X-Amz-Date>20250903T172150Z</X-Amz-Date>",
            PresignedTooEarly,
        ),
        s3(
            S3,
            403,
            "AccessDenied",
            "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$x-amz-security-token\", \"\"]",
            "",
            PostPolicy,
        ),
        s3(S3, 403, "AccessDenied", "No AWSAccessKey was presented.", "", NotSigned),
        s3(
            S3,
            403,
            "AccessDenied",
            "User: arn:aws:iam::1:user/u is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:PutObject action",
            "",
            NotAuthorized,
        ),
        s3(S3, 403, "AccessDenied", "Access Denied", "", AccessDenied),
        s3(
            S3,
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            "<ClientComputedContentSHA256>aa</ClientComputedContentSHA256><S3ComputedContentSHA256>bb</S3ComputedContentSHA256>",
            PayloadChanged,
        ),
        s3(
            S3,
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            "<ClientComputedContentSHA256>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</ClientComputedContentSHA256><S3ComputedContentSHA256>bb</S3ComputedContentSHA256>",
            BodyNotSigned,
        ),
        s3(
            S3,
            400,
            "InvalidRequest",
            "Missing required header for this request: x-amz-content-sha256",
            "",
            PayloadHeaderMissing,
        ),
        s3(
            S3,
            400,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            "",
            AlgorithmRefused,
        ),
        s3(S3, 400, "InvalidRequest", "Missing required parameter", "", NotAboutSignatures),
        s3(
            S3,
            400,
            "MissingSecurityHeader",
            "Your request was missing a required header.",
            "",
            NotSigned,
        ),
        s3(
            S3,
            403,
            "NotSignedUp",
            "Your account is not signed up for the Amazon S3 service.",
            "",
            NotSubscribed,
        ),
        s3(
            S3,
            301,
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint.",
            "<Endpoint>b.s3-eu-west-1.amazonaws.com</Endpoint><Bucket>b</Bucket>",
            WrongEndpoint,
        ),
        s3(
            S3,
            307,
            "TemporaryRedirect",
            "Please re-send this request to the specified temporary endpoint.",
            "",
            WrongEndpoint,
        ),
        s3(
            S3,
            404,
            "NoSuchKey",
            "The specified key does not exist.",
            "<Key>Signature expired: a</Key>",
            NotAboutSignatures,
        ),
        s3(S3, 503, "SlowDown", "Please reduce your request rate.", "", ServiceFailure),
    ]
}

fn query_and_ec2_cases() -> Vec<Case> {
    use Cause::*;
    vec![
        query(STS, 403, "SignatureDoesNotMatch", MISMATCH, SignatureMismatch),
        query(
            STS,
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region. ",
            WrongRegion,
        ),
        query(
            STS,
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'sts'. ",
            WrongService,
        ),
        query(
            STS,
            403,
            "SignatureDoesNotMatch",
            "Signature expired: 20250903T162150Z is now earlier than 20250903T163650Z (20250903T165150Z - 15 min.)",
            ClockSkew,
        ),
        query(
            STS,
            403,
            "SignatureDoesNotMatch",
            "Signature not yet current: 20250903T162150Z is still later than 20250903T160650Z (20250903T155150Z + 15 min.)",
            ClockSkew,
        ),
        query(
            STS,
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            KeyUnknown,
        ),
        query(
            BARE_TEMPORARY,
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            TokenMissing,
        ),
        query(
            TEMPORARY,
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
            TokenExpired,
        ),
        query(
            STS,
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
            NotSigned,
        ),
        query(
            STS,
            400,
            "IncompleteSignature",
            "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 Credential=SECRETTOKEN",
            MalformedAuthorization,
        ),
        query(STS, 400, "RequestExpired", "Request timestamp is too old.", RequestExpired),
        query(
            STS,
            403,
            "OptInRequired",
            "The AWS Access Key Id needs a subscription for the service",
            NotSubscribed,
        ),
        query(
            STS,
            400,
            "NotAuthorized",
            "You do not have permission to perform this action.",
            NotAuthorized,
        ),
        query(
            STS,
            403,
            "AccessDenied",
            "User: arn:aws:iam::1:user/u is not authorized to perform: sts:AssumeRole on resource: arn",
            NotAuthorized,
        ),
        ec2(
            S3,
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
            CredentialsRefused,
        ),
        ec2(
            BARE_TEMPORARY,
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
            TokenMissing,
        ),
        with_headers(
            &[("date", "Wed, 03 Sep 2025 17:21:50 GMT")],
            ec2(
                S3,
                401,
                "AuthFailure",
                "AWS was not able to validate the provided access credentials",
                ClockSkew,
            ),
        ),
        ec2(S3, 400, "RequestExpired", "Request has expired.", RequestExpired),
        ec2(TEMPORARY, 400, "RequestExpired", "Request has expired.", RequestExpired),
        ec2(
            S3,
            403,
            "UnauthorizedOperation",
            "You are not authorized to perform this operation.",
            NotAuthorized,
        ),
        case(
            DYNAMO,
            403,
            "<MissingAuthenticationTokenException>\n  <Message>Missing Authentication Token</Message>\n</MissingAuthenticationTokenException>\n",
            Family::RootElement,
            "MissingAuthenticationTokenException",
            NotSigned,
        ),
    ]
}

fn json_cases() -> Vec<Case> {
    use Cause::*;
    let json11 = &[("content-type", "application/x-amz-json-1.1")];
    vec![
        dynamo(
            "InvalidSignatureException",
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
            TwoSignatures,
        ),
        dynamo(
            "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
            NotSigned,
        ),
        dynamo(
            "IncompleteSignatureException",
            "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 SECRETTOKEN'.",
            MalformedAuthorization,
        ),
        dynamo(
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization=AWS4-HMAC-SHA256 SECRETTOKEN",
            MalformedAuthorization,
        ),
        dynamo(
            "IncompleteSignatureException",
            "AWS query-string parameters must include 'X-Amz-Algorithm'. Re-examine the query-string parameters.",
            MalformedAuthorization,
        ),
        dynamo(
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format'. Got '201'. See http://en.wikipedia.org/wiki/ISO_8601",
            MalformedAuthorization,
        ),
        dynamo(
            "InvalidSignatureException",
            "Signature expired: 20250903T162150Z is now earlier than 20250903T163650Z (20250903T164150Z - 5 min.)",
            ClockSkew,
        ),
        dynamo(
            "InvalidSignatureException",
            "'Host' must be a 'SignedHeader' in the AWS Authorization.",
            HostNotSigned,
        ),
        dynamo(
            "IncompleteSignatureException",
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ",
            AlgorithmRefused,
        ),
        dynamo(
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'",
            MalformedAuthorization,
        ),
        dynamo(
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'dynamodb'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. ",
            WrongService,
        ),
        dynamo(
            "InvalidSignatureException",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20130609', from '20130609T095204Z'.",
            WrongDate,
        ),
        dynamo(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            KeyUnknown,
        ),
        dynamo(
            "ExpiredTokenException",
            "The security token included in the request is expired",
            TokenExpired,
        ),
        dynamo("InvalidSignatureException", MISMATCH, SignatureMismatch),
        dynamo(
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/u is not authorized to perform: dynamodb:PutItem on resource: r",
            NotAuthorized,
        ),
        dynamo("ValidationException", "User: is not a valid name", NotAboutSignatures),
        with_headers(
            json11,
            case(
                DYNAMO,
                400,
                r#"{"__type":"InvalidSignatureException","message":"Signature expired: 20250903T162150Z is now earlier than 20250903T163650Z (20250903T165150Z - 15 min.)"}"#,
                Family::AwsJson11,
                "InvalidSignatureException",
                ClockSkew,
            ),
        ),
        with_headers(
            json11,
            case(
                DYNAMO,
                400,
                r#"{"Code":"AccessDeniedException","Message":"User: a is not authorized"}"#,
                Family::AwsJson11,
                "AccessDeniedException",
                NotAuthorized,
            ),
        ),
    ]
}

fn rest_cases() -> Vec<Case> {
    use Cause::*;
    let gateway =
        &[("x-amzn-errortype", "MissingAuthenticationTokenException"), ("x-amz-apigw-id", "abc=")];
    let forbidden = &[("x-amzn-errortype", "ForbiddenException"), ("x-amz-apigw-id", "abc=")];
    let denied = &[("x-amzn-errortype", "AccessDeniedException")];
    let invalid = &[("x-amzn-errortype", "InvalidSignatureException")];
    let uri = &[(
        "x-amzn-errortype",
        "UnrecognizedClientException:http://internal.amazon.com/coral/com.amazon.coral.service/",
    )];
    let deny = &[("x-aoss-response-hint", "X01:gw-helper-deny")];
    let aoss =
        r#"{"status":403,"request-id":"b","error":{"reason":"403 Forbidden","type":"Forbidden"}}"#;
    vec![
        with_headers(gateway, case(API, 403, r#"{"message":"Missing Authentication Token"}"#, Family::ApiGateway, "MissingAuthenticationTokenException", NotSigned)),
        with_headers(forbidden, case(API, 403, r#"{"message":"Forbidden"}"#, Family::ApiGateway, "ForbiddenException", Forbidden)),
        with_headers(&[("apigw-requestid", "a")], case(API, 403, r#"{"message":"Forbidden"}"#, Family::ApiGateway, "", Forbidden)),
        case(API, 403, r#"{"message":"Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'execute-api'. "}"#, Family::RestJson, "", WrongRegion),
        with_headers(denied, case(API, 403, r#"{"Message":"User: arn:aws:sts::1:r is not authorized to perform: execute-api:Invoke on resource: a"}"#, Family::RestJson, "AccessDeniedException", NotAuthorized)),
        with_headers(denied, case(API, 403, r#"{"Message":"Forbidden"}"#, Family::RestJson, "AccessDeniedException", Forbidden)),
        with_headers(denied, case(API, 403, r#"{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}"#, Family::RestJson, "AccessDeniedException", Forbidden)),
        with_headers(denied, case(API, 403, r#"{"Message":null}"#, Family::RestJson, "AccessDeniedException", AccessDenied)),
        with_headers(invalid, case(API, 403, r#"{"message":"The security token included in the request is invalid."}"#, Family::RestJson, "InvalidSignatureException", KeyUnknown)),
        with_headers(invalid, case(API, 403, serde_json::json!({"message": MISMATCH}).to_string(), Family::RestJson, "InvalidSignatureException", SignatureMismatch)),
        with_headers(uri, case(API, 403, r#"{"message":"The security token included in the request is invalid."}"#, Family::RestJson, "UnrecognizedClientException", KeyUnknown)),
        case(API, 403, r#"{"Message":"User: anonymous is not authorized to perform: es:ESHttpGet"}"#, Family::RestJson, "", NotSigned),
        case(API, 403, r#"{"message":"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20151124' != '20151125', from '20151125T154140Z'."}"#, Family::RestJson, "", WrongDate),
        case(API, 403, r#"{"error":{"type":"security_exception","reason":"no permissions for [indices:data/read/search]"},"status":403}"#, Family::OpenSearch, "security_exception", NotAuthorized),
        with_headers(&[("x-aoss-response-hint", "X01:network-policy-deny")], case(AOSS, 401, "", Family::OpenSearch, "network-policy-deny", NetworkPolicy)),
        with_headers(deny, case(AOSS, 403, aoss, Family::OpenSearch, "gw-helper-deny", DataPolicy)),
        with_headers(deny, case(Signed { service: "es", ..AOSS }, 403, aoss, Family::OpenSearch, "gw-helper-deny", WrongService)),
        with_headers(deny, case(Signed { key: "ASIAEXAMPLE", ..AOSS }, 403, aoss, Family::OpenSearch, "gw-helper-deny", TokenMissing)),
        case(AOSS, 403, aoss, Family::OpenSearch, "Forbidden", DataPolicy),
        case(API, 403, r#"{"errors":[{"errorType":"UnrecognizedClientException","message":"The security token included in the request is invalid."}]}"#, Family::AppSync, "UnrecognizedClientException", KeyUnknown),
        case(API, 400, serde_json::json!({"errors": [{"errorType": "BadRequestException", "message": MISMATCH}]}).to_string(), Family::AppSync, "BadRequestException", SignatureMismatch),
        case(API, 400, r#"{"errors":[{"errorType":"BadRequestException","message":"Unknown field"}]}"#, Family::AppSync, "BadRequestException", NotAboutSignatures),
        case(API, 403, serde_json::json!({"code": "AccessDeniedException", "requestId": "a", "detailedMessage": MISMATCH}).to_string(), Family::Neptune, "AccessDeniedException", SignatureMismatch),
        case(TEMPORARY, 403, "IncompleteSignatureException: 'x-amz-security-token' is named as a SignedHeader, but it does not exist in the HTTP request.", Family::PlainText, "IncompleteSignatureException", HeaderMissing),
        case(S3, 403, "AccessDeniedException: User: anonymous is not authorized to perform: vpc-lattice-svcs:Invoke on resource: a", Family::PlainText, "AccessDeniedException", NotSigned),
        // HEAD: no body.
        with_headers(&[("x-amz-bucket-region", "eu-west-1")], case(S3, 400, "", Family::Headers, "", WrongRegion)),
        with_headers(&[("x-amz-bucket-region", "eu-west-1")], case(S3, 301, "", Family::Headers, "", WrongRegion)),
        with_headers(&[("date", "Wed, 03 Sep 2025 17:21:50 GMT")], case(S3, 403, "", Family::Headers, "", ClockSkew)),
        with_headers(invalid, case(S3, 403, "", Family::Headers, "InvalidSignatureException", SignatureMismatch)),
        case(S3, 403, "", Family::Headers, "", NoBody),
        case(S3, 503, "", Family::Headers, "", ServiceFailure),
        case(S3, 200, "", Family::Headers, "", NotRefused),
    ]
}

#[test]
fn documented_answer_of_every_family_and_code_has_its_cause() {
    let cases =
        [s3_cases(), query_and_ec2_cases(), json_cases(), rest_cases()].into_iter().flatten();
    for case in cases {
        let explanation = answer_to(&case.signed, case.status, case.headers, &case.body);
        let shown = explanation.to_string();
        assert_eq!(explanation.family(), Some(case.family), "{}\n{shown}", case.body);
        assert_eq!(explanation.code(), case.code, "{}\n{shown}", case.body);
        assert_eq!(explanation.cause(), case.cause, "{}\n{shown}", case.body);
        for text in [shown, format!("{explanation:?}")] {
            assert!(!text.contains("SECRETTOKEN"), "{text}");
            assert!(!text.contains('{') || text.starts_with("Explanation"), "{text}");
        }
    }
}

#[test]
fn every_code_of_the_table_has_a_documented_answer_here() {
    let cases =
        [s3_cases(), query_and_ec2_cases(), json_cases(), rest_cases()].into_iter().flatten();
    let seen: Vec<String> = cases
        .filter_map(|case| case.code)
        .map(|code| code.strip_suffix("Exception").unwrap_or(code).to_owned())
        .collect();
    let refusals = include_str!("refusals.jsonl");
    let readme = include_str!("../README.md");
    let codes = readme.lines().skip_while(|line| !line.starts_with("| code | by itself")).skip(2);
    let codes: Vec<&str> = codes
        .take_while(|line| line.starts_with("| `"))
        .filter_map(|line| line.split('`').nth(1))
        .collect();
    assert!(codes.len() >= 50, "{codes:?}");
    for code in codes {
        let here = seen.iter().any(|other| other == code);
        assert!(here || refusals.contains(code), "no documented answer with {code}");
    }
}

#[test]
fn expected_region_service_and_clock_are_told() {
    let explanation = answer_to(&S3, 400, &[], &s3_cases()[3].body);
    assert_eq!(explanation.expected().unwrap().region.as_deref(), Some("eu-west-1"));
    assert_eq!(
        explanation.says(),
        "The request was signed for us-east-1, but the service expects eu-west-1."
    );
    let explanation = answer_to(&STS, 403, &[], &query_and_ec2_cases()[3].body);
    assert_eq!(explanation.expected().unwrap().server_time.unwrap().as_str(), "20250903T165150Z");
    assert!(explanation.says().contains("30 minutes behind"), "{explanation}");
    let explanation = answer_to(&STS, 403, &[], &query_and_ec2_cases()[4].body);
    assert!(explanation.says().contains("30 minutes ahead of"), "{explanation}");
    let explanation = answer_to(&S3, 403, &[], &s3_cases()[14].body);
    assert_eq!(explanation.expected().unwrap().unsigned_headers, ["x-amz-acl", "content-md5"]);
    assert!(explanation.says().contains("x-amz-acl, content-md5"));
}

#[test]
fn canonical_request_in_a_message_is_compared_line_by_line() {
    let ours = API.transcript();
    let theirs = String::from_utf8(ours.canonical_request().to_vec()).unwrap();
    let theirs = theirs.replace("/prod/pets", "/pets");
    let string = String::from_utf8(ours.string_to_sign().to_vec()).unwrap();
    let message = format!(
        "{MISMATCH}\n\nThe Canonical String for this request should have been\n'{theirs}'\n\nThe \
         String-to-Sign should have been\n'{string}'\n"
    );
    let body = serde_json::json!({ "message": message }).to_string();
    let explanation = answer_to(&API, 403, &[], &body);
    assert_eq!(explanation.cause(), Cause::PathChanged);
    let difference = &explanation.differences()[0];
    assert_eq!((difference.line(), difference.signed()), (2, Some("/prod/pets")));
    assert_eq!(explanation.expected().unwrap().canonical_request.as_deref(), Some(&*theirs));
    assert!(explanation.to_string().contains("  service  /pets\n"), "{explanation}");
}

#[test]
fn same_texts_on_both_sides_mean_another_secret() {
    let ours = TEMPORARY.transcript();
    let hex = |text: &[u8]| text.iter().map(|byte| format!("{byte:02x} ")).collect::<String>();
    let fields = format!(
        "<StringToSign>-</StringToSign><StringToSignBytes>{}</StringToSignBytes><CanonicalRequest>-\
         </CanonicalRequest><CanonicalRequestBytes>{}</CanonicalRequestBytes>",
        hex(ours.string_to_sign()),
        hex(ours.canonical_request()),
    );
    let case = s3(TEMPORARY, 403, "SignatureDoesNotMatch", "", &fields, Cause::WrongSecret);
    let explanation = answer_to(&TEMPORARY, 403, &[], &case.body);
    assert_eq!(explanation.cause(), Cause::WrongSecret);
    assert!(!format!("{explanation} {explanation:?}").contains("SECRETTOKEN"));
    let canonical = explanation.expected().unwrap().canonical_request.as_deref().unwrap();
    assert!(canonical.contains("x-amz-security-token:***"));
}

#[test]
fn word_inside_a_dump_never_decides() {
    // A header whose value contains other error texts, in a response that is an ordinary mismatch.
    let body = serde_json::json!({ "message": format!(
        "{MISMATCH}\n\nThe Canonical String for this request should have been\n'GET\n/\n\nx-note:Signature \
         expired: timeout ExpiredToken Forbidden\n\nx-note\nhash'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n\
         20250903T162150Z\n20250903/us-east-1/execute-api/aws4_request\n00'\n") });
    assert_eq!(answer_to(&API, 403, &[], &body.to_string()).cause(), Cause::PathChanged);
}

#[test]
fn answer_that_cannot_be_read_is_said_to_be_so() {
    let long = format!(
        "<Error><Code>AccessDenied</Code><Message>{}</Message></Error>",
        "a".repeat(1 << 20)
    );
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let bomb = "<!DOCTYPE e [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><Error><Code>&b;</Code></Error>";
    for body in [
        &long,
        &deep,
        bomb,
        "<Error><Code>AccessDenied",
        "<html><body>403 Forbidden</body></html>",
        "{\"message\":",
        "{}",
        "[]",
        "null",
        "Access denied",
        "<Error></Error>",
    ] {
        let explanation = answer_to(&S3, 403, &[], body);
        assert_eq!(explanation.cause(), Cause::Unknown, "{:.80}", body);
        assert!(explanation.to_string().len() < 600);
    }
}

#[test]
fn error_is_read_without_a_transcript() {
    let headers = headers(&[("x-amz-bucket-region", "eu-west-3")]);
    let body = &s3_cases()[0].body;
    let evidence = Evidence::new(StatusCode::FORBIDDEN, &headers, body.as_bytes());
    let error = ErrorResponse::read(&evidence).unwrap();
    assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
    assert_eq!(error.expected().region.as_deref(), Some("eu-west-3"));
    assert_eq!(error.request_id(), Some("0A49CE4060975EAC"));
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    /// Pieces of real responses in random order. The parsers read beyond their first character.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "<Error>",
            "</Error>",
            "<Code>",
            "</Code>",
            "<Message>",
            "</Message>",
            "AccessDenied",
            "SignatureDoesNotMatch",
            "<CanonicalRequestBytes>",
            "</CanonicalRequestBytes>",
            "47 45 ",
            "&amp;",
            "&#x0;",
            "&x;",
            "<![CDATA[",
            "]]>",
            "{",
            "}",
            "\"__type\":",
            "\"a#b\"",
            ",",
            "\"message\":",
            "\"Signature expired: 2 (\"",
            "<ErrorResponse>",
            "</ErrorResponse>",
            "é",
            "Exception: ",
            "\n\nThe Canonical String for this request should have been\n'",
            "'\n\nThe String-to-Sign should have been\n'",
            "'",
            "\u{0}",
            "<a/>",
            "Credential should be scoped ",
        ]);
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..2000), status in 100_u16..1000) {
            let headers = HeaderMap::new();
            let status = StatusCode::from_u16(status).unwrap();
            let transcript = S3.transcript();
            let explanation = Evidence::new(status, &headers, &body).with_transcript(&transcript).explain();
            prop_assert!(!explanation.to_string().is_empty());
        }

        #[test]
        fn pieces_of_answers_never_panic(body in pieces()) {
            let explanation = answer_to(&S3, 403, &[("content-type", "application/x-amz-json-1.0")], &body);
            prop_assert!(!explanation.to_string().is_empty());
        }

        #[test]
        fn any_canonical_request_can_be_compared(theirs in "[a-z/%:;\n0-9]{0,200}|\\PC{0,100}") {
            let xml = theirs.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let fields = format!("<CanonicalRequest>{xml}</CanonicalRequest>");
            let case = s3(S3, 403, "SignatureDoesNotMatch", "", &fields, Cause::SignatureMismatch);
            let explanation = answer_to(&S3, 403, &[], &case.body);
            prop_assert!(!explanation.to_string().is_empty());
        }
    }
}
