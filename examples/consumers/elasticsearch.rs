//! The elasticsearch crate, which has no door for a signer, through a signing proxy on loopback.

use std::env;

use elasticsearch::http::transport::Transport;
use elasticsearch::{BulkOperation, BulkParts, Elasticsearch, SearchParts};
use examples::Outcome;
use examples_aws::{environment, proxy::Proxy, search};
use serde_json::{Value, json};
use sigv4_core::Service;
use sigv4_credentials::DefaultProvider;

fn main() -> Outcome {
    match env::var("SEARCH_URL") {
        Ok(url) => index(&url),
        Err(_) => {
            let service = search::start()?;
            environment::run_again_with(&[("SEARCH_URL", &service.server().endpoint())])?;
            service.expect(2)
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn index(url: &str) -> Outcome {
    let provider = DefaultProvider::new();
    let signer = provider.signer(Service::from_static("es")).await?;
    let proxy = Proxy::bind(0, &url.parse()?, signer, provider).await?;
    let client = Elasticsearch::new(Transport::single_node(&proxy.endpoint())?);
    tokio::spawn(proxy.serve());

    let books = ["Moby Dick", "Middlemarch", "Emma"].map(|title| json!({ "title": title }));
    let operations: Vec<BulkOperation<Value>> =
        books.iter().map(|book| BulkOperation::index(book.clone()).into()).collect();
    let bulk = client.bulk(BulkParts::Index("books")).body(operations);
    let answer: Value = bulk.send().await?.error_for_status_code()?.json().await?;
    assert_eq!(answer.get("errors"), Some(&json!(false)), "{answer}");

    let query = json!({ "query": { "match_all": {} } });
    let search = client.search(SearchParts::Index(&["books"])).body(query);
    let found: Value = search.send().await?.error_for_status_code()?.json().await?;
    assert_eq!(found.pointer("/hits/total/value"), Some(&json!(3)), "{found}");
    println!("found {found}");
    Ok(())
}
