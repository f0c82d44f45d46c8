//! A request as text: the output of `curl -v`, a raw HTTP request, or a presigned URL.
//!
//! All pasted requests are read here.

mod check;
mod parse;
#[cfg(test)]
mod tests;
mod wire;

use core::fmt;

use http::{HeaderMap, Method, StatusCode};
use sigv4_core::RequestHead;

pub use self::check::{BodyCheck, CheckOutcome, SignatureCheck};
pub(crate) use self::wire::Wire;
use crate::evidence::Evidence;

/// The longest text that is read: 1 MiB.
const MAX_TEXT: usize = 1024 * 1024;

/// A request that was read from text, with its response if the text contains it.
///
/// ```
/// use sigv4_explain::read_request;
///
/// let pasted = "> GET /key HTTP/1.1\n> Host: bucket.s3.amazonaws.com\n>\n< HTTP/1.1 403 Forbidden\n<\n";
/// let request = read_request(pasted)?;
/// assert_eq!((request.method().as_str(), request.path()), ("GET", "/key"));
/// assert!(request.evidence().is_some());
/// # Ok::<(), sigv4_explain::UnreadableRequest>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RequestText {
    method: Method,
    /// A URL alone names no method: GET is assumed.
    method_is_known: bool,
    scheme: Option<&'static str>,
    authority: Option<String>,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    response: Option<ResponseText>,
}

/// A response that was read from text.
#[derive(Clone, PartialEq, Eq)]
struct ResponseText {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Why a text cannot be read as a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnreadableRequest {
    /// The text is longer than 1 MiB.
    TooLong,
    /// There is no request line, no line of `curl -v` that begins with `>`, and no URL.
    NoRequest,
    /// The request line or the URL is malformed.
    Target {
        /// The line number, from 1.
        line: usize,
    },
    /// A header is malformed.
    Header {
        /// The line, from 1.
        line: usize,
    },
}

/// Reads a request from text: the output of `curl -v`, a raw HTTP request, or a presigned URL.
///
/// If the output of `curl -v` has several exchanges, as after redirects, the last one is read.
/// Curl's messages about itself are skipped.
///
/// # Errors
/// Fails with [`UnreadableRequest`], which names the line.
pub fn read_request(text: &str) -> Result<RequestText, UnreadableRequest> {
    if text.len() > MAX_TEXT {
        return Err(UnreadableRequest::TooLong);
    }
    parse::read(text)
}

impl RequestText {
    /// The method. It is GET if the text is only a URL.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path, as written in the text.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query, as written in the text, without the `?`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The headers. They may contain secrets.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body; `None` if the text contains none.
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// Sets the method, if the text is only a URL.
    #[must_use]
    pub fn with_method(self, method: Method) -> Self {
        Self { method, method_is_known: true, ..self }
    }

    /// Sets the body, if the text does not contain it.
    #[must_use]
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(body.into()), ..self }
    }

    /// The head, in the form that signers and verifiers take.
    pub fn head(&self) -> RequestHead<'_> {
        RequestHead {
            method: &self.method,
            scheme: self.scheme,
            authority: self.authority.as_deref(),
            path: &self.path,
            query: self.query.as_deref(),
            headers: &self.headers,
        }
    }

    /// The evidence of this request and the response in the text; `None` if the text contains none.
    pub fn evidence(&self) -> Option<Evidence<'_>> {
        let response = self.response.as_ref()?;
        let evidence = Evidence::new(response.status, &response.headers, &response.body);
        Some(evidence.with_request(self.head()))
    }
}

impl fmt::Debug for RequestText {
    /// Does not show header values, the query or bodies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestText")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("has_body", &self.body.is_some())
            .field("has_response", &self.response.is_some())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for UnreadableRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the text is longer than 1 MiB: paste the head alone"),
            Self::NoRequest => f.write_str(
                "there is no request in the text: paste what curl -v prints, a raw HTTP request \
                 that begins with its request line, or a presigned URL",
            ),
            Self::Target { line } => write!(
                f,
                "line {line} is no request line: it has to be METHOD /path HTTP/1.1, or an http URL"
            ),
            Self::Header { line } => {
                write!(f, "line {line} is no header: it has to be name: value, in one line")
            }
        }
    }
}

impl core::error::Error for UnreadableRequest {}
