//! The error response for the client: AWS's code, status and message, in the client's protocol.

use core::fmt::Write as _;

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::answer::{Answer, s3_details};
use super::error::VerifyError;
use super::protocol::Protocol;
use crate::fields::X_AMZ_BUCKET_REGION;

/// The error response to a client whose request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    protocol: Protocol,
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<(&'static str, String)>,
    /// The region to sign for. S3 names it in a header too, because HEAD responses have no body.
    bucket_region: Option<HeaderValue>,
}

impl Refusal {
    /// The HTTP status to send.
    pub fn status(&self) -> StatusCode {
        if self.protocol == Protocol::Grpc { StatusCode::OK } else { self.status }
    }

    /// AWS's code, such as `SignatureDoesNotMatch`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// AWS's message for it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The value of `content-type`.
    pub fn content_type(&self) -> &'static str {
        match self.protocol {
            Protocol::S3 => "application/xml",
            Protocol::Query => "text/xml",
            Protocol::Json => "application/x-amz-json-1.1",
            Protocol::RestJson => "application/json",
            Protocol::Grpc => "application/grpc",
        }
    }

    /// The body: XML or JSON, or empty for gRPC.
    pub fn body(&self) -> String {
        let mut out = String::new();
        match self.protocol {
            Protocol::S3 => {
                out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
                self.push_elements(&mut out);
                out.push_str("</Error>");
            }
            Protocol::Query => {
                out.push_str("<ErrorResponse><Error><Type>");
                out.push_str(if self.status.is_server_error() { "Receiver" } else { "Sender" });
                out.push_str("</Type>");
                self.push_elements(&mut out);
                out.push_str("</Error></ErrorResponse>");
            }
            Protocol::Json => {
                let _ = write!(out, "{{\"__type\":\"{}\",\"message\":\"", self.code);
                push_json(&mut out, &self.message);
                out.push_str("\"}");
            }
            Protocol::RestJson => {
                out.push_str("{\"message\":\"");
                push_json(&mut out, &self.message);
                out.push_str("\"}");
            }
            Protocol::Grpc => {}
        }
        out
    }

    fn push_elements(&self, out: &mut String) {
        let _ = write!(out, "<Code>{}</Code><Message>", self.code);
        push_xml(out, &self.message);
        out.push_str("</Message>");
        for (name, value) in &self.details {
            let _ = write!(out, "<{name}>");
            push_xml(out, value);
            let _ = write!(out, "</{name}>");
        }
    }

    /// UNAUTHENTICATED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, UNAVAILABLE or INVALID_ARGUMENT.
    fn grpc_status(&self) -> u16 {
        match self.status.as_u16() {
            401 | 403 => 16,
            408 => 4,
            413 => 8,
            501 => 12,
            500.. => 14,
            _ => 3,
        }
    }

    /// Code and message, percent-encoded as gRPC requires.
    fn grpc_message(&self) -> HeaderValue {
        const ESCAPED: AsciiSet = CONTROLS.add(b'%');
        let text = format!("{}: {}", self.code, self.message);
        let text = utf8_percent_encode(&text, &ESCAPED).to_string();
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(self.code))
    }

    /// The headers to send, including `content-type` and, if S3 refuses a wrong region,
    /// `x-amz-bucket-region`.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type()));
        if matches!(self.protocol, Protocol::Json | Protocol::RestJson) {
            headers.insert("x-amzn-errortype", HeaderValue::from_static(self.code));
        }
        if self.protocol == Protocol::Grpc {
            headers.insert("grpc-status", self.grpc_status().into());
            headers.insert("grpc-message", self.grpc_message());
        }
        if let Some(region) = &self.bucket_region {
            headers.insert(X_AMZ_BUCKET_REGION, region.clone());
        }
        headers
    }

    /// Turns this into an `http::Response`, ready to be sent.
    pub fn into_response<B: From<String>>(self) -> Response<B> {
        let mut response = Response::new(B::from(self.body()));
        *response.status_mut() = self.status();
        *response.headers_mut() = self.headers();
        response
    }
}

impl VerifyError {
    /// Returns the error response for the client, in its protocol.
    ///
    /// An unknown key and a wrong signature give the same response.
    pub fn refusal(&self, protocol: Protocol) -> Refusal {
        let answer = Answer::to(self);
        let (status, code) = match protocol {
            Protocol::S3 => answer.s3(self),
            Protocol::Query => answer.query(),
            Protocol::Json | Protocol::RestJson | Protocol::Grpc => answer.json(),
        };
        let status = match (protocol, status) {
            (Protocol::Json, 403) => 400, // AWS JSON has one status for all client errors
            (_, status) => status,
        };
        Refusal {
            protocol,
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN),
            code,
            message: answer.message(self, protocol),
            details: if protocol == Protocol::S3 { s3_details(self) } else { Vec::new() },
            bucket_region: self.expected_region().filter(|_| protocol == Protocol::S3),
        }
    }

    fn expected_region(&self) -> Option<HeaderValue> {
        match self {
            Self::WrongRegion { expected, .. } => HeaderValue::try_from(expected.as_str()).ok(),
            _ => None,
        }
    }
}

fn push_xml(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // XML cannot represent a control character.
            control if control.is_control() => out.push('?'),
            other => out.push(other),
        }
    }
}

fn push_json(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
}
