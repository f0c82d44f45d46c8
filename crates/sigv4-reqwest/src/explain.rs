//! Explains a refused response or an error: cause and cure.

use std::error::Error as StdError;

use reqwest::{Response, Url};
use sigv4_core::Transcript;
use sigv4_explain::{Evidence, Explanation};

use crate::body::peek;
use crate::error::Error;

/// Explains why the service refused: code, cause and cure.
///
/// A client or middleware built with
/// [`keep_transcripts`](crate::SigningClientBuilder::keep_transcripts) also shows the line that
/// differs; otherwise the explanation says how to get it. This reads the start of the body and
/// leaves the whole body readable, including the error if it breaks off.
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
///     eprintln!("{}", sigv4_reqwest::explain(&mut response).await);
/// }
/// # Ok(())
/// # }
/// ```
pub async fn explain(response: &mut Response) -> Explanation {
    let transcript = response.extensions().get::<Transcript>().cloned();
    let body = peek(response, Evidence::MAX_READ).await;
    let evidence = Evidence::new(response.status(), response.headers(), &body);
    match &transcript {
        Some(transcript) => evidence.with_transcript(transcript).explain(),
        None => evidence.explain(),
    }
}

/// Explains a transport error if the host name did not resolve; otherwise returns `None`.
///
/// Accepts this crate's [`Error`] and the errors of reqwest and reqwest-middleware.
pub fn explain_error(error: &(dyn StdError + 'static), url: &Url) -> Option<Explanation> {
    // This crate's `Error` shows its cause in its own text and has no source for it.
    let error = match error.downcast_ref::<Error>() {
        Some(Error::Transport(error)) => error,
        _ => error,
    };
    sigv4_explain::explain_error(error, url.host_str().unwrap_or_default())
}
