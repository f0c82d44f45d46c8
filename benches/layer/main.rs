//! A server behind `VerifyLayer`: the memory that slow uploads hold, and the cost of verifying a
//! small request.
//!
//! Run it with `cargo bench -p benches --bench layer`. Add `-- --quick` for the short form.
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

/// Reads a body to its end and discards it. Responds without a body: 200, or 400 if the body is not
/// the signed one.
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

/// Writes a request's head as sent over an HTTP/1 connection.
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
