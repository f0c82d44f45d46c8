//! gRPC with tonic, signed and verified: a layer below the generated client signs each call, and a
//! layer above the generated server accepts only signed calls.
//!
//! The service signs as VPC Lattice does, which accepts gRPC with unsigned payloads.

use examples::Outcome;
use examples::verifying::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};
use sigv4_core::verify::Verifier;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
use sigv4_hyper::{SignHeadLayer, VerifyLayer};
use tokio::net::TcpListener;
use tonic::Code;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Server};
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::Layer;

const REGION_OF_ALL: Region = Region::from_static(REGION);
const SERVICE: Service = Service::from_static("vpc-lattice-svcs");
const SIGNER: Signer = Signer::new(REGION_OF_ALL, SERVICE);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN);
    let endpoint = start(credentials.clone()).await?;

    let layer = SignHeadLayer::new(SIGNER, credentials).with_payload(PayloadHash::Unsigned);
    // The origin tells the layer which host to sign for. Without it, the layer sees only a path.
    let channel = layer.layer(endpoint.connect().await?);
    let mut client = HealthClient::with_origin(channel, endpoint.uri().clone());
    for service in ["", "orders.Orders"] {
        let answer = client.check(named(service)).await?.into_inner();
        println!("signed: {service:?} is {}", answer.status().as_str_name());
    }

    let mut unsigned = HealthClient::new(endpoint.connect().await?);
    match unsigned.check(named("")).await {
        Ok(answer) => Err(format!("let in without a signature: {answer:?}").into()),
        Err(status) if status.code() == Code::Unauthenticated => {
            println!("unsigned: {status}");
            Ok(())
        }
        Err(status) => Err(status.into()),
    }
}

/// Starts a tonic server on loopback that only holders of `credentials` can call.
async fn start(credentials: Credentials) -> Outcome<Endpoint> {
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_service_status("orders.Orders", ServingStatus::Serving).await;
    let layer = VerifyLayer::new(Verifier::new(REGION_OF_ALL, SERVICE), credentials);

    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let server = Server::builder().layer(layer).add_service(health);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    Ok(Endpoint::from_shared(format!("http://{address}"))?)
}

fn named(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.into() }
}
