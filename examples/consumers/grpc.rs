//! gRPC with tonic: a layer below the generated client signs each call.
//!
//! The service here is VPC Lattice's, which takes gRPC with unsigned payloads.

use examples::Outcome;
use examples::verifying::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN, judge};
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
use sigv4_hyper::SignHeadLayer;
use support::h2::{H2Server, Received, Reply};
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tower::Layer;

const SIGNER: Signer =
    Signer::new(Region::from_static(REGION), Service::from_static("vpc-lattice-svcs"));

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let judge = judge("vpc-lattice-svcs");
    let server = H2Server::start(move |received| match received.check(&judge) {
        Ok(_) => serving(received),
        Err(reason) => refused(&reason),
    })?;

    let endpoint = Endpoint::from_shared(server.endpoint())?;
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN);
    let layer = SignHeadLayer::new(SIGNER, credentials).with_payload(PayloadHash::Unsigned);
    // The origin tells the layer which host to sign for; without one it sees a path alone.
    let channel = layer.layer(endpoint.connect().await?);
    let mut client = HealthClient::with_origin(channel, endpoint.uri().clone());

    for service in ["", "orders.Orders"] {
        let request = HealthCheckRequest { service: service.into() };
        let answer = client.check(request).await?.into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving);
        println!("{service:?} is {}", answer.status().as_str_name());
    }
    println!("The server verified {} calls.", server.received().len());
    Ok(())
}

/// A gRPC message: not compressed, two bytes long, with field 1 (the status) at 1.
fn serving(received: &Received) -> Reply {
    assert_eq!(received.target, "/grpc.health.v1.Health/Check");
    let reply = Reply::new(200).header("content-type", "application/grpc");
    reply.header("grpc-status", "0").body([0, 0, 0, 0, 2, 8, 1])
}

fn refused(reason: &str) -> Reply {
    println!("refused: {reason}");
    let reply = Reply::new(200).header("content-type", "application/grpc");
    reply.header("grpc-status", "16").header("grpc-message", "the signature is not right")
}
