//! Signs one request and sends it to the embedded server or to a URL of your own.
//!
//! `cargo run --example sign --features https -- https://abc.execute-api.us-east-1.amazonaws.com/pets`

use std::time::SystemTime;

use examples::{Outcome, Target, send};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let target = Target::from_args()?;
    let mut request = http::Request::get(&target.url).body(String::new())?;
    target.signer.sign(&mut request, &target.credentials, SystemTime::now())?;
    println!("{} {}", request.method(), request.uri());
    let signed = request.headers()["authorization"].to_str()?.to_owned();
    println!("authorization: {signed}");

    let response = send(request.map(Into::into)).await?;
    println!("{}", response.status());
    println!("{}", String::from_utf8_lossy(response.body()));
    if response.status().is_success() { Ok(()) } else { Err("the server refused".into()) }
}
