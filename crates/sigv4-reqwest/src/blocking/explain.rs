//! Explains a refused response: cause and cure.

use reqwest::blocking::Response;
use sigv4_core::Transcript;
use sigv4_explain::{Evidence, Explanation};

use crate::blocking::peek;

/// Explains why the service refused: code, cause and cure.
///
/// A client built with [`keep_transcripts`](super::SigningClientBuilder::keep_transcripts) also
/// shows the line that differs; otherwise the explanation says how to get it. This reads the
/// start of the body and leaves the whole body readable, including the error if it breaks off.
///
/// For a client's error, use [`crate::explain_error`].
pub fn explain(response: &mut Response) -> Explanation {
    let transcript = response.extensions().get::<Transcript>().cloned();
    let body = peek(response, Evidence::MAX_READ);
    let evidence = Evidence::new(response.status(), response.headers(), &body);
    match &transcript {
        Some(transcript) => evidence.with_transcript(transcript).explain(),
        None => evidence.explain(),
    }
}
