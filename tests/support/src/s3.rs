//! An S3 server in this process: s3s verifies the signatures, and a map in memory holds the
//! objects.
//!
//! s3s is independent of this project. It checks header and presigned signatures, payload hashes,
//! `aws-chunked` streams and the clock. It does not look at session tokens.
//!
//! Keys are kept as s3s decoded them from the path: `//`, `.` and `..` are part of the key. An
//! escaped slash is treated as a slash, in both the key and the canonical path.

mod store;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::sync::oneshot;

use self::store::Store;
pub use self::store::{Kept, StoredObject};

/// The access key id of every embedded server.
pub const ACCESS_KEY: &str = "AKIDEMBEDDEDSERVER";
/// Its secret access key.
pub const SECRET_KEY: &str = "embedded/server+secret/key/EXAMPLE";
/// A bucket that exists from the start.
pub const BUCKET: &str = "bucket";

/// A running server, which stops when dropped.
#[derive(Debug)]
pub struct S3Server {
    address: SocketAddr,
    store: Arc<Store>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl S3Server {
    /// Starts a server that keeps whole objects. Can be called from synchronous or asynchronous
    /// code.
    ///
    /// # Errors
    /// No port or no thread is available.
    pub fn start() -> io::Result<Self> {
        Self::start_keeping(Kept::Content)
    }

    /// Starts a server that keeps the part of each object that `kept` names.
    ///
    /// # Errors
    /// No port or no thread is available.
    pub fn start_keeping(kept: Kept) -> io::Result<Self> {
        Self::launch(kept, SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY))
    }

    /// Starts a server that knows these credentials instead of its own.
    ///
    /// # Errors
    /// No port or no thread is available.
    pub fn start_for(access_key: &str, secret_key: &str) -> io::Result<Self> {
        Self::launch(Kept::Content, SimpleAuth::from_single(access_key, secret_key))
    }

    fn launch(kept: Kept, auth: SimpleAuth) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let store = Arc::new(Store::new(kept, BUCKET));
        let mut builder = S3ServiceBuilder::new(store::Handler(Arc::clone(&store)));
        builder.set_auth(auth);
        let service = builder.build();
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new().name("s3s".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = serve(listener, service) => {}
                }
            });
        })?;
        Ok(Self { address, store, stop: Some(stop), thread: Some(thread) })
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

    /// Returns the object under a key, or `None` if there is none.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<StoredObject> {
        self.store.object(bucket, key)
    }

    /// Returns the keys of a bucket, sorted.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.store.keys(bucket)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        drop(self.stop.take()); // the receiver stops either way
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Accepts connections until it is dropped. They close with the runtime.
async fn serve(listener: TcpListener, service: S3Service) {
    let listener =
        tokio::net::TcpListener::from_std(listener).expect("the listener is non-blocking");
    let http = auto::Builder::new(TokioExecutor::new());
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let connection = http.serve_connection(TokioIo::new(stream), service.clone()).into_owned();
        tokio::spawn(connection);
    }
}

#[cfg(test)]
mod tests;
