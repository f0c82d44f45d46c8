//! An HTTP/2 server without TLS ("prior knowledge") that keeps each request and recomputes its signature.
//!
//! HTTP/2 has no `Host` header. `:authority` replaces it, also in the signature (RFC 9113, section
//! 8.3.1).

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::oneshot;

use crate::oracle::{BytePair, Checked, Oracle, Request};
pub use crate::reply::Reply;

/// A request as its frames arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// `:method`.
    pub method: String,
    /// `:authority`, or empty if there was none.
    pub authority: String,
    /// `:path`, query included.
    pub target: String,
    /// Names and values of the other headers. The order is kept only among equal names.
    pub headers: Vec<BytePair>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the body is complete.
    pub complete: bool,
}

impl Received {
    /// Recomputes the signature, the payload hash and the chunks' signatures.
    ///
    /// # Errors
    /// The first fault found, in words.
    pub fn check(&self, oracle: &Oracle) -> Result<Checked, String> {
        let (path, query) = Request::split_target(self.target.as_bytes());
        let mut request = Request {
            method: self.method.as_bytes().to_vec(),
            path,
            query,
            headers: self.headers.clone(),
            body: self.body.clone(),
        };
        if request.header("host").is_empty() {
            request.headers.push((b"host".to_vec(), self.authority.as_bytes().to_vec()));
        }
        oracle.check(&request)
    }
}

type Answer = dyn Fn(&Received) -> Reply + Send + Sync;

struct Shared {
    answer: Box<Answer>,
    received: Mutex<Vec<Received>>,
}

/// A running server. When it is dropped, it stops and its connections close.
pub struct H2Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for H2Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("H2Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl H2Server {
    /// Starts a server that responds as `answer` says. Can be called from synchronous or
    /// asynchronous code.
    ///
    /// # Errors
    /// No port or no runtime is available.
    pub fn start(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { answer: Box::new(answer), received: Mutex::default() });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let for_thread = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = serve(listener, for_thread) => {}
                }
            });
        });
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the address on which the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns `http://127.0.0.1:PORT`, without a final slash.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns every request so far. A request is listed before its response is sent.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().expect("no holder of this lock panics").clone()
    }
}

impl Drop for H2Server {
    fn drop(&mut self) {
        drop(self.stop.take()); // the receiver stops either way
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Accepts connections until it is dropped. They close with the runtime.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let listener =
        tokio::net::TcpListener::from_std(listener).expect("the listener is non-blocking");
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| {
            let shared = Arc::clone(&shared);
            async move { Ok::<_, Infallible>(handle(request, &shared).await) }
        });
        let http = http2::Builder::new(TokioExecutor::new());
        tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
    }
}

async fn handle(request: http::Request<Incoming>, shared: &Shared) -> http::Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await;
    let received = Received {
        method: head.method.to_string(),
        authority: head.uri.authority().map(ToString::to_string).unwrap_or_default(),
        target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec()))
            .collect(),
        complete: body.is_ok(),
        body: body.map(|body| body.to_bytes().to_vec()).unwrap_or_default(),
    };
    shared.received.lock().expect("no holder of this lock panics").push(received.clone());
    let reply = (shared.answer)(&received);
    let mut response = http::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response.body(Full::new(reply.body.into())).expect("the test's reply is valid HTTP")
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;
    use hyper::client::conn::http2;

    use super::*;
    use crate::oracle::{self, Rules};

    const TIMESTAMP: &str = "20150830T123600Z";
    const SCOPE: &str = "20150830/us-east-1/execute-api/aws4_request";

    #[test]
    fn authority_replaces_the_host_in_the_signature() {
        let server = H2Server::start(|_| Reply::new(201).header("x-a", "b").body("made")).unwrap();
        let host = server.address().to_string();
        let signature = signature(&host);
        let request = http::Request::post(format!("http://{host}/a?b=1"))
            .header("x-amz-date", TIMESTAMP)
            .header(
                "authorization",
                format!(
                    "AWS4-HMAC-SHA256 Credential=AK/{SCOPE}, SignedHeaders=host;x-amz-date, Signature={signature}"
                ),
            )
            .body(Full::new(Bytes::from("hello")))
            .unwrap();
        let response = send(server.address(), request);
        assert_eq!(
            (response.status().as_u16(), &response.headers()["x-a"]),
            (201, &"b".parse().unwrap())
        );

        let mut received = server.received().remove(0);
        assert_eq!(
            (received.authority.as_str(), received.target.as_str()),
            (host.as_str(), "/a?b=1")
        );
        let oracle = Oracle::new("us-east-1", "execute-api", Rules::DEFAULT, "AK", "secret");
        assert_eq!(received.check(&oracle).unwrap().signature, signature);
        received.authority = "other".into();
        assert!(received.check(&oracle).unwrap_err().starts_with("signature:"));
    }

    fn signature(host: &str) -> String {
        let payload = oracle::sha256_hex(b"hello");
        let canonical = format!(
            "POST\n/a\nb=1\nhost:{host}\nx-amz-date:{TIMESTAMP}\n\nhost;x-amz-date\n{payload}"
        );
        let key = oracle::signing_key("secret", "20150830", "us-east-1", "execute-api");
        oracle::signature(
            &key,
            oracle::string_to_sign(TIMESTAMP, SCOPE, canonical.as_bytes()).as_bytes(),
        )
    }

    fn send(address: SocketAddr, request: http::Request<Full<Bytes>>) -> http::Response<Incoming> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
            let (mut sender, connection) = handshake.await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        })
    }
}
