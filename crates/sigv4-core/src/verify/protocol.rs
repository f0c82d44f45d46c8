//! The protocols of services, as far as their error responses differ.

use http::{HeaderMap, HeaderValue, header};

use crate::scope::Service;
use crate::service::ErrorFormat;

/// The format of a service's error responses.
///
/// Source: each service's API reference, "Common Errors"; Amazon S3 API Reference, "Error
/// Responses".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// `<Error><Code>..</Code>..</Error>`: S3 and its look-alikes.
    S3,
    /// `<ErrorResponse><Error>..</Error></ErrorResponse>`: STS, IAM, SNS and other query services.
    Query,
    /// `{"__type":"..","message":".."}`: DynamoDB, KMS and other AWS JSON services.
    Json,
    /// `{"message":".."}` with the code in `x-amzn-errortype`: API Gateway, Lambda, OpenSearch.
    RestJson,
    /// `grpc-status` and `grpc-message` without a body, under status 200: gRPC over HTTP/2,
    /// "Responses" (`Trailers-Only`).
    Grpc,
}

impl Protocol {
    /// Returns the protocol that a request's sender will understand.
    pub fn of(service: &Service, headers: &HeaderMap) -> Self {
        let content_type =
            headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        if content_type.starts_with(b"application/grpc") {
            Self::Grpc
        } else if service.rules().error_format == ErrorFormat::S3 {
            Self::S3
        } else if content_type.starts_with(b"application/x-amz-json-") {
            Self::Json
        } else if content_type.starts_with(b"application/x-www-form-urlencoded") {
            Self::Query
        } else {
            Self::RestJson
        }
    }
}
