//! Logs contain no secret.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use sigv4_core::CredentialsProvider;
use sigv4_credentials::DefaultProvider;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::endpoint::{Endpoint, Reply};
use crate::probe::{CANARY, Home, credentials_json, end};
use crate::sources::{imds, sts};

/// Keeps the text of every event of this crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

/// Writes every event and span of every crate to standard error, a line each: target, level, fields.
struct Everything;

impl Everything {
    fn write(metadata: &Metadata<'_>, record: impl FnOnce(&mut Line<'_>)) {
        let mut line = format!("{} {} ", metadata.level(), metadata.target());
        record(&mut Line(&mut line));
        std::eprintln!("{}", line.replace('\n', " "));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        Self::write(span.metadata(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = String::new();
        values.record(&mut Line(&mut line));
        std::eprintln!("TRACE span {}", line.replace('\n', " "));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        Self::write(event.metadata(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// In the probe's process: sends all later log output to standard error.
pub(crate) fn log_everything() {
    tracing::subscriber::set_global_default(Everything).unwrap();
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sigv4_credentials")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn loads_and_refusals_are_logged_without_a_secret() {
    let log = Log::default();
    // Global, because the load runs on a thread of its own.
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let end = SystemTime::now() + Duration::from_secs(3600);
    let own = AwsCredentials::new("ASIALOGGED", "hush", Some("hush".to_owned()), Some(end), "test");
    let provider = DefaultProvider::builder().provider(own).build();
    let credentials = provider.credentials().wait().unwrap();
    provider.rejected(&credentials);
    let text = log.0.lock().unwrap().clone();
    assert!(text.contains("credentials loaded"), "{text}");
    assert!(text.contains("credentials refused by a service"), "{text}");
    assert!(text.contains("access_key_id=\"ASIALOGGED\""), "{text}");
    assert!(!text.contains("hush"), "{text}");
}

/// Returns the lines that all crates log during a load of `home`, at every level.
fn logged(home: Home) -> Vec<String> {
    let home = home.set("PROBE_LOG", "1");
    let _ = home.load();
    let log = std::fs::read_to_string(home.path().join("log")).unwrap();
    log.lines().map(str::to_owned).collect()
}

/// A failing process, SSO, a container, a role and an instance, each with its own secrets.
fn loads() -> Vec<String> {
    let process =
        "[default]\ncredential_process = sh -c 'echo hush-err >&2; echo hush; exit 1' hush\n";
    let sso = "[default]\nsso_session = corp\nsso_account_id = 123456789012\n\
               sso_role_name = dev\n[sso-session corp]\nsso_region = us-east-1\n\
               sso_start_url = https://corp.awsapps.com/start\n";
    let role = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n\
                region = us-west-2\n[profile base]\naws_access_key_id = AKID\n\
                aws_secret_access_key = hush-base\naws_session_token = hush-session\n";
    let token = format!(r#"{{"accessToken":"hush-bearer","expiresAt":"{}"}}"#, end(3600));
    let portal = Endpoint::start(|_| {
        Reply::Ok(
            r#"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"hush-secret","sessionToken":"hush-token","expiration":4000000000000}}"#
                .to_owned(),
        )
    });
    let container = Endpoint::start(|_| Reply::Ok(credentials_json("ASIATASK", &end(3600))));
    let (sts, imds) = (sts(), imds(credentials_json("ASIAEC2", &end(3600))));
    let homes = [
        Home::new().file(".aws/config", process),
        Home::new()
            .file(".aws/config", sso)
            .file(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json", token)
            .set("AWS_ENDPOINT_URL_SSO", portal.url()),
        Home::new()
            .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url() + "/v2?hush-query")
            .set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush-authorization"),
        Home::new().file(".aws/config", role).set("AWS_ENDPOINT_URL_STS", sts.url()),
        Home::new().with_imds(&imds.url()),
    ];
    homes.into_iter().flat_map(logged).collect()
}

#[test]
fn secrets_are_logged_by_one_crate_at_trace_alone_as_the_readme_says() {
    let lines = loads();
    assert!(lines.len() > 100, "nothing was logged");
    let secret: Vec<_> = lines.iter().filter(|line| line.contains(CANARY)).collect();
    // If no line needs to be silenced any more, the README's advice is obsolete.
    assert!(!secret.is_empty() || !cfg!(feature = "sso"));
    for line in secret {
        assert!(line.starts_with("TRACE aws_smithy_runtime::"), "{line}");
    }
}
