//! The signature fields of a request, from the header or the query.

use http::{HeaderMap, HeaderName};
use zeroize::Zeroizing;

use super::dates;
use super::error::VerifyError;
use super::form::Form;
use super::headers::SignatureHeaders;
use super::query::QueryFields;
use crate::fields::{self, query};
use crate::head::RequestHead;
use crate::payload::PayloadHash;
use crate::scope::CredentialScope;
use crate::service::{PayloadHeader, PresignedPayload, Rules, SessionToken};
use crate::time::SigningTime;
use crate::verify::authorization::{Accepts, Authorization, AuthorizationError};

/// The headers that describe a stream.
const STREAM_HEADERS: [HeaderName; 2] =
    [fields::X_AMZ_DECODED_CONTENT_LENGTH, fields::X_AMZ_TRAILER];

/// The last line of the canonical request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    /// Stated by the request, or implied by its form.
    Stated(PayloadHash),
    /// The hash of the body, which is not in the head.
    OfBody,
}

impl Payload {
    /// Checks that a stream is signed by the algorithm that signed its head.
    pub(super) fn check(self, scope: CredentialScope<'_>) -> Result<(), VerifyError> {
        match self {
            Self::Stated(payload) if !payload.fits(scope.algorithm) => {
                Err(VerifyError::InvalidPayloadHeader)
            }
            _ => Ok(()),
        }
    }

    /// The headers for the stream's decoder, if the body is a stream.
    pub(super) fn stream_headers(self, headers: &HeaderMap) -> Option<Box<HeaderMap>> {
        if !matches!(self, Self::Stated(payload) if payload.is_stream()) {
            return None;
        }
        let mut taken = HeaderMap::new();
        for name in STREAM_HEADERS {
            for value in headers.get_all(&name) {
                taken.append(name.clone(), value.clone());
            }
        }
        Some(Box::new(taken))
    }
}

/// The fields of a signature, parsed but not verified.
pub(super) struct Presented<'a> {
    pub(super) form: Form,
    pub(super) authorization: Authorization<'a>,
    pub(super) token: Option<Zeroizing<String>>,
    pub(super) headers: SignatureHeaders<'a>,
    date: Option<&'a str>,
    expires: Option<&'a str>,
}

impl<'a> Presented<'a> {
    pub(super) fn read(
        head: &RequestHead<'a>,
        headers: SignatureHeaders<'a>,
        query: &'a QueryFields<'a>,
        rules: &Rules,
        accepts: Accepts,
    ) -> Result<Self, VerifyError> {
        let (form, authorization) = match (headers.authorization()?, query.is_presigned()) {
            (None, false) => return Err(VerifyError::NoSignature),
            (Some(_), true) => return Err(VerifyError::TwoMechanisms),
            (Some(value), false) => (Form::Header, Authorization::parse_as(value, accepts)),
            (None, true) => (Form::Query, Authorization::from_query(query, accepts)),
        };
        let malformed = |error| VerifyError::Authorization { error, form };
        let authorization = authorization.map_err(malformed)?;
        #[cfg(feature = "sigv4a")]
        let authorization = super::asymmetric::with_region_set(authorization, form, head, query)?;
        let (date, expires) = match form {
            Form::Header | Form::Post => (None, None),
            Form::Query => {
                if head.headers.contains_key(fields::X_AMZ_DATE) {
                    return Err(VerifyError::DuplicateHeader { name: fields::X_AMZ_DATE });
                }
                let missing = |name| malformed(AuthorizationError::MissingField(name));
                let get = |name| query.get(name).ok_or_else(|| missing(name));
                (Some(get(query::DATE)?), Some(get(query::EXPIRES)?))
            }
        };
        let token = token(&headers, query, rules)?;
        Ok(Self { form, authorization, token, headers, date, expires })
    }

    /// The time of the signature: `x-amz-date`, or a signed `Date` if there is none.
    pub(super) fn time(&self, signed: &[&str]) -> Result<SigningTime, VerifyError> {
        if let Some(date) = self.date {
            return date.parse().map_err(|_| VerifyError::InvalidDate);
        }
        if let Some(date) = self.headers.amz_date()? {
            return date.parse().map_err(|_| VerifyError::InvalidDate);
        }
        match self.headers.date()? {
            None => Err(VerifyError::MissingDate),
            Some(_) if signed.binary_search(&"date").is_err() => Err(VerifyError::DateNotSigned),
            Some(date) => dates::read(date).ok_or(VerifyError::InvalidDate),
        }
    }

    /// The lifetime of a presigned URL in seconds; `None` in the header form.
    pub(super) fn expires(&self, max: u64) -> Result<Option<u64>, VerifyError> {
        let Some(text) = self.expires else {
            return Ok(None);
        };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(seconds) if digits && (1..=max).contains(&seconds) => Ok(Some(seconds)),
            _ => Err(VerifyError::InvalidExpires { max }),
        }
    }

    /// The payload line: the value of `x-amz-content-sha256`, or the one that the form implies.
    pub(super) fn payload(
        &self,
        query: &QueryFields<'_>,
        rules: &Rules,
    ) -> Result<Payload, VerifyError> {
        let in_header = self.headers.content_sha256()?;
        let in_query = query.payload().filter(|_| self.form == Form::Query);
        let stated = match (in_header, in_query) {
            (Some(a), Some(b)) if a != b => {
                return Err(VerifyError::DuplicateHeader { name: fields::X_AMZ_CONTENT_SHA256 });
            }
            (header, query) => header.or(query),
        };
        if let Some(text) = stated {
            let payload = PayloadHash::read(text.as_bytes());
            return payload.map(Payload::Stated).ok_or(VerifyError::InvalidPayloadHeader);
        }
        match (self.form, rules.presigned_payload, rules.payload_header) {
            (Form::Query, PresignedPayload::Unsigned, _) => {
                Ok(Payload::Stated(PayloadHash::Unsigned))
            }
            (Form::Header | Form::Post, _, PayloadHeader::Always) => {
                Err(VerifyError::MissingPayloadHeader)
            }
            _ => Ok(Payload::OfBody),
        }
    }
}

/// The session token, from header or query: at most one, under a name that the service uses.
fn token(
    headers: &SignatureHeaders<'_>,
    fields: &QueryFields<'_>,
    rules: &Rules,
) -> Result<Option<Zeroizing<String>>, VerifyError> {
    let of_session = one_of(headers.s3session_token()?, fields.get(query::S3SESSION_TOKEN));
    // Only S3 Express uses this name, and every field present must be checked.
    if rules.session_token != SessionToken::S3Session && !matches!(of_session, Ok(None)) {
        return Err(VerifyError::MisplacedToken);
    }
    let plain = one_of(headers.security_token()?, fields.get(query::SECURITY_TOKEN));
    let token = one_of(of_session?, plain?)?;
    Ok(token.map(|text| Zeroizing::new(text.to_owned())))
}

/// The token that is there, of two that could be.
fn one_of<'a>(a: Option<&'a str>, b: Option<&'a str>) -> Result<Option<&'a str>, VerifyError> {
    if a.is_some() && b.is_some() { Err(VerifyError::TwoTokens) } else { Ok(a.or(b)) }
}
