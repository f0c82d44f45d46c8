//! Tests that one value of the default provider serves every client, inside and outside a runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::{ProvideCredentials, future};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sigv4_core::{Region, Service, Signer};
use sigv4_credentials::DefaultProvider;
use sigv4_hyper::SignLayer;
use sigv4_reqwest::SigningClient;
use sigv4_ureq::{Payload, SigningAgent};
use support::s3::{ACCESS_KEY, BUCKET, S3Server, SECRET_KEY};
use tower::{Layer as _, ServiceExt as _};

/// Stands for the default chain, and counts how often it is asked.
#[derive(Clone, Debug, Default)]
struct Chain(Arc<AtomicUsize>);

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.0.fetch_add(1, Ordering::Relaxed);
        let credentials = AwsCredentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test");
        future::ProvideCredentials::ready(Ok(credentials))
    }
}

#[test]
fn one_provider_drives_reqwest_hyper_and_ureq_and_loads_once() {
    let server = S3Server::start().unwrap();
    let url = |key: &str| format!("{}/{BUCKET}/{key}", server.endpoint());
    let chain = Chain::default();
    let provider = Arc::new(DefaultProvider::builder().provider(chain.clone()).build());
    let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let builder = reqwest::Client::builder();
        let client =
            SigningClient::builder(builder, signer.clone(), Arc::clone(&provider)).build().unwrap();
        let response = client.put(url("reqwest")).body("1").send().await.unwrap();
        assert_eq!(response.status(), 200);

        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let client = SignLayer::new(signer.clone(), Arc::clone(&provider)).layer(client);
        let request = Request::put(url("hyper")).body(Full::<Bytes>::from("2")).unwrap();
        assert_eq!(client.oneshot(request).await.unwrap().status(), 200);
    });
    drop(runtime);

    let agent = SigningAgent::new(ureq::agent(), signer, provider);
    let request = Request::put(url("ureq")).body(Payload::from("3")).unwrap();
    assert_eq!(agent.run(request).unwrap().status(), 200);

    assert_eq!(server.keys(BUCKET), ["hyper", "reqwest", "ureq"]);
    assert_eq!(chain.0.load(Ordering::Relaxed), 1, "the credentials were kept");
}
