//! Each source of the chain gives its credentials when called as AWS documents it.

use crate::endpoint::{Endpoint, Reply, Request};
use crate::probe::{CANARY, Home, Loaded, credentials_json, end};

const STATIC_KEYS: &str = "aws_access_key_id = AKIDPROFILE\naws_secret_access_key = hush-profile\n";

fn loaded(id: &str, secret: &str, token: &str, origin: &str) -> Result<Loaded, String> {
    Ok(Loaded {
        id: id.to_owned(),
        secret: secret.to_owned(),
        token: token.to_owned(),
        origin: origin.to_owned(),
    })
}

/// The credentials of `credentials_json`, from `origin`.
fn temporary(id: &str, origin: &str) -> Result<Loaded, String> {
    loaded(id, "hush-secret", "hush-token", origin)
}

/// IMDSv2: a token first, then the role, its credentials and the region with that token.
pub(crate) fn imds(credentials: String) -> Endpoint {
    Endpoint::start(move |request| match (request.method.as_str(), request.target.as_str()) {
        ("PUT", "/latest/api/token") => Reply::Ok("imds-session".to_owned()),
        _ if request.header("x-aws-ec2-metadata-token") != Some("imds-session") => {
            Reply::Status(401)
        }
        ("GET", "/latest/meta-data/iam/security-credentials/") => Reply::Ok("role".to_owned()),
        ("GET", "/latest/meta-data/iam/security-credentials/role") => {
            Reply::Ok(credentials.clone())
        }
        ("GET", "/latest/meta-data/placement/region") => Reply::Ok("eu-north-1".to_owned()),
        _ => Reply::Status(404),
    })
}

/// STS: responds to AssumeRole and AssumeRoleWithWebIdentity.
pub(crate) fn sts() -> Endpoint {
    Endpoint::start(|request| {
        let action = if request.body.contains("Action=AssumeRoleWithWebIdentity") {
            "AssumeRoleWithWebIdentity"
        } else {
            "AssumeRole"
        };
        let end = end(3600);
        Reply::Ok(format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
             <AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId>\
             <Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser><Credentials>\
             <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>hush-secret</SecretAccessKey>\
             <SessionToken>hush-token</SessionToken><Expiration>{end}</Expiration></Credentials>\
             </{action}Result></{action}Response>"
        ))
    })
}

fn targets(endpoint: &Endpoint) -> Vec<String> {
    let asked = endpoint.requests().into_iter();
    asked.map(|r| format!("{} {}", r.method, r.target)).collect()
}

pub(crate) fn only(endpoint: &Endpoint) -> Request {
    let mut requests = endpoint.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests.remove(0)
}

#[test]
fn environment_gives_keys_and_token() {
    let home = Home::new()
        .set("AWS_ACCESS_KEY_ID", "AKIDENV")
        .set("AWS_SECRET_ACCESS_KEY", "hush-env")
        .set("AWS_SESSION_TOKEN", "hush-token");
    assert_eq!(home.load(), loaded("AKIDENV", "hush-env", "hush-token", "the environment"));
}

#[test]
fn environment_goes_before_the_profile() {
    let home = Home::new()
        .file(".aws/credentials", format!("[default]\n{STATIC_KEYS}"))
        .set("AWS_ACCESS_KEY_ID", "AKIDENV")
        .set("AWS_SECRET_ACCESS_KEY", "hush-env");
    assert_eq!(home.load().unwrap().id, "AKIDENV");
}

#[test]
fn profile_gives_static_keys() {
    let home = Home::new().file(".aws/credentials", format!("[default]\n{STATIC_KEYS}"));
    assert_eq!(home.load(), loaded("AKIDPROFILE", "hush-profile", "", "the profile `default`"));
}

#[test]
fn profile_is_named_by_the_variable_and_its_files_too() {
    let home = Home::new().file("elsewhere", format!("[profile dev]\n{STATIC_KEYS}"));
    let path = home.path().join("elsewhere");
    let home = home.set("AWS_CONFIG_FILE", path).set("AWS_PROFILE", "dev");
    assert_eq!(home.load().unwrap().id, "AKIDPROFILE");
}

#[test]
fn profile_named_in_code_is_used_though_the_environment_has_keys() {
    let home = Home::new()
        .file(".aws/config", format!("[profile dev]\n{STATIC_KEYS}"))
        .set("AWS_ACCESS_KEY_ID", "AKIDENV")
        .set("AWS_SECRET_ACCESS_KEY", "hush-env");
    assert_eq!(home.set("PROBE_PROFILE", "dev").load().unwrap().id, "AKIDPROFILE");
}

#[test]
fn profile_named_in_code_that_is_not_there_is_an_error_not_another_source() {
    let home = Home::new()
        .set("AWS_ACCESS_KEY_ID", "AKIDENV")
        .set("AWS_SECRET_ACCESS_KEY", "hush-env")
        .set("PROBE_PROFILE", "dev");
    let error = home.error();
    assert!(error.contains("`dev`"), "{error}");
    assert!(!error.contains("the environment:"), "{error}");
}

#[cfg(feature = "credentials-process")]
#[test]
fn credential_process_gives_temporary_credentials() {
    let json = format!(
        r#"{{"Version":1,"AccessKeyId":"ASIAPROCESS","SecretAccessKey":"hush-secret","SessionToken":"hush-token","Expiration":"{}"}}"#,
        end(3600)
    );
    let home = Home::new().file("out.json", json);
    let path = home.path().join("out.json");
    let config = format!("[default]\ncredential_process = cat {}\n", path.display());
    assert_eq!(
        home.file(".aws/config", config).load(),
        temporary("ASIAPROCESS", "the profile `default`, credential_process")
    );
}

#[test]
fn assumed_role_is_signed_with_the_source_profile_and_its_token() {
    let sts = sts();
    let config = format!(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n\
         region = us-west-2\n[profile base]\n{STATIC_KEYS}aws_session_token = base-session\n"
    );
    let home = Home::new().file(".aws/config", config).set("AWS_ENDPOINT_URL_STS", sts.url());
    assert_eq!(home.load(), temporary("ASIAROLE", "the profile `default`, assumed role"));
    let request = only(&sts);
    let authorization = request.header("authorization").unwrap();
    assert!(authorization.contains("Credential=AKIDPROFILE/"), "{authorization}");
    assert!(authorization.contains("/us-west-2/sts/aws4_request"), "{authorization}");
    assert!(authorization.contains("x-amz-security-token"), "{authorization}");
    assert_eq!(request.header("x-amz-security-token"), Some("base-session"));
}

#[test]
fn assumed_role_without_a_configured_region_takes_the_instances() {
    let (sts, imds) = (sts(), imds(credentials_json("ASIAEC2", &end(3600))));
    let config = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\n\
                  credential_source = Ec2InstanceMetadata\n";
    let home = Home::new()
        .file(".aws/config", config)
        .set("AWS_ENDPOINT_URL_STS", sts.url())
        .with_imds(&imds.url());
    assert_eq!(home.load().unwrap().id, "ASIAROLE");
    let authorization = only(&sts).header("authorization").unwrap().to_owned();
    assert!(authorization.contains("Credential=ASIAEC2/"), "{authorization}");
    assert!(authorization.contains("/eu-north-1/sts/"), "{authorization}");
}

#[test]
fn web_identity_token_is_exchanged_at_sts_without_a_signature() {
    let sts = sts();
    let home = Home::new().file("token", "header.payload.signature");
    let path = home.path().join("token");
    let home = home
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", path)
        .set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
        .set("AWS_REGION", "us-east-1")
        .set("AWS_ENDPOINT_URL_STS", sts.url());
    assert_eq!(home.load(), temporary("ASIAROLE", "web identity"));
    let request = only(&sts);
    assert!(request.body.contains("WebIdentityToken=header.payload.signature"));
    assert_eq!(request.header("authorization"), None);
}

fn container() -> Endpoint {
    Endpoint::start(|_| Reply::Ok(credentials_json("ASIATASK", &end(3600))))
}

#[test]
fn container_endpoint_is_asked_with_the_token_of_the_variable() {
    let container = container();
    let home = Home::new()
        .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url() + "/v2/credentials?id=1")
        .set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic of-variable");
    assert_eq!(home.load(), temporary("ASIATASK", "the container endpoint"));
    let request = only(&container);
    assert_eq!(request.target, "/v2/credentials?id=1");
    assert_eq!(request.header("authorization"), Some("Basic of-variable"));
}

#[test]
fn container_token_file_is_read_anew_at_each_load() {
    let container = container();
    let home = Home::new().file("token", "first");
    let path = home.path().join("token");
    let home = home
        .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url() + "/")
        .set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    let mut probe = home.start();
    probe.load().unwrap();
    home.write("token", "second");
    probe.reject();
    probe.load().unwrap();
    let tokens: Vec<_> = container
        .requests()
        .iter()
        .map(|request| request.header("authorization").unwrap().to_owned())
        .collect();
    assert_eq!(tokens, ["first", "second"]);
}

#[test]
fn instance_metadata_is_asked_by_its_second_version() {
    let imds = imds(credentials_json("ASIAEC2", &end(3600)));
    let home = Home::new().with_imds(&imds.url());
    assert_eq!(home.load(), temporary("ASIAEC2", "instance metadata"));
    assert_eq!(
        targets(&imds),
        [
            "PUT /latest/api/token",
            "GET /latest/meta-data/iam/security-credentials/",
            "GET /latest/meta-data/iam/security-credentials/role"
        ]
    );
    let ttl = imds.requests()[0].header("x-aws-ec2-metadata-token-ttl-seconds").map(str::to_owned);
    assert_eq!(ttl.as_deref(), Some("21600"));
}

#[cfg(feature = "sso")]
#[test]
fn identity_center_session_is_exchanged_at_the_portal() {
    let portal = Endpoint::start(|_| {
        Reply::Ok(format!(
            r#"{{"roleCredentials":{{"accessKeyId":"ASIASSO","secretAccessKey":"hush-secret","sessionToken":"hush-token","expiration":{}}}}}"#,
            4_000_000_000_000_u64
        ))
    });
    let config = "[default]\nsso_session = corp\nsso_account_id = 123456789012\n\
                  sso_role_name = dev\n[sso-session corp]\nsso_region = us-east-1\n\
                  sso_start_url = https://corp.awsapps.com/start\n";
    let token = format!(
        r#"{{"accessToken":"{CANARY}-bearer","expiresAt":"{}","region":"us-east-1","startUrl":"https://corp.awsapps.com/start"}}"#,
        end(3600)
    );
    // The SHA-1 of the session's name.
    let cache = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    let home = Home::new()
        .file(".aws/config", config)
        .file(cache, token)
        .set("AWS_ENDPOINT_URL_SSO", portal.url());
    assert_eq!(home.load(), temporary("ASIASSO", "the profile `default`, IAM Identity Center"));
    let request = only(&portal);
    assert_eq!(request.header("x-amz-sso_bearer_token"), Some("hush-bearer"));
    assert!(request.target.contains("account_id=123456789012"), "{}", request.target);
}

#[cfg(feature = "credentials-login")]
#[test]
fn login_session_gives_its_cached_credentials() {
    let session = "arn:aws:iam::0123456789012:user/Admin";
    // The SHA-256 of the session's name.
    let cache =
        ".aws/login/cache/36db1d138ff460920374e4c3d8e01f53f9f73537e89c88d639f68393df0e2726.json";
    let token = format!(
        r#"{{"accessToken":{{"accessKeyId":"ASIALOGIN","secretAccessKey":"hush-secret","sessionToken":"hush-token","accountId":"012345678901","expiresAt":"{}"}},"tokenType":"aws_sigv4","refreshToken":"hush-refresh","clientId":"arn:aws:signin:::devtools/same-device","dpopKey":"hush-key"}}"#,
        end(3600)
    );
    let home = Home::new()
        .file(".aws/config", format!("[default]\nlogin_session = {session}\nregion = us-east-1\n"))
        .file(cache, token);
    assert_eq!(home.load(), temporary("ASIALOGIN", "the profile `default`, aws login"));
}

#[test]
fn region_comes_from_the_environment_then_the_profile_then_the_instance() {
    let imds = imds(String::new());
    let home = Home::new().with_imds(&imds.url());
    assert_eq!(home.start().region().unwrap(), "eu-north-1");
    let home = home.file(".aws/config", "[default]\nregion = ap-south-1\n");
    assert_eq!(home.start().region().unwrap(), "ap-south-1");
    let home = home.set("AWS_DEFAULT_REGION", "us-west-1");
    assert_eq!(home.start().region().unwrap(), "us-west-1");
    let home = home.set("AWS_REGION", "us-west-2");
    assert_eq!(home.start().region().unwrap(), "us-west-2");
}

#[test]
fn no_region_or_a_malformed_one_is_an_error_that_says_so() {
    let error = Home::new().start().region().unwrap_err();
    assert!(error.contains("Set AWS_REGION"), "{error}");
    let home = Home::new().set("AWS_REGION", "x@evil:443/#");
    let error = home.start().region().unwrap_err();
    assert!(error.contains("not a region's name"), "{error}");
}

#[test]
fn nothing_is_asked_before_the_first_call() {
    let imds = imds(credentials_json("ASIAEC2", &end(3600)));
    let mut probe = Home::new().with_imds(&imds.url()).start();
    assert_eq!(probe.held(), "nothing");
    assert!(imds.requests().is_empty());
    probe.load().unwrap();
    let held = probe.held();
    assert!(held.starts_with("ASIAEC2 from instance metadata, loaded at "), "{held}");
    assert!(held.contains(", refreshed from "), "{held}");
    assert!(!held.contains(CANARY), "{held}");
}
