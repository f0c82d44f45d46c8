//! Presigns a URL that anyone may fetch for fifteen minutes, and fetches it without credentials.
//!
//! `cargo run --example presign --features https -- https://bucket.s3.us-east-1.amazonaws.com/cat.jpg`

use std::time::{Duration, SystemTime};

use examples::{Outcome, Target, send};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let Target { url, signer, credentials, .. } = &Target::from_args()?;
    let request = http::Request::get(url).body(())?;
    let quarter = Duration::from_secs(15 * 60);
    let presigned = signer.presign(&request, quarter, credentials, SystemTime::now())?;
    println!("{}", presigned.as_str());

    let response = send(presigned.into_request("".into())?).await?;
    println!("{}", response.status());
    if response.status().is_success() { Ok(()) } else { Err("the server refused".into()) }
}
