//! From a refused response to cause and cure.

use reqwest::blocking::Response;
use sigv4_core::Transcript;
use sigv4_explain::{Evidence, Explanation};

use crate::blocking::peek;

/// Why the service refused, where the client was built with
/// [`keep_transcripts`](super::SigningClientBuilder::keep_transcripts); else none.
///
/// Reads the body's start, and leaves the body to be read again, with the error where it breaks off. For
/// a client's error there is [`crate::explain_error`].
pub fn explain(response: &mut Response) -> Option<Explanation> {
    let transcript = response.extensions().get::<Transcript>().cloned()?;
    let body = peek(response, Evidence::MAX_READ);
    let evidence = Evidence::new(response.status(), response.headers(), &body);
    Some(evidence.with_transcript(&transcript).explain())
}
