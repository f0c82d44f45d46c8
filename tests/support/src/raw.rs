//! An HTTP/1.1 server on a plain socket. No library changes the bytes between client and test.
//!
//! Every request is kept as received. The test decides what is returned and where a connection
//! breaks:
//!
//! ```text
//! accepted -> OnAccept: read, or reset
//! head     -> OnHead:   read the body, reply without it, or reset within it
//! request  -> Answer:   a reply, verbatim bytes, or a reset, before or after some bytes
//! ```

mod http1;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;

use self::http1::Reader;
use crate::oracle::{BytePair, Checked, Oracle, Request};
pub use crate::reply::Reply;

/// A request as its bytes arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The number of the connection, counted from 0.
    pub connection: usize,
    /// Request line and headers, including the empty line that ends them.
    pub raw_head: Vec<u8>,
    /// The method.
    pub method: Vec<u8>,
    /// The request target.
    pub target: Vec<u8>,
    /// Names as sent, and values without the white space around them.
    pub headers: Vec<BytePair>,
    /// The body, without the chunked transfer coding.
    pub body: Vec<u8>,
    /// The trailers of the chunked transfer coding.
    pub trailers: Vec<BytePair>,
    /// Whether the body is complete.
    pub complete: bool,
}

impl Received {
    /// Returns the values of a header, in order, as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Vec<String> {
        let values = self.as_request().header(name);
        values.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect()
    }

    /// Converts the request for the slow implementation.
    #[must_use]
    pub fn as_request(&self) -> Request {
        let (path, query) = Request::split_target(&self.target);
        let (method, headers) = (self.method.clone(), self.headers.clone());
        Request { method, path, query, headers, body: self.body.clone() }
    }

    /// Recomputes the signature, the payload hash and the chunks' signatures.
    ///
    /// # Errors
    /// The first fault found, in words.
    pub fn check(&self, oracle: &Oracle) -> Result<Checked, String> {
        oracle.check(&self.as_request())
    }
}

/// What to do with a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnAccept {
    /// Read requests from it.
    Read,
    /// Reset it before a byte is read.
    Reset,
}

/// What to do when a head has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnHead {
    /// Read the body. A client that expects `100 Continue` receives it.
    ReadBody,
    /// Reply at once and close, without reading the body.
    Reply(Reply),
    /// Read this many bytes of the body, then reset the connection.
    ResetAfter(usize),
}

/// What to do when a request has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Reply, and keep the connection unless the request asks to close it.
    Reply(Reply),
    /// Reply and close.
    ReplyAndClose(Reply),
    /// Send these bytes and close.
    Bytes(Vec<u8>),
    /// Send these bytes, perhaps none, then reset.
    Reset(Vec<u8>),
}

type AcceptScript = dyn Fn(usize) -> OnAccept + Send + Sync;
type HeadScript = dyn Fn(&Received) -> OnHead + Send + Sync;
type AnswerScript = dyn Fn(&Received) -> Answer + Send + Sync;

/// The three decisions of a server.
pub struct Script {
    accept: Box<AcceptScript>,
    head: Box<HeadScript>,
    answer: Box<AnswerScript>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Script").finish_non_exhaustive()
    }
}

impl Script {
    /// Reads everything and replies as `answer` says.
    #[must_use]
    pub fn answering(answer: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            accept: Box::new(|_| OnAccept::Read),
            head: Box::new(|_| OnHead::ReadBody),
            answer: Box::new(answer),
        }
    }

    /// Decides on each connection, counted from 0.
    #[must_use]
    pub fn on_accept(mut self, accept: impl Fn(usize) -> OnAccept + Send + Sync + 'static) -> Self {
        self.accept = Box::new(accept);
        self
    }

    /// Decides on each head.
    #[must_use]
    pub fn on_head(mut self, head: impl Fn(&Received) -> OnHead + Send + Sync + 'static) -> Self {
        self.head = Box::new(head);
        self
    }
}

/// A running server. When it is dropped, it stops and its connections close.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl RawServer {
    /// Starts a server that replies to each request as `answer` says.
    ///
    /// # Errors
    /// No port is available.
    pub fn start(answer: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> io::Result<Self> {
        Self::start_script(Script::answering(answer))
    }

    /// Starts a server that follows a script.
    ///
    /// # Errors
    /// No port is available.
    pub fn start_script(script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { script, ..Shared::default() });
        let for_thread = Arc::clone(&shared);
        let thread = thread::spawn(move || accept_all(&listener, &for_thread));
        Ok(Self { address, shared, thread: Some(thread) })
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

    /// Returns every request so far, including incomplete ones. A request is listed before its
    /// response is sent.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        lock(&self.shared.received).clone()
    }

    /// Returns the last request, or `None` before the first.
    #[must_use]
    pub fn last(&self) -> Option<Received> {
        lock(&self.shared.received).last().cloned()
    }

    /// Returns the errors of input that was not HTTP, in words.
    #[must_use]
    pub fn malformed(&self) -> Vec<String> {
        lock(&self.shared.malformed).clone()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1)); // wakes `accept`
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Debug)]
struct Shared {
    script: Script,
    received: Mutex<Vec<Received>>,
    malformed: Mutex<Vec<String>>,
    /// The open connections, so that stopping can close them.
    open: Mutex<BTreeMap<usize, TcpStream>>,
    stopping: AtomicBool,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            script: Script::answering(|_| Answer::Reply(Reply::new(200))),
            received: Mutex::default(),
            malformed: Mutex::default(),
            open: Mutex::default(),
            stopping: AtomicBool::new(false),
        }
    }
}

fn accept_all(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads = Vec::new();
    for (number, stream) in listener.incoming().enumerate() {
        if shared.stopping.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { continue };
        if let Ok(clone) = stream.try_clone() {
            lock(&shared.open).insert(number, clone);
        }
        let shared = Arc::clone(shared);
        threads.push(thread::spawn(move || {
            let end = converse(&stream, number, &shared);
            // A reset is sent only when the last handle is closed with this option set.
            lock(&shared.open).remove(&number);
            if matches!(end, Ok(End::Reset)) {
                let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            }
            if let Err(error) = end
                && error.kind() == io::ErrorKind::InvalidData
            {
                lock(&shared.malformed).push(error.to_string());
            }
        }));
    }
    for stream in lock(&shared.open).values() {
        let _ = stream.shutdown(Shutdown::Both);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// How a connection is closed.
enum End {
    Closed,
    Reset,
}

/// Reads requests and replies until one side closes.
fn converse(stream: &TcpStream, connection: usize, shared: &Shared) -> io::Result<End> {
    if (shared.script.accept)(connection) == OnAccept::Reset {
        return Ok(End::Reset);
    }
    stream.set_nodelay(true)?;
    let mut reader = Reader::new(stream);
    while let Some(mut received) = reader.head()? {
        received.connection = connection;
        match (shared.script.head)(&received) {
            OnHead::ReadBody => {}
            OnHead::Reply(reply) => {
                lock(&shared.received).push(received.clone());
                send(stream, &http1::response(&reply, &received))?;
                return Ok(End::Closed);
            }
            OnHead::ResetAfter(count) => {
                received.body = reader.up_to(count)?;
                lock(&shared.received).push(received);
                return Ok(End::Reset);
            }
        }
        if received.header("expect") == ["100-continue"] {
            send(stream, b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let body = reader.body(&mut received);
        received.complete = body.is_ok();
        lock(&shared.received).push(received.clone());
        body?;
        if let Some(end) = answer(stream, &received, shared)? {
            return Ok(end);
        }
    }
    Ok(End::Closed)
}

/// Carries out the answer. Returns `None` to keep the connection.
fn answer(stream: &TcpStream, received: &Received, shared: &Shared) -> io::Result<Option<End>> {
    let end = match (shared.script.answer)(received) {
        Answer::Reply(reply) => {
            send(stream, &http1::response(&reply, received))?;
            let close = received
                .header("connection")
                .iter()
                .any(|value| value.eq_ignore_ascii_case("close"));
            close.then_some(End::Closed)
        }
        Answer::ReplyAndClose(reply) => {
            send(stream, &http1::response(&reply.header("connection", "close"), received))?;
            Some(End::Closed)
        }
        Answer::Bytes(bytes) => {
            send(stream, &bytes)?;
            Some(End::Closed)
        }
        Answer::Reset(bytes) => {
            send(stream, &bytes)?;
            Some(End::Reset)
        }
    };
    Ok(end)
}

fn send(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no holder of this lock panics")
}

#[cfg(test)]
mod tests;
