//! Checks that do not need the service's texts. They find visible facts and hints.

use http::HeaderMap;
use sigv4_core::service::PayloadHeader;
use sigv4_core::{Endpoint, PayloadHash, RequestHead, SigningTime};

use crate::cause::RefusalCause as Cause;
use crate::compare::without_port;
use crate::finding::{Finding, Hint};
use crate::subject::{Query, Subject, text_of};

/// Prefixes of AWS's access key ids: temporary keys and long-term keys.
const TEMPORARY: &str = "ASIA";
const LONG_TERM: &str = "AKIA";

/// The longest list of signed headers that is checked.
const LONGEST_LIST: usize = 8 * 1024;

/// The signed time compared with the service's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// One of the two times is not known.
    Unknown,
    /// The difference is within the window; for a presigned URL, the time is within its lifetime.
    Agrees,
    /// The difference is larger than the service's window.
    Off,
    /// The presigned URL has expired.
    Expired,
    /// The presigned URL is not valid yet.
    TooEarly,
}

pub(crate) fn clock(subject: &Subject, server_time: Option<SigningTime>) -> Clock {
    let (Some(server), Some(signed)) = (server_time, subject.time) else { return Clock::Unknown };
    let (server, signed) = (server.unix(), signed.unix());
    let window = i64::from(subject.rules().max_skew_seconds);
    if !subject.is_presigned {
        let inside = server.abs_diff(signed) <= window.unsigned_abs();
        return if inside { Clock::Agrees } else { Clock::Off };
    }
    match subject.expires {
        _ if signed > server.saturating_add(window) => Clock::TooEarly,
        Some(expires) if server > signed.saturating_add(expires) => Clock::Expired,
        Some(_) => Clock::Agrees,
        None => Clock::Unknown,
    }
}

/// Finds a request that a service refuses because of its time alone.
pub(crate) fn clock_finding(
    subject: &Subject,
    server_time: Option<SigningTime>,
) -> Option<Finding> {
    match clock(subject, server_time) {
        Clock::Unknown | Clock::Agrees => None,
        Clock::Off => Some(Finding::seen(Cause::ClockSkew)),
        Clock::Expired => Some(Finding::seen(Cause::PresignedExpired)),
        Clock::TooEarly => Some(Finding::seen(Cause::PresignedTooEarly)),
    }
}

/// Finds a temporary key without its token.
pub(crate) fn token_missing(subject: &Subject) -> Option<Finding> {
    let key = subject.key.as_deref()?;
    (key.starts_with(TEMPORARY) && !subject.has_token).then(|| Finding::seen(Cause::TokenMissing))
}

/// Finds a long-term key with the token of other credentials.
pub(crate) fn token_unexpected(subject: &Subject) -> Option<Finding> {
    let key = subject.key.as_deref()?;
    (key.starts_with(LONG_TERM) && subject.has_token).then(|| Finding::seen(Cause::TokenUnexpected))
}

/// Whether a key's format shows that it needs a session token.
pub(crate) fn is_temporary(key: &str) -> bool {
    key.starts_with(TEMPORARY)
}

/// Finds errors in the request's head that do not depend on the response: a target copied from
/// HTML, or two authorizations.
pub(crate) fn head_finding(request: &RequestHead<'_>) -> Option<Finding> {
    let query = request.query.unwrap_or_default();
    if query.contains("&amp;") || request.path.contains("&amp;") {
        return Some(Finding::seen(Cause::EscapedTarget));
    }
    let in_query = ["X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential"]
        .iter()
        .any(|name| Query(query).get(name).is_some());
    let in_header = request.headers.contains_key(http::header::AUTHORIZATION);
    (in_query && in_header).then(|| Finding::seen(Cause::TwoSignatures))
}

/// Finds an Authorization header with a scheme other than SigV4.
pub(crate) fn other_scheme(request: &RequestHead<'_>) -> Option<Finding> {
    let value = authorization(request.headers)?;
    (!value.starts_with("AWS4-")).then(|| Finding::seen(Cause::AlgorithmRefused))
}

/// Finds a request without a signature in the header or the parameters.
pub(crate) fn not_signed(request: &RequestHead<'_>) -> Option<Finding> {
    let in_header = request.headers.contains_key(http::header::AUTHORIZATION);
    let query = Query(request.query.unwrap_or_default());
    let in_query = ["X-Amz-Signature", "Signature"].iter().any(|name| query.get(name).is_some());
    (!in_header && !in_query).then(|| Finding::seen(Cause::NotSigned))
}

/// Returns the headers that must be signed but are not: `x-amz-*` and content-md5.
pub(crate) fn unsigned_headers(request: &RequestHead<'_>) -> Option<Finding> {
    let signed = signed_headers(request)?;
    let has_to = |name: &str| {
        let tolerated = matches!(name, "x-amz-content-sha256" | "x-amz-date");
        (name.starts_with("x-amz-") && !tolerated) || name == "content-md5"
    };
    let names = request.headers.keys().map(http::HeaderName::as_str);
    let mut missing: Vec<&str> = names
        .filter(|name| has_to(name) && signed.split(';').all(|known| known != *name))
        .collect();
    missing.sort_unstable();
    (!missing.is_empty()).then(|| Finding::seen(Cause::UnsignedHeaders).named(&missing.join(", ")))
}

/// Returns the list of signed headers, from the header or from the query.
pub(crate) fn signed_headers(request: &RequestHead<'_>) -> Option<String> {
    let of_query = Query(request.query.unwrap_or_default()).get("X-Amz-SignedHeaders");
    let list = of_query.or_else(|| {
        let (_, rest) = authorization(request.headers)?.split_once("SignedHeaders=")?;
        rest.split([',', ' ']).next().map(str::to_owned)
    });
    list.filter(|list| list.len() <= LONGEST_LIST)
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    text_of(headers, "authorization")
}

/// Finds a request that was signed for one method and sent with another.
pub(crate) fn method_changed(subject: &Subject, request: &RequestHead<'_>) -> Option<Finding> {
    let sent = request.method.as_str();
    (subject.method != sent)
        .then(|| Finding::seen(Cause::MethodChanged).between(&subject.method, sent))
}

/// Returns the service and region of the host if the endpoint table contains it.
pub(crate) fn endpoint(subject: &Subject) -> Option<Endpoint> {
    Endpoint::from_host(without_port(subject.host.as_deref()?)).ok()
}

/// Finds a service or region that differs from the endpoint table.
pub(crate) fn scope_finding(subject: &Subject) -> Option<Finding> {
    let endpoint = endpoint(subject)?;
    let (region, service) = (endpoint.region().as_str(), endpoint.service().as_str());
    if subject.service.as_deref().is_some_and(|signed| signed != service) {
        let service = Some(service.to_owned());
        return Some(Finding { service, ..Finding::seen(Cause::WrongService) });
    }
    let other = subject.covers(region) == Some(false);
    let region = Some(region.to_owned());
    other.then(|| Finding { region, ..Finding::seen(Cause::WrongRegion) })
}

/// Finds a default port in the signed host, which services omit.
pub(crate) fn port_finding(subject: &Subject) -> Option<Finding> {
    let host = subject.host.as_deref()?;
    let named = host.ends_with(":443") || host.ends_with(":80");
    (named && without_port(host) != host)
        .then(|| Finding::seen(Cause::HostPort).between(host, without_port(host)))
}

/// Finds a missing payload header that this service requires to be signed.
pub(crate) fn payload_header_missing(subject: &Subject) -> Option<Finding> {
    let asks = subject.rules().payload_header == PayloadHeader::Always;
    (asks && !subject.is_presigned && !subject.has_payload_header)
        .then(|| Finding::seen(Cause::PayloadHeaderMissing))
}

/// Returns hints for an unexplained mismatch: first the findings, then the most frequent causes.
pub(crate) fn mismatch_hints(subject: &Subject) -> Vec<Hint> {
    let mut hints = Vec::new();
    let (service, region) =
        (subject.service.as_deref().unwrap_or("?"), subject.region.as_deref().unwrap_or("?"));
    if let Some(found) = scope_finding(subject) {
        let other = found.service.or(found.region).unwrap_or_default();
        let text = format!(
            "by its name the host belongs to {other}, but the scope says {service} in {region}"
        );
        hints.push(Hint::new(found.cause, text));
    }
    if token_unexpected(subject).is_some() {
        let text = "the key looks like a long-term one, but a session token was sent with it";
        hints.push(Hint::new(Cause::TokenUnexpected, text));
    }
    if port_finding(subject).is_some() {
        let text = "the host was signed with a default port, which most services leave out";
        hints.push(Hint::new(Cause::HostPort, text));
    }
    hints.extend(payload_hint(subject, service));
    let key = subject.key.as_deref().unwrap_or("that signed");
    let text = format!("the secret may not be the one that belongs to the key {key}");
    hints.push(Hint::usual(Cause::WrongSecret, text));
    if subject.is_presigned {
        let text = format!(
            "the URL was made for {}: another method, or other headers than were signed, need a \
             URL of their own",
            subject.method
        );
        hints.push(Hint::usual(Cause::MethodChanged, text));
    }
    hints
}

fn payload_hint(subject: &Subject, service: &str) -> Option<Hint> {
    if payload_header_missing(subject).is_some() {
        let text = format!("{service} asks for x-amz-content-sha256, which was not signed");
        return Some(Hint::new(Cause::PayloadHeaderMissing, text));
    }
    let asks = subject.rules().payload_header == PayloadHeader::Always;
    match subject.payload.as_deref()?.parse() {
        Ok(PayloadHash::Unsigned) if !asks && !subject.is_presigned => {
            let text =
                format!("the body was signed as UNSIGNED-PAYLOAD: check that {service} takes that");
            Some(Hint::new(Cause::UnsignedPayloadRefused, text))
        }
        Ok(PayloadHash::EMPTY) => {
            let length = subject.content_length.as_deref().filter(|length| *length != "0")?;
            let text = format!(
                "an empty body was signed, but content-length says {}",
                crate::text::clean(length, 20)
            );
            Some(Hint::new(Cause::BodyNotSigned, text))
        }
        _ => None,
    }
}

/// Returns the checks that passed, so that the reader need not repeat them.
pub(crate) fn agreements(subject: &Subject, server_time: Option<SigningTime>) -> Vec<String> {
    let mut agrees = Vec::new();
    if clock(subject, server_time) == Clock::Agrees {
        agrees.push(if subject.is_presigned {
            "the time is inside the URL's life".to_owned()
        } else {
            "the clock".to_owned()
        });
    }
    let key = subject.key.as_deref().unwrap_or_default();
    if (key.starts_with(TEMPORARY) && subject.has_token)
        || (key.starts_with(LONG_TERM) && !subject.has_token)
    {
        agrees.push("kind of key and session token".to_owned());
    }
    if endpoint(subject).is_some() && scope_finding(subject).is_none() {
        agrees.push("region and service against the host".to_owned());
    }
    agrees
}
