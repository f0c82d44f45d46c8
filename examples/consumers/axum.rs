//! An axum service that accepts only signed requests and knows the caller.

use std::time::SystemTime;

use axum::extract::Extension;
use axum::{Router, routing::post};
use bytes::Bytes;
use examples::{Outcome, send};
use http::{Request, StatusCode};
use http_body_util::Full;
use sigv4_core::verify::{Verified, Verifier};
use sigv4_core::{Credentials, Region, Service, Signer};
use sigv4_hyper::VerifyLayer;
use tokio::net::TcpListener;

const REGION: Region = Region::from_static("us-east-1");
const SERVICE: Service = Service::from_static("execute-api");
const SIGNER: Signer = Signer::new(REGION, SERVICE);

async fn add_pet(Extension(caller): Extension<Verified>, pet: String) -> String {
    format!("{} added {pet}", caller.access_key_id())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let layer = VerifyLayer::new(Verifier::new(REGION, SERVICE), credentials.clone());
    let app = Router::new().route("/pets", post(add_pet)).layer(layer);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/pets", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let mut signed = Request::post(&url).body("Rex")?;
    SIGNER.sign(&mut signed, &credentials, SystemTime::now())?;
    let tampered = signed.clone().map(|_| "Wolf");
    for (what, request, expected) in [
        ("signed", signed, StatusCode::OK),
        ("with another body than signed", tampered, StatusCode::FORBIDDEN),
        ("unsigned", Request::post(&url).body("Wolf")?, StatusCode::FORBIDDEN),
    ] {
        let answer = send(request.map(|body| Full::from(Bytes::from(body)))).await?;
        println!("{what}: {} {}", answer.status(), String::from_utf8_lossy(answer.body()));
        if answer.status() != expected {
            return Err(format!("expected {expected}").into());
        }
    }
    Ok(())
}
