//! A server that refuses as Amazon S3 does and returns the texts it computed: the raw server with
//! the slow oracle.
//!
//! It checks in S3's order (scope, clock, key, coverage, signature, payload). Its bodies have S3's
//! elements. Source: Amazon S3 API Reference, "Error responses", and responses of the live service.

use std::io;
use std::time::{Duration, SystemTime};

use crate::oracle::{self, Rules};
use crate::raw::{Answer, RawServer, Received, Reply};
use crate::time::basic;
use crate::wire::{ACCESS_KEY, REGION, SECRET_KEY};

/// How far a date may differ.
const WINDOW: Duration = Duration::from_secs(900);

/// Starts a server for [`ACCESS_KEY`], [`SECRET_KEY`] and [`REGION`]. It returns 200 for correctly
/// signed requests.
///
/// # Errors
/// No port is available.
pub fn start() -> io::Result<RawServer> {
    RawServer::start(|received| {
        let refused = judge(received).err();
        Answer::Reply(refused.unwrap_or_else(|| Reply::new(200)).header("server", "refusing"))
    })
}

/// The contents of the `Authorization` header.
struct Claim {
    access_key: String,
    day: String,
    region: String,
    service: String,
    signed_headers: Vec<String>,
    signature: String,
}

impl Claim {
    fn read(received: &Received) -> Result<Self, Reply> {
        let value = received.header("authorization").concat();
        let malformed = || refusal(400, "AuthorizationHeaderMalformed", &three_components(), &[]);
        let rest = value.strip_prefix("AWS4-HMAC-SHA256 ").ok_or_else(malformed)?;
        let field = |name: &str| {
            let prefix = format!("{name}=");
            let found = rest.split(',').find_map(|part| part.trim().strip_prefix(prefix.as_str()));
            found.map(str::to_owned).ok_or_else(malformed)
        };
        let credential = field("Credential")?;
        let [access_key, day, region, service, "aws4_request"] =
            credential.split('/').collect::<Vec<_>>()[..]
        else {
            return Err(malformed());
        };
        Ok(Self {
            access_key: access_key.into(),
            day: day.into(),
            region: region.into(),
            service: service.into(),
            signed_headers: field("SignedHeaders")?.split(';').map(str::to_owned).collect(),
            signature: field("Signature")?,
        })
    }
}

fn three_components() -> String {
    "The authorization header is malformed; the authorization header requires three components: \
     Credential, SignedHeaders, and Signature."
        .to_owned()
}

fn judge(received: &Received) -> Result<(), Reply> {
    let claim = Claim::read(received)?;
    check_scope(&claim)?;
    check_clock(received)?;
    if claim.access_key != ACCESS_KEY {
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        let fields = [("AWSAccessKeyId", claim.access_key.as_str())];
        return Err(refusal(403, "InvalidAccessKeyId", message, &fields));
    }
    check_coverage(received, &claim)?;
    check_signature(received, &claim)?;
    check_payload(received)
}

fn check_scope(claim: &Claim) -> Result<(), Reply> {
    let code = "AuthorizationHeaderMalformed";
    if claim.region != REGION {
        let message = format!(
            "The authorization header is malformed; the region '{}' is wrong; expecting '{REGION}'",
            claim.region
        );
        return Err(refusal(400, code, &message, &[("Region", REGION)]));
    }
    if claim.service != "s3" {
        let message = format!(
            "The authorization header is malformed; incorrect service \"{}\". This endpoint belongs \
             to \"s3\".",
            claim.service
        );
        return Err(refusal(400, code, &message, &[]));
    }
    Ok(())
}

fn check_clock(received: &Received) -> Result<(), Reply> {
    let now = SystemTime::now();
    let date = received.header("x-amz-date").concat();
    // Texts of one length and format sort in the order of their times.
    if (basic(now - WINDOW)..=basic(now + WINDOW)).contains(&date) {
        return Ok(());
    }
    let message = "The difference between the request time and the current time is too large.";
    let fields = [
        ("RequestTime", date.as_str()),
        ("ServerTime", &basic(now)),
        ("MaxAllowedSkewMilliseconds", "900000"),
    ];
    Err(refusal(403, "RequestTimeTooSkewed", message, &fields))
}

fn check_coverage(received: &Received, claim: &Claim) -> Result<(), Reply> {
    let names =
        received.headers.iter().map(|(name, _)| String::from_utf8_lossy(name).to_ascii_lowercase());
    let unsigned: Vec<String> = names
        .filter(|name| name.starts_with("x-amz-") || name == "content-md5")
        .filter(|name| !claim.signed_headers.contains(name))
        .collect();
    if unsigned.is_empty() {
        return Ok(());
    }
    let message = "There were headers present in the request which were not signed";
    Err(refusal(403, "AccessDenied", message, &[("HeadersNotSigned", &unsigned.join(", "))]))
}

fn check_signature(received: &Received, claim: &Claim) -> Result<(), Reply> {
    let request = received.as_request();
    let payload = received.header("x-amz-content-sha256").concat();
    // A signed header that did not arrive has no line.
    let present: Vec<String> = claim
        .signed_headers
        .iter()
        .filter(|name| !request.header(name).is_empty())
        .cloned()
        .collect();
    let canonical = oracle::canonical_request(&request, &present, payload.as_bytes(), Rules::S3)
        .map_err(|error| refusal(400, "InvalidURI", &error, &[]))?;
    let scope = format!("{}/{REGION}/s3/aws4_request", claim.day);
    let date = received.header("x-amz-date").concat();
    let to_sign = oracle::string_to_sign(&date, &scope, &canonical);
    let key = oracle::signing_key(SECRET_KEY, &claim.day, REGION, "s3");
    if oracle::signature(&key, to_sign.as_bytes()) == claim.signature {
        return Ok(());
    }
    let message = "The request signature we calculated does not match the signature you provided. \
                   Check your key and signing method.";
    let fields = [
        ("AWSAccessKeyId", claim.access_key.as_str()),
        ("StringToSign", &to_sign),
        ("SignatureProvided", &claim.signature),
        ("StringToSignBytes", &hex(to_sign.as_bytes())),
        ("CanonicalRequest", &String::from_utf8_lossy(&canonical)),
        ("CanonicalRequestBytes", &hex(&canonical)),
    ];
    Err(refusal(403, "SignatureDoesNotMatch", message, &fields))
}

fn check_payload(received: &Received) -> Result<(), Reply> {
    let signed = received.header("x-amz-content-sha256").concat();
    let arrived = oracle::sha256_hex(&received.body);
    if signed == arrived || signed == "UNSIGNED-PAYLOAD" {
        return Ok(());
    }
    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    let fields =
        [("ClientComputedContentSHA256", signed.as_str()), ("S3ComputedContentSHA256", &arrived)];
    Err(refusal(400, "XAmzContentSHA256Mismatch", message, &fields))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// Builds an error response as S3 writes it.
fn refusal(status: u16, code: &str, message: &str, fields: &[(&str, &str)]) -> Reply {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{}</Message>",
        escape(message)
    );
    for (name, value) in fields {
        body.push_str(&format!("<{name}>{}</{name}>", escape(value)));
    }
    body.push_str("<RequestId>4442587FB7D0A2F9</RequestId><HostId>host=</HostId></Error>");
    Reply::new(status).header("content-type", "application/xml").body(body)
}
