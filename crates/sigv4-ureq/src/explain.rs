//! From a refused response, or from an error, to cause and cure.

use http::{Response, Uri};
use sigv4_core::Transcript;
use sigv4_explain::{Evidence, Explanation, explain_host_not_found};
use ureq::Body;

use crate::peek::peek;

/// Why the service refused, where the agent was built with
/// [`keep_transcripts`](crate::SigningAgentBuilder::keep_transcripts); else none.
///
/// Reads the body's start, and leaves the body to be read again. The agent has to give refusals as
/// responses: `http_status_as_error(false)`.
///
/// ```no_run
/// # use sigv4_core::{Credentials, Region, Service, Signer};
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let config = ureq::Agent::config_builder().http_status_as_error(false).build();
/// let agent = sigv4_ureq::SigningAgent::builder(
///     config.new_agent(),
///     signer,
///     Credentials::new("AKIDEXAMPLE", "secret"),
/// )
/// .keep_transcripts()
/// .build();
/// let mut response = agent.run(http::Request::get("https://b.s3.amazonaws.com/k").body(())?)?;
/// if !response.status().is_success() {
///     if let Some(explanation) = sigv4_ureq::explain(&mut response)? {
///         eprintln!("{explanation}");
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// What reading the body gives.
pub fn explain(response: &mut Response<Body>) -> Result<Option<Explanation>, ureq::Error> {
    let Some(transcript) = response.extensions().get::<Transcript>().cloned() else {
        return Ok(None);
    };
    let body = core::mem::replace(response.body_mut(), Body::builder().data(Vec::new()));
    let (status, headers) = (response.status(), response.headers());
    let (body, explanation) = peek(body, Evidence::MAX_READ, |body| {
        Evidence::new(status, headers, body).with_transcript(&transcript).explain()
    })?;
    *response.body_mut() = body;
    Ok(Some(explanation))
}

/// Why there is no response: told where the host name did not resolve, else none.
pub fn explain_error(error: &ureq::Error, uri: &Uri) -> Option<Explanation> {
    let host = uri.host().unwrap_or_default();
    match error {
        ureq::Error::HostNotFound => Some(explain_host_not_found(host)),
        ureq::Error::Io(error) => sigv4_explain::explain_error(error, host),
        _ => None,
    }
}
