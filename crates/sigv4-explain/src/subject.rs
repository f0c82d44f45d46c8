//! The refused request, as far as it is known: as it was signed and as it was sent.

use core::ops::Range;
use std::borrow::Cow;

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use sigv4_core::service::Rules;
use sigv4_core::{RequestHead, SigningTime, Transcript};

use crate::sigv4a::{self, Algorithm};
use crate::text::read_time;

/// The most headers that are distinguished. No signer writes more.
const MOST_HEADERS: usize = 4096;

/// The lines of a canonical request, split by their meaning.
pub(crate) struct Canonical<'a> {
    lines: Vec<Cow<'a, str>>,
    headers: Range<usize>,
}

impl<'a> Canonical<'a> {
    pub(crate) fn read(text: &'a [u8]) -> Self {
        let lines: Vec<Cow<'a, str>> =
            text.split(|byte| *byte == b'\n').map(String::from_utf8_lossy).collect();
        let headers = lines.iter().skip(3).take(MOST_HEADERS);
        let count = headers.take_while(|line| !line.is_empty()).count();
        Self { lines, headers: 3..3 + count }
    }

    pub(crate) fn line(&self, at: usize) -> &str {
        self.lines.get(at).map_or("", |line| line)
    }

    /// The headers with their positions, from 0.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        let lines = self.lines.get(self.headers.clone()).unwrap_or_default();
        let headers = lines.iter().zip(self.headers.clone());
        headers.filter_map(|(line, at)| line.split_once(':').map(|(name, value)| (at, name, value)))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(_, known, _)| *known == name).map(|(_, _, value)| value)
    }

    /// The positions of the list of signed headers and of the payload.
    pub(crate) fn ends(&self) -> (usize, usize) {
        (self.headers.end + 1, self.headers.end + 2)
    }

    pub(crate) fn payload(&self) -> &str {
        self.line(self.headers.end + 2)
    }
}

/// The signed values, from the transcript if there is one, otherwise from the request's head.
#[derive(Debug, Default)]
pub(crate) struct Subject {
    pub(crate) method: String,
    pub(crate) host: Option<String>,
    pub(crate) path: String,
    pub(crate) key: Option<String>,
    /// `None` if it is signed neither with SigV4 nor with SigV4a.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) date: Option<String>,
    /// The region; for SigV4a, the region set.
    pub(crate) region: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) time: Option<SigningTime>,
    pub(crate) has_token: bool,
    /// The lifetime of a presigned URL, in seconds.
    pub(crate) expires: Option<i64>,
    pub(crate) is_presigned: bool,
    /// The payload's line, or `x-amz-content-sha256`.
    pub(crate) payload: Option<String>,
    pub(crate) has_payload_header: bool,
    pub(crate) content_length: Option<String>,
}

impl Subject {
    pub(crate) fn of(
        transcript: Option<&Transcript>,
        request: Option<&RequestHead<'_>>,
    ) -> Option<Self> {
        match (transcript, request) {
            (Some(transcript), _) => Some(Self::signed(transcript)),
            (None, Some(request)) => Some(Self::sent(request)),
            (None, None) => None,
        }
    }

    fn signed(transcript: &Transcript) -> Self {
        let canonical = Canonical::read(transcript.canonical_request());
        let query = Query(canonical.line(2));
        let scope = transcript.scope();
        let owned = |text: &str| Some(text.to_owned());
        Self {
            method: canonical.line(0).to_owned(),
            host: canonical.header("host").map(str::to_owned),
            path: canonical.line(1).to_owned(),
            key: owned(transcript.access_key_id()),
            algorithm: Algorithm::of_string(transcript.string_to_sign()),
            date: owned(scope.date()),
            region: owned(scope.region()),
            service: owned(scope.service()),
            time: Some(transcript.time()),
            has_token: transcript.has_session_token(),
            expires: query.get("X-Amz-Expires").and_then(|it| it.parse().ok()),
            is_presigned: query.get("X-Amz-Algorithm").is_some(),
            payload: owned(canonical.payload()),
            has_payload_header: canonical.header("x-amz-content-sha256").is_some(),
            content_length: canonical.header("content-length").map(str::to_owned),
        }
    }

    fn sent(request: &RequestHead<'_>) -> Self {
        let header = |name: &str| text_of(request.headers, name);
        let query = Query(request.query.unwrap_or_default());
        let is_presigned = query.get("X-Amz-Algorithm").is_some();
        let of_header = || header("authorization").and_then(credential_of).map(str::to_owned);
        let credential = query.get("X-Amz-Credential").or_else(of_header);
        let of_scheme = || header("authorization")?.split(' ').next().map(str::to_owned);
        let algorithm = query.get("X-Amz-Algorithm").or_else(of_scheme);
        let algorithm = algorithm.as_deref().and_then(Algorithm::of);
        let of_set = || header("x-amz-region-set").map(str::to_owned);
        let set = query.get("X-Amz-Region-Set").or_else(of_set);
        let [key, date, region, service] =
            credential_parts(credential.as_deref().unwrap_or_default(), algorithm);
        let region = if algorithm == Some(Algorithm::Ecdsa) { set.as_deref() } else { region };
        let date_header = || header("x-amz-date").or_else(|| header("date")).map(str::to_owned);
        let time = query.get("X-Amz-Date").or_else(date_header);
        let token = query.get("X-Amz-Security-Token").is_some()
            || header("x-amz-security-token").or(header("x-amz-s3session-token")).is_some();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            method: request.method.to_string(),
            host: owned(header("host").or(request.authority)),
            path: request.path.to_owned(),
            key: owned(key),
            algorithm,
            date: owned(date),
            region: owned(region),
            service: owned(service),
            time: time.as_deref().and_then(read_time),
            has_token: token,
            expires: query.get("X-Amz-Expires").and_then(|it| it.parse().ok()),
            is_presigned,
            payload: owned(header("x-amz-content-sha256")),
            has_payload_header: header("x-amz-content-sha256").is_some(),
            content_length: owned(header("content-length")),
        }
    }

    /// Whether the signature is for `region`; `None` if its region is not known.
    pub(crate) fn covers(&self, region: &str) -> Option<bool> {
        let signed = self.region.as_deref()?;
        Some(match self.algorithm {
            Some(Algorithm::Ecdsa) => sigv4a::covers(signed, region),
            _ => signed == region,
        })
    }

    /// The rules of the service for which the request was signed.
    pub(crate) fn rules(&self) -> Rules {
        self.service.as_deref().map_or(Rules::DEFAULT, Rules::of)
    }
}

/// Returns a header's value as text, if the header occurs once.
pub(crate) fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Returns the credential in an Authorization header, even if the rest is malformed.
fn credential_of(authorization: &str) -> Option<&str> {
    let (_, rest) = authorization.split_once("Credential=")?;
    rest.split([',', ' ']).next()
}

/// Splits a credential into key, date, region and service, from the end, because a key may contain
/// slashes.
fn credential_parts(credential: &str, algorithm: Option<Algorithm>) -> [Option<&str>; 4] {
    let ecdsa = algorithm == Some(Algorithm::Ecdsa);
    let mut parts = credential.rsplitn(if ecdsa { 4 } else { 5 }, '/').skip(1);
    let service = parts.next();
    let region = if ecdsa { None } else { parts.next() };
    let date = parts.next();
    [parts.next(), date, region, service]
}

/// A query's parameters, by their decoded names.
pub(crate) struct Query<'a>(pub(crate) &'a str);

impl Query<'_> {
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut pairs = self.0.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| decoded(known) == name).map(|(_, value)| decoded(value))
    }
}
