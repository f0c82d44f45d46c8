//! object_store without its own signer: its connector passes every request to a client of ours.
//!
//! Any `CredentialsProvider` can then supply the credentials. It is asked at each request.

use async_trait::async_trait;
use bytes::Bytes;
use examples::Outcome;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as TcpConnector;
use hyper_util::rt::TokioExecutor;
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStoreExt};
use sigv4_core::{Credentials, Region, Service, Signer};
use sigv4_hyper::{Sign, SignLayer};
use support::s3::{ACCESS_KEY, BUCKET, S3Server, SECRET_KEY};
use tower::{Layer, ServiceExt};

#[derive(Clone, Debug)]
struct Signed(Sign<Client<TcpConnector, Full<Bytes>>>);

#[async_trait]
impl HttpService for Signed {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let unknown = |error| HttpError::new_boxed(HttpErrorKind::Unknown, error);
        let response = self.0.clone().oneshot(request).await.map_err(unknown)?;
        Ok(response.map(|body| {
            HttpResponseBody::new(
                body.map_err(|error| HttpError::new(HttpErrorKind::Request, error)),
            )
        }))
    }
}

impl HttpConnector for Signed {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

const SIGNER: Signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let server = S3Server::start()?; // s3s, an independent server that verifies
    let client = Client::builder(TokioExecutor::new()).build_http();
    let signed = SignLayer::new(SIGNER, Credentials::new(ACCESS_KEY, SECRET_KEY)).layer(client);
    let store = AmazonS3Builder::new()
        .with_endpoint(server.endpoint())
        .with_allow_http(true)
        .with_bucket_name(BUCKET)
        .with_skip_signature(true)
        .with_http_connector(Signed(signed))
        .build()?;

    for key in ["plain.txt", "a b/ü+c.txt", "dir/100%=$&;,@:!*'()~.txt"] {
        let path = Path::from(key);
        store.put(&path, key.into()).await?;
        let read = store.get(&path).await?.bytes().await?;
        assert_eq!(read, key);
        println!("put and got {key}");
    }
    Ok(())
}
