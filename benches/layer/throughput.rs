//! Empty GETs over one HTTP/1 connection on loopback, bare and guarded in turn.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::time::{Instant, SystemTime};

use benches::Effort;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use sigv4_core::verify::Verifier;
use sigv4_core::{PayloadHash, Signer};
use sigv4_hyper::{BoxError, VerifiedBody, VerifyLayer};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tower::{Layer as _, Service, service_fn};

use super::{REGION, credentials, drain};

const SERVICE: sigv4_core::Service = sigv4_core::Service::from_static("execute-api");

/// The smallest acceptable share of the bare handler's throughput.
const TARGET: f64 = 0.94;

/// Prints how many requests per second a handler serves, bare and behind the layer.
pub(crate) fn print(effort: Effort) {
    let times = if effort.rounds < 10 { 50 } else { 500 };
    let runtime = runtime();
    let layer = VerifyLayer::new(Verifier::new(REGION, SERVICE), credentials());
    let mut bare = runtime.block_on(connect(serve(service_fn(drain::<Incoming>))));
    let guarded = layer.layer(service_fn(drain::<VerifiedBody<Incoming>>));
    let mut guarded = runtime.block_on(connect(serve(guarded)));
    let request = signed_get();
    let mut rounds: Vec<[f64; 2]> = (0..effort.rounds)
        .map(|_| {
            [&mut bare, &mut guarded].map(|server| runtime.block_on(rate(server, &request, times)))
        })
        .collect();
    let middle = rounds.len() / 2;
    let (_, median, _) =
        rounds.select_nth_unstable_by(middle, |a, b| ratio(a).total_cmp(&ratio(b)));
    let ([bare, guarded], ratio) = (*median, ratio(median));
    let verdict = if ratio < TARGET { ": MISSED" } else { "" };
    println!(
        "Empty GETs over one loopback connection: {bare:.0}/s bare, {guarded:.0}/s guarded, \
         ratio {ratio:.2} (>= {TARGET:.2}{verdict})"
    );
}

fn ratio([bare, guarded]: &[f64; 2]) -> f64 {
    guarded / bare
}

/// Measures requests per second, sent one after the other.
async fn rate(server: &mut Client, request: &Request<Empty<Bytes>>, times: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        server.ready().await.unwrap();
        let response = server.send_request(request.clone()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body().collect().await.unwrap();
    }
    f64::from(times) / start.elapsed().as_secs_f64()
}

type Client = SendRequest<Empty<Bytes>>;

async fn connect(address: SocketAddr) -> Client {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (client, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Starts a server on its own thread and runtime, with one task for each connection.
fn serve<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let service = TowerToHyperService::new(service);
    std::thread::spawn(move || {
        runtime().block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service.clone()));
            }
        });
    });
    address
}

fn signed_get() -> Request<Empty<Bytes>> {
    let mut request =
        Request::get("/pets").header("host", "api.example.com").body(Empty::new()).unwrap();
    let now = SystemTime::now();
    let signer = Signer::new(REGION, SERVICE);
    signer.sign_hashed(&mut request, PayloadHash::EMPTY, &credentials(), now).unwrap();
    request
}
