//! What the transcript itself tells where the service gives no canonical request.

use sigv4_core::service::PayloadHeader;
use sigv4_core::{Endpoint, PayloadHash, Service, SigningTime, Transcript};

use crate::cause::Cause;
use crate::compare::{Canonical, Finding, without_port};

/// A clock farther off than this breaks signatures: the narrowest window that services are known to
/// have is five minutes.
const NARROWEST_WINDOW: i64 = 300;

/// Temporary access key ids begin with this, long-term ones with the other.
const TEMPORARY: &str = "ASIA";
const LONG_TERM: &str = "AKIA";

/// The first check that finds something, the surest first.
pub(crate) fn check(transcript: &Transcript, server_time: Option<SigningTime>) -> Option<Finding> {
    let canonical = Canonical::read(transcript.canonical_request());
    clock(transcript, server_time)
        .or_else(|| token(transcript).map(Finding::of))
        .or_else(|| scope(transcript, &canonical))
        .or_else(|| port(&canonical))
        .or_else(|| payload(transcript, &canonical).map(Finding::of))
}

/// The clock alone.
pub(crate) fn clock(transcript: &Transcript, server_time: Option<SigningTime>) -> Option<Finding> {
    let off = server_time?.unix().abs_diff(transcript.time().unix());
    (off > NARROWEST_WINDOW.unsigned_abs()).then(|| Finding::of(Cause::ClockSkew))
}

/// A token that is missing, or that cannot belong to the key.
pub(crate) fn token(transcript: &Transcript) -> Option<Cause> {
    let key = transcript.access_key_id();
    match transcript.has_session_token() {
        false if key.starts_with(TEMPORARY) => Some(Cause::TokenMissing),
        true if key.starts_with(LONG_TERM) => Some(Cause::TokenUnexpected),
        _ => None,
    }
}

/// Region and service against those that the host's name tells.
fn scope(transcript: &Transcript, canonical: &Canonical<'_>) -> Option<Finding> {
    let endpoint = Endpoint::from_host(canonical.header("host")?).ok()?;
    let (region, service) = (endpoint.region().as_str(), endpoint.service().as_str());
    let scope = transcript.scope();
    if service != scope.service() {
        let service = Some(service.to_owned());
        return Some(Finding { service, ..Finding::of(Cause::WrongService) });
    }
    let region = (region != scope.region()).then(|| region.to_owned())?;
    Some(Finding { region: Some(region), ..Finding::of(Cause::WrongRegion) })
}

/// The region that the host's name tells.
pub(crate) fn host_region(transcript: &Transcript) -> Option<String> {
    let canonical = Canonical::read(transcript.canonical_request());
    let endpoint = Endpoint::from_host(canonical.header("host")?).ok()?;
    Some(endpoint.region().as_str().to_owned())
}

/// A default port in the host, which services leave out.
fn port(canonical: &Canonical<'_>) -> Option<Finding> {
    let host = canonical.header("host")?;
    let named = host.ends_with(":443") || host.ends_with(":80");
    (named && without_port(host) != host).then(|| Finding::of(Cause::HostPort))
}

/// A payload that this service cannot take, or a body that was forgotten.
fn payload(transcript: &Transcript, canonical: &Canonical<'_>) -> Option<Cause> {
    let service = Service::new(transcript.scope().service()).ok()?;
    let asks = service.rules().payload_header == PayloadHeader::Always;
    if asks && canonical.header("x-amz-content-sha256").is_none() {
        return Some(Cause::PayloadHeaderMissing);
    }
    match canonical.payload().parse() {
        Ok(PayloadHash::Unsigned) if !asks => Some(Cause::UnsignedPayloadRefused),
        Ok(PayloadHash::EMPTY) => {
            let length = canonical.header("content-length").unwrap_or("0");
            (length != "0").then_some(Cause::BodyNotSigned)
        }
        _ => None,
    }
}
