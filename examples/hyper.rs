//! Uses hyper-util's client under a signing layer, with the embedded server or a URL of your own.
//!
//! `cargo run --example hyper --features https --
//! https://abc.execute-api.us-east-1.amazonaws.com/pets`

use bytes::Bytes;
use examples::{Outcome, Target, connector};
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sigv4_hyper::SignLayer;
use tower::{Layer as _, ServiceExt as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let target = Target::from_args()?;
    let client = Client::builder(TokioExecutor::new()).build(connector());
    let client = SignLayer::new(target.signer.clone(), target.credentials.clone()).layer(client);

    let requests = if target.is_embedded() {
        println!("s3s, an S3 server in this process, verifies what arrives at {}.", target.url);
        let url = format!("{}/hello%20world.txt", target.url);
        vec![(Request::put(&url), "hello"), (Request::get(&url), "")]
    } else {
        vec![(Request::get(&target.url), "")]
    };
    for (request, body) in requests {
        let request = request.body(Full::<Bytes>::from(body))?;
        let what = format!("{} {}", request.method(), request.uri());
        let response = client.clone().oneshot(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        println!("{what}: {status}\n{}", String::from_utf8_lossy(&body));
        if !status.is_success() {
            return Err(format!("the signature or the request was refused: {status}").into());
        }
    }
    Ok(())
}
