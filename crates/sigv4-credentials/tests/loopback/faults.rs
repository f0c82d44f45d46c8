//! External faults give an error in time that names the source and contains no secret.

use std::time::Duration;

use crate::endpoint::{Endpoint, Reply};
use crate::probe::{CANARY, Home, credentials_json, end};
use crate::sources::imds;

/// The time limit if an endpoint no longer responds.
const SOON: Duration = Duration::from_secs(5);

pub(crate) fn assert_says(error: &str, texts: &[&str]) {
    for text in texts {
        assert!(error.contains(text), "no {text:?} in: {error}");
    }
}

#[test]
fn nothing_configured_names_every_source_and_its_cure_in_under_3_s() {
    let silent = Endpoint::start(|_| Reply::Silence);
    let home = Home::new().with_imds(&silent.url());
    let error = home.error_within(Duration::from_secs(3));
    assert_says(
        &error,
        &[
            "no AWS credentials found",
            "the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; to use it",
            "the profile: no profile `default` in ",
            ".aws/config (not found) or ",
            "run `aws configure`",
            "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            "the container endpoint: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "instance metadata: ",
            "attach a role to the EC2 instance",
        ],
    );
}

#[test]
fn metadata_switched_off_is_named_as_the_reason() {
    assert_says(&Home::new().error(), &["AWS_EC2_METADATA_DISABLED=true"]);
}

#[cfg(unix)]
#[test]
fn secret_that_is_not_utf8_is_named_and_not_echoed() {
    use std::os::unix::ffi::OsStrExt;
    let broken = std::ffi::OsStr::from_bytes(b"hush\xff");
    let home = Home::new().set("AWS_ACCESS_KEY_ID", "AKID").set("AWS_SECRET_ACCESS_KEY", broken);
    assert_says(&home.error(), &["AWS_SECRET_ACCESS_KEY is not valid UTF-8"]);
}

/// IMDS that gives its session token and answers everything else with `reply`.
fn imds_that_answers(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Endpoint {
    Endpoint::start(move |request| match request.method.as_str() {
        "PUT" => Reply::Ok("imds-session".to_owned()),
        _ => reply(),
    })
}

#[test]
fn metadata_that_refuses_breaks_is_silent_or_drips_is_an_error_in_good_time() {
    type Make = fn() -> Reply;
    let replies: [(&str, Make); 5] = [
        ("500", || Reply::Status(500)),
        ("403", || Reply::Status(403)),
        ("silent", || Reply::Silence),
        ("drip", || Reply::Drip(credentials_json("ASIAEC2", &end(3600)))),
        ("cut", || Reply::Truncated("role".to_owned())),
    ];
    std::thread::scope(|scope| {
        for (name, reply) in replies {
            scope.spawn(move || {
                for imds in [imds_that_answers(reply), Endpoint::start(move |_| reply())] {
                    let error = Home::new().with_imds(&imds.url()).error_within(SOON);
                    assert!(error.contains("instance metadata"), "{name}: {error}");
                    assert!(!imds.requests().is_empty(), "{name} was not asked");
                }
            });
        }
    });
}

/// Responses without credentials, each with the text that the error must contain.
fn malformed() -> Vec<(&'static str, String, &'static str)> {
    let good = credentials_json("ASIABAD", &end(3600));
    let without_end = good.replace("\"Expiration\"", "\"Other\"");
    vec![
        ("html", format!("<html><body>{CANARY}</body></html>"), "JSON"),
        ("cut", good[..good.len() - 30].to_owned(), "JSON"),
        ("empty", String::new(), "JSON"),
        ("no end", without_end, "Expiration"),
        ("bad end", credentials_json("ASIABAD", "tomorrow"), "Expiration"),
        ("past", credentials_json("ASIABAD", &end(-60)), "already expired"),
    ]
}

#[test]
fn malformed_or_past_answers_of_metadata_are_errors_and_no_end_is_put_off() {
    std::thread::scope(|scope| {
        for (name, body, says) in malformed() {
            scope.spawn(move || {
                let imds = imds(body);
                let error = Home::new().with_imds(&imds.url()).error_within(SOON);
                assert!(error.contains(says), "{name}: {error}");
            });
        }
    });
}

#[test]
fn malformed_or_past_answers_of_a_container_endpoint_are_errors() {
    std::thread::scope(|scope| {
        for (name, body, says) in malformed() {
            scope.spawn(move || {
                let container = Endpoint::start(move |_| Reply::Ok(body.clone()));
                let home = Home::new()
                    .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url() + "/")
                    .set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush-authorization");
                let error = home.error_within(SOON);
                assert!(error.contains("the container endpoint"), "{name}: {error}");
                // A retried answer may run into the limit of the load.
                let late = error.contains("no answer within");
                assert!(error.contains(says) || late, "{name}: {error}");
            });
        }
    });
}

#[test]
fn relative_container_uri_cannot_name_another_host() {
    for uri in ["@evil.example/x", "evil.example", ".evil.example/x", ":80/x"] {
        let home = Home::new().set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", uri);
        let error = home.error();
        assert_says(&error, &["the container endpoint", "must start with /"]);
    }
}

#[test]
fn container_uri_in_clear_to_a_foreign_host_is_refused() {
    let home = Home::new()
        .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/x")
        .set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush-authorization");
    assert_says(&home.error(), &["allowed IP address"]);
}

#[test]
fn container_token_file_with_a_newline_is_an_error_without_the_token() {
    let container = Endpoint::start(|_| Reply::Status(500));
    let home = Home::new().file("token", "hush-token\n");
    let path = home.path().join("token");
    let home = home
        .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url() + "/")
        .set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    assert_says(&home.error(), &["the container endpoint", "auth token"]);
    assert!(container.requests().is_empty());
}

#[test]
fn container_token_file_that_is_missing_is_an_error() {
    let home = Home::new()
        .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/")
        .set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nowhere/token");
    assert_says(&home.error(), &["the container endpoint", "No such file"]);
}

#[cfg(all(unix, feature = "credentials-process"))]
fn process(command: &str) -> Home {
    let config = format!("[default]\ncredential_process = {command}\n");
    Home::new().file(".aws/config", config)
}

#[cfg(all(unix, feature = "credentials-process"))]
#[test]
fn process_that_fails_is_an_error_without_its_stderr() {
    let error = process("sh -c 'echo hush-hush >&2; exit 1'").error();
    assert_says(&error, &["the profile is configured but failed", "exit status: 1"]);
}

#[cfg(all(unix, feature = "credentials-process"))]
#[test]
fn process_that_prints_garbage_is_an_error_without_it() {
    for command in [
        "echo hush-garbage",
        "printf '\\\\377hush'",
        "echo '{\"Version\":1,\"SecretAccessKey\":\"hush\"'",
        "echo '{\"Version\":2,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\"}'",
        "true",
    ] {
        assert_says(&process(command).error(), &["external process"]);
    }
}

#[cfg(all(unix, feature = "credentials-process"))]
#[test]
fn process_that_hangs_ends_with_the_load_timeout() {
    // exec, so that no child process outlives the 3 s.
    let home = process("exec sleep 3").set("PROBE_LOAD_TIMEOUT", "300");
    let error = home.error_within(Duration::from_secs(2));
    assert_says(&error, &["the profile", "no answer within 300ms"]);
}

#[test]
fn file_that_is_broken_is_an_error_that_names_it_and_not_its_content() {
    let keys = "aws_access_key_id = AKID\naws_secret_access_key = hush\n";
    for (name, content, says) in [
        ("bom", format!("\u{feff}[default]\n{keys}"), "line 1"),
        ("no section", keys.to_owned(), "line 1"),
        ("no equals", "[default]\nhush\n".to_owned(), "line 2"),
        ("open section", format!("[default\n{keys}"), "line 1"),
    ] {
        let error = Home::new().file(".aws/credentials", content).error();
        assert!(error.contains(says), "{name}: {error}");
        assert!(error.contains("/.aws/credentials"), "{name}: {error}");
    }
}

#[test]
fn refusal_of_sts_says_who_may_not_do_what() {
    let sts = Endpoint::start(|_| {
        let body = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
                    <Type>Sender</Type><Code>AccessDenied</Code><Message>User: \
                    arn:aws:iam::123456789012:user/dev is not authorized to perform: sts:AssumeRole\
                    </Message></Error><RequestId>1</RequestId></ErrorResponse>";
        Reply::Refusal(403, body.to_owned())
    });
    let config = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n\
                  region = us-east-1\n[profile base]\naws_access_key_id = AKID\n\
                  aws_secret_access_key = hush\n";
    let home = Home::new().file(".aws/config", config).set("AWS_ENDPOINT_URL_STS", sts.url());
    assert_says(
        &home.error(),
        &["the profile", "AccessDenied", "user/dev is not authorized to perform: sts:AssumeRole"],
    );
}

#[test]
fn profile_without_credentials_says_so() {
    let home = Home::new().file(".aws/config", "[default]\nregion = us-east-1\n");
    assert_says(&home.error(), &["the profile: "]);
}

#[cfg(unix)]
#[test]
fn file_behind_an_endless_link_is_named_with_the_reason() {
    let home = Home::new();
    let path = home.path().join(".aws/credentials");
    std::os::unix::fs::symlink(&path, &path).unwrap();
    assert_says(&home.error(), &["/.aws/credentials cannot be read (Too many levels"]);
}

#[test]
fn line_ends_of_windows_are_read() {
    let content = "[default]\r\naws_access_key_id = AKID\r\naws_secret_access_key = s\r\n";
    let loaded = Home::new().file(".aws/credentials", content).load().unwrap();
    assert_eq!((loaded.id.as_str(), loaded.secret.as_str()), ("AKID", "s"));
}

#[test]
fn repaired_file_is_seen_at_the_next_call() {
    let home = Home::new().file(".aws/credentials", "[default]\nhush\n");
    let mut probe = home.start();
    for _ in 0..3 {
        let error = probe.load().unwrap_err();
        assert_says(&error, &["line 2"]); // the first error, each time
    }
    home.write(
        ".aws/credentials",
        "[default]\naws_access_key_id = MENDED\naws_secret_access_key = s\n",
    );
    assert_eq!(probe.load().unwrap().id, "MENDED");
}

#[test]
fn rotated_file_is_seen_once_the_old_keys_are_refused() {
    let keys =
        |id: &str| format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = s\n");
    let home = Home::new().file(".aws/credentials", keys("FIRST"));
    let mut probe = home.start();
    assert_eq!(probe.load().unwrap().id, "FIRST");
    home.write(".aws/credentials", keys("SECOND"));
    assert_eq!(probe.load().unwrap().id, "FIRST");
    probe.reject();
    assert_eq!(probe.load().unwrap().id, "SECOND");
}

#[test]
fn rotated_file_is_seen_within_an_interval_and_without_a_refusal() {
    let keys =
        |id: &str| format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = s\n");
    let home = Home::new().file(".aws/credentials", keys("FIRST")).set("PROBE_INTERVAL", "20");
    let mut probe = home.start();
    assert_eq!(probe.load().unwrap().id, "FIRST");
    home.write(".aws/credentials", keys("SECOND"));
    let start = std::time::Instant::now();
    // The first call after the interval starts the check; a later one gets the new keys.
    while probe.load().unwrap().id != "SECOND" {
        assert!(start.elapsed() < SOON, "the change was not seen");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Half written: the cached keys stay in use, and later changes are noticed.
    home.write(".aws/credentials", "[default]\naws_access_key_id = THI");
    for _ in 0..20 {
        assert_eq!(probe.load().unwrap().id, "SECOND");
        std::thread::sleep(Duration::from_millis(5));
    }
    home.write(".aws/credentials", keys("THIRD"));
    while probe.load().unwrap().id != "THIRD" {
        assert!(start.elapsed() < 2 * SOON, "the change was not seen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn file_that_is_deleted_or_rewritten_leaves_its_keys_in_service_and_no_other_identity_comes() {
    let keys = "[default]\naws_access_key_id = FIRST\naws_secret_access_key = s\n";
    let instance = imds(credentials_json("ASIAOTHER", &end(3600)));
    let home = Home::new().file(".aws/credentials", keys).with_imds(&instance.url());
    let home = home.set("PROBE_INTERVAL", "1");
    let mut probe = home.start();
    assert_eq!(probe.load().unwrap().id, "FIRST");
    home.write(".aws/credentials", ""); // as an editor does before it writes
    for _ in 0..10 {
        assert_eq!(probe.load().unwrap().id, "FIRST");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::fs::remove_file(home.path().join(".aws/credentials")).unwrap();
    probe.reject();
    assert_eq!(probe.load().unwrap().id, "FIRST");
    assert_says(&probe.held(), &["no profile `default`", "It gave credentials before"]);
    assert!(instance.requests().is_empty());
}

#[cfg(not(feature = "rustls-ring"))]
#[test]
fn https_without_a_tls_feature_is_an_error_that_names_it() {
    let home = Home::new().file("token", "header.payload.signature");
    let path = home.path().join("token");
    let home = home
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", path)
        .set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
        .set("AWS_REGION", "us-east-1");
    assert_says(&home.error(), &["sts.us-east-1.amazonaws.com", "rustls-ring"]);
}

#[cfg(not(feature = "sso"))]
#[test]
fn source_whose_feature_is_off_is_an_error_that_names_the_crate_and_all_features_at_once() {
    let config = "[default]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n\
                  sso_account_id = 123456789012\nsso_role_name = dev\n";
    let error = Home::new().file(".aws/config", config).error();
    let features = match cfg!(feature = "rustls-ring") {
        true => "the feature `sso` of the crate sigv4-credentials",
        false => "the features `sso` and `rustls-ring` of the crate sigv4-credentials",
    };
    assert_says(&error, &["/.aws/config: IAM Identity Center (SSO) needs", features]);
}

#[cfg(not(feature = "credentials-process"))]
#[test]
fn process_without_its_feature_is_an_error_that_names_it() {
    let config = "[default]\ncredential_process = true\n";
    let error = Home::new().file(".aws/config", config).error();
    assert_says(
        &error,
        &["needs the feature `credentials-process` of the crate sigv4-credentials"],
    );
}
