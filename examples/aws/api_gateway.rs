//! Calls an API behind API Gateway with IAM authorisation, with JSON and automatic credentials.
//!
//! `API_URL=https://abc123.execute-api.us-east-1.amazonaws.com/prod/pets cargo run --features https --example api_gateway`
//! needs nothing else: the host shows service and region, and credentials are found where AWS tools
//! find them. Without `API_URL`, such a host name is resolved to a server on loopback.

use std::env;

use examples::Outcome;
use examples::verifying::VerifyingServer;
use examples_aws::{environment, reqwest_builder};
use sigv4_core::Signer;
use sigv4_credentials::DefaultProvider;
use sigv4_reqwest::SigningClient;
use support::raw::Reply;

fn main() -> Outcome {
    match env::var("API_URL") {
        Ok(url) => call(&url),
        Err(_) => demonstrate(),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn call(url: &str) -> Outcome {
    let signer = Signer::for_url(url)?;
    println!("{url} is {} in {}", signer.service(), signer.region());

    let url: reqwest::Url = url.parse()?;
    let host = url.host_str().ok_or("the URL has no host")?;
    let mut http = reqwest_builder();
    if let Ok(address) = env::var("RESOLVE_TO") {
        http = http.resolve(host, address.parse()?); // for the demonstration
    }
    let client = SigningClient::builder(http, signer, DefaultProvider::new()).build()?;
    let pet = client.post(url).header("content-type", "application/json").body(r#"{"name":"Rex"}"#);
    let answer = pet.send().await?;
    println!("{}", answer.status());
    println!("{}", answer.error_for_status()?.text().await?);
    Ok(())
}

fn demonstrate() -> Outcome {
    let api = VerifyingServer::start("execute-api", |received| {
        Reply::new(201).body([b"created ".as_slice(), &received.body].concat())
    })?;
    let url = "http://abc123.execute-api.us-east-1.amazonaws.com/prod/pets";
    let address = api.server().address().to_string();
    environment::run_again_with(&[("API_URL", url), ("RESOLVE_TO", &address)])?;
    api.expect(1)
}
