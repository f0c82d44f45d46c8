//! The unsigned token of AWS IoT: in header or query, equal to the key's, and nowhere else.

use super::*;

const IOT: Service = Service::from_static("iotdevicegateway");

fn with_token(token: &str) -> Credentials {
    key().with_session_token(token)
}

fn in_header(signer: &Credentials) -> request::Parts {
    signed(IOT, signer)
}

fn in_query(signer: &Credentials) -> request::Parts {
    let request = Request::get("https://example.com/mqtt?a=1").body(()).unwrap();
    let hour = Duration::from_secs(3600);
    let presigned = Signer::new(REGION, IOT).presign(&request, hour, signer, now()).unwrap();
    presigned.into_request(()).unwrap().into_parts().0
}

fn check(parts: &request::Parts, known: &Credentials) -> Result<Verified, VerifyError> {
    let body = if parts.method == Method::GET { "" } else { "body" };
    verify(&Verifier::new(REGION, IOT), parts, Some(known), body)
}

fn with_uri(mut parts: request::Parts, change: impl Fn(&str) -> String) -> request::Parts {
    parts.uri = change(&parts.uri.to_string()).parse().unwrap();
    parts
}

#[test]
fn unsigned_token_is_accepted_if_it_is_the_keys() {
    for parts in [in_header(&with_token("TOKEN/+=")), in_query(&with_token("TOKEN/+="))] {
        let verified = check(&parts, &with_token("TOKEN/+=")).unwrap();
        assert!(!verified.covers(&HeaderName::from_static("x-amz-security-token")));
        let refused = |known: &Credentials| check(&parts, known).unwrap_err();
        assert_eq!(refused(&with_token("OTHER")), VerifyError::WrongToken);
        assert_eq!(refused(&key()), VerifyError::UnexpectedToken);
    }
    for parts in [in_header(&key()), in_query(&key())] {
        assert!(check(&parts, &key()).is_ok());
        assert_eq!(check(&parts, &with_token("TOKEN")), Err(VerifyError::MissingToken));
    }
}

#[test]
fn unsigned_token_may_stand_wherever_it_was_added_but_once() {
    let token = "TOKEN";
    let known = with_token(token);
    let bare = || in_query(&key());
    let parameter = format!("X-Amz-Security-Token={token}");
    let first = with_uri(bare(), |uri| uri.replace("?a=1", &format!("?{parameter}&a=1")));
    assert!(check(&first, &known).is_ok());
    let mut header = bare();
    header.headers.insert("x-amz-security-token", HeaderValue::from_static("TOKEN"));
    assert!(check(&header, &known).is_ok());

    let both = with_uri(header, |uri| format!("{uri}&{parameter}"));
    assert_eq!(check(&both, &known), Err(VerifyError::TwoTokens));
    let twice = with_uri(bare(), |uri| format!("{uri}&{parameter}&{parameter}"));
    assert!(matches!(check(&twice, &known), Err(VerifyError::DuplicateParameter { .. })));
    for misspelt in ["x-amz-security-token", "X%2DAmz-Security-Token"] {
        let parts = with_uri(bare(), |uri| format!("{uri}&{misspelt}={token}"));
        let error = check(&parts, &known).unwrap_err();
        assert!(matches!(error, VerifyError::MisspeltParameter { .. }), "{misspelt}: {error}");
    }
}

#[test]
fn nothing_else_may_be_added_to_a_request_to_iot() {
    let known = with_token("TOKEN");
    let more = with_uri(in_query(&known), |uri| format!("{uri}&User-Agent=x"));
    assert_eq!(check(&more, &known), Err(VerifyError::WrongSignature));
    let mut parts = in_header(&known);
    parts.headers.insert("x-amz-meta-a", HeaderValue::from_static("1"));
    assert!(matches!(check(&parts, &known), Err(VerifyError::HeadersNotSigned { .. })));
}

#[test]
fn other_services_take_no_token_unsigned() {
    for service in [S3, IAM] {
        let mut parts = signed(service.clone(), &key());
        parts.headers.insert("x-amz-security-token", HeaderValue::from_static("TOKEN"));
        let verifier = Verifier::new(REGION, service);
        let error = verify(&verifier, &parts, Some(&with_token("TOKEN")), "body").unwrap_err();
        assert!(matches!(error, VerifyError::HeadersNotSigned { .. }), "{error}");
    }
    let parts = with_uri(presigned(60, now()), |uri| format!("{uri}&X-Amz-Security-Token=TOKEN"));
    let error = verify(&Verifier::new(REGION, S3), &parts, Some(&with_token("TOKEN")), "");
    assert_eq!(error, Err(VerifyError::WrongSignature));
}
