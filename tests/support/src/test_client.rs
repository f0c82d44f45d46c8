//! A client for this crate's own tests: signs with the slow implementation, sends over a plain socket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::slow::{self, Request, Rules};

/// Whom to talk to, and as whom; the region is us-east-1.
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
    /// Gives status and body back.
    pub(crate) fn send(&self, method: &str, target: &str, body: &[u8]) -> (u16, String) {
        let host = self.endpoint.strip_prefix("http://").unwrap();
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        for (name, value) in self.signed_headers(host, method, target, body) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()));
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn signed_headers(
        &self,
        host: &str,
        method: &str,
        target: &str,
        body: &[u8],
    ) -> Vec<(String, String)> {
        let timestamp = timestamp();
        let day = &timestamp[..8];
        let (path, query) = Request::split_target(target.as_bytes());
        let payload = slow::sha256_hex(body);
        let mut headers =
            vec![("host", host), ("x-amz-content-sha256", &payload), ("x-amz-date", &timestamp)];
        headers.extend(self.token.map(|token| ("x-amz-security-token", token)));
        let request = Request {
            method: method.into(),
            path,
            query,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            body: body.to_vec(),
        };
        let names: Vec<String> = headers.iter().map(|(name, _)| (*name).to_owned()).collect();
        let canonical =
            slow::canonical_request(&request, &names, payload.as_bytes(), self.rules).unwrap();
        let scope = format!("{day}/us-east-1/{}/aws4_request", self.service);
        let key = slow::signing_key(self.secret_key, day, "us-east-1", self.service);
        let to_sign = slow::string_to_sign(&timestamp, &scope, &canonical);
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={}",
            self.access_key,
            names.join(";"),
            slow::signature(&key, to_sign.as_bytes())
        );
        headers.push(("authorization", &authorization));
        headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// Now, as `20150830T123600Z`.
fn timestamp() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (mut days, second) = (now / 86_400, now % 86_400);
    let (mut year, mut month) = (1970, 0);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year}{:02}{:02}T{hour:02}{minute:02}{second:02}Z", month + 1, days + 1)
}
