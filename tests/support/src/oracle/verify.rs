//! Recomputes the signature of a received request from its bytes alone.

use std::collections::BTreeMap;

use super::chunked::{self, Chain, Decoded, Kind};
use super::{
    BytePair, PresignedPayload, Request, Rules, UNSIGNED_PAYLOAD, canonical_request, query_pairs,
    sha256_hex, signature, signing_key, string_to_sign,
};

/// A secret access key and the session token that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The secret access key.
    pub secret: String,
    /// The token of temporary credentials. If set, it must be sent, signed and equal.
    pub token: Option<String>,
}

/// The values that the oracle knows beforehand.
#[derive(Clone, Debug)]
pub struct Oracle {
    /// The region the credential scope must name.
    pub region: String,
    /// The service the credential scope must name.
    pub service: String,
    /// Path and payload rules of that service.
    pub rules: Rules,
    /// Keys by access key id.
    pub keys: BTreeMap<String, Key>,
}

/// The location of the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned request.
    Query,
}

/// A request with a valid signature, payload and chunks, and all intermediate texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Header or query.
    pub form: Form,
    /// The access key id of the signer.
    pub access_key: String,
    /// Lower-case names, in the order signed.
    pub signed_headers: Vec<String>,
    /// The canonical request, as bytes.
    pub canonical_request: Vec<u8>,
    /// The string to sign.
    pub string_to_sign: String,
    /// The signature, 64 hexadecimal digits. It is also the seed of a stream's chain.
    pub signature: String,
    /// The body, without its `aws-chunked` framing.
    pub body: Vec<u8>,
    /// The trailers of an `aws-chunked` body, with names in lower case.
    pub trailers: Vec<(String, Vec<u8>)>,
}

impl Oracle {
    /// Creates an oracle with one key pair and no token.
    #[must_use]
    pub fn new(region: &str, service: &str, rules: Rules, access_key: &str, secret: &str) -> Self {
        let key = Key { secret: secret.to_owned(), token: None };
        Self {
            region: region.to_owned(),
            service: service.to_owned(),
            rules,
            keys: BTreeMap::from([(access_key.to_owned(), key)]),
        }
    }

    /// Makes the key pair temporary, with this token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        for key in self.keys.values_mut() {
            key.token = Some(token.to_owned());
        }
        self
    }

    /// Recomputes everything. It does not check the clock: the test decides about time.
    ///
    /// # Errors
    /// The first fault found, in words. For a signature, includes the canonical request.
    pub fn check(&self, request: &Request) -> Result<Checked, String> {
        let claim = Claim::of(request)?;
        let day = claim.timestamp.get(..8).unwrap_or_default();
        let scope = [day, &self.region, &self.service, "aws4_request"].join("/");
        if claim.scope != scope {
            return Err(format!("credential scope: `{}` instead of `{scope}`", claim.scope));
        }
        let key = self.keys.get(&claim.access_key).ok_or("the access key is not known")?;
        check_token(request, &claim, key.token.as_deref())?;
        check_signed_headers(request, &claim.signed_headers)?;

        let payload_line = self.payload_line(request, &claim);
        let canonical =
            canonical_request(request, &claim.signed_headers, &payload_line, self.rules)?;
        let to_sign = string_to_sign(&claim.timestamp, &scope, &canonical);
        let signing_key = signing_key(&key.secret, day, &self.region, &self.service);
        let computed = signature(&signing_key, to_sign.as_bytes());
        if computed != claim.signature {
            let text = String::from_utf8_lossy(&canonical);
            return Err(format!(
                "signature: {} instead of {computed}, over\n{text}",
                claim.signature
            ));
        }
        let chain = Chain {
            key: signing_key,
            timestamp: claim.timestamp,
            scope,
            seed_signature: computed.clone(),
        };
        let payload = check_payload(request, &payload_line, &chain)?;
        Ok(Checked {
            form: claim.form,
            access_key: claim.access_key,
            signed_headers: claim.signed_headers,
            canonical_request: canonical,
            string_to_sign: to_sign,
            signature: computed,
            body: payload.data,
            trailers: payload.trailers,
        })
    }

    /// Returns the last line that the canonical request must have.
    fn payload_line(&self, request: &Request, claim: &Claim) -> Vec<u8> {
        let header = request.header("x-amz-content-sha256");
        if let Some(value) = header.first() {
            return value.clone();
        }
        match (claim.form, self.rules.presigned_payload) {
            (Form::Query, PresignedPayload::Unsigned) => UNSIGNED_PAYLOAD.to_vec(),
            _ => sha256_hex(&request.body).into_bytes(),
        }
    }
}

/// The signature parameters that the request states.
struct Claim {
    form: Form,
    access_key: String,
    /// Everything after the access key: `20150830/region/service/aws4_request`.
    scope: String,
    timestamp: String,
    signed_headers: Vec<String>,
    signature: String,
}

impl Claim {
    fn of(request: &Request) -> Result<Self, String> {
        let authorization = request.header("authorization");
        let query = query_pairs(&request.query)?;
        let presigned = query.iter().any(|(name, _)| name == b"X-Amz-Signature");
        match (authorization.as_slice(), presigned) {
            ([value], false) => Self::of_header(request, &text(value)?),
            ([], true) => Self::of_query(&query),
            ([], false) => Err("the request is not signed".into()),
            _ => Err("the request is signed more than once".into()),
        }
    }

    fn of_header(request: &Request, value: &str) -> Result<Self, String> {
        let rest = value.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("another algorithm")?;
        let fields: Vec<(&str, &str)> =
            rest.split(',').filter_map(|field| field.trim().split_once('=')).collect();
        let field = |name: &str| {
            let found: Vec<&str> = fields
                .iter()
                .filter(|(other, _)| *other == name)
                .map(|(_, value)| *value)
                .collect();
            match found.as_slice() {
                [one] => Ok((*one).to_owned()),
                _ => Err(format!("authorization: {} times {name}", found.len())),
            }
        };
        let dates = request.header("x-amz-date");
        let [date] = dates.as_slice() else {
            return Err(format!("{} x-amz-date headers", dates.len()));
        };
        Self::of_fields(
            Form::Header,
            &field("Credential")?,
            text(date)?,
            &field("SignedHeaders")?,
            field("Signature")?,
        )
    }

    fn of_query(query: &[BytePair]) -> Result<Self, String> {
        let field = |name: &str| {
            let found: Vec<&Vec<u8>> = query
                .iter()
                .filter(|(other, _)| other == name.as_bytes())
                .map(|(_, value)| value)
                .collect();
            match found.as_slice() {
                [one] => text(one),
                _ => Err(format!("query: {} times {name}", found.len())),
            }
        };
        if field("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
            return Err("another algorithm".into());
        }
        let expires = field("X-Amz-Expires")?;
        if !expires.parse().is_ok_and(|seconds: u32| (1..=604_800).contains(&seconds)) {
            return Err(format!("X-Amz-Expires: `{expires}`"));
        }
        Self::of_fields(
            Form::Query,
            &field("X-Amz-Credential")?,
            field("X-Amz-Date")?,
            &field("X-Amz-SignedHeaders")?,
            field("X-Amz-Signature")?,
        )
    }

    fn of_fields(
        form: Form,
        credential: &str,
        timestamp: String,
        signed_headers: &str,
        signature: String,
    ) -> Result<Self, String> {
        let (access_key, scope) =
            credential.split_once('/').ok_or("a credential without a scope")?;
        let digits = timestamp.replacen('T', "", 1).replacen('Z', "", 1);
        if timestamp.len() != 16
            || digits.len() != 14
            || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(format!("the date `{timestamp}`"));
        }
        Ok(Self {
            form,
            access_key: access_key.to_owned(),
            scope: scope.to_owned(),
            timestamp,
            signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
            signature,
        })
    }
}

/// Checks that the token is the key's own and is in a signed place.
fn check_token(request: &Request, claim: &Claim, token: Option<&str>) -> Result<(), String> {
    let names = ["x-amz-security-token", "x-amz-s3session-token"];
    let sent: Vec<Vec<u8>> = match claim.form {
        Form::Header => names.iter().flat_map(|name| request.header(name)).collect(),
        Form::Query => query_pairs(&request.query)?
            .into_iter()
            .filter(|(name, _)| {
                names.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
            })
            .map(|(_, value)| value)
            .collect(),
    };
    match (sent.as_slice(), token) {
        ([], None) => Ok(()),
        ([one], Some(token)) if one == token.as_bytes() => Ok(()),
        ([], Some(_)) => Err("the session token was not sent".into()),
        (_, None) => Err("a session token was sent with a lasting key".into()),
        _ => Err("the session token is not the key's, or was sent more than once".into()),
    }
}

/// Checks that `host` and every `x-amz-*` header are signed, with names in lower case, sorted, each
/// once.
fn check_signed_headers(request: &Request, signed: &[String]) -> Result<(), String> {
    let mut expected = signed.to_vec();
    expected.sort();
    expected.dedup();
    if expected != signed || signed.iter().any(|name| name.to_ascii_lowercase() != *name) {
        return Err(format!("signed headers out of order: `{}`", signed.join(";")));
    }
    if request.header("host").len() != 1 {
        return Err(format!("{} host headers", request.header("host").len()));
    }
    let required = request
        .headers
        .iter()
        .map(|(name, _)| String::from_utf8_lossy(name).to_ascii_lowercase())
        .filter(|name| name == "host" || name.starts_with("x-amz-"));
    for name in required {
        if !signed.contains(&name) {
            return Err(format!("the header `{name}` is not signed"));
        }
    }
    Ok(())
}

/// Checks the body against its hash, or chunk by chunk against the chain. Returns the content.
fn check_payload(request: &Request, payload_line: &[u8], chain: &Chain) -> Result<Decoded, String> {
    let unframed = || Decoded { data: request.body.clone(), trailers: Vec::new() };
    if payload_line == UNSIGNED_PAYLOAD {
        return Ok(unframed());
    }
    if let Some(kind) = Kind::of(payload_line) {
        let decoded = chunked::decode(&request.body, kind, chain)?;
        let announced = request.header("x-amz-decoded-content-length").concat();
        if announced != decoded.data.len().to_string().as_bytes() {
            return Err("x-amz-decoded-content-length is not the content's length".into());
        }
        check_announced_trailers(request, &decoded.trailers)?;
        return Ok(decoded);
    }
    let computed = sha256_hex(&request.body);
    if computed.as_bytes() == payload_line {
        Ok(unframed())
    } else {
        Err(format!("payload: `{}` instead of {computed}", String::from_utf8_lossy(payload_line)))
    }
}

/// Checks that the trailers are those that `x-amz-trailer` names.
fn check_announced_trailers(
    request: &Request,
    trailers: &[(String, Vec<u8>)],
) -> Result<(), String> {
    let announced = request.header("x-amz-trailer").join(&b',');
    let announced = text(&announced)?.to_ascii_lowercase();
    let mut announced: Vec<&str> =
        announced.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let mut sent: Vec<&str> = trailers.iter().map(|(name, _)| name.as_str()).collect();
    announced.sort_unstable();
    sent.sort_unstable();
    if announced == sent {
        Ok(())
    } else {
        Err(format!("trailers: {sent:?} sent, {announced:?} announced"))
    }
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "text that is not UTF-8".into())
}
