//! Calls the REST interface of OpenSearch or Elasticsearch through reqwest, without their own
//! client.
//!
//! `SEARCH_URL=https://search-logs-abc.us-west-2.es.amazonaws.com cargo run --features https --example bulk`

use std::env;

use examples::Outcome;
use examples_aws::{environment, reqwest_builder, search};
use serde_json::{Value, json};
use sigv4_core::Service;
use sigv4_credentials::DefaultProvider;
use sigv4_reqwest::SigningClient;

fn main() -> Outcome {
    match env::var("SEARCH_URL") {
        Ok(url) => index(&url),
        Err(_) => {
            let service = search::start()?;
            environment::run_again_with(&[("SEARCH_URL", &service.server().endpoint())])?;
            service.expect(4)
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn index(url: &str) -> Outcome {
    let provider = DefaultProvider::new();
    let signer = provider.signer(Service::from_static("es")).await?;
    let client = SigningClient::builder(reqwest_builder(), signer, provider).build()?;

    for batch in [1..=500, 501..=1000, 1001..=1234] {
        let lines: Vec<String> = batch
            .flat_map(|number: u32| [json!({ "index": { "_id": number } }), json!({ "n": number })])
            .map(|line| format!("{line}\n"))
            .collect();
        let post = client.post(format!("{url}/numbers/_bulk"));
        let post = post.header("content-type", "application/x-ndjson").body(lines.concat());
        let answer = post.send().await?.error_for_status()?.text().await?;
        let answer: Value = serde_json::from_str(&answer)?;
        assert_eq!(answer.get("errors"), Some(&json!(false)), "{answer}");
        println!("indexed {} documents", lines.len() / 2);
    }
    let found = client.get(format!("{url}/numbers/_search?size=0&track_total_hits=true"));
    let found: Value =
        serde_json::from_str(&found.send().await?.error_for_status()?.text().await?)?;
    println!("there are {}", found.pointer("/hits/total/value").unwrap_or(&found));
    Ok(())
}
