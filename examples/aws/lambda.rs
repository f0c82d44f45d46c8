//! An AWS Lambda function that calls OpenSearch with the credentials of its role.
//!
//! Lambda puts key, secret, session token and region in the environment. `DefaultProvider` finds
//! them there; elsewhere it finds the credentials that AWS tools find. This example runs itself in
//! such an environment, against a service on loopback. If `SEARCH_URL` is set, it calls that
//! service instead.

use std::env;

use examples::Outcome;
use examples_aws::{environment, reqwest_builder, search};
use sigv4_core::Service;
use sigv4_credentials::DefaultProvider;
use sigv4_reqwest::SigningClient;

fn main() -> Outcome {
    match env::var("SEARCH_URL") {
        Ok(url) => handle(&url),
        Err(_) => {
            let service = search::start()?;
            environment::run_again_with(&[("SEARCH_URL", &service.server().endpoint())])?;
            service.expect(2)
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn handle(url: &str) -> Outcome {
    // A real function does this outside the handler, so that the provider caches its result between
    // calls.
    let provider = DefaultProvider::new();
    let signer = provider.signer(Service::from_static("es")).await?;
    let client = SigningClient::builder(reqwest_builder(), signer, provider).build()?;

    let event = r#"{"bucket":"pictures","key":"cat and dog.jpg"}"#;
    let put = client.put(format!("{url}/uploads/_doc/cat%20and%20dog.jpg"));
    let answer = put.header("content-type", "application/json").body(event).send().await?;
    println!("index: {}", answer.error_for_status()?.status());

    let found = client.get(format!("{url}/uploads/_search?q=key:cat*")).send().await?;
    println!("search: {}", found.error_for_status()?.text().await?);
    Ok(())
}
