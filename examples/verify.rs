//! A service that accepts only signed requests: hyper under `VerifyLayer`, called by curl and by
//! this program.
//!
//! `cargo run --example verify` ends by itself. `cargo run --example verify -- serve` keeps
//! running, for the curl command that it prints.

use std::convert::Infallible;
use std::process::Command;
use std::time::SystemTime;

use bytes::Bytes;
use examples::{Outcome, send};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use sigv4_core::verify::{Verified, Verifier};
use sigv4_core::{Credentials, Region, Service, Signer};
use sigv4_hyper::{BoxError, VerifiedBody, VerifyLayer};
use tokio::net::TcpListener;
use tower::{Layer as _, service_fn};

const REGION: Region = Region::from_static("us-east-1");
const SERVICE: Service = Service::from_static("execute-api");
const SIGNER: Signer = Signer::new(REGION, SERVICE);
const KEY: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

/// The service itself. It receives only verified requests.
async fn greet(
    request: Request<VerifiedBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, BoxError> {
    let caller = request.extensions().get::<Verified>().map(|by| by.access_key_id().to_owned());
    let body = request.into_body().collect().await?.to_bytes();
    let answer = format!("hello {}, {} bytes\n", caller.unwrap_or_default(), body.len());
    Ok(Response::new(Full::from(answer)))
}

async fn serve(listener: TcpListener) -> Result<Infallible, std::io::Error> {
    let keys = Credentials::new(KEY.0, KEY.1);
    let guarded = VerifyLayer::new(Verifier::new(REGION, SERVICE), keys).layer(service_fn(greet));
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(guarded.clone());
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("connection: {error}");
            }
        });
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/pets?name=Rex%20II", listener.local_addr()?);
    let server = tokio::spawn(serve(listener));
    let curl =
        ["--aws-sigv4", "aws:amz:us-east-1:execute-api", "--user", &format!("{}:{}", KEY.0, KEY.1)]
            .map(str::to_owned);
    println!("curl {} '{url}'\n", curl.join(" "));
    if std::env::args().nth(1).as_deref() == Some("serve") {
        server.await??;
    }

    let mut right = Request::post(&url).body("wags")?;
    SIGNER.sign(&mut right, &Credentials::new(KEY.0, KEY.1), SystemTime::now())?;
    let tampered = right.clone().map(|_| "bites");
    expect("our client", 200, &send(right.map(Full::from)).await?)?;
    expect("with another body than signed", 403, &send(tampered.map(Full::from)).await?)?;
    expect("unsigned", 403, &send(Request::get(&url).body(Full::default())?).await?)?;
    match Command::new("curl")
        .args(["--silent", "--show-error", "--fail"])
        .args(&curl)
        .arg(&url)
        .output()
    {
        Ok(done) if done.status.success() => {
            print!("curl: {}", String::from_utf8_lossy(&done.stdout));
        }
        Ok(done) => return Err(String::from_utf8_lossy(&done.stderr).into()),
        Err(error) => println!("curl: not run here ({error})"),
    }
    Ok(())
}

fn expect(who: &str, status: u16, response: &Response<Bytes>) -> Outcome {
    println!(
        "{who}: {} {}",
        response.status().as_u16(),
        String::from_utf8_lossy(response.body()).trim()
    );
    if response.status() == status { Ok(()) } else { Err(format!("expected {status}").into()) }
}
