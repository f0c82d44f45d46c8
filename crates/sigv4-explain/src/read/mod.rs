//! Reads a service's error response: its format, its code, and the values that the service
//! expected.
//!
//! ```text
//! status, headers, body -> Raw (xml.rs, json.rs, html.rs, plain text, headers) -> ErrorResponse
//!                          family, code, message, fields      message.rs, expected.rs
//! ```
//!
//! The code decides the meaning of a response. Of a message, only the fixed opening is read. The
//! rest is never searched: it may contain a canonical request, and so any word.

mod expected;
mod html;
mod json;
mod message;
mod sender;
mod xml;

use core::fmt;

use http::StatusCode;

pub(crate) use self::expected::Dump;
pub use self::expected::{Expected, PayloadHashes};
pub(crate) use self::sender::{other_authentication, sender, stands_between};

use crate::cause::RefusalCause;
use crate::codes;
use crate::evidence::Evidence;
use crate::secrets::Secrets;
use crate::text::clean;
use message::{Given, Message};

/// The format in which a service writes its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// S3 and compatible servers: `<Error><Code>`.
    S3,
    /// Query protocol (STS, IAM, SNS): `<ErrorResponse><Error><Code>`, in moto with `<Errors>` between.
    Query,
    /// EC2: `<Response><Errors><Error><Code>`.
    Ec2,
    /// XML whose root element has the code as its name.
    RootElement,
    /// AWS JSON 1.0 (DynamoDB): `__type`.
    AwsJson10,
    /// AWS JSON 1.1 (Cognito, Kinesis): `__type`.
    AwsJson11,
    /// REST-JSON (Lambda, Bedrock): the code in `x-amzn-errortype`.
    RestJson,
    /// API Gateway: REST-JSON with `x-amz-apigw-id` or `apigw-requestid`.
    ApiGateway,
    /// A list of errors: AppSync's `errors[0].errorType`, the Selling Partner API's `errors[0].code`.
    AppSync,
    /// Neptune's data plane: `code` and `detailedMessage`.
    Neptune,
    /// OpenSearch Serverless, and OpenSearch's own errors: `error.type` and `error.reason`.
    OpenSearch,
    /// HTML, as proxies, load balancers and S3's website endpoints send it.
    Html,
    /// Plain text (VPC Lattice): `Code: message`.
    PlainText,
    /// No body: status and headers only, as after HEAD.
    Headers,
}

/// A service's error, read from its response. Tokens and Authorization values are masked.
///
/// ```
/// use http::Response;
/// use sigv4_explain::{ErrorResponse, Evidence, Family};
///
/// let body = "<Error><Code>RequestTimeTooSkewed</Code><Message>Too large.</Message>\
///             <ServerTime>2025-09-03T16:21:50Z</ServerTime></Error>";
/// let response = Response::builder().status(403).body(body)?;
/// let error = ErrorResponse::read(&Evidence::from(&response))?;
/// assert_eq!((error.family(), error.code()), (Family::S3, Some("RequestTimeTooSkewed")));
/// assert_eq!(error.expected().server_time.unwrap().as_str(), "20250903T162150Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorResponse {
    family: Family,
    status: StatusCode,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    expected: Expected,
    /// The cause that the message's opening or the response's fields state.
    said: Option<RefusalCause>,
    /// The header that the message is about.
    pub(crate) name: Option<String>,
    /// The region and the service in the request, as stated by the service.
    pub(crate) given: Given,
    /// The access key id that the service names.
    pub(crate) access_key: Option<String>,
    pub(crate) dump: Dump,
}

/// Why a response cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// The body is longer than 1 MiB.
    TooLong,
    /// The body is cut off, malformed, or in no known form. Look at it raw.
    Malformed,
}

/// The fields of a body before they are interpreted.
#[derive(Debug, Default)]
struct Raw {
    family: Option<Family>,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    /// The other elements besides code and message, in order.
    fields: Vec<(String, String)>,
}

impl Raw {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl ErrorResponse {
    /// Reads a response.
    ///
    /// # Errors
    /// Fails with [`Unreadable`] if the body is in no known format and the headers contain no code.
    pub fn read(evidence: &Evidence<'_>) -> Result<Self, Unreadable> {
        let raw = read_raw(evidence).or_else(|reason| {
            // Even if the body cannot be read, the headers count.
            header_code(evidence).map(|_| Raw::default()).ok_or(reason)
        })?;
        let secrets = evidence.secrets();
        let code = raw.code.as_deref().map(str::trim).filter(|code| is_code(code));
        let code = code.map(str::to_owned).or_else(|| header_code(evidence));
        let message = Message::read(raw.message.as_deref().unwrap_or_default());
        let dump = Dump::read(&raw, &message);
        let said = said(evidence, &raw, &message, code.as_deref());
        let access_key = raw.field("AWSAccessKeyId").map(|key| secrets.by_value(&clean(key, 128)));
        Ok(Self {
            family: raw.family.unwrap_or(Family::Headers),
            status: evidence.status,
            said,
            name: message.name.as_deref().map(|name| secrets.by_value(name)),
            access_key,
            given: Given {
                region: message.given.region.as_deref().map(|it| secrets.by_value(it)),
                service: message.given.service.as_deref().map(|it| secrets.by_value(it)),
            },
            expected: Expected::read(evidence, &raw, &message, &dump, &secrets),
            message: raw.message.as_ref().map(|_| secrets.message(&message.sentence)),
            request_id: request_id(evidence, &raw, &secrets),
            code,
            dump,
        })
    }

    /// The format of the response.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The code as the service sent it, without namespace and URI; `None` if it sent none.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The service's own sentence, or the title of its HTML page. It contains no canonical request,
    /// and secrets are masked.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The request id, for the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The values that the service expected.
    pub fn expected(&self) -> &Expected {
        &self.expected
    }

    pub(crate) fn expected_mut(&mut self) -> &mut Expected {
        &mut self.expected
    }

    /// The cause stated by code, message and fields, without the request or the transcript; `None`
    /// if the code is missing or unknown to this library.
    pub fn cause(&self) -> Option<RefusalCause> {
        self.said.or_else(|| self.code().and_then(codes::of_code))
    }
}

/// Reads the cause that message and fields state in addition to the code.
fn said(
    evidence: &Evidence<'_>,
    raw: &Raw,
    message: &Message,
    code: Option<&str>,
) -> Option<RefusalCause> {
    if code.is_some_and(|code| !codes::may_say_more(code)) {
        return None;
    }
    // An unknown code may be about anything, so only sentences that are specific to signing count.
    let known = code.is_none_or(|code| codes::of_code(code).is_some());
    let weak =
        [RefusalCause::NotAuthorized, RefusalCause::Forbidden, RefusalCause::UserCredentials];
    let of_message = message.said.filter(|cause| known || !weak.contains(cause));
    let html = raw.family == Some(Family::Html) || raw.family == Some(Family::PlainText);
    let between = html.then(|| stands_between(evidence).map(|_| RefusalCause::NotReached));
    let other = other_authentication(evidence).map(|_| RefusalCause::OtherAuthentication);
    between
        .flatten()
        .or(other)
        .or_else(|| expected::of_fields(raw, message, code.unwrap_or_default()))
        .or(of_message)
}

fn read_raw(evidence: &Evidence<'_>) -> Result<Raw, Unreadable> {
    if evidence.body.len() >= Evidence::MAX_READ {
        return Err(Unreadable::TooLong);
    }
    let text = String::from_utf8_lossy(evidence.body);
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.bytes().next() {
        None => Ok(read_hint(evidence)),
        Some(b'<') if html::is_html(text) => Ok(html::read(text, evidence)),
        Some(b'<') => xml::read(text),
        Some(b'{') => json::read(text, evidence),
        Some(_) => Ok(read_plain(text)),
    }
}

/// OpenSearch Serverless states the reason in a header. Its body is empty or general.
fn read_hint(evidence: &Evidence<'_>) -> Raw {
    match hint_code(evidence) {
        Some(code) => Raw { family: Some(Family::OpenSearch), code: Some(code), ..Raw::default() },
        None => Raw::default(),
    }
}

/// Returns the word after the colon of `X01:network-policy-deny`.
fn hint_code(evidence: &Evidence<'_>) -> Option<String> {
    let hint = evidence.header("x-aoss-response-hint")?;
    let word = hint.rsplit(':').next()?.trim();
    codes::of_code(word).map(|_| word.to_owned())
}

/// Reads `IncompleteSignatureException: message`, or any line of text.
fn read_plain(text: &str) -> Raw {
    let family = Some(Family::PlainText);
    if let Some((code, message)) = text.split_once(':')
        && is_code(code)
        && (code.ends_with("Exception") || codes::of_code(code).is_some())
    {
        let (code, message) = (Some(code.to_owned()), Some(message.trim().to_owned()));
        return Raw { family, code, message, ..Raw::default() };
    }
    let first = text.lines().next().unwrap_or_default();
    Raw { family, message: Some(clean(first, 200)), ..Raw::default() }
}

/// Returns the code in `x-amzn-errortype` without the URI after it. S3's website endpoints use
/// another header.
fn header_code(evidence: &Evidence<'_>) -> Option<String> {
    let named = evidence.header("x-amzn-errortype").or_else(|| evidence.header("x-amz-error-code"));
    let code = named?.split(':').next()?.trim().rsplit('#').next()?;
    is_code(code).then(|| code.to_owned())
}

/// Whether a text can be a code: it must be a name.
fn is_code(code: &str) -> bool {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=100).contains(&code.len()) && code.bytes().all(name)
}

fn request_id(evidence: &Evidence<'_>, raw: &Raw, secrets: &Secrets) -> Option<String> {
    const HEADERS: [&str; 4] =
        ["x-amzn-requestid", "x-amz-request-id", "apigw-requestid", "x-amz-cf-id"];
    let of_header = || HEADERS.iter().find_map(|name| evidence.header(name));
    let id = raw.request_id.as_deref().or_else(of_header)?;
    Some(secrets.by_value(&clean(id, 100)))
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::S3 => "S3 XML",
            Self::Query => "query XML",
            Self::Ec2 => "EC2 XML",
            Self::RootElement => "XML",
            Self::AwsJson10 => "AWS JSON 1.0",
            Self::AwsJson11 => "AWS JSON 1.1",
            Self::RestJson => "REST-JSON",
            Self::ApiGateway => "API Gateway",
            Self::AppSync => "list of errors",
            Self::Neptune => "Neptune",
            Self::OpenSearch => "OpenSearch",
            Self::Html => "HTML",
            Self::PlainText => "plain text",
            Self::Headers => "no body",
        })
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the body is longer than 1 MiB",
            Self::Malformed => "the body is cut off, malformed or in no known form",
        })
    }
}

impl core::error::Error for Unreadable {}
