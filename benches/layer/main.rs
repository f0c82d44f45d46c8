//! A server behind `VerifyLayer`: what slow uploads hold in memory, and what it costs a small request.
//!
//! `cargo bench -p benches --bench layer`; with `-- --quick` in its short form.
#![allow(clippy::unwrap_used, reason = "a bench that cannot do its work must stop")]

mod throughput;
mod uploads;

use std::convert::Infallible;

use benches::Effort;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt as _, Empty};
use sigv4_core::verify::Verifier;
use sigv4_core::{Credentials, Region, Service, Signer};
use sigv4_hyper::{BoxError, VerifyLayer};

const REGION: Region = Region::from_static("us-east-1");
const S3: Service = Service::from_static("s3");
const SIGNER: Signer = Signer::new(REGION, S3);

fn main() {
    let effort = Effort::from_arguments();
    throughput::print(effort);
    uploads::print(effort);
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn layer() -> VerifyLayer<Credentials> {
    VerifyLayer::new(Verifier::new(REGION, S3), credentials())
}

/// Reads a body to its end, keeping none of it, and answers with nothing: 200, or 400 where the
/// body is not what was signed.
async fn drain<B>(request: Request<B>) -> Result<Response<Empty<Bytes>>, Infallible>
where
    B: Body<Error: Into<BoxError>>,
{
    let mut body = std::pin::pin!(request.into_body());
    let mut response = Response::new(Empty::new());
    while let Some(frame) = body.frame().await {
        if frame.is_err() {
            *response.status_mut() = http::StatusCode::BAD_REQUEST;
        }
    }
    Ok(response)
}

/// A request's head as it goes over a connection of HTTP/1.
fn head_on_the_wire<B>(request: &Request<B>) -> Vec<u8> {
    let mut wire = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri()).into_bytes();
    for (name, value) in request.headers() {
        wire.extend_from_slice(name.as_str().as_bytes());
        wire.extend_from_slice(b": ");
        wire.extend_from_slice(value.as_bytes());
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b"\r\n");
    wire
}
