//! The evidence: the response and, if available, the request and its transcript.

use core::fmt;

use http::{HeaderMap, Response, StatusCode};
use sigv4_core::{RequestHead, Transcript};

use crate::explanation::Explanation;
use crate::secrets::Secrets;

/// A response whose body has been read and, if available, the request that caused it.
///
/// The response alone is enough for an explanation. The request's head allows checks of the
/// request. The signature's transcript shows the lines that differ.
///
/// ```
/// use http::Response;
/// use sigv4_explain::{Evidence, Rank, RefusalCause};
///
/// let response = Response::builder().status(403).body(
///     "<Error><Code>RequestTimeTooSkewed</Code><Message>Too large.</Message></Error>",
/// )?;
/// let explanation = Evidence::from(&response).explain();
/// assert_eq!(explanation.cause(), RefusalCause::ClockSkew);
/// assert_eq!(explanation.rank(), Rank::Said);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) request: Option<RequestHead<'a>>,
    pub(crate) transcript: Option<&'a Transcript>,
}

impl<'a, B: AsRef<[u8]>> From<&'a Response<B>> for Evidence<'a> {
    fn from(response: &'a Response<B>) -> Self {
        Self::new(response.status(), response.headers(), response.body().as_ref())
    }
}

impl<'a> Evidence<'a> {
    /// The most bytes of a body that need to be read: one more than the limit of 1 MiB.
    pub const MAX_READ: usize = 1024 * 1024 + 1;

    /// Creates evidence from a response. The body must have no transfer or content coding. Pass an
    /// empty body if there was none.
    pub fn new(status: StatusCode, headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self { status, headers, body, request: None, transcript: None }
    }

    /// Adds the head of the request as it was sent.
    #[must_use]
    pub fn with_request(self, request: impl Into<RequestHead<'a>>) -> Self {
        Self { request: Some(request.into()), ..self }
    }

    /// Adds the transcript of the request's signature.
    #[must_use]
    pub fn with_transcript(self, transcript: &'a Transcript) -> Self {
        Self { transcript: Some(transcript), ..self }
    }

    /// Explains the response.
    ///
    /// Never fails: a response that cannot be read is explained as such ([`RefusalCause::Unknown`]).
    ///
    /// [`RefusalCause::Unknown`]: crate::RefusalCause::Unknown
    pub fn explain(&self) -> Explanation {
        Explanation::of(self)
    }

    /// Returns a response header's value if it is present and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The caller's secrets.
    pub(crate) fn secrets(&self) -> Secrets {
        let request = self.request.as_ref();
        Secrets::of(self.transcript, request.map(|it| it.headers), request.and_then(|it| it.query))
    }
}

impl fmt::Debug for Evidence<'_> {
    /// Does not show bodies or header values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body_length", &self.body.len())
            .field("has_request", &self.request.is_some())
            .field("has_transcript", &self.transcript.is_some())
            .finish()
    }
}
