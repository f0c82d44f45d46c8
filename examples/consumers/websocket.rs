//! A tungstenite websocket as MQTT over AWS IoT uses it. Its handshake is a presigned URL.
//!
//! A browser or a websocket client cannot set an `authorization` header, so the query holds the
//! signature. AWS IoT takes the session token unsigned: it is added after signing.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, SystemTime};

use examples::Outcome;
use examples::verifying::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};
use http::Request;
use sigv4_core::{Credentials, Region, Service, Signer};
use support::oracle::{self, Oracle, Rules};
use tungstenite::Message;
use tungstenite::handshake::server::{ErrorResponse, Response};

const IOT: Service = Service::from_static("iotdevicegateway");
const HERE: Region = Region::from_static(REGION);

fn main() -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("ws://{}/mqtt", listener.local_addr()?);
    let server = thread::spawn(move || serve(&listener));

    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN);
    let request = Request::get(url).body(())?;
    let minute = Duration::from_secs(60);
    let now = SystemTime::now();
    let presigned = Signer::new(HERE, IOT).presign(&request, minute, &credentials, now)?;
    let query = presigned.as_str().split_once('?').map_or("", |(_, query)| query);
    let (_, after) = query.split_once("&X-Amz-Signature=").ok_or("the URL is not signed")?;
    assert!(after.contains("&X-Amz-Security-Token="), "the token stands after the signature");

    let (mut socket, _) = tungstenite::connect(presigned.as_str())?;
    socket.send(Message::text("hello"))?;
    let echo = socket.read()?;
    assert_eq!(echo, Message::text("hello"));
    println!("The server verified the handshake, and replied {echo}.");
    socket.close(None)?;
    server.join().map_err(|_| "the server failed")?
}

/// Accepts one connection with a correctly signed handshake, and sends back the first message.
fn serve(listener: &TcpListener) -> Outcome {
    let (stream, _) = listener.accept()?;
    let mut socket = tungstenite::accept_hdr(stream, verify).map_err(|error| error.to_string())?;
    let heard = socket.read()?;
    socket.send(heard)?;
    Ok(())
}

#[expect(clippy::result_large_err, reason = "tungstenite's callback has this type")]
fn verify(request: &Request<()>, response: Response) -> Result<Response, ErrorResponse> {
    check(request).map(|()| response).map_err(|reason| {
        let mut refusal = ErrorResponse::new(Some(reason));
        *refusal.status_mut() = http::StatusCode::FORBIDDEN;
        refusal
    })
}

/// Removes the token, as AWS IoT does, and recomputes the signature of the rest.
fn check(request: &Request<()>) -> Result<(), String> {
    let target = request.uri().to_string();
    let (signed, token) = target.split_once("&X-Amz-Security-Token=").ok_or("no token")?;
    if token != TOKEN.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D") {
        return Err("another token".into());
    }
    let (path, query) = oracle::Request::split_target(signed.as_bytes());
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str().into(), value.as_bytes().into()));
    let (method, headers) = (request.method().as_str().into(), headers.collect());
    let judge = Oracle::new(REGION, IOT.as_str(), Rules::DEFAULT, ACCESS_KEY, SECRET_KEY);
    judge.check(&oracle::Request { method, path, query, headers, body: Vec::new() }).map(drop)
}
