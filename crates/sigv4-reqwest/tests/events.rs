//! Tests of the logged events. They run alone in their process, because threads without a
//! subscriber would switch events off.

#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use sigv4_reqwest::{Credentials, Region, Service, Signer, SigningClient};
use support::raw::{Answer, RawServer, Reply};
use support::wire;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A subscriber that keeps every event of this crate as text.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<String>>);

impl Subscriber for Kept {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut Text(&mut self.0.lock().unwrap()));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Text<'a>(&'a mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

#[test]
fn events_tell_each_attempt_and_its_cause_and_no_secret() {
    let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>";
    let server = RawServer::start(move |_| Answer::Reply(Reply::new(400).body(body))).unwrap();
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    let credentials =
        Credentials::new(wire::ACCESS_KEY, wire::SECRET_KEY).with_session_token(wire::TOKEN);
    let plain = reqwest::Client::builder().no_proxy();
    let client = SigningClient::builder(plain, signer, credentials).build().unwrap();
    let kept = Kept::default();
    tracing::subscriber::with_default(kept.clone(), || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let request = client.get(format!("{}/?token=in-the-query", server.endpoint()));
        runtime.block_on(request.send()).unwrap();
    });
    let text = kept.0.lock().unwrap().clone();
    assert_eq!(text.matches("message=request signed").count(), 2, "{text}");
    assert!(text.contains("region=us-east-1") && text.contains("region=eu-west-1"), "{text}");
    assert_eq!(text.matches("cause=the bucket is in eu-west-1").count(), 1, "{text}");
    for secret in [wire::SECRET_KEY, wire::TOKEN, "Signature=", "in-the-query"] {
        assert!(!text.contains(secret), "{text}");
    }
}
