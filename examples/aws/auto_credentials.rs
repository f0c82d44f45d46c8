//! Whatever credentials AWS tools would find on this machine: where they came from, when they are
//! refreshed, and that they sign. With none, an account of every place that was looked at.
//!
//! Nothing leaves the machine but what the source itself needs (STS, SSO): the signature is
//! verified by a server in this process that is given the same key.
//! `AWS_PROFILE=dev cargo run --example auto_credentials`

use std::process::ExitCode;
use std::time::SystemTime;

use examples::{Outcome, send};
use http::Request;
use http_body_util::Full;
use sigv4_credentials::{
    Credentials, CredentialsProvider, DefaultProvider, Region, Service, Signer,
};
use support::s3::{BUCKET, S3Server};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<ExitCode> {
    let provider = DefaultProvider::new(); // nothing has been read yet
    let credentials = match provider.credentials().await {
        Ok(credentials) => credentials,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    tell(&provider);
    let signer = signer(&provider).await?;
    verify(&signer, &credentials).await
}

/// Where they came from, and when they change.
fn tell(provider: &DefaultProvider) {
    let Some(held) = provider.held() else { return };
    println!("{held}.");
    match held.expires_at.and_then(|end| end.duration_since(SystemTime::now()).ok()) {
        Some(left) => println!("They last for another {} min.", left.as_secs() / 60),
        None => println!(
            "They are long-term: loaded again when a service refuses them or their file changes."
        ),
    }
}

/// A signer for the region that AWS tools would use here. The server in this process serves any.
async fn signer(provider: &DefaultProvider) -> Outcome<Signer> {
    let service = Service::from_static("s3");
    match provider.signer(service.clone()).await {
        Ok(signer) => {
            println!("The default region is {}.", signer.region());
            Ok(signer)
        }
        Err(error) => {
            println!("{error}. The server in this process takes us-east-1.");
            Ok(Signer::new(Region::from_static("us-east-1"), service))
        }
    }
}

/// Signs an upload for an S3 server (s3s, not ours) that knows the key.
async fn verify(signer: &Signer, credentials: &Credentials) -> Outcome<ExitCode> {
    let server = S3Server::start_for(credentials.access_key_id(), credentials.secret_access_key())?;
    let url = format!("{}/{BUCKET}/hello.txt", server.endpoint());
    let mut request = Request::put(url).body("hello")?;
    signer.sign(&mut request, credentials, SystemTime::now())?;
    let status = send(request.map(Full::from)).await?.status();
    if status.is_success() {
        println!("A request signed with them was verified by an S3 server in this process.");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("The S3 server in this process refused the signature: {status}.");
    Ok(ExitCode::FAILURE)
}
