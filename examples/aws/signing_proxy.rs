//! A proxy on loopback that signs for programs that cannot: curl, a dashboard, an old client.
//!
//! `cargo run --example signing_proxy -- https://search-logs-abc.us-west-2.es.amazonaws.com --port 9200`
//! signs with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` until it is interrupted. Without
//! arguments it stands before a service in this process, sends requests through itself, and ends.

use bytes::Bytes;
use examples::verifying::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};
use examples::{Outcome, Target, send};
use examples_aws::{proxy::Proxy, search};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use sigv4_core::{Credentials, Region, Service, Signer};

const SIGNER: Signer = Signer::new(Region::from_static(REGION), Service::from_static("es"));

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    if std::env::args().len() > 1 {
        return serve().await;
    }
    let upstream = search::start()?;
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN);
    let url = upstream.server().endpoint().parse()?;
    let proxy = Proxy::bind(0, &url, SIGNER, credentials).await?;
    let endpoint = proxy.endpoint();
    println!("The proxy at {endpoint} signs for the service at {url}.\n");
    let serving = tokio::spawn(proxy.serve());

    let document = r#"{"title":"Moby Dick"}"#;
    for (method, target, body, expected) in [
        (Method::GET, "/", "", StatusCode::OK),
        (Method::PUT, "/books/_doc/a%20b", document, StatusCode::CREATED),
        (Method::POST, "/_bulk?refresh=true", "{\"index\":{}}\n{}\n", StatusCode::OK),
        (Method::GET, "/books/_search?q=moby+dick&size=10", "", StatusCode::OK),
    ] {
        let request = Request::builder().method(&method).uri(format!("{endpoint}{target}"));
        // None of these is the upstream's business, and none may get into the signature.
        let request = request.header("connection", "x-mine").header("x-mine", "1").header("te", "");
        let response = send(request.body(Full::from(Bytes::from(body)))?).await?;
        println!("{method:<5} {target:<36} {}", response.status());
        assert_eq!(response.status(), expected, "{:?}", response.body());
    }
    let sent = upstream.server().received();
    assert!(sent.iter().all(|request| request.header("x-mine").is_empty()));

    let page = Request::get(&endpoint).header("origin", "https://example.com");
    let status = send(page.body(Full::default())?).await?.status();
    assert_eq!(status, StatusCode::FORBIDDEN);
    println!("a web page that asks, of any site{:<8}{status}\n", "");
    serving.abort();
    upstream.expect(4)
}

async fn serve() -> Outcome {
    let Target { url, signer, credentials, port, .. } = Target::from_args()?;
    let proxy = Proxy::bind(port, &url.parse()?, signer, credentials).await?;
    println!("Signing for {url} at {}; end it with Ctrl-C.", proxy.endpoint());
    match proxy.serve().await? {}
}
