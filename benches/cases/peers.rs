//! The peers other than aws-sigv4.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use benches::Contender;
use http::Request;
use reqsign_aws_v4::{Credential, RequestSigner};
use reqsign_core::SignRequest;
use rusty_s3::actions::{GetObject, S3Action};
use rusty_s3::{Bucket, UrlStyle};
use sigv4_core::{PayloadHash, SigningTime};

use super::inputs::{ACCESS_KEY_ID, EXPIRES, REGION, SECRET, SERVICE, credentials, now, signer};

pub(crate) const RUSTY_S3: &str = "rusty-s3 0.10.2";

/// Signs with reqsign-aws-v4, which signs in place, declares an unsigned payload and reads the
/// clock itself.
pub(crate) fn reqsign(request: Request<&'static [u8]>) -> Contender {
    let peer = RequestSigner::new(SERVICE, REGION);
    let credential = Credential {
        access_key_id: ACCESS_KEY_ID.into(),
        secret_access_key: SECRET.into(),
        session_token: None,
        expires_in: None,
    };
    let context = reqsign_core::Context::new();
    let theirs = move || {
        let (mut parts, body) = request.clone().into_parts();
        ready(peer.sign_request(&context, &mut parts, Some(&credential), None)).unwrap();
        Request::from_parts(parts, body)
    };
    assert_agrees(&theirs());
    Contender::new("reqsign-aws-v4 3.3.1", theirs)
}

/// Signs a peer's signed request again, with the same time, and compares the signatures.
fn assert_agrees(signed: &Request<&'static [u8]>) {
    let time: SigningTime = signed.headers()["x-amz-date"].to_str().unwrap().parse().unwrap();
    let payload: PayloadHash =
        signed.headers()["x-amz-content-sha256"].to_str().unwrap().parse().unwrap();
    let mut again = signed.clone();
    again.headers_mut().remove("authorization");
    signer(SERVICE).sign_hashed(&mut again, payload, &credentials(), time).unwrap();
    assert_eq!(again.headers()["authorization"], signed.headers()["authorization"]);
}

/// Presigns with rusty-s3.
pub(crate) fn rusty_s3() -> impl Fn() -> url::Url {
    let endpoint = "https://s3.us-east-1.amazonaws.com".parse().unwrap();
    let bucket = Bucket::new(endpoint, UrlStyle::VirtualHost, "bucket", REGION).unwrap();
    let credentials = rusty_s3::Credentials::new(ACCESS_KEY_ID, SECRET);
    let time = jiff::Timestamp::try_from(now()).unwrap();
    move || {
        GetObject::new(&bucket, Some(&credentials), "path/to/cat.jpg")
            .sign_with_time(EXPIRES, &time)
    }
}

/// Returns the output of a future that is ready at once.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}
