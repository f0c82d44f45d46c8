//! The proxy variables: services are reached through the proxy, hosts on this machine never are.

use crate::endpoint::{Endpoint, Reply};
use crate::faults::assert_says;
use crate::probe::{Home, credentials_json, end};
use crate::sources::{imds, only, sts};

/// A profile whose role is assumed at an STS with this URL.
fn role_at(url: &str) -> Home {
    let config = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n\
                  region = us-east-1\n[profile base]\naws_access_key_id = AKID\n\
                  aws_secret_access_key = hush\n";
    Home::new().file(".aws/config", config).set("AWS_ENDPOINT_URL_STS", url)
}

#[test]
fn service_in_clear_is_asked_through_the_proxy_with_its_whole_address() {
    let proxy = sts(); // responds like STS behind the proxy
    let with_user = proxy.url().replace("http://", "http://me:pass@");
    let home = role_at("http://sts.internal:8080").set("HTTP_PROXY", with_user);
    assert_eq!(home.load().unwrap().id, "ASIAROLE");
    let request = only(&proxy);
    assert_eq!(request.target, "http://sts.internal:8080/");
    assert_eq!(request.header("host"), Some("sts.internal:8080"));
    assert_eq!(request.header("proxy-authorization"), Some("Basic bWU6cGFzcw=="));
}

#[cfg(feature = "rustls-ring")]
#[test]
fn service_over_tls_is_asked_through_a_tunnel_of_the_proxy() {
    let proxy = Endpoint::start(|_| Reply::Status(403));
    let home = role_at("https://sts.us-east-1.amazonaws.com").set("HTTPS_PROXY", proxy.url());
    assert_says(&home.error(), &["no response from sts.us-east-1.amazonaws.com"]);
    let requests = proxy.requests();
    assert!(!requests.is_empty());
    for request in requests {
        assert_eq!(request.method, "CONNECT");
        assert_eq!(request.target, "sts.us-east-1.amazonaws.com:443");
    }
}

#[test]
fn hosts_of_no_proxy_loopback_and_metadata_are_asked_directly() {
    let proxy = Endpoint::start(|_| Reply::Status(502));
    let proxied = |home: Home| home.set("HTTP_PROXY", proxy.url()).set("ALL_PROXY", proxy.url());
    let sts = sts();
    assert_eq!(proxied(role_at(&sts.url())).load().unwrap().id, "ASIAROLE");
    let imds = imds(credentials_json("ASIAEC2", &end(3600)));
    let home = proxied(Home::new().with_imds(&imds.url()));
    assert_eq!(home.load().unwrap().id, "ASIAEC2");
    let home = proxied(role_at("http://sts.invalid").set("NO_PROXY", ".invalid"));
    assert_says(&home.error(), &["no response from sts.invalid"]);
    assert!(proxy.requests().is_empty(), "{:?}", proxy.requests());
}

#[test]
fn proxy_of_another_kind_is_an_error_that_says_so() {
    let home = role_at("http://sts.internal").set("HTTP_PROXY", "socks5://127.0.0.1:1");
    assert_says(&home.error(), &["HTTP_PROXY names a proxy of the kind socks5://"]);
}

#[cfg(feature = "rustls-ring")]
#[test]
fn root_certificates_are_read_for_https_alone() {
    // Without root certificates, an attempt to read them fails.
    let without =
        |home: Home| home.set("SSL_CERT_FILE", "/dev/null").set("SSL_CERT_DIR", "/dev/null");
    let sts = sts();
    assert_eq!(without(role_at(&sts.url())).load().unwrap().id, "ASIAROLE");
    let tls = without(role_at("https://127.0.0.1:1"));
    let error = tls.error();
    // A release build of the TLS library continues without them and fails at the connection.
    let late = !cfg!(debug_assertions) && error.contains("no response from 127.0.0.1:1");
    assert!(late || error.contains("root certificates of this machine"), "{error}");
}
