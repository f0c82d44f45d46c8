//! What a service answered, borrowed from whatever HTTP client received it.

use http::{HeaderMap, Response, StatusCode};

/// A response whose body has been read.
///
/// Made from an [`http::Response`], or from its three parts.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, without transfer or content coding; empty where there was none.
    pub body: &'a [u8],
}

impl<'a, B: AsRef<[u8]>> From<&'a Response<B>> for Answer<'a> {
    fn from(response: &'a Response<B>) -> Self {
        Self {
            status: response.status(),
            headers: response.headers(),
            body: response.body().as_ref(),
        }
    }
}

impl<'a> Answer<'a> {
    /// As many bytes of a body as need to be read: one more than the 1 MiB that is explained.
    pub const MAX_READ: usize = 1024 * 1024 + 1;

    /// A header's value, where it is there and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}
