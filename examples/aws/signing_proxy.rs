//! A proxy on loopback that signs for programs that cannot: curl, a dashboard, an old client.
//! `-- https://search-logs-abc.us-west-2.es.amazonaws.com --port 9200` signs with `AWS_ACCESS_KEY_ID`
//! and `AWS_SECRET_ACCESS_KEY` until it is interrupted; without arguments it shows itself and ends.
use examples::verifying::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};
use examples::{Outcome, Target, send};
use examples_aws::{connector, search};
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use sigv4_hyper::{Credentials, Region, Service, SignLayer, Signer, SigningProxy};
use tower::Layer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let client = Client::builder(TokioExecutor::new()).build(connector());
    if std::env::args().len() > 1 {
        let Target { url, signer, credentials, port, .. } = Target::from_args()?;
        let signed = SignLayer::new(signer, credentials).layer(client);
        let proxy = SigningProxy::bind(port, &url.parse()?, signed).await?;
        println!("Signing for {url} at {}, until Ctrl-C", proxy.endpoint());
        match proxy.serve().await {}
    }
    let upstream = search::start()?; // it verifies what it gets
    let signer = Signer::new(Region::from_static(REGION), Service::from_static("es"));
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN);
    let signed = SignLayer::new(signer, credentials).layer(client);
    let proxy = SigningProxy::bind(0, &upstream.server().endpoint().parse()?, signed).await?;
    let endpoint = proxy.endpoint();
    tokio::spawn(proxy.serve());
    for target in ["/books/_doc?title=moby+dick", "/books/_search"] {
        let request = http::Request::post(format!("{endpoint}{target}")).header("te", "trailers");
        let response = send(request.body(Full::from("{\"title\":\"Moby Dick\"}"))?).await?;
        println!("{} {target} {:?}", response.status(), response.body());
    }
    let page = http::Request::get(&endpoint).header("origin", "https://example.com");
    assert_eq!(send(page.body(Full::default())?).await?.status(), 403);
    upstream.expect(2)
}
