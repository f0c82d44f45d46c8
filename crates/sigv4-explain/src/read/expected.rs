//! The values that a service says it expected or computed.

use core::fmt;

use sigv4_core::SigningTime;

use super::Raw;
use super::message::Message;
use crate::cause::RefusalCause;
use crate::codes::bare;
use crate::evidence::Evidence;
use crate::secrets::Secrets;
use crate::sigv4a::Algorithm;
use crate::text::{clean, read_time};

/// A string to sign has four short lines.
const LONGEST_STRING: usize = 4096;

/// The values that the service says it expected or computed. Secrets are masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// The region that the request should be signed for.
    pub region: Option<String>,
    /// The service that the request should be signed for.
    pub service: Option<String>,
    /// The endpoint that the request should be sent to.
    pub endpoint: Option<String>,
    /// The service's clock: from the error, otherwise from the `Date` header.
    pub server_time: Option<SigningTime>,
    /// The time of the request, as the service read it.
    pub request_time: Option<SigningTime>,
    /// The canonical request that the service computed.
    pub canonical_request: Option<String>,
    /// The string to sign that the service computed.
    pub string_to_sign: Option<String>,
    /// Headers that arrived and should have been signed.
    pub unsigned_headers: Vec<String>,
    /// The body's hashes, if they differ.
    pub payload_hashes: Option<PayloadHashes>,
}

/// The two hashes of an `XAmzContentSHA256Mismatch`, as the service wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayloadHashes {
    /// The value of `x-amz-content-sha256`.
    pub signed: String,
    /// The hash that the service computed over the body that arrived.
    pub arrived: String,
}

impl Expected {
    pub(super) fn read(
        evidence: &Evidence<'_>,
        raw: &Raw,
        message: &Message,
        dump: &Dump,
        secrets: &Secrets,
    ) -> Self {
        let shown = |text: &str| secrets.by_value(&clean(text.trim(), 100));
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let region = message.region.as_deref().or(raw.field("Region"));
        let names = raw.field("HeadersNotSigned").unwrap_or_default().split([',', ' ']);
        let hashes =
            raw.field("ClientComputedContentSHA256").zip(raw.field("S3ComputedContentSHA256"));
        let said_time = raw.field("ServerTime").and_then(read_time).or(message.server_time);
        Self {
            region: region.or_else(|| evidence.header("x-amz-bucket-region")).map(shown),
            service: message.service.as_deref().map(shown),
            endpoint: raw.field("Endpoint").map(shown),
            server_time: said_time.or_else(|| date_header(evidence)),
            request_time: raw.field("RequestTime").and_then(read_time).or(message.request_time),
            canonical_request: dump
                .canonical_request
                .as_ref()
                .map(|bytes| secrets.canonical(&text(bytes))),
            string_to_sign: dump
                .string_to_sign
                .as_ref()
                .map(|bytes| secrets.by_value(&text(bytes))),
            unsigned_headers: names.filter(|name| !name.is_empty()).take(100).map(shown).collect(),
            payload_hashes: hashes.map(|(signed, arrived)| PayloadHashes {
                signed: shown(signed),
                arrived: shown(arrived),
            }),
        }
    }
}

/// Returns the service's clock. Returns `None` if the response came from a cache or the time is
/// absurd.
fn date_header(evidence: &Evidence<'_>) -> Option<SigningTime> {
    if evidence.headers.contains_key(http::header::AGE) {
        return None;
    }
    let time = evidence.header("date").and_then(read_time)?;
    ("20150101T000000Z".."21000101T000000Z").contains(&time.as_str()).then_some(time)
}

/// The texts that the service computed. They are not masked, and only used for comparison.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Dump {
    pub(crate) canonical_request: Option<Vec<u8>>,
    pub(crate) string_to_sign: Option<Vec<u8>>,
}

impl Dump {
    pub(super) fn read(raw: &Raw, message: &Message) -> Self {
        let of_field = |name: &str| {
            let bytes = raw.field(&format!("{name}Bytes")).and_then(read_hex);
            bytes.or_else(|| raw.field(name).map(|text| text.as_bytes().to_vec()))
        };
        // A POST form signs its policy, and a chunk's string to sign has no canonical request.
        let whole = |string: &Vec<u8>| {
            Algorithm::of_string(string).is_some() && string.len() <= LONGEST_STRING
        };
        let of_message = |text: &Option<String>| text.as_ref().map(|it| it.as_bytes().to_vec());
        Self {
            canonical_request: of_field("CanonicalRequest")
                .or_else(|| of_message(&message.canonical_request)),
            string_to_sign: of_field("StringToSign")
                .or_else(|| of_message(&message.string_to_sign))
                .filter(whole),
        }
    }

    /// Whether the service sent a text that can be compared.
    pub(crate) fn is_shown(&self) -> bool {
        self.canonical_request.is_some() || self.string_to_sign.is_some()
    }
}

impl fmt::Debug for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dump").finish_non_exhaustive()
    }
}

/// Parses bytes written as `47 45 54 0a`.
fn read_hex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &str| (pair.len() == 2).then(|| u8::from_str_radix(pair, 16).ok()).flatten();
    text.split_ascii_whitespace().map(byte).collect()
}

/// Reads S3's own elements, if code and message are general.
pub(super) fn of_fields(raw: &Raw, message: &Message, code: &str) -> Option<RefusalCause> {
    let sentence = message.sentence.as_str();
    match bare(code) {
        "AccessDenied" if raw.field("HeadersNotSigned").is_some() => {
            Some(RefusalCause::UnsignedHeaders)
        }
        "AccessDenied" if raw.field("Expires").is_some() && raw.field("X-Amz-Date").is_none() => {
            Some(RefusalCause::PresignedExpired)
        }
        "AccessDenied" if sentence.starts_with("Request has expired") => {
            Some(RefusalCause::PresignedExpired)
        }
        "AccessDenied"
            if raw.field("X-Amz-Date").is_some()
                || sentence.starts_with("Request is not yet valid") =>
        {
            Some(RefusalCause::PresignedTooEarly)
        }
        "SignatureDoesNotMatch" => {
            let string = raw.field("StringToSign")?;
            let chunk = ["AWS4-HMAC-SHA256-", "AWS4-ECDSA-P256-SHA256-"];
            let of_chunk = chunk.iter().any(|start| string.starts_with(start));
            of_chunk.then_some(RefusalCause::ChunkMismatch)
        }
        "InvalidArgument" if raw.field("ArgumentName") == Some("Authorization") => {
            Some(message.said.unwrap_or(RefusalCause::MalformedAuthorization))
        }
        // Garage: the scope in its message differs from its own region.
        "AuthorizationHeaderMalformed" => {
            let scope = message.unexpected_scope.as_deref()?;
            let region = scope.split('/').nth(1)?;
            let other = raw.field("Region").is_some_and(|own| own.trim() != region);
            other.then_some(RefusalCause::WrongRegion)
        }
        _ => None,
    }
}
