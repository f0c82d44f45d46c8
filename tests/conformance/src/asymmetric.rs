//! SigV4a: texts are compared, signatures verified under the public key, as no two are alike.
//!
//! The line's own signatures are verified twice: by p256 on the line's text, and by our verifier on
//! the request that carries them.

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use sigv4_core::service::PresignedPayload;
use sigv4_core::stream::ChunkSigner;
use sigv4_core::verify::{BodyRule, Claim, Exemption, Verifier};
use sigv4_core::{Credentials, PayloadHash, Region, RequestHead, Service, Signed, SigningKey};
use support::vectors::{ChunkShape, PublicKey, SigningLine};

use crate::request::{Case, for_a_url};
use crate::{Checked, Mismatch, differs, refused, request, same};

/// The header form, and the chunks that follow it.
pub(crate) fn header(line: &SigningLine) -> Checked {
    let public = public_key(line)?;
    if line.request.as_ref().is_some_and(|request| request.authority.is_none()) {
        return without_host(line, &public);
    }
    let case = Case::read(line)?;
    let (signed, transcript) = case
        .signer
        .compute_transcript(case.head(), case.payload, &case.credentials, case.time)
        .map_err(|error| refused(&error))?;
    request::compare_texts(line, &transcript)?;
    proves(&public, transcript.string_to_sign(), &signed.signature().to_string())?;
    request::compare_added(line, &signed)?;

    let mut headers = case.headers.clone();
    signed.apply(&mut headers);
    let ours = signed.authorization();
    let before_signature = ours.trim_end_matches(|digit: char| digit.is_ascii_hexdigit());
    if let Some(theirs) = &line.expect.authorization {
        same("authorization", before(theirs).as_bytes(), before_signature.as_bytes())?;
    }
    for signature in signatures(line).chain([signed.signature().to_string()]) {
        proves(&public, transcript.string_to_sign(), &signature)?;
        let value = format!("{before_signature}{signature}");
        headers.insert("authorization", value.parse().map_err(|error| refused(&error))?);
        let head = RequestHead { headers: &headers, ..case.head() };
        accepted(&case, line, head)?;
    }
    match &line.v4a_chunk_sts_shape {
        Some(shape) => chunks(signed, &public, shape),
        None => Ok(()),
    }
}

/// The query form.
pub(crate) fn query(line: &SigningLine) -> Checked {
    let line = &for_a_url(line)?;
    let public = public_key(line)?;
    let case = Case::read(line)?;
    let expires = case.expires()?;
    let (presigned, transcript) = case
        .signer
        .presign_transcript(case.head(), case.payload, expires, &case.credentials, case.time)
        .map_err(|error| refused(&error))?;
    request::compare_texts(line, &transcript)?;
    let ours = presigned.as_str();
    let (before_signature, rest) =
        ours.split_once("X-Amz-Signature=").ok_or_else(|| differs("no signature"))?;
    let signature = rest.split('&').next().unwrap_or_default();
    if let Some(theirs) = &line.expect.signed_query {
        let unsigned = |query: &str| {
            let pairs = query.split('&').filter(|pair| !pair.starts_with("X-Amz-Signature="));
            pairs.collect::<Vec<_>>().join("&")
        };
        let query = ours.split_once('?').map_or("", |(_, query)| query);
        request::same_query(&unsigned(query), &unsigned(theirs))?;
    }
    for signature in signatures(line).chain([signature.to_owned()]) {
        proves(&public, transcript.string_to_sign(), &signature)?;
        if line.context.omit_session_token {
            continue; // a verifier counts the whole query, the unsigned token in it too
        }
        let uri: Uri = format!("{before_signature}X-Amz-Signature={signature}")
            .parse()
            .map_err(|error| refused(&error))?;
        let head = RequestHead {
            authority: uri.authority().map(http::uri::Authority::as_str),
            path: uri.path(),
            query: uri.query(),
            ..case.head()
        };
        accepted(&case, line, head)?;
    }
    Ok(())
}

/// A derived key, by its public half.
pub(crate) fn key(line: &SigningLine) -> Checked {
    let expected = line.expect.public_key.as_ref().ok_or_else(|| differs("no public key"))?;
    let expected = format!("04{}{}", expected.x, expected.y);
    same("public key", hex::encode(derived(line)?).as_bytes(), expected.as_bytes())
}

/// A request that names no host, which we do not sign: its signature under our key, on its own text.
fn without_host(line: &SigningLine, public: &VerifyingKey) -> Checked {
    let [canonical, text] = [&line.expect.canonical_request, &line.expect.string_to_sign]
        .map(|text| text.as_deref().unwrap_or_default());
    let hash = hex::encode(Sha256::digest(canonical));
    same("hash", text.lines().last().unwrap_or_default().as_bytes(), hash.as_bytes())?;
    let mut signatures = signatures(line).peekable();
    if signatures.peek().is_none() {
        return Err(differs("no signature"));
    }
    signatures.try_for_each(|signature| proves(public, text.as_bytes(), &signature))
}

/// Chunks and trailers by their hashes: each signature covers the one before it, unpadded.
fn chunks(signed: Signed, public: &VerifyingKey, shape: &ChunkShape) -> Checked {
    let mut previous = signed.signature().to_string();
    let mut chain: ChunkSigner = signed.into_chunks().map_err(|error| refused(&error))?;
    for post in &shape.post {
        let digits = post.lines().last().unwrap_or_default();
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|error| refused(&error))?;
        let signature = chain.sign_hash(&hash).to_string();
        proves(public, format!("{}{previous}{post}", shape.pre).as_bytes(), &signature)?;
        previous = signature;
    }
    let mut trailers = HeaderMap::new();
    for (name, value) in &shape.trailers {
        let name: HeaderName = name.parse().map_err(|error| refused(&error))?;
        trailers.append(name, HeaderValue::from_str(value).map_err(|error| refused(&error))?);
    }
    let text = format!("{}{previous}{}", shape.trailer_pre, shape.trailer_post);
    proves(public, text.as_bytes(), &chain.sign_trailers(&trailers).to_string())
}

/// Our verifier accepts the request, and refuses it with another key.
fn accepted(case: &Case<'_>, line: &SigningLine, head: RequestHead<'_>) -> Checked {
    // A region that the set covers: the first that is named, or one that begins as an entry asks.
    let named = line.context.region.split(',').find(|entry| !entry.ends_with('*'));
    let region = Region::new(named.unwrap_or("us-east-1")).map_err(|error| refused(&error))?;
    let mut service = case.signer.service().clone();
    if case.payload == PayloadHash::Unsigned {
        // In a URL nothing states it: the rules do.
        let rules = service.rules().with_presigned_payload(PresignedPayload::Unsigned);
        service = Service::with_rules(service.as_str(), rules).map_err(|error| refused(&error))?;
    }
    let mut verifier = Verifier::new(region, service).accepting_region_sets();
    if line.context.omit_session_token {
        let token = HeaderName::from_static("x-amz-security-token");
        verifier = verifier.with_exemption(Exemption::AnyoneMayChangeHeader(token));
    }
    let prove = |claim: Claim, key: &Credentials| match claim.body_rule() {
        BodyRule::HashFirst => claim.verify_hashed(Some(key), case.payload).map(drop),
        _ => claim.verify(Some(key)).map(drop),
    };
    let read = || verifier.read(head, case.time).map_err(|error| refused(&error));
    prove(read()?, &case.credentials).map_err(|error| refused(&error))?;
    let other = Credentials::new(&line.context.access_key, "another secret")
        .with_session_token(case.credentials.session_token().unwrap_or_default());
    match prove(read()?, &other) {
        Err(_) => Ok(()),
        Ok(()) => Err(differs("accepted under another key")),
    }
}

/// The line's signatures: of its known answer, and of its header or query.
fn signatures(line: &SigningLine) -> impl Iterator<Item = String> {
    let sent = line.expect.authorization.as_deref().and_then(|it| it.split_once("Signature="));
    let query = line.expect.signed_query.as_deref();
    let query = query.and_then(|query| query.split_once("X-Amz-Signature="));
    let sent = [sent, query].into_iter().flatten();
    let sent = sent.filter_map(|(_, rest)| rest.split('&').next().map(str::to_owned));
    let known = [line.expect.signature.clone(), line.signature_alt.clone()];
    known.into_iter().flatten().chain(sent.collect::<Vec<_>>())
}

/// An `Authorization` header up to its signature.
fn before(authorization: &str) -> &str {
    authorization.trim_end_matches(|digit: char| digit.is_ascii_hexdigit())
}

/// The key to verify with: the line's, which must be the one that we derive.
fn public_key(line: &SigningLine) -> Result<VerifyingKey, Mismatch> {
    let ours = derived(line)?;
    if let Some(PublicKey { x, y }) = &line.public_key {
        same("public key", hex::encode(ours).as_bytes(), format!("04{x}{y}").as_bytes())?;
    }
    VerifyingKey::from_sec1_bytes(&ours).map_err(|error| refused(&error))
}

fn derived(line: &SigningLine) -> Result<[u8; 65], Mismatch> {
    let key = SigningKey::derive_for_regions(&line.context.access_key, &line.context.secret);
    key.public_key().ok_or_else(|| differs("no public key"))
}

fn proves(public: &VerifyingKey, text: &[u8], signature: &str) -> Checked {
    let der = hex::decode(signature).map_err(|error| refused(&error))?;
    let signature = Signature::from_der(&der).map_err(|error| refused(&error))?;
    public.verify(text, &signature).map_err(|_| differs("the signature is not of the public key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_of_another_text_or_key_is_a_difference() {
        let key = SigningKey::derive_for_regions("AKID", "secret");
        let public = VerifyingKey::from_sec1_bytes(&key.public_key().unwrap()).unwrap();
        let signature = key.sign(b"text").to_string();
        assert!(proves(&public, b"text", &signature).is_ok());
        assert!(proves(&public, b"texts", &signature).is_err());
        let other = SigningKey::derive_for_regions("AKIE", "secret").public_key().unwrap();
        let other = VerifyingKey::from_sec1_bytes(&other).unwrap();
        assert!(proves(&other, b"text", &signature).is_err());
    }
}
