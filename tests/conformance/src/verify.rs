//! Requests to accept or to refuse, as a server would receive them.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Version, request};
use sigv4_core::service::{PathNormalization, PayloadHeader, Rules};
use sigv4_core::verify::{BodyRule, Verified, Verifier};
use sigv4_core::{Credentials, PayloadHash, Region, Service, SigningTime};
use support::vectors::{
    KnownKey, PathEncoding, Profile, Verdict, VerifyingLine, VerifyingRequest, decode_base64,
};

use crate::Outcome;

/// Runs one line. A request that `http` itself cannot hold counts as refused.
pub fn line(line: &VerifyingLine) -> Outcome {
    match (run(line), line.expect) {
        (Ok(_), Verdict::Accept) | (Err(_), Verdict::Reject) => Outcome::Passed,
        (Ok(_), Verdict::Reject) => Outcome::Failed(format!("accepted: {}", line.reason)),
        (Err(why), Verdict::Accept) => Outcome::Failed(format!("refused ({why}): {}", line.reason)),
    }
}

/// Verifies the line's request, and reads its body to the end.
fn run(line: &VerifyingLine) -> Result<Verified, String> {
    let (parts, body) = received(&line.request)?;
    let verifier = verifier(line)?;
    let now = line.now.replace(['-', ':'], "").parse::<SigningTime>().map_err(text)?;
    let claim = verifier.read(&parts, now).map_err(text)?;
    let known = line.credentials.iter().find(|key| key.access_key == claim.access_key_id());
    let known = known.map(credentials);
    if claim.body_rule() == BodyRule::HashFirst {
        return claim.verify_hashed(known.as_ref(), PayloadHash::of(&body)).map_err(text);
    }
    let (verified, mut reading) = claim.verify(known.as_ref()).map_err(text)?;
    for byte in body.chunks(7) {
        reading.update(&Bytes::copy_from_slice(byte)).map_err(text)?;
        while reading.content().is_some() {}
    }
    reading.finish().map_err(text)?;
    Ok(verified)
}

fn received(given: &VerifyingRequest) -> Result<(request::Parts, Vec<u8>), String> {
    let mut request = Request::builder()
        .method(given.method.as_str())
        .uri(given.uri.as_str())
        .version(if given.http_version == "2" { Version::HTTP_2 } else { Version::HTTP_11 })
        .body(())
        .map_err(text)?;
    for (name, value) in &given.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(text)?;
        // An HTTP parser removes the white space around a value.
        let value = value.trim_matches([' ', '\t']);
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(text)?;
        request.headers_mut().try_append(name, value).map_err(text)?;
    }
    let body = decode_base64(&given.body_b64).map_err(text)?;
    Ok((request.into_parts().0, body))
}

fn verifier(line: &VerifyingLine) -> Result<Verifier, String> {
    let Profile { path_encoding, normalize_path, max_skew_s, presign_max_s, .. } = line.profile;
    let rules = Rules::of(&line.service)
        .with_path_encoding(match path_encoding {
            PathEncoding::Single => sigv4_core::service::PathEncoding::Single,
            PathEncoding::Double => sigv4_core::service::PathEncoding::Double,
        })
        .with_path_normalization(if normalize_path {
            PathNormalization::Normalize
        } else {
            PathNormalization::Verbatim
        })
        .with_payload_header(if line.profile.require_content_sha256 {
            PayloadHeader::Always
        } else {
            PayloadHeader::WhenNeeded
        });
    let service = Service::with_rules(line.service.clone(), rules).map_err(text)?;
    let region = Region::new(line.region.clone()).map_err(text)?;
    Ok(Verifier::new(region, service).with_max_skew(max_skew_s).with_max_expires(presign_max_s))
}

fn credentials(key: &KnownKey) -> Credentials {
    Credentials::new(&key.access_key, &key.secret_key)
        .with_session_token(key.session_token.clone().unwrap_or_default())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
fn text(error: impl ToString) -> String {
    error.to_string()
}
