//! A claim: what a request says of itself, waiting for the key that proves or refutes it.

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
use crate::credentials::Credentials;
use crate::payload::PayloadHash;
use crate::scope::CredentialScope;
#[cfg(any(feature = "sigv4a", feature = "stream"))]
use crate::sign::algorithm::Regions;
use crate::sign::signature::Signature;
use crate::sign::string_to_sign;
use crate::text::Text;
use crate::time::SigningTime;

/// A request that is well-formed, in scope, in time and covers what it must. Nothing is proven.
///
/// It owns what it needs, so a look-up may take its time: the request's parts are not borrowed.
#[must_use = "nothing is verified yet"]
pub struct Claim {
    pub(super) access_key_id: String,
    pub(super) token: Option<Zeroizing<String>>,
    pub(super) signature: Signature,
    pub(super) signed_headers: String,
    pub(super) form: Form,
    pub(super) time: SigningTime,
    pub(super) now: SigningTime,
    pub(super) realm: Arc<Realm>,
    pub(super) payload: Payload,
    /// Of the canonical request, up to its last line.
    pub(super) hash: Sha256,
    /// What a stream's decoder reads of the head, where the body is a stream.
    pub(super) stream_headers: Option<Box<HeaderMap>>,
    pub(super) limits: Limits,
    /// What a signature of SigV4a has beside.
    #[cfg(feature = "sigv4a")]
    pub(super) asymmetric: Option<Asymmetric>,
}

impl Claim {
    /// The access key id that the request names: look its key up.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
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
    /// changes nothing. A server that buffers no body above some length holds no longer chunk.
    pub fn with_max_chunk(mut self, bytes: u64) -> Self {
        self.limits.chunk_bytes = self.limits.chunk_bytes.min(bytes);
        self
    }

    /// Verifies the signature under the key that was looked up; `None` says that there is none.
    ///
    /// An unknown key costs the same work, and its refusal looks like that of a wrong signature.
    /// The body is proven only by [`BodyVerifier::finish`].
    ///
    /// # Errors
    /// [`VerifyError::BodyHashNeeded`] where [`Claim::body_rule`] is [`BodyRule::HashFirst`]: use
    /// [`Claim::verify_hashed`]; [`VerifyError::UnsupportedStream`] where it is
    /// [`BodyRule::Events`]. Any other error refuses the request.
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
    /// As [`Claim::verify`]; [`VerifyError::UnsupportedStream`] where the body is no such stream.
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

    /// Verifies signature and body at once, where the body's hash is part of what is signed.
    ///
    /// `hash` is [`PayloadHash::of`] of the whole body.
    ///
    /// # Errors
    /// [`VerifyError::PayloadMismatch`] where the signature is right and says another hash; any
    /// other error refuses the request too.
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
        let mut text = Text::<256>::new();
        string_to_sign::hashed(&mut text, self.time, &scope, &hash);
        Proof {
            access_key_id: &self.access_key_id,
            token: self.token.as_deref().map(String::as_str),
            signature: self.signature,
            scope,
            text: &text,
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

    /// The regions that the signature names: the verifier's, or the set of SigV4a.
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
            access_key_id: self.access_key_id,
            signature: self.signature,
            signed_headers: self.signed_headers,
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
            .field("access_key_id", &self.access_key_id)
            .field("form", &self.form)
            .field("time", &self.time)
            .field("signed_headers", &self.signed_headers)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

/// Who sent a request, proven by its signature. Only a [`Claim`] can become one.
///
/// It says nothing of the body until [`BodyVerifier::finish`] has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    access_key_id: String,
    signature: Signature,
    signed_headers: String,
    form: Form,
    time: SigningTime,
    realm: Arc<Realm>,
    payload: PayloadHash,
    #[cfg(feature = "sigv4a")]
    region_set: Option<Regions>,
}

impl Verified {
    /// The access key id whose secret signed.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The signature: the same one seen again, while its date is valid, is a replay.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// Whether the signature stood in a header or in the query.
    pub fn form(&self) -> Form {
        self.form
    }

    /// When the request was signed, by the client's clock.
    pub fn time(&self) -> SigningTime {
        self.time
    }

    /// The scope that was signed for.
    pub fn scope(&self) -> CredentialScope<'_> {
        #[cfg(feature = "sigv4a")]
        if let Some(set) = &self.region_set {
            return set.scope(self.time, &self.realm.service);
        }
        self.realm.scope(self.time)
    }

    /// The regions that the signature is for, if it is of SigV4a.
    #[cfg(feature = "sigv4a")]
    pub fn region_set(&self) -> Option<&crate::v4a::RegionSet> {
        match &self.region_set {
            Some(Regions::Set(set)) => Some(set),
            Some(Regions::One(_)) | None => None,
        }
    }

    /// The names of the signed headers: lower case, sorted, `;` between them.
    pub fn signed_headers(&self) -> &str {
        &self.signed_headers
    }

    /// Whether a header is covered by the signature: any other may have been changed on the way.
    pub fn covers(&self, header: &http::HeaderName) -> bool {
        self.signed_headers.split(';').any(|name| name == header.as_str())
    }

    /// What the signature says of the body.
    pub fn payload(&self) -> PayloadHash {
        self.payload
    }
}
