//! From a refused response, or from an error, to cause and cure.

use std::error::Error as StdError;

use reqwest::{Response, Url};
use sigv4_core::Transcript;
use sigv4_explain::{Evidence, Explanation};

use crate::body::peek;
use crate::error::Error;

/// Why the service refused, where the client or the middleware was built with
/// [`keep_transcripts`](crate::SigningClientBuilder::keep_transcripts); else none.
///
/// Reads the body's start, and leaves the body to be read again.
///
/// ```no_run
/// # use sigv4_reqwest::{Credentials, Region, Service, Signer, SigningClient};
/// # async fn run() -> Result<(), sigv4_reqwest::Error> {
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let client = SigningClient::builder(reqwest::Client::builder(), signer, credentials)
///     .keep_transcripts()
///     .build()?;
/// let mut response = client.get("https://bucket.s3.amazonaws.com/key").send().await?;
/// if !response.status().is_success() {
///     if let Some(explanation) = sigv4_reqwest::explain(&mut response).await? {
///         eprintln!("{explanation}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`Error::Transport`] where the body breaks off.
pub async fn explain(response: &mut Response) -> Result<Option<Explanation>, Error> {
    let Some(transcript) = response.extensions().get::<Transcript>().cloned() else {
        return Ok(None);
    };
    let body = peek(response, Evidence::MAX_READ).await;
    let evidence = Evidence::new(response.status(), response.headers(), &body);
    Ok(Some(evidence.with_transcript(&transcript).explain()))
}

/// Why there is no response: told where the host name did not resolve, else none.
///
/// For this crate's [`Error`], and for the errors of reqwest and reqwest-middleware.
pub fn explain_error(error: &(dyn StdError + 'static), url: &Url) -> Option<Explanation> {
    // Our error shows its cause in its own text, and not as a source.
    let error = match error.downcast_ref::<Error>() {
        Some(Error::Transport(error)) => error,
        _ => error,
    };
    sigv4_explain::explain_error(error, url.host_str().unwrap_or_default())
}
