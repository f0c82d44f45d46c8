//! Roles at an independent STS that checks signatures: moto, if it is installed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::SystemTime;

use sigv4_core::{Credentials, Region, Service, Signer};
use support::servers::{Identity, Moto};

use crate::probe::{Home, Loaded};

/// A profile that assumes a role with `identity`.
fn role_of(identity: &Identity) -> String {
    let Identity { access_key, secret_key, .. } = identity;
    format!(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/role\nsource_profile = base\n\
         region = {}\n[profile base]\naws_access_key_id = {access_key}\n\
         aws_secret_access_key = {secret_key}\n",
        Moto::REGION
    )
}

/// Asks STS for the signer's identity.
fn caller(endpoint: &str, loaded: &Loaded) -> String {
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let mut request = http::Request::post(format!("{endpoint}/"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", form.len())
        .body(form)
        .unwrap();
    let signer = Signer::new(Region::from_static(Moto::REGION), Service::from_static("sts"));
    let credentials = Credentials::new(loaded.id.as_str(), loaded.secret.as_str())
        .with_session_token(loaded.token.as_str());
    signer.sign(&mut request, &credentials, SystemTime::now()).unwrap();
    let host = endpoint.strip_prefix("http://").unwrap();
    let mut head = format!("POST / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in request.headers().iter().filter(|(name, _)| *name != "host") {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "{head}\r\n{form}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn role_assumed_at_moto_signs_with_its_token_there() {
    let Some(moto) = Moto::start() else { return };
    let home = Home::new()
        .file(".aws/config", role_of(moto.admin()))
        .set("AWS_ENDPOINT_URL_STS", moto.endpoint());
    let loaded = home.load().unwrap();
    assert_eq!(loaded.origin, "the profile `default`, assumed role");
    let answer = caller(moto.endpoint(), &loaded);
    assert!(answer.contains(":assumed-role/role/"), "{answer}");

    // A user who may not assume the role, and a secret that is not the user's. moto's errors do not
    // have the format of STS, so their codes are not shown.
    let wrong = Identity { secret_key: "hush-another".to_owned(), ..moto.admin().clone() };
    for identity in [moto.nobody(), &wrong] {
        let home = Home::new()
            .file(".aws/config", role_of(identity))
            .set("AWS_ENDPOINT_URL_STS", moto.endpoint());
        let error = home.error();
        assert!(error.contains("the profile is configured but failed: "), "{error}");
        assert!(!error.contains(identity.secret_key.as_str()), "{error}");
    }
}
