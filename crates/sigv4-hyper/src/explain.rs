//! Explains a refused response or an error: cause and cure.

use std::error::Error as StdError;

use http::{Response, Uri};
use http_body::Body;
use sigv4_core::Transcript;
use sigv4_explain::{Evidence, Explanation};

use sigv4_core::client::PeekedBody;

/// Explains why the service refused: code, cause and cure. Returns the response with its whole body.
///
/// A layer made `with_transcripts` also shows the line that differs; otherwise the explanation says
/// how to get it. A body that breaks off is returned with its error. Call this above a layer that
/// decompresses.
///
/// ```no_run
/// # async fn run(request: http::Request<http_body_util::Full<bytes::Bytes>>) -> Result<(), sigv4_hyper::BoxError> {
/// # use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// # use sigv4_core::{Credentials, Region, Service, Signer};
/// # use sigv4_hyper::SignLayer;
/// # use tower::{Layer, ServiceExt};
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let client = SignLayer::new(signer, Credentials::new("AKIDEXAMPLE", "secret"))
///     .with_transcripts()
///     .layer(Client::builder(TokioExecutor::new()).build_http());
/// let response = client.oneshot(request).await?;
/// if !response.status().is_success() {
///     let (_response, explanation) = sigv4_hyper::explain(response).await;
///     eprintln!("{explanation}");
/// }
/// # Ok(())
/// # }
/// ```
pub async fn explain<B: Body>(response: Response<B>) -> (Response<PeekedBody<B>>, Explanation) {
    let (head, body) = response.into_parts();
    let (body, start) = PeekedBody::peek(body, Evidence::MAX_READ).await;
    let evidence = Evidence::new(head.status, &head.headers, &start);
    let explanation = match head.extensions.get::<Transcript>() {
        Some(transcript) => evidence.with_transcript(transcript).explain(),
        None => evidence.explain(),
    };
    (Response::from_parts(head, body), explanation)
}

/// Explains a transport error if the host name did not resolve; otherwise returns `None`.
///
/// Pass a [`BoxError`](crate::BoxError) as `&*error`.
pub fn explain_error(error: &(dyn StdError + 'static), uri: &Uri) -> Option<Explanation> {
    sigv4_explain::explain_error(error, uri.host().unwrap_or_default())
}
