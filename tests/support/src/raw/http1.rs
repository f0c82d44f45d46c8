//! The parts of RFC 9112 needed to read a request and write a response.

use std::io::{self, Read};
use std::net::TcpStream;

use super::{Received, Reply};
use crate::oracle::BytePair;

/// The longest head or chunk line, in bytes.
const LONGEST: usize = 1 << 20;

pub(super) struct Reader<'a> {
    stream: &'a TcpStream,
    buffer: Vec<u8>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(stream: &'a TcpStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// Reads the next head, or returns `None` if the connection ends between requests.
    pub(super) fn head(&mut self) -> io::Result<Option<Received>> {
        if self.buffer.is_empty() && self.fill()? == 0 {
            return Ok(None);
        }
        let raw_head = self.through(b"\r\n\r\n")?;
        let lines = raw_head.strip_suffix(b"\r\n\r\n").unwrap_or(&raw_head);
        let mut lines = split_lines(lines).into_iter();
        let request_line = lines.next().unwrap_or_default();
        let words: Vec<&[u8]> = request_line.split(|byte| *byte == b' ').collect();
        let [method, target, b"HTTP/1.1"] = words.as_slice() else {
            return Err(malformed("request line", &request_line));
        };
        let (method, target) = (method.to_vec(), target.to_vec());
        let headers = lines.map(|line| parse_field(&line)).collect::<io::Result<_>>()?;
        Ok(Some(Received { raw_head, method, target, headers, ..Received::default() }))
    }

    /// Reads the body into `received`, as its headers announce it.
    pub(super) fn body(&mut self, received: &mut Received) -> io::Result<()> {
        let coding = received.header("transfer-encoding");
        let length = received.header("content-length");
        match (coding.as_slice(), length.as_slice()) {
            ([], []) => Ok(()),
            ([], [length]) => {
                let count =
                    length.parse().map_err(|_| malformed("content-length", length.as_bytes()))?;
                received.body = self.up_to(count)?;
                if received.body.len() == count {
                    Ok(())
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                }
            }
            ([coding], []) if coding.eq_ignore_ascii_case("chunked") => self.chunked(received),
            _ => Err(malformed("framing", &received.raw_head)),
        }
    }

    fn chunked(&mut self, received: &mut Received) -> io::Result<()> {
        loop {
            let line = self.line()?;
            let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
            let size = std::str::from_utf8(size)
                .ok()
                .and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
            let size = size.ok_or_else(|| malformed("chunk size", &line))?;
            if size == 0 {
                break;
            }
            let chunk = self.up_to(size)?;
            received.body.extend_from_slice(&chunk);
            if chunk.len() < size {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let end = self.line()?;
            if !end.is_empty() {
                return Err(malformed("chunk end", &end));
            }
        }
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(());
            }
            received.trailers.push(parse_field(&line)?);
        }
    }

    /// Reads a line, without its CRLF.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = self.through(b"\r\n")?;
        line.truncate(line.len() - 2);
        Ok(line)
    }

    /// Reads everything up to and including `end`.
    fn through(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self.buffer.windows(end.len()).position(|window| window == end) {
                return Ok(self.buffer.drain(..at + end.len()).collect());
            }
            if self.buffer.len() > LONGEST {
                return Err(malformed("head or line too long", &self.buffer[..80]));
            }
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Reads this many bytes, or fewer if the connection ends.
    pub(super) fn up_to(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < count && self.fill()? > 0 {}
        Ok(self.buffer.drain(..count.min(self.buffer.len())).collect())
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut block = [0; 16 * 1024];
        let count = self.stream.read(&mut block)?;
        self.buffer.extend_from_slice(&block[..count]);
        Ok(count)
    }
}

/// Builds the bytes of a response. `content-length` depends on the status and the method.
pub(super) fn response(reply: &Reply, received: &Received) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let has_body = reply.status >= 200 && ![204, 304].contains(&reply.status);
    if has_body {
        head.push_str(&format!("content-length: {}\r\n", reply.body.len()));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    if has_body && received.method != b"HEAD" {
        bytes.extend_from_slice(&reply.body);
    }
    bytes
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Status")
}

fn split_lines(text: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\r\n") {
        lines.push(rest[..at].to_vec());
        rest = &rest[at + 2..];
    }
    lines.push(rest.to_vec());
    lines
}

/// Parses `name: value`. White space before the colon and folded lines are errors (RFC 9112,
/// section 5).
fn parse_field(line: &[u8]) -> io::Result<BytePair> {
    let at = line.iter().position(|byte| *byte == b':').ok_or_else(|| malformed("header", line))?;
    let (name, value) = (&line[..at], &line[at + 1..]);
    if name.is_empty() || name.iter().any(u8::is_ascii_whitespace) {
        return Err(malformed("header name", line));
    }
    Ok((name.to_vec(), value.trim_ascii().to_vec()))
}

fn malformed(what: &str, bytes: &[u8]) -> io::Error {
    let text = format!("{what}: `{}`", String::from_utf8_lossy(bytes));
    io::Error::new(io::ErrorKind::InvalidData, text)
}
