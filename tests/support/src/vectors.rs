//! Reads known answers for signing and verifying: one JSON object on each line.
//!
//! Fields that a kind does not use are `None` or empty.

use std::fs;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A name and a value.
pub type Pair = (String, String);

/// One known answer for a signer.
#[derive(Clone, Debug, Deserialize)]
pub struct SigningLine {
    /// The line's name within its file.
    pub id: String,
    /// The kind of the known answer: `header`, `query`, `chunked`, `signing-key`, `canon-path` and
    /// so on.
    pub kind: String,
    /// Absent for fragments and keys.
    #[serde(default)]
    pub request: Option<SigningRequest>,
    /// Keys, scope, time and rules.
    #[serde(default)]
    pub context: Context,
    /// The expected values. Absent for fragments.
    #[serde(default)]
    pub expect: Expect,
    /// Why the line is of interest.
    #[serde(default, alias = "notes")]
    pub note: Option<String>,
    /// `ok`, `reject` or `lossy`: whether `http::Uri` can hold the target.
    #[serde(default)]
    pub http_uri: Option<String>,
    /// An equivalent target that `http::Uri` can hold.
    #[serde(default)]
    pub alt_http: Option<AltHttp>,
    /// `chunked` and `trailer`: the chunks, including the final empty one.
    #[serde(default)]
    pub chunks: Vec<Chunk>,
    /// `trailer`: names and values.
    #[serde(default)]
    pub trailers: Vec<Pair>,
    /// `event`: the messages.
    #[serde(default)]
    pub events: Vec<Event>,
    /// The signature at which a stream's chain starts.
    #[serde(default)]
    pub seed_signature: Option<String>,
    /// `post-policy`: the policy document, in base64, as it is signed.
    #[serde(default)]
    pub policy_b64: Option<String>,
    /// `canon-*` and `header-value`: the text to canonicalise.
    #[serde(default)]
    pub input: Option<String>,
    /// `canon-*` and `header-value`: the canonical text.
    #[serde(default)]
    pub expected: Option<String>,
    /// `canon-path`: whether segments are resolved.
    #[serde(default)]
    pub normalize: Option<bool>,
    /// `canon-path`: whether the path is encoded twice.
    #[serde(default)]
    pub double_encode: Option<bool>,
    /// `token`: `rds`, `dsql` or another.
    #[serde(default)]
    pub token_type: Option<String>,
    /// `v4a-*`: a second signature of the same text.
    #[serde(default)]
    pub signature_alt: Option<String>,
    /// `v4a-header`: the texts of the chunks that follow, around the signatures that vary.
    #[serde(default)]
    pub v4a_chunk_sts_shape: Option<ChunkShape>,
    /// `v4a-*`: the key to verify with.
    #[serde(default)]
    pub public_key: Option<PublicKey>,
}

/// The request of a signing line.
#[derive(Clone, Debug, Deserialize)]
pub struct SigningRequest {
    /// The method.
    pub method: String,
    /// `http` or `https`.
    pub scheme: String,
    /// Host and port, if there is one.
    #[serde(default)]
    pub authority: Option<String>,
    /// Path and query, raw.
    pub target: String,
    /// The headers, without `x-amz-date` and without the token.
    pub headers: Vec<Pair>,
    /// The body, in base64.
    #[serde(default)]
    pub body_b64: String,
}

/// Keys, scope, time and rules of a signing line.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are the file format's")]
pub struct Context {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret: String,
    /// The session token.
    pub token: Option<String>,
    /// The region.
    pub region: String,
    /// The service.
    pub service: String,
    /// The time of signing, as `2015-08-30T12:36:00Z`.
    pub timestamp: String,
    /// How long a presigned request is valid, in seconds.
    pub expires: Option<u64>,
    /// Whether empty, `.` and `..` segments are resolved.
    pub normalize_path: bool,
    /// Whether the path is encoded twice.
    pub double_encode: bool,
    /// Whether `x-amz-content-sha256` is added and signed.
    pub signed_body_header: bool,
    /// Whether the token is added after signing.
    pub omit_session_token: bool,
    /// Whether the payload is not signed.
    pub unsigned_payload: bool,
    /// The last line of the canonical request, verbatim.
    pub payload_hash: Option<String>,
    /// Headers that the signer was configured to leave out.
    pub excluded_headers: Vec<String>,
    /// A derived key to use instead of the secret, in hexadecimal.
    pub signing_key_hex: Option<String>,
}

/// The expected values of a signing line.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Expect {
    /// The canonical request.
    pub canonical_request: Option<String>,
    /// The string to sign.
    pub string_to_sign: Option<String>,
    /// The hash of the string to sign, if the line does not give the text.
    pub string_to_sign_sha256: Option<String>,
    /// The signature, in hexadecimal.
    pub signature: Option<String>,
    /// The signed headers' names, joined by `;`.
    pub signed_headers: Option<String>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The query of a presigned request.
    pub signed_query: Option<String>,
    /// The headers that signing adds.
    pub added_headers: Vec<Pair>,
    /// The name of the expected error, if there is one.
    pub error: Option<String>,
    /// An authentication token: a presigned URL without its scheme.
    pub token: Option<String>,
    /// `signing-key`: the derived key, in hexadecimal.
    pub signing_key: Option<String>,
    /// `trailer`: the canonical trailers.
    pub trailer_canonical: Option<String>,
    /// `trailer`: the string to sign.
    pub trailer_string_to_sign: Option<String>,
    /// `trailer`: the signature.
    pub trailer_signature: Option<String>,
    /// `v4a-key`: the private key, in hexadecimal.
    pub private_key: Option<String>,
    /// `v4a-key`: the public key.
    pub public_key: Option<PublicKey>,
}

/// An equivalent of a target that `http::Uri` cannot hold.
#[derive(Clone, Debug, Deserialize)]
pub struct AltHttp {
    /// Path and query.
    pub target: String,
    /// The path rule to use with it.
    pub double_encode: bool,
}

/// One chunk of a signed stream.
#[derive(Clone, Debug, Deserialize)]
pub struct Chunk {
    /// The content, in base64.
    pub data_b64: String,
    /// The previous signature.
    pub previous_signature: String,
    /// The string to sign.
    pub string_to_sign: String,
    /// Its signature.
    pub signature: String,
}

/// The strings to sign of a SigV4a stream: what stands before and behind the signature before.
#[derive(Clone, Debug, Deserialize)]
pub struct ChunkShape {
    /// Before it, in a chunk's.
    pub pre: String,
    /// Behind it, in each chunk's.
    pub post: Vec<String>,
    /// Before it, in the trailers'.
    pub trailer_pre: String,
    /// Behind it, in the trailers'.
    pub trailer_post: String,
    /// The trailers: names and values.
    pub trailers: Vec<Pair>,
}

/// One message of a signed event stream.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// The message's own date, as `2015-08-30T12:36:00Z`.
    pub timestamp: String,
    /// The encoded `:date` header, in base64.
    pub headers_b64: String,
    /// The payload, in base64.
    pub payload_b64: String,
    /// The previous signature.
    pub previous_signature: String,
    /// The string to sign.
    pub string_to_sign: String,
    /// Its signature.
    pub signature: String,
}

/// A point on P-256, in hexadecimal.
#[derive(Clone, Debug, Deserialize)]
pub struct PublicKey {
    /// The x coordinate.
    pub x: String,
    /// The y coordinate.
    pub y: String,
}

/// One known answer for a verifier.
#[derive(Clone, Debug, Deserialize)]
pub struct VerifyingLine {
    /// The line's name within its file.
    pub id: String,
    /// The family of cases it belongs to.
    pub class: String,
    /// The request as received.
    pub request: VerifyingRequest,
    /// The verifier's time, as `2015-08-30T12:36:00Z`.
    pub now: String,
    /// The keys the verifier knows.
    pub credentials: Vec<KnownKey>,
    /// The region that the verifier accepts.
    pub region: String,
    /// The service that the verifier accepts.
    pub service: String,
    /// The verifier's settings.
    pub profile: Profile,
    /// Accept or reject.
    pub expect: Verdict,
    /// The reason for the verdict.
    #[serde(default)]
    pub reason: String,
}

/// The request of a verifying line.
#[derive(Clone, Debug, Deserialize)]
pub struct VerifyingRequest {
    /// The method.
    pub method: String,
    /// Path and query, or an absolute URI for HTTP/2.
    pub uri: String,
    /// `1.1` or `2`.
    pub http_version: String,
    /// Headers in order. Names may repeat.
    pub headers: Vec<Pair>,
    /// The body, in base64.
    #[serde(default)]
    pub body_b64: String,
}

/// A key that a verifier knows.
#[derive(Clone, Debug, Deserialize)]
pub struct KnownKey {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
    /// The session token.
    #[serde(default)]
    pub session_token: Option<String>,
}

/// A verifier's settings.
#[derive(Clone, Debug, Deserialize)]
pub struct Profile {
    /// Once for S3, twice for all others.
    pub path_encoding: PathEncoding,
    /// Whether empty, `.` and `..` segments are resolved.
    pub normalize_path: bool,
    /// How far clocks may differ, in seconds.
    pub max_skew_s: u64,
    /// The longest validity of a presigned request, in seconds.
    pub presign_max_s: u64,
    /// Whether `x-amz-content-sha256` must be present.
    pub require_content_sha256: bool,
}

/// How often a path is encoded.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum PathEncoding {
    /// Once.
    Single,
    /// Twice.
    Double,
}

/// The expected verdict of a verifier.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The request is valid.
    Accept,
    /// The request is not valid.
    Reject,
}

/// Reads all signing lines of a file.
///
/// # Errors
/// The file cannot be read, or a line has the wrong format. The error names the line.
pub fn read_signing(path: &Path) -> io::Result<Vec<SigningLine>> {
    read(path)
}

/// Reads all verifying lines of a file.
///
/// # Errors
/// The file cannot be read, or a line has the wrong format. The error names the line.
pub fn read_verifying(path: &Path) -> io::Result<Vec<VerifyingLine>> {
    read(path)
}

/// Decodes one of the `*_b64` fields.
///
/// # Errors
/// The text is not base64.
pub fn decode_base64(text: &str) -> io::Result<Vec<u8>> {
    STANDARD.decode(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Vec<T>> {
    let text = fs::read_to_string(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|error| {
                let place = format!("{}:{}: {error}", path.display(), number + 1);
                io::Error::new(io::ErrorKind::InvalidData, place)
            })
        })
        .collect()
}
