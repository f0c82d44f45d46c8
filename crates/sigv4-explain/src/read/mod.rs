//! A service's answer, read: protocol family, code and what the service says it expected.
//!
//! ```text
//! status, headers, body -> Raw (xml.rs, json.rs, plain text, headers) -> ErrorResponse
//!                          family, code, message, fields                 message.rs
//! ```
//!
//! The code alone decides what an answer means. A message is read by its fixed opening, and never
//! searched: it may hold a canonical request, and with that any word at all.

mod json;
mod message;
mod xml;

use core::fmt;

use http::StatusCode;
use sigv4_core::SigningTime;

use crate::answer::Answer;
use crate::cause::Cause;
use crate::table;
use crate::text::{clean, mask_canonical, mask_message, read_time};
use message::Message;

/// The form in which a service writes its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// S3 and its look-alikes: `<Error><Code>`.
    S3,
    /// Query protocol (STS, IAM, SNS): `<ErrorResponse><Error><Code>`.
    Query,
    /// EC2: `<Response><Errors><Error><Code>`.
    Ec2,
    /// XML whose root element is named by the code.
    RootElement,
    /// AWS JSON 1.0 (DynamoDB): `__type`.
    AwsJson10,
    /// AWS JSON 1.1 (Cognito, Kinesis): `__type`.
    AwsJson11,
    /// REST-JSON (Lambda, Bedrock): the code in `x-amzn-errortype`.
    RestJson,
    /// API Gateway: REST-JSON with `x-amz-apigw-id` or `apigw-requestid`.
    ApiGateway,
    /// AppSync: `errors[0].errorType`.
    AppSync,
    /// Neptune's data plane: `code` and `detailedMessage`.
    Neptune,
    /// OpenSearch Serverless, and OpenSearch's own errors: `error.type` and `error.reason`.
    OpenSearch,
    /// Plain text (VPC Lattice): `Code: message`.
    PlainText,
    /// No body: status and headers only, as after HEAD.
    Headers,
}

/// A service's error as far as its answer tells it. Tokens and Authorization values are masked.
///
/// ```
/// use http::Response;
/// use sigv4_explain::{Answer, Family, ErrorResponse};
///
/// let body = "<Error><Code>RequestTimeTooSkewed</Code><Message>Too large.</Message>\
///             <ServerTime>2025-09-03T16:21:50Z</ServerTime></Error>";
/// let response = Response::builder().status(403).body(body)?;
/// let error = ErrorResponse::read(&Answer::from(&response))?;
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
    /// What the message's opening or the answer's fields say.
    pub(crate) said: Option<Cause>,
    /// The header that the message is about.
    pub(crate) name: Option<String>,
    pub(crate) dump: Dump,
}

/// What the service expected or computed, as far as it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// The region that the request should be signed for.
    pub region: Option<String>,
    /// The service that the request should be signed for.
    pub service: Option<String>,
    /// The service's clock: from the error, else from the `Date` header.
    pub server_time: Option<SigningTime>,
    /// The canonical request that the service computed, secrets masked.
    pub canonical_request: Option<String>,
    /// The string to sign that the service computed.
    pub string_to_sign: Option<String>,
    /// Headers that arrived and should have been signed.
    pub unsigned_headers: Vec<String>,
    /// The body's hashes, where they are what differs.
    pub payload_hashes: Option<PayloadHashes>,
}

/// The two hashes of an `XAmzContentSHA256Mismatch`, as the service wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadHashes {
    /// What `x-amz-content-sha256` held.
    pub signed: String,
    /// What the service computed over the body that arrived.
    pub arrived: String,
}

/// The texts that the service computed, unmasked, for comparing only.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Dump {
    pub(crate) canonical_request: Option<Vec<u8>>,
    pub(crate) string_to_sign: Option<Vec<u8>>,
}

impl fmt::Debug for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dump").finish_non_exhaustive()
    }
}

/// Why an answer cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// The body is longer than 1 MiB.
    TooLong,
    /// The body is cut off, malformed, or in no known form. Look at it raw.
    Malformed,
}

/// What a body says before anything is made of it.
#[derive(Debug, Default)]
struct Raw {
    family: Option<Family>,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    /// Elements beside code and message, first come first.
    fields: Vec<(String, String)>,
}

impl Raw {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl ErrorResponse {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Unreadable`] where the body is in no form that a signing service sends.
    pub fn read(answer: &Answer<'_>) -> Result<Self, Unreadable> {
        if answer.body.len() >= Answer::MAX_READ {
            return Err(Unreadable::TooLong);
        }
        let raw = read_raw(answer)?;
        let code = raw.code.clone().filter(|code| is_code(code)).or_else(|| header_code(answer));
        let message = Message::read(raw.message.as_deref().unwrap_or_default());
        let refinable = code.as_deref().is_none_or(|code| table::of_code(code).is_some());
        let said = refinable.then(|| field_cause(&raw).or(message.said)).flatten();
        let dump = read_dump(&raw, &message);
        Ok(Self {
            family: raw.family.unwrap_or(Family::Headers),
            status: answer.status,
            said,
            name: message.name.clone(),
            expected: read_expected(answer, &raw, &message, &dump),
            message: raw.message.as_ref().map(|_| mask_message(&message.sentence)),
            request_id: request_id(answer, &raw),
            code,
            dump,
        })
    }

    /// The form of the answer.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The code as the service sent it, without namespace and URI; none where it sent none.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The service's own sentence, without a canonical request, secrets masked.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The request's id, as the service's support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// What the service expected.
    pub fn expected(&self) -> &Expected {
        &self.expected
    }

    pub(crate) fn expected_mut(&mut self) -> &mut Expected {
        &mut self.expected
    }

    /// What code, message and fields say, before the transcript is looked at.
    pub fn cause(&self) -> Option<Cause> {
        self.said.or_else(|| self.code().and_then(table::of_code))
    }
}

fn read_raw(answer: &Answer<'_>) -> Result<Raw, Unreadable> {
    let text = str::from_utf8(answer.body).map_err(|_| Unreadable::Malformed)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.bytes().next() {
        None => Ok(read_hint(answer)),
        Some(b'<') => xml::read(text),
        Some(b'{') => json::read(text, answer),
        Some(_) => read_plain(text),
    }
}

/// OpenSearch Serverless says why in a header, beside an empty body or a general one.
fn read_hint(answer: &Answer<'_>) -> Raw {
    match hint_code(answer) {
        Some(code) => Raw { family: Some(Family::OpenSearch), code: Some(code), ..Raw::default() },
        None => Raw::default(),
    }
}

/// The word behind the colon of `X01:network-policy-deny`.
fn hint_code(answer: &Answer<'_>) -> Option<String> {
    let hint = answer.header("x-aoss-response-hint")?;
    let word = hint.rsplit(':').next()?.trim();
    table::of_code(word).map(|_| word.to_owned())
}

/// `IncompleteSignatureException: message`.
fn read_plain(text: &str) -> Result<Raw, Unreadable> {
    let (code, message) = text.split_once(':').ok_or(Unreadable::Malformed)?;
    let known = is_code(code) && (code.ends_with("Exception") || table::of_code(code).is_some());
    if !known {
        return Err(Unreadable::Malformed);
    }
    Ok(Raw {
        family: Some(Family::PlainText),
        code: Some(code.to_owned()),
        message: Some(message.trim().to_owned()),
        ..Raw::default()
    })
}

/// The code in `x-amzn-errortype`, without the URI behind it.
fn header_code(answer: &Answer<'_>) -> Option<String> {
    let code = answer.header("x-amzn-errortype")?.split(':').next()?.trim();
    let code = code.rsplit('#').next()?;
    is_code(code).then(|| code.to_owned())
}

/// A code is a name: anything else is not worth showing.
fn is_code(code: &str) -> bool {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=100).contains(&code.len()) && code.bytes().all(name)
}

/// What S3's own elements say, where code and message are general.
fn field_cause(raw: &Raw) -> Option<Cause> {
    match raw.code.as_deref().unwrap_or_default() {
        "AccessDenied" if raw.field("HeadersNotSigned").is_some() => Some(Cause::UnsignedHeaders),
        "AccessDenied" if raw.field("Expires").is_some() => Some(Cause::PresignedExpired),
        "AccessDenied" if raw.field("X-Amz-Date").is_some() => Some(Cause::PresignedTooEarly),
        "SignatureDoesNotMatch" => {
            let string = raw.field("StringToSign")?;
            string.starts_with("AWS4-HMAC-SHA256-").then_some(Cause::ChunkMismatch)
        }
        _ => None,
    }
}

fn read_dump(raw: &Raw, message: &Message) -> Dump {
    let of_field = |name: &str| {
        let bytes = raw.field(&format!("{name}Bytes")).and_then(read_hex);
        bytes.or_else(|| raw.field(name).map(|text| text.as_bytes().to_vec()))
    };
    // The twin of a POST form is its policy, and that of a chunk has no canonical request.
    let whole = |string: &Vec<u8>| string.starts_with(b"AWS4-HMAC-SHA256\n");
    let of_message = |text: &Option<String>| text.as_ref().map(|text| text.as_bytes().to_vec());
    Dump {
        canonical_request: of_field("CanonicalRequest")
            .or_else(|| of_message(&message.canonical_request)),
        string_to_sign: of_field("StringToSign")
            .or_else(|| of_message(&message.string_to_sign))
            .filter(whole),
    }
}

/// Bytes written as `47 45 54 0a`.
fn read_hex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &str| (pair.len() == 2).then(|| u8::from_str_radix(pair, 16).ok()).flatten();
    text.split_ascii_whitespace().map(byte).collect()
}

fn read_expected(answer: &Answer<'_>, raw: &Raw, message: &Message, dump: &Dump) -> Expected {
    let shown = |text: &str| clean(text, 100);
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let region = raw.field("Region").or(message.region.as_deref());
    let names = raw.field("HeadersNotSigned").unwrap_or_default();
    let hashes = raw.field("ClientComputedContentSHA256").zip(raw.field("S3ComputedContentSHA256"));
    Expected {
        region: region.or_else(|| answer.header("x-amz-bucket-region")).map(shown),
        service: message.service.as_deref().map(shown),
        server_time: raw
            .field("ServerTime")
            .and_then(read_time)
            .or(message.server_time)
            .or_else(|| date_header(answer)),
        canonical_request: dump
            .canonical_request
            .as_ref()
            .map(|bytes| mask_canonical(&text(bytes))),
        string_to_sign: dump.string_to_sign.as_ref().map(text),
        unsigned_headers: names
            .split([',', ' '])
            .filter(|name| !name.is_empty())
            .take(100)
            .map(shown)
            .collect(),
        payload_hashes: hashes.map(|(signed, arrived)| PayloadHashes {
            signed: shown(signed),
            arrived: shown(arrived),
        }),
    }
}

/// The service's clock; not of an answer from a cache, and not where it is absurd.
fn date_header(answer: &Answer<'_>) -> Option<SigningTime> {
    if answer.headers.contains_key(http::header::AGE) {
        return None;
    }
    let time = answer.header("date").and_then(read_time)?;
    ("20150101T000000Z".."21000101T000000Z").contains(&time.as_str()).then_some(time)
}

fn request_id(answer: &Answer<'_>, raw: &Raw) -> Option<String> {
    let named = |name: &str| answer.header(name);
    let id = raw.request_id.as_deref().or_else(|| named("x-amzn-requestid"));
    let id = id.or_else(|| named("x-amz-request-id")).or_else(|| named("apigw-requestid"));
    id.map(|id| clean(id, 100))
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
            Self::AppSync => "AppSync",
            Self::Neptune => "Neptune",
            Self::OpenSearch => "OpenSearch",
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
