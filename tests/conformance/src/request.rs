//! Whole requests: canonical request, string to sign, signature, and the signed request as sent.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sigv4_core::service::{
    PathEncoding, PathNormalization, PayloadHeader, PresignedPayload, Rules, SessionToken,
};
use sigv4_core::{
    CredentialScope, Credentials, HeaderSelection, PayloadHash, Presigned, Region, RegionSet,
    RequestHead, Service, Signed, Signer, SigningKey, SigningTime, Transcript,
};
use support::oracle;
use support::vectors::{AltHttp, Context, SigningLine, SigningRequest, decode_base64};

use crate::{Checked, Mismatch, refused, same};

/// Checks a request signed in its headers.
pub(crate) fn header(line: &SigningLine) -> Checked {
    let case = Case::read(line)?;
    let (signed, transcript) = case
        .signer
        .compute_transcript(case.head(), case.payload, &case.credentials, case.time)
        .map_err(|error| refused(&error))?;
    let (mut signature, mut authorization) =
        (signed.signature().to_string(), signed.authorization().to_owned());
    if line.context.secret.is_empty() {
        let resigned = case.sign_with_empty_secret(transcript.string_to_sign());
        authorization = authorization.replace(&signature, &resigned);
        signature = resigned;
    }
    compare(line, &transcript, &signature)?;
    compare_added(line, &signed)?;
    if let Some(expected) = &line.expect.authorization {
        let plain = |text: &str| text.replace(", ", ",");
        same("authorization", plain(&authorization).as_bytes(), plain(expected).as_bytes())?;
    }
    if line.context.secret.is_empty() { Ok(()) } else { compare_prepared(&case, &signed) }
}

/// Checks that a prepared signer gives the same answer.
fn compare_prepared(case: &Case<'_>, signed: &Signed) -> Checked {
    let prepared = case.signer.prepared(&case.credentials, case.time);
    let again = prepared
        .and_then(|mut prepared| prepared.compute(case.head(), case.payload, case.time))
        .map_err(|error| refused(&error))?;
    same("prepared", again.authorization().as_bytes(), signed.authorization().as_bytes())
}

/// The headers that signing adds.
pub(crate) fn compare_added(line: &SigningLine, signed: &Signed) -> Checked {
    let mut headers = HeaderMap::new();
    signed.apply(&mut headers);
    for (name, value) in line.expect.added_headers.iter().filter(|(name, _)| name != "host") {
        let ours = headers.get(name.to_lowercase()).map(HeaderValue::as_bytes).unwrap_or_default();
        if !name.eq_ignore_ascii_case("authorization") {
            same(name, ours, value.as_bytes())?;
        }
    }
    Ok(())
}

/// Checks a presigned request, and the tokens made from one.
pub(crate) fn query(line: &SigningLine) -> Checked {
    let line = &for_a_url(line)?;
    let case = Case::read(line)?;
    let expires = case.expires()?;
    let (presigned, transcript) = case
        .signer
        .presign_transcript(case.head(), case.payload, expires, &case.credentials, case.time)
        .map_err(|error| refused(&error))?;
    let query = presigned.as_str().split_once('?').map_or("", |(_, query)| query);
    let signature = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Signature="));
    compare(line, &transcript, signature.unwrap_or_default())?;
    if let Some(expected) = &line.expect.signed_query {
        same_query(query, expected)?;
    }
    if let Some(expected) = &line.expect.token {
        let (place, their_query) = expected.split_once('?').unwrap_or((expected, ""));
        let ours = presigned.as_str();
        let ours = ours.trim_start_matches("https://").split('?').next().unwrap_or_default();
        same("token", ours.as_bytes(), place.as_bytes())?;
        same_query(query, their_query)?;
    }
    compare_many(&case, expires, &presigned)
}

/// Checks that the URL presigned as one of many is the same.
fn compare_many(case: &Case<'_>, expires: Duration, presigned: &Presigned) -> Checked {
    let head = case.head();
    if case.payload != PayloadHash::EMPTY || !head.path.starts_with('/') {
        return Ok(()); // many URLs have the service's own payload, and whole paths
    }
    let paths = [head.path];
    let many = case.signer.presign_many(head, paths, expires, &case.credentials, case.time);
    let urls: Result<Vec<_>, _> = many.and_then(Iterator::collect);
    for url in urls.map_err(|error| refused(&error))? {
        same("one of many", url.as_str().as_bytes(), presigned.as_str().as_bytes())?;
    }
    Ok(())
}

/// Returns the line with a target that a URL can hold. A presigned request becomes a URL; the header
/// form accepts any text.
pub(crate) fn for_a_url(line: &SigningLine) -> Result<SigningLine, Mismatch> {
    match (line.http_uri.as_deref(), &line.alt_http) {
        (None | Some("ok"), _) => Ok(line.clone()),
        (Some(_), Some(alternative)) => Ok(with_target(line, alternative)),
        (Some(_), None) => Err(not_http("target")),
    }
}

/// Returns the line with a target that a URL can hold and that has the same canonical path.
fn with_target(line: &SigningLine, alternative: &AltHttp) -> SigningLine {
    let mut line = line.clone();
    line.context.double_encode = alternative.double_encode;
    if let Some(request) = &mut line.request {
        request.target.clone_from(&alternative.target);
    }
    line
}

/// Compares queries as sets of pairs, whatever their spelling.
pub(crate) fn same_query(ours: &str, theirs: &str) -> Checked {
    let canonical =
        |query: &str| oracle::canonical_query(query.as_bytes()).map_err(|error| refused(&error));
    same("presigned query", &canonical(ours)?, &canonical(theirs)?)
}

fn compare(line: &SigningLine, transcript: &Transcript, signature: &str) -> Checked {
    compare_texts(line, transcript)?;
    match &line.expect.signature {
        Some(theirs) => same("signature", signature.as_bytes(), theirs.as_bytes()),
        None if line.expect.error.is_some() => Err(Mismatch::Differs("signed, not refused".into())),
        None => Ok(()),
    }
}

/// The canonical request and the string to sign.
pub(crate) fn compare_texts(line: &SigningLine, transcript: &Transcript) -> Checked {
    let expect = &line.expect;
    if let Some(theirs) = &expect.canonical_request {
        same("canonical request", transcript.canonical_request(), theirs.as_bytes())?;
    }
    if let Some(theirs) = &expect.string_to_sign {
        same("string to sign", transcript.string_to_sign(), theirs.as_bytes())?;
    }
    Ok(())
}

/// Stands in for an empty secret, until the signature is made.
const PLACEHOLDER: &str = "placeholder";

/// A line's request and its signer.
pub(crate) struct Case<'a> {
    request: &'a SigningRequest,
    method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) signer: Signer,
    pub(crate) payload: PayloadHash,
    pub(crate) credentials: Credentials,
    pub(crate) time: SigningTime,
    expires: Option<u64>,
}

impl<'a> Case<'a> {
    pub(crate) fn read(line: &'a SigningLine) -> Result<Self, Mismatch> {
        let request = line.request.as_ref().ok_or(Mismatch::NotExpressible("no request".into()))?;
        let context = &line.context;
        let time = context.timestamp.replace(['-', ':'], "");
        let secret = if context.secret.is_empty() { PLACEHOLDER } else { &context.secret };
        let mut credentials = Credentials::new(&context.access_key, secret);
        if let Some(token) = &context.token {
            credentials = credentials.with_session_token(token);
        }
        Ok(Self {
            request,
            method: request.method.parse().map_err(|_| not_http("method"))?,
            headers: read_headers(request)?,
            signer: signer(line)?,
            payload: payload(context, request)?,
            credentials,
            time: time.parse().map_err(|error| refused(&error))?,
            expires: context.expires,
        })
    }

    /// Signs a text as curl's tests do: a `Signer` refuses their empty secret, its parts do not.
    fn sign_with_empty_secret(&self, string_to_sign: &[u8]) -> String {
        let scope = CredentialScope::new(self.time, self.signer.region(), self.signer.service());
        SigningKey::derive("", &scope).sign(string_to_sign).to_string()
    }

    /// How long a presigned URL lives.
    pub(crate) fn expires(&self) -> Result<Duration, Mismatch> {
        let seconds = self.expires.ok_or_else(|| Mismatch::Differs("no expiry".into()))?;
        Ok(Duration::from_secs(seconds))
    }

    pub(crate) fn head(&self) -> RequestHead<'_> {
        let (path, query) = match self.request.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.request.target.as_str(), None),
        };
        RequestHead {
            method: &self.method,
            scheme: Some(&self.request.scheme),
            authority: self.request.authority.as_deref(),
            path,
            query,
            headers: &self.headers,
        }
    }
}

fn not_http(what: &str) -> Mismatch {
    Mismatch::NotExpressible(format!("the http crate cannot hold its {what}"))
}

fn read_headers(request: &SigningRequest) -> Result<HeaderMap, Mismatch> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name: HeaderName = name.parse().map_err(|_| not_http("header name"))?;
        let value =
            HeaderValue::from_bytes(value.as_bytes()).map_err(|_| not_http("header value"))?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn signer(line: &SigningLine) -> Result<Signer, Mismatch> {
    let context = &line.context;
    let rules = Rules::DEFAULT
        .with_path_normalization(if context.normalize_path {
            PathNormalization::Normalize
        } else {
            PathNormalization::Verbatim
        })
        .with_path_encoding(if context.double_encode {
            PathEncoding::Double
        } else {
            PathEncoding::Single
        })
        .with_payload_header(if context.signed_body_header {
            PayloadHeader::Always
        } else {
            PayloadHeader::WhenNeeded
        })
        .with_presigned_payload(PresignedPayload::Hashed)
        .with_session_token(match Rules::of(&context.service).session_token {
            _ if context.omit_session_token => SessionToken::Unsigned,
            SessionToken::Unsigned => SessionToken::Signed,
            signed => signed,
        });
    let service =
        Service::with_rules(context.service.clone(), rules).map_err(|error| refused(&error))?;
    let signer = if line.kind.starts_with("v4a") {
        let set = RegionSet::new(context.region.clone()).map_err(|error| refused(&error))?;
        Signer::for_regions(set, service)
    } else {
        let region = Region::new(context.region.clone()).map_err(|error| refused(&error))?;
        Signer::new(region, service)
    };
    Ok(match &line.expect.signed_headers {
        None => signer,
        Some(list) => signer.with_signed_headers(HeaderSelection::Listed(
            list.split(';').filter_map(|name| name.parse().ok()).collect(),
        )),
    })
}

fn payload(context: &Context, request: &SigningRequest) -> Result<PayloadHash, Mismatch> {
    match &context.payload_hash {
        Some(text) => text.parse().map_err(|_| {
            Mismatch::NotExpressible("its payload line is neither a hash nor a known value".into())
        }),
        None => {
            let body = decode_base64(&request.body_b64).map_err(|error| refused(&error))?;
            Ok(PayloadHash::of(&body))
        }
    }
}
