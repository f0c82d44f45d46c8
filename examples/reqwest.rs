//! Uses a signing reqwest client, with the embedded server or a URL of your own.
//!
//! `cargo run --example reqwest --features https -- https://abc.execute-api.us-east-1.amazonaws.com/pets`

use examples::{Outcome, Target, reqwest_builder};
use sigv4_reqwest::{Redirects, SigningClient};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let target = Target::from_args()?;
    let (signer, credentials) = (target.signer.clone(), target.credentials.clone());
    let client = SigningClient::builder(reqwest_builder(), signer, credentials)
        .redirects(Redirects::SameOrigin)
        .build()?;
    if !target.is_embedded() {
        let response = client.get(&target.url).send().await?;
        println!("{} from {}\n{}", response.status(), target.url, response.text().await?);
        return Ok(());
    }
    let url = format!("{}/caf%C3%A9+cr%C3%A8me.txt", target.url);
    let put = client.put(&url).header("content-type", "text/plain").body("hello").send().await?;
    println!("PUT {url}: {}, verified by s3s", put.status());
    let got = client.get(&url).send().await?.error_for_status()?.text().await?;
    println!("GET {url}: {got}");
    if got == "hello" { Ok(()) } else { Err("another text came back".into()) }
}
