//! Puts a canary in the secret and one in the token. Neither may appear in any output of a public
//! type.

use std::fmt::{Debug, Display};
use std::time::{Duration, SystemTime};

use http::Request;
use sigv4_core::verify::Authorization;
use sigv4_core::{
    CredentialScope, Credentials, CredentialsError, CredentialsFuture, CredentialsProvider,
    Difference, Endpoint, HeaderSelection, PayloadHash, Region, RequestHead, Service, SignError,
    Signer, SigningKey, SigningTime,
};

const SECRET: &str = "CANARYsecretCANARY";
const TOKEN: &str = "CANARYtokenCANARY";

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET)
        .with_session_token(TOKEN)
        .with_expiry(SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000))
}

#[track_caller]
fn silent(shown: &str) {
    assert!(!shown.contains("CANARY"), "{shown}");
}

#[track_caller]
fn debug(value: impl Debug) {
    silent(&format!("{value:?}"));
    silent(&format!("{value:#?}"));
}

#[track_caller]
fn display(value: impl Display) {
    silent(&value.to_string());
}

#[test]
fn no_public_type_of_the_core_shows_a_secret() {
    let credentials = credentials();
    let (region, service) = (Region::from_static("us-east-1"), Service::from_static("s3"));
    let signer =
        Signer::new(region.clone(), service.clone()).with_signed_headers(HeaderSelection::All);
    let time: SigningTime = "20150830T123600Z".parse().unwrap();
    let scope = CredentialScope::new(time, &region, &service);

    debug(&credentials);
    debug(credentials.credentials());
    debug(CredentialsFuture::ready(Ok(credentials.clone())));
    debug(credentials.credentials().wait());
    debug(CredentialsError::new("none"));
    debug(SigningKey::derive(SECRET, &scope));
    debug(&signer);
    debug(scope);
    debug(Endpoint::from_host("s3.amazonaws.com"));

    let mut request = Request::get("https://bucket.example.com/?a=1").body("").unwrap();
    let (signed, transcript) =
        signer.compute_transcript(&request, PayloadHash::EMPTY, &credentials, time).unwrap();
    debug(&signed);
    debug(&transcript);
    display(&transcript);
    debug(Authorization::parse(signed.authorization()).unwrap());
    display(Authorization::parse(signed.authorization()).unwrap());
    let theirs = String::from_utf8_lossy(transcript.canonical_request()).replace(TOKEN, "CANARY2");
    let difference = transcript.compare_canonical_request(theirs.as_bytes()).unwrap();
    debug(&difference);
    debug(Difference::first(b"x-amz-security-token:CANARY", b""));

    signer.sign(&mut request, &credentials, time).unwrap();
    debug(&request); // `http` prints headers, except those marked sensitive
    debug(RequestHead::from(&request));

    let plain = Request::get("https://bucket.example.com/").body(()).unwrap();
    let hour = Duration::from_secs(3600);
    let (presigned, transcript) =
        signer.presign_transcript(&plain, PayloadHash::Unsigned, hour, &credentials, time).unwrap();
    debug(&presigned);
    debug(&transcript);
    display(&transcript);
}

#[test]
fn no_error_shows_a_secret() {
    let swapped = Credentials::new(format!("{SECRET}/"), "id");
    let bad_token = credentials().with_session_token(format!("{TOKEN}\n"));
    let expired = credentials().with_expiry(SystemTime::UNIX_EPOCH);
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let bad_secret = Credentials::new("AKIDEXAMPLE", format!("{SECRET}\n"));
    for credentials in [swapped, bad_secret, bad_token, expired] {
        let mut request = Request::get("https://bucket.example.com/").body("").unwrap();
        let error = signer.sign(&mut request, &credentials, SystemTime::now()).unwrap_err();
        display(&error);
        debug(&error);
    }
    let with_password =
        Request::get("https://user:CANARY@bucket.example.com/?X-Amz-Signature=CANARY").body("");
    let error =
        signer.sign(&mut with_password.unwrap(), &credentials(), SystemTime::now()).unwrap_err();
    assert!(matches!(error, SignError::AlreadyPresigned { .. } | SignError::UserInfo));
    display(&error);
    for host in ["user:CANARY@example.com", "https://user:CANARY@example.com/CANARY?CANARY#CANARY"]
    {
        display(Endpoint::from_host(host).unwrap_err());
        debug(Endpoint::from_host(host).unwrap_err());
        display(Endpoint::from_url(host).unwrap_err());
        debug(Endpoint::from_url(host).unwrap_err());
    }
    let half = |name: &str| (name == "AWS_SECRET_ACCESS_KEY").then(|| SECRET.to_owned());
    display(Credentials::from_vars(half).unwrap_err());
    debug(Credentials::from_vars(half).unwrap_err());
}
