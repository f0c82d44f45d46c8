//! What is logged holds no secret.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use sigv4_core::CredentialsProvider;
use sigv4_credentials::DefaultProvider;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps the text of every event of this crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

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
