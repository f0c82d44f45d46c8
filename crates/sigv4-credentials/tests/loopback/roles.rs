//! Roles, in code and in profiles: the requests to STS, their signers, and the error texts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::Credentials as AwsCredentials;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use sigv4_credentials::{CredentialsProvider, DefaultProvider, Region, Role, Source};

use crate::endpoint::{Endpoint, Reply, Request};
use crate::faults::assert_says;
use crate::probe::{Home, end};
use crate::sources::{only, sts};

const ARN: &str = "arn:aws:iam::123456789012:role/r";
const KEYS: &str = "aws_access_key_id = AKIDPROFILE\naws_secret_access_key = hush-profile\n";

/// A caller's client that cannot connect.
#[derive(Debug)]
struct NoNetwork;

impl HttpConnector for NoNetwork {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::user("no network here".into())))
    }
}

/// Decodes the fields of a form, as far as these tests need.
fn form(request: &Request) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        text.replace("%3A", ":").replace("%2F", "/").replace("%7B", "{").replace("%7D", "}")
    };
    let fields = request.body.split('&').filter_map(|field| field.split_once('='));
    fields.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
}

fn assert_sends(request: &Request, fields: &[(&str, &str)]) {
    let form = form(request);
    for (name, value) in fields {
        assert!(form.contains(&((*name).to_owned(), (*value).to_owned())), "{name}: {form:?}");
    }
}

#[test]
fn role_in_code_is_assumed_with_the_keys_of_the_chain() {
    let sts = sts();
    let home = Home::new()
        .set("AWS_ACCESS_KEY_ID", "AKIDENV")
        .set("AWS_SECRET_ACCESS_KEY", "hush")
        .set("AWS_REGION", "eu-west-1")
        .set("AWS_ENDPOINT_URL_STS", sts.url())
        .set("PROBE_ROLE", ARN);
    let loaded = home.load().unwrap();
    assert_eq!(loaded.id, "ASIAROLE");
    assert_eq!(loaded.origin, format!("the environment and then {ARN}"));
    let request = only(&sts);
    assert_sends(
        &request,
        &[
            ("RoleArn", ARN),
            ("RoleSessionName", "nightly"),
            ("ExternalId", "customer-7"),
            ("DurationSeconds", "1800"),
            ("Policy", "{}"),
        ],
    );
    let authorization = request.header("authorization").unwrap();
    assert!(authorization.contains("Credential=AKIDENV/"), "{authorization}");
    assert!(authorization.contains("/eu-west-1/sts/aws4_request"), "{authorization}");
}

#[test]
fn role_in_code_needs_a_region_and_says_so() {
    let home = Home::new()
        .set("AWS_ACCESS_KEY_ID", "AKIDENV")
        .set("AWS_SECRET_ACCESS_KEY", "hush")
        .set("PROBE_ROLE", ARN);
    assert_says(&home.error(), &["STS needs a region and none is configured: set AWS_REGION"]);
}

#[test]
fn refused_role_in_code_names_the_role_and_where_its_credentials_came_from() {
    let sts = refusing_sts();
    let home = Home::new()
        .set("AWS_ACCESS_KEY_ID", "AKIDENV")
        .set("AWS_SECRET_ACCESS_KEY", "hush")
        .set("AWS_REGION", "eu-west-1")
        .set("AWS_ENDPOINT_URL_STS", sts.url())
        .set("PROBE_ROLE", ARN);
    assert_says(
        &home.error(),
        &[ARN, "with credentials from the environment", "STS refused: AccessDenied: not you"],
    );
}

fn refusing_sts() -> Endpoint {
    Endpoint::start(|_| {
        let body = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
                    <Type>Sender</Type><Code>AccessDenied</Code><Message>not you</Message></Error>\
                    <RequestId>1</RequestId></ErrorResponse>";
        Reply::Refusal(403, body.to_owned())
    })
}

/// Responds to the n-th call with the credentials `ASIA<n>`.
fn counting_sts() -> Endpoint {
    let calls = Arc::new(AtomicUsize::new(0));
    Endpoint::start(move |_| {
        let (n, end) = (calls.fetch_add(1, Ordering::SeqCst), end(3600));
        Reply::Ok(format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <AssumeRoleResult><Credentials><AccessKeyId>ASIA{n}</AccessKeyId>\
             <SecretAccessKey>hush</SecretAccessKey><SessionToken>hush</SessionToken>\
             <Expiration>{end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        ))
    })
}

#[test]
fn chain_of_profiles_assumes_one_role_with_the_other() {
    let sts = counting_sts();
    let config = format!(
        "[profile top]\nrole_arn = {ARN}-top\nsource_profile = middle\nregion = us-west-2\n\
         duration_seconds = 900\nexternal_id = outer\n\
         [profile middle]\nrole_arn = {ARN}-middle\nsource_profile = base\n\
         role_session_name = inner\n[profile base]\n{KEYS}"
    );
    let home = Home::new()
        .file(".aws/config", config)
        .set("AWS_PROFILE", "top")
        .set("AWS_ENDPOINT_URL_STS", sts.url());
    let loaded = home.load().unwrap();
    assert_eq!(loaded.id, "ASIA1");
    assert_eq!(loaded.origin, "the profile `top`, assumed role");
    let requests = sts.requests();
    let (inner, outer) = (&requests[0], &requests[1]);
    assert_sends(inner, &[("RoleSessionName", "inner")]);
    assert!(inner.header("authorization").unwrap().contains("Credential=AKIDPROFILE/"));
    assert_sends(outer, &[("DurationSeconds", "900"), ("ExternalId", "outer")]);
    assert!(outer.header("authorization").unwrap().contains("Credential=ASIA0/"));
    assert_eq!(outer.header("x-amz-security-token"), Some("hush"));
}

#[test]
fn refused_role_of_a_chain_names_its_profile_and_its_place() {
    let sts = refusing_sts();
    let config = format!(
        "[default]\nrole_arn = {ARN}-top\nsource_profile = middle\nregion = us-west-2\n\
         [profile middle]\nrole_arn = {ARN}-middle\nsource_profile = base\n[profile base]\n{KEYS}"
    );
    let home = Home::new().file(".aws/config", config).set("AWS_ENDPOINT_URL_STS", sts.url());
    assert_says(
        &home.error(),
        &[
            "profile `middle` in ",
            "/.aws/config, assuming ",
            "role/r-middle (role 1 of 2): STS refused: AccessDenied",
        ],
    );
}

#[test]
fn profile_with_an_mfa_device_needs_a_function_that_gives_the_code() {
    let sts = sts();
    let config = format!(
        "[default]\nrole_arn = {ARN}\nsource_profile = base\nregion = us-west-2\n\
         mfa_serial = arn:aws:iam::123456789012:mfa/me\n[profile base]\n{KEYS}"
    );
    let home = Home::new().file(".aws/config", config).set("AWS_ENDPOINT_URL_STS", sts.url());
    assert_says(
        &home.error(),
        &["profile `default`", "mfa/me (mfa_serial)", "DefaultProvider::builder().mfa(..)"],
    );
    assert!(sts.requests().is_empty());
    let home = home.set("PROBE_MFA", "123456");
    assert_eq!(home.load().unwrap().id, "ASIAROLE");
    let serial = ("SerialNumber", "arn:aws:iam::123456789012:mfa/me");
    assert_sends(&only(&sts), &[serial, ("TokenCode", "123456")]);
}

#[test]
fn connection_that_is_refused_names_the_host_and_the_profile() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!(
        "[default]\nrole_arn = {ARN}\nsource_profile = base\nregion = us-west-2\n[profile base]\n{KEYS}"
    );
    let home = Home::new()
        .file(".aws/config", config)
        .set("AWS_ENDPOINT_URL_STS", format!("http://127.0.0.1:{port}"));
    let text = home.error();
    assert_says(&text, &["profile `default`", &format!("no response from 127.0.0.1:{port}")]);
    assert_says(&text, &["Connection refused"]);
}

#[test]
fn files_in_code_are_read_and_must_be_there() {
    let home = Home::new().file("elsewhere", format!("[default]\n{KEYS}"));
    let path = home.path().join("elsewhere");
    let build = |path| {
        let builder = DefaultProvider::builder().credentials_file(path).profile("default");
        builder.config_file("/dev/null").build()
    };
    let provider = build(path);
    assert_eq!(provider.credentials().wait().unwrap().access_key_id(), "AKIDPROFILE");
    let gone = build(home.path().join("gone")).credentials().wait().unwrap_err().to_string();
    assert_says(&gone, &["/gone cannot be read (No such file"]);
}

#[test]
fn chosen_sources_are_asked_and_no_other() {
    let sources = [Source::Container];
    let provider = DefaultProvider::builder().sources(sources).build();
    let text = provider.credentials().wait().unwrap_err().to_string();
    assert_says(&text, &["the container endpoint: "]);
    assert!(!text.contains("environment") && !text.contains("metadata"), "{text}");
}

#[test]
fn given_provider_keeps_its_name_and_a_role_is_assumed_from_it() {
    let own = AwsCredentials::new("AKID", "hush", None, None, "vault");
    let provider = DefaultProvider::builder().provider(own.clone()).build();
    provider.credentials().wait().unwrap();
    assert_eq!(provider.held().unwrap().origin.to_string(), "the given provider `vault`");
    // No region and no metadata: the error comes from the role, not from the provider.
    let provider = DefaultProvider::builder()
        .provider(own)
        .region(Region::from_static("eu-west-1"))
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(NoNetwork)))
        .assume_role(Role::new(ARN))
        .build();
    let text = provider.credentials().wait().unwrap_err().to_string();
    assert_says(
        &text,
        &["assuming ", "with credentials from the given provider `vault`", "no network here"],
    );
}

#[test]
fn source_that_takes_longer_than_its_own_limit_is_left() {
    let silent = Endpoint::start(|_| Reply::Silence);
    let home = Home::new().with_imds(&silent.url()).set("PROBE_METADATA_TIMEOUT", "100");
    let text = home.error_within(Duration::from_secs(2));
    assert_says(&text, &["instance metadata: no answer within 100ms"]);
}

#[test]
fn region_set_comes_from_the_variable_then_the_profile() {
    let home = Home::new();
    assert_eq!(home.start().region_set().unwrap(), "none");
    let home = home.file(".aws/config", "[default]\nsigv4a_signing_region_set = us-east-1, *\n");
    assert_eq!(home.start().region_set().unwrap(), "us-east-1,*");
    let home = home.set("AWS_SIGV4A_SIGNING_REGION_SET", "eu-west-1");
    assert_eq!(home.start().region_set().unwrap(), "eu-west-1");
    let home = home.set("AWS_SIGV4A_SIGNING_REGION_SET", "x@evil");
    assert_says(&home.start().region_set().unwrap_err(), &["not a region's name"]);
}
