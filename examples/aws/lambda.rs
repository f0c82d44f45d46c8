//! An AWS Lambda function that calls OpenSearch with the credentials of its role.
//!
//! Lambda puts key, secret, session token and region into the environment; `DefaultProvider` finds
//! them there, and elsewhere in what AWS tools read. Here the example runs itself in such an
//! environment, against a service on loopback; with `SEARCH_URL` set it calls that one instead.

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
    // Outside of the handler, in a real function: what it has found is kept from call to call.
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
