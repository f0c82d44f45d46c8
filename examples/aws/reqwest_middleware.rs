//! Signs in a middleware below one that retries: each attempt has its own date.

use examples::{Outcome, Target};
use examples_aws::reqwest_builder;
use reqwest::redirect::Policy;
use reqwest_middleware::{ClientBuilder, Middleware, Next, Result};
use sigv4_reqwest::SignMiddleware;

/// A minimal retry: sends a request once more after a server error.
struct Again;

#[async_trait::async_trait]
impl Middleware for Again {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> Result<reqwest::Response> {
        let copy = request.try_clone();
        let response = next.clone().run(request, extensions).await?;
        match copy {
            Some(copy) if response.status().is_server_error() => next.run(copy, extensions).await,
            _ => Ok(response),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let target = Target::from_args()?;
    let client = reqwest_builder().redirect(Policy::none()).build()?;
    let client = ClientBuilder::new(client)
        .with(Again)
        .with(SignMiddleware::new(target.signer.clone(), target.credentials.clone()))
        .build();
    let response = client.get(&target.url).send().await?;
    println!("GET {}: {}, verified by the server", target.url, response.status());
    if response.status().is_success() { Ok(()) } else { Err("the server refused".into()) }
}
