//! The elasticsearch crate, which has no door for a signer, through a signing proxy on loopback.
use elasticsearch::http::transport::Transport;
use elasticsearch::{BulkOperation, BulkParts, Elasticsearch, SearchParts};
use examples::Outcome;
use examples_aws::{environment, search};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use sigv4_credentials::DefaultProvider;
use sigv4_hyper::{Service, SignLayer, SigningProxy};
use tower::Layer;

fn main() -> Outcome {
    if let Ok(url) = std::env::var("SEARCH_URL") {
        return index(&url);
    }
    let service = search::start()?; // a stand-in that verifies
    environment::run_again_with(&[("SEARCH_URL", &service.server().endpoint())])?;
    service.expect(2)
}

#[tokio::main(flavor = "current_thread")]
async fn index(url: &str) -> Outcome {
    let provider = DefaultProvider::new();
    let signer = provider.signer(Service::from_static("es")).await?;
    let tls = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1();
    let http = Client::builder(TokioExecutor::new()).build(tls.build());
    let signed = SignLayer::new(signer, provider).layer(http);
    let proxy = SigningProxy::bind(0, &url.parse()?, signed).await?;
    let client = Elasticsearch::new(Transport::single_node(&proxy.endpoint())?);
    tokio::spawn(proxy.serve());
    let book =
        |title| BulkOperation::<Value>::from(BulkOperation::index(json!({ "title": title })));
    let bulk = client.bulk(BulkParts::Index("books")).body(vec![book("Emma"), book("Dracula")]);
    bulk.send().await?.error_for_status_code()?;
    let found: Value = client.search(SearchParts::Index(&["books"])).send().await?.json().await?;
    assert_eq!(found.pointer("/hits/total/value"), Some(&json!(2)), "{found}");
    Ok(())
}
