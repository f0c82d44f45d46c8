//! A claim: the unproven statements of a request, until a key proves or refutes them.

use core::fmt;
use std::sync::Arc;

use http::HeaderMap;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

#[cfg(feature = "sigv4a")]
use super::asymmetric::Asymmetric;
use super::body::{BodyRule, BodyVerifier};
use super::error::VerifyError;
use super::form::Form;
use super::options::Limits;
use super::presented::Payload;
use super::proof::Proof;
use super::realm::Realm;
#[cfg(any(feature = "sigv4a", feature = "stream"))]
use crate::algorithm::Regions;
use crate::credentials::Credentials;
use crate::payload::PayloadHash;
use crate::scope::CredentialScope;
use crate::sign::signature::Signature;
use crate::sign::string_to_sign::StringToSign;
use crate::time::SigningTime;

/// A request that is well-formed, in scope and in time, and signs all required headers. Nothing is
/// proven yet.
///
/// It owns its data and does not borrow the request, so the look-up of the key may be async.
#[must_use = "nothing is verified yet"]
pub struct Claim {
    pub(super) names: Names,
    pub(super) token: Option<Zeroizing<String>>,
    pub(super) signature: Signature,
    pub(super) form: Form,
    pub(super) time: SigningTime,
    pub(super) now: SigningTime,
    pub(super) realm: Arc<Realm>,
    pub(super) payload: Payload,
    /// The hash of the canonical request up to its last line.
    pub(super) hash: Sha256,
    /// The headers for the stream's decoder, if the body is a stream.
    pub(super) stream_headers: Option<Box<HeaderMap>>,
    pub(super) limits: Limits,
    /// The additional part of a SigV4a signature.
    #[cfg(feature = "sigv4a")]
    pub(super) asymmetric: Option<Asymmetric>,
}

impl Claim {
    /// The access key id that the request names. Look its key up.
    pub fn access_key_id(&self) -> &str {
        self.names.access_key_id()
    }

    /// How the body is to be read.
    pub fn body_rule(&self) -> BodyRule {
        match self.payload {
            Payload::OfBody => BodyRule::HashFirst,
            Payload::Stated(PayloadHash::Sha256(_)) => BodyRule::Hashed,
            Payload::Stated(PayloadHash::Unsigned) => BodyRule::Unsigned,
            Payload::Stated(PayloadHash::StreamingEvents) => BodyRule::Events,
            Payload::Stated(_) => BodyRule::Streamed,
        }
    }

    /// Lowers the bound on signed chunks ([`Limits::chunk_bytes`]) for this request; a larger value
    /// changes nothing. Use it to apply a server's limit on buffered bodies to chunks too.
    pub fn with_max_chunk(mut self, bytes: u64) -> Self {
        self.limits.chunk_bytes = self.limits.chunk_bytes.min(bytes);
        self
    }

    /// Verifies the signature under the key that was looked up. Pass `None` if the key is unknown.
    ///
    /// An unknown key costs the same work, and its refusal looks like that of a wrong signature.
    /// The body is proven only by [`BodyVerifier::finish`].
    ///
    /// # Errors
    /// [`VerifyError::BodyHashNeeded`] if [`Claim::body_rule`] is [`BodyRule::HashFirst`]: use
    /// [`Claim::verify_hashed`]; [`VerifyError::UnsupportedStream`] if it is
    /// [`BodyRule::Events`]. Any other error means that the request is refused.
    pub fn verify(
        self,
        credentials: Option<&Credentials>,
    ) -> Result<(Verified, BodyVerifier), VerifyError> {
        let Payload::Stated(payload) = self.payload else {
            return Err(VerifyError::BodyHashNeeded);
        };
        self.prove(payload, credentials)?;
        let known = credentials.ok_or(VerifyError::UnknownKey)?;
        let body = BodyVerifier::new(payload, known, &self)?;
        Ok((self.into_verified(payload), body))
    }

    /// Verifies the signature of a request whose body is a stream of signed events.
    ///
    /// # Errors
    /// As [`Claim::verify`]; [`VerifyError::UnsupportedStream`] if the body is not such a stream.
    #[cfg(feature = "event-stream")]
    pub fn verify_events(
        self,
        credentials: Option<&Credentials>,
    ) -> Result<(Verified, crate::stream::EventDecoder), VerifyError> {
        let events = PayloadHash::StreamingEvents;
        if self.payload != Payload::Stated(events) {
            return Err(VerifyError::UnsupportedStream);
        }
        self.prove(events, credentials)?;
        let known = credentials.ok_or(VerifyError::UnknownKey)?.clone();
        let (region, service) = (self.realm.region.clone(), self.realm.service.clone());
        let seed = self.signature.to_string();
        let signer = crate::stream::EventSigner::new(known, region, service, &seed);
        Ok((self.into_verified(events), crate::stream::EventDecoder::new(signer)))
    }

    /// Verifies signature and body at once, if the body's hash is part of the signed text.
    ///
    /// `hash` is [`PayloadHash::of`] of the whole body.
    ///
    /// # Errors
    /// [`VerifyError::PayloadMismatch`] if the signature is right but covers another hash. Any
    /// other error also means that the request is refused.
    pub fn verify_hashed(
        self,
        credentials: Option<&Credentials>,
        hash: PayloadHash,
    ) -> Result<Verified, VerifyError> {
        let stated = match self.payload {
            Payload::OfBody => hash,
            Payload::Stated(stated) => stated,
        };
        self.prove(stated, credentials)?;
        match (stated, hash) {
            (PayloadHash::Sha256(stated), PayloadHash::Sha256(hash)) if stated == hash => {
                Ok(self.into_verified(PayloadHash::Sha256(hash)))
            }
            _ => Err(VerifyError::PayloadMismatch),
        }
    }

    fn prove(
        &self,
        payload: PayloadHash,
        credentials: Option<&Credentials>,
    ) -> Result<(), VerifyError> {
        let scope = self.scope();
        let hash = self.hash.clone().chain_update(payload.line().as_bytes()).finalize().into();
        #[cfg(feature = "sigv4a")]
        if let Some(asymmetric) = &self.asymmetric {
            asymmetric.count(self.now)?;
        }
        let mut text = StringToSign::new();
        text.begin(scope.algorithm.name(), self.time, &scope);
        text.end(&hash);
        Proof {
            access_key_id: self.names.access_key_id(),
            token: self.token.as_deref().map(String::as_str),
            signature: self.signature,
            scope,
            text: text.as_bytes(),
            now: self.now,
        }
        .check(credentials, &self.realm.stand_in)
    }

    pub(super) fn scope(&self) -> CredentialScope<'_> {
        #[cfg(feature = "sigv4a")]
        if let Some(asymmetric) = &self.asymmetric {
            return asymmetric.regions().scope(self.time, &self.realm.service);
        }
        self.realm.scope(self.time)
    }

    /// The regions that the signature names: the verifier's region, or the SigV4a region set.
    #[cfg(feature = "stream")]
    pub(super) fn regions(&self) -> Regions {
        #[cfg(feature = "sigv4a")]
        if let Some(asymmetric) = &self.asymmetric {
            return asymmetric.regions().clone();
        }
        Regions::One(self.realm.region.clone())
    }

    fn into_verified(self, payload: PayloadHash) -> Verified {
        Verified {
            names: self.names,
            signature: self.signature,
            form: self.form,
            time: self.time,
            realm: self.realm,
            payload,
            #[cfg(feature = "sigv4a")]
            region_set: self.asymmetric.map(Asymmetric::into_regions),
        }
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("access_key_id", &self.names.access_key_id())
            .field("form", &self.form)
            .field("time", &self.time)
            .field("signed_headers", &self.names.signed_headers())
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

/// The sender of a request, proven by its signature. Only a [`Claim`] can become one.
///
/// It proves nothing about the body. Only [`BodyVerifier::finish`] does.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    names: Names,
    signature: Signature,
    form: Form,
    time: SigningTime,
    realm: Arc<Realm>,
    payload: PayloadHash,
    #[cfg(feature = "sigv4a")]
    region_set: Option<Regions>,
}

impl Verified {
    /// The access key id whose secret signed the request.
    pub fn access_key_id(&self) -> &str {
        self.names.access_key_id()
    }

    /// The signature. If the same one arrives again while its date is valid, it is a replay.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// Whether the signature was in a header or in the query.
    pub fn form(&self) -> Form {
        self.form
    }

    /// When the request was signed, by the client's clock.
    pub fn time(&self) -> SigningTime {
        self.time
    }

    /// The credential scope of the signature.
    pub fn scope(&self) -> CredentialScope<'_> {
        #[cfg(feature = "sigv4a")]
        if let Some(set) = &self.region_set {
            return set.scope(self.time, &self.realm.service);
        }
        self.realm.scope(self.time)
    }

    /// The regions that the signature is for, if it is a SigV4a signature.
    #[cfg(feature = "sigv4a")]
    pub fn region_set(&self) -> Option<&crate::v4a::RegionSet> {
        match &self.region_set {
            Some(Regions::Set(set)) => Some(set),
            Some(Regions::One(_)) | None => None,
        }
    }

    /// The names of the signed headers: lower case, sorted, `;` between them.
    pub fn signed_headers(&self) -> &str {
        self.names.signed_headers()
    }

    /// Whether the signature covers a header. Any other may have been changed on the way.
    pub fn covers(&self, header: &http::HeaderName) -> bool {
        self.signed_headers().split(';').any(|name| name == header.as_str())
    }

    /// The payload line that was signed.
    pub fn payload(&self) -> PayloadHash {
        self.payload
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Verified");
        shown
            .field("access_key_id", &self.access_key_id())
            .field("signature", &self.signature)
            .field("signed_headers", &self.signed_headers())
            .field("form", &self.form)
            .field("time", &self.time)
            .field("realm", &self.realm)
            .field("payload", &self.payload);
        #[cfg(feature = "sigv4a")]
        shown.field("region_set", &self.region_set);
        shown.finish()
    }
}

/// The access key id and the list of signed headers, in one allocation.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Names {
    both: String,
    /// Where the list begins.
    list: usize,
}

impl Names {
    pub(super) fn new(access_key_id: &str, signed_headers: &str) -> Self {
        let list = access_key_id.len();
        let mut both = String::with_capacity(list + signed_headers.len());
        both.push_str(access_key_id);
        both.push_str(signed_headers);
        Self { both, list }
    }

    fn access_key_id(&self) -> &str {
        self.both.get(..self.list).unwrap_or_default()
    }

    fn signed_headers(&self) -> &str {
        self.both.get(self.list..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::scope::{Region, Service};
    use crate::sign::signer::Signer;
    use crate::verify::Verifier;

    #[test]
    fn verified_request_is_shown_with_its_caller_and_what_it_covers() {
        let (region, service) = (Region::from_static("us-east-1"), Service::from_static("iam"));
        let time: SigningTime = "20150830T123600Z".parse().unwrap();
        let known = Credentials::new("AKIDEXAMPLE", "wJalr").with_session_token("IQoJb");
        let mut request = Request::get("https://iam.amazonaws.com/").body("").unwrap();
        Signer::new(region.clone(), service.clone()).sign(&mut request, &known, time).unwrap();
        let claim = Verifier::new(region, service).read(&request, time).unwrap();
        let shown = format!("{:?}", claim.verify_hashed(Some(&known), PayloadHash::EMPTY).unwrap());
        assert!(shown.contains("AKIDEXAMPLE") && shown.contains("host;x-amz-date"), "{shown}");
        assert!(!shown.contains("wJalr") && !shown.contains("IQoJb"), "{shown}");
    }

    #[test]
    fn names_are_told_apart_again() {
        let names = Names::new("AKIDEXAMPLE", "host;x-amz-date");
        assert_eq!(names.access_key_id(), "AKIDEXAMPLE");
        assert_eq!(names.signed_headers(), "host;x-amz-date");
        assert!(names != Names::new("AKIDEXAMPLEhost;", "x-amz-date"));
    }
}
