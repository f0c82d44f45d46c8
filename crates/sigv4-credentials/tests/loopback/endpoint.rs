//! A small HTTP/1.1 server that sends the responses a test chooses, and records the requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Listens on 127.0.0.1, on a port of the system's choice, until dropped.
pub(crate) struct Endpoint {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
}

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) body: String,
    headers: Vec<(String, String)>,
}

/// The response to send.
pub(crate) enum Reply {
    Ok(String),
    Status(u16),
    /// This status with this body.
    Refusal(u16, String),
    /// Accepts the connection and sends nothing until the client disconnects.
    Silence,
    /// Sends the response at one byte a second, from its status line on.
    Drip(String),
    /// Announces more bytes in the head than it sends.
    Truncated(String),
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

impl Endpoint {
    pub(crate) fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            stopped: Arc::default(),
        };
        let (requests, stopped) = (endpoint.requests.clone(), endpoint.stopped.clone());
        let handler: Arc<Handler> = Arc::new(handler);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (requests, handler) = (requests.clone(), handler.clone());
                thread::spawn(move || serve(&stream.unwrap(), &requests, &*handler));
            }
        });
        endpoint
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address); // wakes the accepting thread
    }
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        let mut next = || {
            line.clear();
            reader.read_line(&mut line).ok()?;
            Some(line.trim_end().to_owned()).filter(|line| !line.is_empty())
        };
        let first = next()?;
        let mut parts = first.split(' ');
        let (method, target) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let mut headers = Vec::new();
        while let Some(line) = next() {
            let (name, value) = line.split_once(':')?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut request = Self { method, target, headers, body: String::new() };
        let length = request.header("content-length").map_or(0, |n| n.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        request.body = String::from_utf8(body).ok()?;
        Some(request)
    }
}

fn serve(stream: &TcpStream, requests: &Mutex<Vec<Request>>, handler: &Handler) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = Request::read(&mut reader) {
        requests.lock().unwrap().push(request.clone());
        if answer(stream, &handler(&request)).is_err() {
            return;
        }
    }
}

fn answer(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<()> {
    let head = |status: u16, length: usize| {
        format!(
            "HTTP/1.1 {status} Status\r\ncontent-length: {length}\r\n\
             x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n"
        )
    };
    match reply {
        Reply::Ok(body) => write!(stream, "{}{body}", head(200, body.len())),
        Reply::Status(status) => write!(stream, "{}", head(*status, 0)),
        Reply::Refusal(status, body) => write!(stream, "{}{body}", head(*status, body.len())),
        Reply::Silence => {
            let _ = stream.read_to_end(&mut Vec::new());
            Ok(())
        }
        Reply::Drip(body) => {
            format!("{}{body}", head(200, body.len())).bytes().try_for_each(|byte| {
                stream.write_all(&[byte])?;
                thread::sleep(Duration::from_secs(1));
                Ok(())
            })
        }
        Reply::Truncated(body) => {
            write!(stream, "{}{body}", head(200, body.len() + 100))?;
            stream.shutdown(std::net::Shutdown::Both)
        }
    }
}
