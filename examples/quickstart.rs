//! The main use: signs requests, has them verified by an independent server, and shows a refusal.
//!
//! Without arguments, everything happens on loopback. With a URL, and credentials in
//! `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, that URL is signed and fetched instead:
//! `cargo run --example quickstart --features https -- https://abc.execute-api.us-east-1.amazonaws.com/pets`

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use examples::{Outcome, Target, connector, reqwest_builder, send};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sigv4_hyper::SignLayer;
use sigv4_reqwest::SigningClient;
use sigv4_ureq::{Payload, SigningAgent};
use tower::{Layer as _, ServiceExt as _};

/// Keys with characters that are easily signed wrongly, as written in a URL.
const AWKWARD_KEYS: [&str; 6] =
    ["a%20b", "a+b", "caf%C3%A9", "a//b", "$&,:;=@", "dots/./and/../more"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<ExitCode> {
    let target = Target::from_args()?;
    if !target.is_embedded() {
        return fetch(&target).await;
    }
    println!("An S3 server (s3s) runs in this process at {} and verifies.\n", target.url);
    let mut table = Table::default();
    table.row("PUT an object", signed(&target, Method::PUT, "/hello.txt", "hello").await?);
    table.row("GET it", signed(&target, Method::GET, "/hello.txt", "").await?);
    table.row("list the bucket", signed(&target, Method::GET, "?list-type=2&prefix=h", "").await?);
    for key in AWKWARD_KEYS {
        let path = format!("/{key}");
        table.row(&format!("PUT the key {key}"), signed(&target, Method::PUT, &path, "x").await?);
    }
    table.row("reqwest: PUT, GET", reqwest(&target).await?);
    table.row("hyper, under a tower layer: PUT", hyper(&target).await?);
    table.row("ureq: PUT", ureq(&target)?);
    table.row("GET a presigned URL", presigned(&target).await?);
    table.row_refused("PUT with another body than signed", tampered(&target).await?);
    Ok(table.finish())
}

async fn signed(
    target: &Target,
    method: Method,
    at: &str,
    body: &'static str,
) -> Outcome<StatusCode> {
    let url = format!("{}{at}", target.url);
    let mut request = Request::builder().method(method).uri(url).body(body)?;
    target.signer.sign(&mut request, &target.credentials, SystemTime::now())?;
    Ok(send(request.map(Full::from)).await?.status())
}

async fn reqwest(target: &Target) -> Outcome<StatusCode> {
    let (signer, credentials) = (target.signer.clone(), target.credentials.clone());
    let client = SigningClient::builder(reqwest_builder(), signer, credentials).build()?;
    let url = format!("{}/reqwest.txt", target.url);
    client.put(&url).body("hello").send().await?.error_for_status()?;
    Ok(client.get(&url).send().await?.status())
}

async fn hyper(target: &Target) -> Outcome<StatusCode> {
    let client = Client::builder(TokioExecutor::new()).build(connector());
    let client = SignLayer::new(target.signer.clone(), target.credentials.clone()).layer(client);
    let request =
        Request::put(format!("{}/hyper.txt", target.url)).body(Full::<Bytes>::from("x"))?;
    Ok(client.oneshot(request).await?.status())
}

fn ureq(target: &Target) -> Outcome<StatusCode> {
    let agent = SigningAgent::new(ureq::agent(), target.signer.clone(), target.credentials.clone());
    let request = Request::put(format!("{}/ureq.txt", target.url)).body(Payload::from("hello"))?;
    Ok(agent.run(request)?.status())
}

async fn presigned(target: &Target) -> Outcome<StatusCode> {
    let request = Request::get(format!("{}/hello.txt", target.url)).body(())?;
    let minute = Duration::from_secs(60);
    let now = SystemTime::now();
    let presigned = target.signer.presign(&request, minute, &target.credentials, now)?;
    Ok(send(presigned.into_request(Full::default())?).await?.status())
}

async fn tampered(target: &Target) -> Outcome<StatusCode> {
    let mut request = Request::put(format!("{}/hello.txt", target.url)).body("hello")?;
    target.signer.sign(&mut request, &target.credentials, SystemTime::now())?;
    Ok(send(request.map(|_| Full::from("HELLO"))).await?.status())
}

/// Signs and fetches the user's URL.
async fn fetch(target: &Target) -> Outcome<ExitCode> {
    let mut request = Request::get(&target.url).body(Bytes::new())?;
    target.signer.sign(&mut request, &target.credentials, SystemTime::now())?;
    let response = send(request.map(Full::from)).await?;
    println!("{} {}", response.status(), target.url);
    println!("{}", String::from_utf8_lossy(response.body()));
    Ok(if response.status().is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints a row for each request, and remembers whether all had the expected result.
#[derive(Default)]
struct Table {
    wrong: usize,
}

impl Table {
    fn row(&mut self, what: &str, status: StatusCode) {
        self.print(what, status, if status.is_success() { "verified" } else { "REFUSED" });
        self.wrong += usize::from(!status.is_success());
    }

    fn row_refused(&mut self, what: &str, status: StatusCode) {
        self.print(what, status, if status.is_success() { "ACCEPTED" } else { "refused, rightly" });
        self.wrong += usize::from(status.is_success());
    }

    fn print(&self, what: &str, status: StatusCode, verdict: &str) {
        println!("  {what:<36} {:<4} {verdict}", status.as_u16());
    }

    fn finish(self) -> ExitCode {
        println!(
            "\n{}",
            if self.wrong == 0 {
                "All requests had the expected result."
            } else {
                "Not all requests had the expected result."
            }
        );
        if self.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
