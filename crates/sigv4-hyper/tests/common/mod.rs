//! A hyper-util client that connects where a test says, and what the tests of this crate share.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail here")]

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Body;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sigv4_core::{Credentials, Region, Service, Signer};
use sigv4_hyper::BoxError;
use support::oracle::{Oracle, Rules};
use support::wire::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};
use tokio::net::TcpStream;

pub(crate) fn signer(service: &str) -> Signer {
    Signer::new(Region::new(REGION).unwrap(), Service::new(service).unwrap())
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN)
}

pub(crate) fn oracle(service: &str) -> Oracle {
    let rules = if service == "s3" { Rules::S3 } else { Rules::DEFAULT };
    Oracle::new(REGION, service, rules, ACCESS_KEY, SECRET_KEY).with_token(TOKEN)
}

/// Connects to one address, whatever host the URI names.
#[derive(Clone, Debug)]
pub(crate) struct To(pub(crate) SocketAddr);

impl tower_service::Service<http::Uri> for To {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<TcpStream>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Uri) -> Self::Future {
        let address = self.0;
        Box::pin(async move { TcpStream::connect(address).await.map(TokioIo::new) })
    }
}

pub(crate) fn http1<B>(address: SocketAddr) -> Client<To, B>
where
    B: Body<Data: Send> + Send,
{
    Client::builder(TokioExecutor::new()).build(To(address))
}

pub(crate) fn http2<B>(address: SocketAddr) -> Client<To, B>
where
    B: Body<Data: Send> + Send,
{
    Client::builder(TokioExecutor::new()).http2_only(true).build(To(address))
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// An error and all its sources.
pub(crate) fn text(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Our error, where a service failed with one.
pub(crate) fn ours(error: BoxError) -> sigv4_hyper::CallError {
    *error.downcast().expect("an error of sigv4_hyper")
}

/// A body that comes in these pieces.
pub(crate) fn pieces<const N: usize>(
    pieces: [&'static str; N],
) -> impl Body<Data = Bytes, Error = io::Error> + Send + Unpin + 'static {
    let frames = pieces.map(|piece| Ok(http_body::Frame::data(Bytes::from(piece))));
    http_body_util::StreamBody::new(futures_util::stream::iter(frames))
}
