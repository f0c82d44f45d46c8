//! Tests of the events that a subscriber receives.

#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "tests may fail anywhere")]

mod common;

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use common::{block_on, credentials, http1, signer};
use http::Request;
use http_body_util::Empty;
use sigv4_hyper::SignLayer;
use support::raw::{Answer, RawServer, Reply};
use support::wire::{SECRET_KEY, TOKEN};
use tower::{Layer, ServiceExt};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A subscriber that writes the signing events, one on each line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sigv4_core")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        event.record(&mut Fields(&mut line));
        let mut lines = self.0.lock().unwrap();
        writeln!(lines, "{} {line}", event.metadata().level()).unwrap();
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

#[test]
fn each_signature_and_each_cause_to_sign_again_is_an_event_without_secrets() {
    let lines = Lines::default();
    let refusal = Reply::new(400).header("x-amzn-errortype", "ExpiredTokenException");
    let server = RawServer::start(move |_| Answer::Reply(refusal.clone())).unwrap();
    let uri = format!("{}/key?secret-parameter=1", server.endpoint());
    tracing::subscriber::with_default(lines.clone(), || {
        let service = SignLayer::new(signer("s3"), credentials()).layer(http1(server.address()));
        let request = Request::get(uri).body(Empty::<Bytes>::new()).unwrap();
        assert_eq!(block_on(service.oneshot(request)).unwrap().status(), 400);
    });
    let seen = lines.0.lock().unwrap().clone();
    let levels: Vec<_> = seen.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(levels, ["DEBUG", "INFO"], "the same credentials are not sent again: {seen}");
    assert!(
        seen.contains("service=s3") && seen.contains("cause=the credentials were refused"),
        "{seen}"
    );
    let signature = server.last().unwrap().header("authorization").concat();
    let signature = signature.rsplit('=').next().unwrap().to_owned();
    for secret in [SECRET_KEY, TOKEN, "secret-parameter", &signature] {
        assert!(!seen.contains(secret), "{seen}");
    }
}
