//! A client for this crate's own tests. It signs with the slow implementation and sends over a
//! plain socket.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::SystemTime;

use crate::oracle::chunked::{self, Chain};
use crate::oracle::{self, Request, Rules};
use crate::time::basic;

/// A server and the identity to use with it. The region is us-east-1.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) access_key: &'a str,
    pub(crate) secret_key: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) service: &'a str,
    pub(crate) rules: Rules,
}

impl Client<'_> {
    /// Signs the hash of the body and sends it. Returns the status and the response's body.
    pub(crate) fn send(&self, method: &str, target: &str, body: &[u8]) -> (u16, String) {
        let signed =
            self.sign(method, target, &[("x-amz-content-sha256", &oracle::sha256_hex(body))]);
        self.exchange(method, target, &signed.headers, body)
    }

    /// Sends signed chunks in `aws-chunked` framing, after `spoil` has changed the bytes.
    pub(crate) fn put_chunks(
        &self,
        target: &str,
        chunks: &[&[u8]],
        spoil: impl FnOnce(&mut Vec<u8>),
    ) -> (u16, String) {
        let length = chunks.concat().len().to_string();
        let headers = [
            ("content-encoding", "aws-chunked"),
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            ("x-amz-decoded-content-length", &length),
        ];
        let signed = self.sign("PUT", target, &headers);
        let mut framed = chunked::encode(chunks, &signed.chain);
        spoil(&mut framed);
        self.exchange("PUT", target, &signed.headers, &framed)
    }

    fn host(&self) -> &str {
        self.endpoint.strip_prefix("http://").unwrap()
    }

    pub(crate) fn exchange(
        &self,
        method: &str,
        target: &str,
        headers: &BTreeMap<String, String>,
        body: &[u8],
    ) -> (u16, String) {
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()));
        let mut stream = TcpStream::connect(self.host()).unwrap();
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Signs a request. `headers` include the payload line as `x-amz-content-sha256`.
    pub(crate) fn sign(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Signed {
        let timestamp = basic(SystemTime::now());
        let day = &timestamp[..8];
        let (path, query) = Request::split_target(target.as_bytes());
        let mut all: BTreeMap<&str, &str> = headers.iter().copied().collect();
        all.extend([("host", self.host()), ("x-amz-date", &timestamp)]);
        all.extend(self.token.map(|token| ("x-amz-security-token", token)));
        let request = Request {
            method: method.into(),
            path,
            query,
            headers: all.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: Vec::new(),
        };
        let names: Vec<String> = all.keys().map(|name| (*name).to_owned()).collect();
        let payload = all["x-amz-content-sha256"].as_bytes();
        let canonical = oracle::canonical_request(&request, &names, payload, self.rules).unwrap();
        let scope = format!("{day}/us-east-1/{}/aws4_request", self.service);
        let key = oracle::signing_key(self.secret_key, day, "us-east-1", self.service);
        let to_sign = oracle::string_to_sign(&timestamp, &scope, &canonical);
        let seed_signature = oracle::signature(&key, to_sign.as_bytes());
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={seed_signature}",
            self.access_key,
            names.join(";"),
        );
        all.insert("authorization", &authorization);
        let headers =
            all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Signed { headers, chain: Chain { key, timestamp, scope, seed_signature } }
    }
}

/// The headers to send, and the start of the chain of chunk signatures.
pub(crate) struct Signed {
    pub(crate) headers: BTreeMap<String, String>,
    chain: Chain,
}
