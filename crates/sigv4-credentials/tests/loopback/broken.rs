//! A source that is configured but broken is an error that says so. No other identity takes its
//! place, even if instance metadata would give one.

use crate::endpoint::Endpoint;
use crate::faults::assert_says;
use crate::probe::{Home, credentials_json, end};
use crate::sources::imds;

const KEYS: &str = "aws_access_key_id = AKIDPROFILE\naws_secret_access_key = hush-profile\n";
const TOKEN: &str = "aws_session_token = hush-token\n";

/// An instance whose credentials must not be taken.
fn instance() -> Endpoint {
    imds(credentials_json("ASIAOTHER", &end(3600)))
}

/// The error of `home` on that instance.
fn error(home: Home) -> String {
    let imds = instance();
    let error = home.with_imds(&imds.url()).error();
    assert!(imds.requests().is_empty(), "instance metadata was asked: {error}");
    error
}

fn credentials(content: impl AsRef<[u8]>) -> Home {
    Home::new().file(".aws/credentials", content)
}

#[test]
fn one_environment_key_without_the_other_names_the_half_that_is_missing() {
    let half = error(Home::new().set("AWS_ACCESS_KEY_ID", "AKID"));
    assert_says(&half, &["the environment is configured", "AWS_SECRET_ACCESS_KEY is not set"]);
    let half = error(Home::new().set("AWS_SECRET_ACCESS_KEY", "hush"));
    assert_says(&half, &["AWS_ACCESS_KEY_ID is not set"]);
    let empty = Home::new().set("AWS_ACCESS_KEY_ID", "AKID").set("AWS_SECRET_ACCESS_KEY", "");
    assert_says(&error(empty), &["AWS_SECRET_ACCESS_KEY is empty: set both, or unset both"]);
    let blank = Home::new().set("AWS_ACCESS_KEY_ID", " ").set("AWS_SECRET_ACCESS_KEY", "hush");
    assert_says(&error(blank), &["AWS_ACCESS_KEY_ID is blank"]);
}

#[test]
fn empty_variables_count_as_not_set() {
    let home = credentials(format!("[default]\n{KEYS}"))
        .set("AWS_ACCESS_KEY_ID", "")
        .set("AWS_SECRET_ACCESS_KEY", "")
        .set("AWS_PROFILE", "")
        .set("AWS_DEFAULT_PROFILE", "")
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", "")
        .set("AWS_REGION", "")
        .set("AWS_DEFAULT_REGION", "eu-west-1");
    assert_eq!(home.load().unwrap().id, "AKIDPROFILE");
    assert_eq!(home.start().region().unwrap(), "eu-west-1");
    let imds = instance();
    let home = Home::new()
        .set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "")
        .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
        .with_imds(&imds.url());
    assert_eq!(home.load().unwrap().id, "ASIAOTHER");
}

#[test]
fn profile_of_the_variable_that_is_not_there_is_an_error_that_names_it_and_the_files() {
    let home = credentials(format!("[default]\n{KEYS}")).set("AWS_PROFILE", "prdo");
    let text = error(home);
    assert_says(&text, &["AWS_PROFILE is `prdo`, and there is no profile `prdo` in "]);
    assert_says(&text, &[".aws/config (not found) or ", ".aws/credentials, which name default"]);
}

#[test]
fn complete_environment_keys_win_over_a_profile_that_is_not_there() {
    let home = Home::new()
        .set("AWS_PROFILE", "prdo")
        .set("AWS_ACCESS_KEY_ID", "AKIDENV")
        .set("AWS_SECRET_ACCESS_KEY", "hush");
    assert_eq!(home.load().unwrap().id, "AKIDENV");
}

#[test]
fn profile_that_only_boto_would_read_is_not_left_out_silently() {
    let files = "[profile dev]\nregion = x\n";
    let home = Home::new().file(".aws/config", files).set("AWS_DEFAULT_PROFILE", "dev");
    let text = home.start().region().unwrap_err();
    assert_says(&text, &["AWS_DEFAULT_PROFILE is `dev`, which is not read here"]);
    assert_says(&error(home), &["AWS_DEFAULT_PROFILE is `dev`, which is not read here"]);
    let quoted = format!("[profile \"dev ops\"]\n{KEYS}");
    let home = Home::new().file(".aws/config", quoted).set("AWS_PROFILE", "dev ops");
    assert_says(
        &error(home),
        &["profile `dev ops` in line 1 in a way that is not read everywhere"],
    );
}

#[test]
fn older_file_of_boto_with_keys_is_not_passed_by_on_the_way_to_the_instance() {
    let home = || Home::new().file(".boto", format!("[Credentials]\n{KEYS}"));
    assert_says(&error(home()), &["~/.boto has keys, which boto takes and which are not read"]);
    let profile = home().file(".aws/credentials", format!("[default]\n{KEYS}"));
    assert_eq!(profile.load().unwrap().id, "AKIDPROFILE");
}

#[test]
fn web_identity_beside_a_profile_with_credentials_is_an_error_that_names_both() {
    let home = credentials(format!("[default]\n{KEYS}"))
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token")
        .set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
    let text = error(home);
    assert_says(&text, &["two identities are configured", "profile `default`", "/nowhere/token"]);
}

#[test]
fn token_file_without_a_role_is_an_error() {
    let home = Home::new().set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token");
    assert_says(&error(home), &["AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not"]);
}

#[test]
fn token_file_that_is_not_there_is_named() {
    let home = Home::new()
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token")
        .set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
        .set("AWS_REGION", "us-east-1");
    assert_says(&error(home), &["the token file /nowhere/token cannot be read: No such file"]);
}

#[test]
fn file_that_cannot_be_read_is_an_error_with_the_path_and_the_reason() {
    let folder = error(Home::new().file(".aws/credentials/inside", ""));
    assert_says(&folder, &["/.aws/credentials cannot be read (Is a directory", "/dev/null"]);
    let folder = error(Home::new().file(".aws/config/inside", ""));
    assert_says(&folder, &["/.aws/config cannot be read (Is a directory"]);
    let binary = error(credentials(b"[default]\n\xff\xfe"));
    assert_says(&binary, &["/.aws/credentials is not UTF-8: save it as UTF-8"]);
    let utf16 = error(credentials(b"\xff\xfe[\0d\0]\0\n\0"));
    assert_says(&utf16, &["/.aws/credentials is UTF-16"]);
    let nul = error(credentials(format!("[default]\n{}", KEYS.replace("AKID", "AK\0ID"))));
    assert_says(&nul, &["/.aws/credentials holds NUL characters"]);
}

#[cfg(unix)]
#[test]
fn link_that_leads_nowhere_is_a_file_that_cannot_be_read() {
    let home = Home::new();
    let path = home.path().join(".aws/credentials");
    std::os::unix::fs::symlink(home.path().join("gone"), &path).unwrap();
    assert_says(&error(home), &["/.aws/credentials cannot be read (No such file"]);
}

#[test]
fn home_that_is_no_folder_has_no_files() {
    let imds = instance();
    let home = Home::new().set("HOME", "/dev/null").with_imds(&imds.url());
    assert_eq!(home.load().unwrap().id, "ASIAOTHER");
}

#[test]
fn path_with_a_tilde_is_read_from_the_home_folder() {
    let home = Home::new()
        .file("keys", format!("[default]\n{KEYS}"))
        .set("AWS_SHARED_CREDENTIALS_FILE", "~/keys");
    assert_eq!(home.load().unwrap().id, "AKIDPROFILE");
    let home = home.file("keys", "[default]\nregion = x\n");
    let text = home.error();
    assert!(!text.contains("not found)") || !text.contains("keys (not found)"), "{text}");
}

#[test]
fn broken_config_file_is_the_reason_that_there_is_no_region() {
    let home = Home::new().file(".aws/config", "[default]\nregion\n");
    let text = home.start().region().unwrap_err();
    assert_says(&text, &["the AWS region of the profile is unknown", "/.aws/config: line 2"]);
    let home = Home::new().set("AWS_PROFILE", "prdo");
    assert_says(&home.start().region().unwrap_err(), &["there is no profile `prdo`"]);
}

#[test]
fn half_a_key_pair_in_a_profile_names_profile_file_and_key() {
    let text = error(credentials("[default]\naws_access_key_id = AKID\n"));
    assert_says(&text, &["profile `default` in ", "/.aws/credentials", "aws_secret_access_key"]);
    let text = error(credentials("[default]\naws_access_key_id =\naws_secret_access_key = hush\n"));
    assert_says(&text, &["aws_access_key_id of profile `default`", "is empty"]);
    let text = error(credentials("[default]\naws_session_token = hush\n"));
    assert_says(&text, &["profile `default` has aws_session_token and no keys"]);
}

#[test]
fn keys_and_token_of_different_places_are_an_error_that_names_both() {
    let home = credentials(format!("[default]\n{KEYS}"))
        .file(".aws/config", format!("[default]\n{TOKEN}"));
    assert_says(
        &error(home),
        &["its keys in ", "/.aws/credentials and aws_session_token in ", "/.aws/config"],
    );
    let home = credentials("[default]\naws_access_key_id = AKID\n")
        .file(".aws/config", "[default]\naws_secret_access_key = hush\n");
    assert_says(&error(home), &["/.aws/credentials and aws_secret_access_key in ", "/.aws/config"]);
    let twice = format!("[default]\n{KEYS}{TOKEN}[default]\n{KEYS}");
    assert_says(&error(credentials(twice)), &["from line 5, aws_session_token from line 1"]);
}

#[test]
fn whole_set_of_keys_in_the_credentials_file_hides_the_one_in_the_config_file() {
    let home = credentials(format!("[default]\n{KEYS}")).file(
        ".aws/config",
        format!("[default]\naws_access_key_id = OTHER\naws_secret_access_key = s\n{TOKEN}"),
    );
    let loaded = home.load().unwrap();
    assert_eq!((loaded.id.as_str(), loaded.token.as_str()), ("AKIDPROFILE", ""));
}

#[test]
fn chain_of_roles_that_is_broken_names_the_profile_and_the_setting() {
    let role = "role_arn = arn:aws:iam::123456789012:role/r\n";
    for (config, says) in [
        (
            format!("[default]\n{role}source_profile = gone\n"),
            "source_profile = gone, and there is no profile `gone`",
        ),
        (
            format!("[default]\n{role}source_profile = base\n[profile base]\nregion = x\n"),
            "profile `base` in ",
        ),
        (
            format!("[default]\n{role}"),
            "profile `default` has role_arn and says not what to assume it from",
        ),
        (
            format!("[default]\n{role}source_profile = a\ncredential_source = Environment\n"),
            "both source_profile and credential_source",
        ),
        (format!("[default]\n{role}credential_source = Moon\n"), "credential_source = Moon"),
        (format!("[default]\n{role}source_profile = default\n"), "itself as source_profile"),
        (
            format!(
                "[default]\n{role}source_profile = a\n[profile a]\n{role}source_profile = default\n"
            ),
            "in a circle: default -> a -> default",
        ),
        (
            format!(
                "[default]\n{role}source_profile = a\nduration_seconds = 1h\n[profile a]\n{KEYS}"
            ),
            "duration_seconds = 1h",
        ),
        (
            format!("[default]\n{role}credential_source = Environment\nregion = x\n"),
            "credential_source = Environment has no credentials here",
        ),
        (
            "[default]\nrole_arn =\nsource_profile = a\n".to_owned(),
            "role_arn of profile `default` is empty",
        ),
        (
            "[default]\nweb_identity_token_file = /t\n".to_owned(),
            "web_identity_token_file and no role_arn",
        ),
    ] {
        let text = error(Home::new().file(".aws/config", config));
        assert_says(&text, &["the profile is configured but failed", says, "/.aws/config"]);
    }
}

#[cfg(feature = "sso")]
#[test]
fn sso_settings_that_are_incomplete_name_what_is_missing() {
    for (config, says) in [
        ("[default]\nsso_account_id = 1\n", "has sso_account_id and lacks sso_role_name"),
        ("[default]\nsso_account_id = 1\nsso_role_name = r\n", "lacks sso_start_url"),
        (
            "[default]\nsso_account_id = 1\nsso_role_name = r\nsso_session = corp\n",
            "no [sso-session corp]",
        ),
    ] {
        assert_says(&error(Home::new().file(".aws/config", config)), &[says]);
    }
}

#[cfg(feature = "sso")]
#[test]
fn sso_token_that_is_missing_or_expired_says_how_to_log_in() {
    let config = "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\n\
                  sso_role_name = r\n[sso-session corp]\nsso_region = us-east-1\n\
                  sso_start_url = https://corp.awsapps.com/start\n";
    let home = || Home::new().file(".aws/config", config).set("AWS_PROFILE", "dev");
    assert_says(
        &error(home()),
        &[
            "profile `dev` in ",
            "/.aws/config: its SSO token is missing (there is no ",
            "/ee0bfd2552fbd840c02cc48b6e823320543c450f.json)",
            "run `aws sso login --profile dev`",
        ],
    );
    // The SHA-1 of the session's name.
    let cache = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    let token = r#"{"accessToken":"hush-bearer","expiresAt":"2020-01-01T00:00:00Z"}"#;
    assert_says(
        &error(home().file(cache, token)),
        &["/.aws/config: its SSO token has expired: run `aws sso login --profile dev`"],
    );
    let garbage = error(home().file(cache, "hush"));
    assert_says(&garbage, &["its SSO token in ", ".json cannot be used (", "aws sso login"]);
    let portal = Endpoint::start(|_| {
        crate::endpoint::Reply::Refusal(
            401,
            r#"{"__type":"UnauthorizedException","message":"Session token not found or invalid"}"#
                .to_owned(),
        )
    });
    let token = format!(r#"{{"accessToken":"hush-bearer","expiresAt":"{}"}}"#, end(3600));
    let revoked = home().file(cache, token).set("AWS_ENDPOINT_URL_SSO", portal.url());
    assert_says(
        &error(revoked),
        &["refused: UnauthorizedException", "run `aws sso login --profile dev`"],
    );
}

#[cfg(feature = "credentials-login")]
#[test]
fn login_session_that_is_missing_says_how_to_log_in() {
    let config = "[profile dev]\nlogin_session = arn:aws:iam::1:user/me\nregion = us-east-1\n";
    let home = Home::new().file(".aws/config", config).set("AWS_PROFILE", "dev");
    assert_says(
        &error(home),
        &[
            "profile `dev` in ",
            "/.aws/config: its session of `aws login` cannot be used",
            "run `aws login --profile dev`",
        ],
    );
}

#[cfg(not(feature = "credentials-login"))]
#[test]
fn login_session_without_its_feature_names_it() {
    let config = "[default]\nlogin_session = arn:aws:iam::1:user/me\nregion = us-east-1\n";
    let text = error(Home::new().file(".aws/config", config));
    assert_says(&text, &["needs the feature", "`credentials-login", "crate sigv4-credentials"]);
}
