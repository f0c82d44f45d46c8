use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use super::*;
use crate::slow::{self, Request, Rules};

/// Signs with the slow implementation, sends over a plain socket, gives status line and body back.
fn send(server: &S3Server, method: &str, target: &str, body: &[u8]) -> (String, String) {
    send_as(server, method, target, body, SECRET_KEY)
}

fn send_as(
    server: &S3Server,
    method: &str,
    target: &str,
    body: &[u8],
    secret: &str,
) -> (String, String) {
    let timestamp = timestamp();
    let (path, query) = Request::split_target(target.as_bytes());
    let payload = slow::sha256_hex(body);
    let host = server.address().to_string();
    let headers: BTreeMap<&str, &str> = [
        ("host", host.as_str()),
        ("x-amz-content-sha256", &payload),
        ("x-amz-date", &timestamp),
    ]
    .into();
    let request = Request {
        method: method.into(),
        path,
        query,
        headers: headers
            .iter()
            .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
            .collect(),
        body: body.to_vec(),
    };
    let names: Vec<String> = headers.keys().map(|name| (*name).to_owned()).collect();
    let canonical =
        slow::canonical_request(&request, &names, payload.as_bytes(), Rules::S3).unwrap();
    let scope = format!("{}/us-east-1/s3/aws4_request", &timestamp[..8]);
    let key = slow::signing_key(secret, &timestamp[..8], "us-east-1", "s3");
    let signature = slow::signature(
        &key,
        slow::string_to_sign(&timestamp, &scope, &canonical).as_bytes(),
    );
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {host}\r\nx-amz-date: {timestamp}\r\nx-amz-content-sha256: {payload}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders={}, Signature={signature}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        names.join(";"),
        body.len()
    );
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

fn timestamp() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let (days, second) = (now / 86_400, now % 86_400);
    // Civil date from days since 1970, for dates after it.
    let z = days + 719_468;
    let era_day = z % 146_097;
    let year_of_era = (era_day - era_day / 1460 + era_day / 36_524 - era_day / 146_096) / 365;
    let day_of_year = era_day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = year_of_era + z / 146_097 * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[test]
fn an_object_is_stored_read_listed_and_deleted() {
    let server = S3Server::start().unwrap();
    assert_eq!(
        send(&server, "PUT", "/bucket/a.txt", b"hello").0,
        "HTTP/1.1 200 OK"
    );
    assert_eq!(send(&server, "GET", "/bucket/a.txt", b"").1, "hello");
    let (status, listing) = send(&server, "GET", "/bucket?list-type=2&prefix=a", b"");
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(
        listing.contains("<Key>a.txt</Key>") && listing.contains("<KeyCount>1</KeyCount>"),
        "{listing}"
    );
    assert_eq!(
        send(&server, "HEAD", "/bucket/a.txt", b"").0,
        "HTTP/1.1 200 OK"
    );
    assert_eq!(
        send(&server, "DELETE", "/bucket/a.txt", b"").0,
        "HTTP/1.1 204 No Content"
    );
    assert_eq!(
        send(&server, "GET", "/bucket/a.txt", b"").0,
        "HTTP/1.1 404 Not Found"
    );
}

#[test]
fn awkward_keys_survive_as_they_were_decoded() {
    let server = S3Server::start().unwrap();
    let cases = [
        ("a%20b+c", "a b+c"),
        ("a//b/", "a//b/"),
        ("./a/../b", "./a/../b"),
        ("%C3%BC/%E2%82%AC", "ü/€"),
        ("$~'()*%25", "$~'()*%"),
    ];
    for (path, key) in cases {
        let (status, body) = send(&server, "PUT", &format!("/bucket/{path}"), path.as_bytes());
        assert_eq!(status, "HTTP/1.1 200 OK", "{path}: {body}");
        let content = server.object(BUCKET, key).and_then(|object| object.content);
        assert_eq!(content.as_deref(), Some(path.as_bytes()), "{key}");
    }
}

#[test]
fn s3s_refuses_an_escaped_slash_that_is_signed_as_escaped() {
    let server = S3Server::start().unwrap();
    let (status, body) = send(&server, "PUT", "/bucket/a%2Fb", b"");
    assert_eq!(status, "HTTP/1.1 403 Forbidden", "{body}");
}

#[test]
fn a_wrong_secret_is_refused() {
    let server = S3Server::start().unwrap();
    let (status, body) = send_as(&server, "PUT", "/bucket/a", b"", "another");
    assert_eq!(status, "HTTP/1.1 403 Forbidden");
    assert!(body.contains("SignatureDoesNotMatch"), "{body}");
    assert!(server.keys(BUCKET).is_empty());
}

#[test]
fn digest_mode_keeps_size_and_hash_only() {
    let server = S3Server::start_keeping(Kept::Digest).unwrap();
    send(&server, "PUT", "/bucket/a", b"hello");
    let object = server.object(BUCKET, "a").unwrap();
    assert_eq!((object.size, object.content), (5, None));
    assert_eq!(object.sha256, slow::sha256_hex(b"hello"));
}

#[test]
fn a_dropped_server_no_longer_listens() {
    let server = S3Server::start().unwrap();
    let address = server.address();
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_server_starts_and_stops_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = S3Server::start().unwrap();
        tokio::net::TcpStream::connect(server.address())
            .await
            .unwrap();
    });
}
