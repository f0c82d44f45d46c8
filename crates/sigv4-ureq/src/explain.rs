//! Explains a refused response or an error: cause and cure.

use http::{Response, Uri};
use sigv4_core::Transcript;
use sigv4_explain::{Evidence, Explanation, explain_host_not_found};
use ureq::Body;

use crate::peek::peek;

/// Explains why the service refused: code, cause and cure.
///
/// An agent built with [`keep_transcripts`](crate::SigningAgentBuilder::keep_transcripts) also shows
/// the line that differs; otherwise the explanation says how to get it. This reads the start of the
/// body and leaves the whole body readable, including the error if it breaks off.
///
/// The agent must return error statuses as responses: set `http_status_as_error(false)`.
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
///     eprintln!("{}", sigv4_ureq::explain(&mut response));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain(response: &mut Response<Body>) -> Explanation {
    let body = core::mem::replace(response.body_mut(), Body::builder().data(Vec::new()));
    let (body, start) = peek(body, Evidence::MAX_READ);
    *response.body_mut() = body;
    let evidence = Evidence::new(response.status(), response.headers(), &start);
    match response.extensions().get::<Transcript>() {
        Some(transcript) => evidence.with_transcript(transcript).explain(),
        None => evidence.explain(),
    }
}

/// Explains a transport error if the host name did not resolve; otherwise returns `None`.
pub fn explain_error(error: &ureq::Error, uri: &Uri) -> Option<Explanation> {
    let host = uri.host().unwrap_or_default();
    match error {
        ureq::Error::HostNotFound => Some(explain_host_not_found(host)),
        ureq::Error::Io(error) => sigv4_explain::explain_error(error, host),
        _ => None,
    }
}
