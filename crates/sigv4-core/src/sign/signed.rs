//! A computed signature, and how it is put on a request.

use core::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::algorithm::Regions;
use crate::credentials::Credentials;
use crate::fields;
use crate::payload::PayloadHash;
use crate::scope::Service;
use crate::sign::authorization::HeaderText;
use crate::sign::signature::Signature;
use crate::sign::signing_key::SigningKey;
use crate::time::SigningTime;

/// The outcome of `Signer::compute`: a signature and the headers that carry it.
#[derive(Clone)]
pub struct Signed {
    pub(crate) authorization: HeaderText,
    pub(crate) signature: Signature,
    pub(crate) time: SigningTime,
    /// The payload, where a header says it.
    pub(crate) payload: Option<PayloadHash>,
    pub(crate) token: Option<(HeaderName, HeaderValue)>,
    /// The regions, if they stand in a header.
    #[cfg(feature = "sigv4a")]
    pub(crate) region_set: Option<crate::v4a::RegionSet>,
    /// What a streamed body is signed with; boxed, as few requests have one.
    pub(crate) seed: Option<Box<Seed>>,
}

impl Signed {
    /// Sets the signature's headers, and removes what an earlier signature left.
    pub fn apply(&self, headers: &mut HeaderMap) {
        headers.remove(fields::X_AMZ_SECURITY_TOKEN);
        headers.remove(fields::X_AMZ_S3SESSION_TOKEN);
        headers.insert(fields::X_AMZ_DATE, value(self.time.as_bytes()));
        if let Some(payload) = self.payload {
            headers.insert(fields::X_AMZ_CONTENT_SHA256, payload.header_value());
        }
        if let Some((name, token)) = &self.token {
            headers.insert(name.clone(), token.clone());
        }
        let mut authorization = value(self.authorization.as_bytes());
        authorization.set_sensitive(true);
        let earlier = headers.insert(header::AUTHORIZATION, authorization);
        self.apply_region_set(headers, earlier.as_ref());
    }

    /// Sets the region set, or removes that of an earlier signature: see `Algorithm::owns`.
    #[cfg(feature = "sigv4a")]
    fn apply_region_set(&self, headers: &mut HeaderMap, earlier: Option<&HeaderValue>) {
        if let Some(set) = &self.region_set {
            headers.insert(fields::X_AMZ_REGION_SET, value(set.as_str().as_bytes()));
        } else if earlier.is_some_and(fields::is_ecdsa) {
            headers.remove(fields::X_AMZ_REGION_SET);
        }
    }

    #[cfg(not(feature = "sigv4a"))]
    #[expect(clippy::unused_self, reason = "the shape that it has with the feature")]
    fn apply_region_set(&self, _: &mut HeaderMap, _: Option<&HeaderValue>) {}

    /// The value of the `Authorization` header.
    pub fn authorization(&self) -> &str {
        self.authorization.as_str()
    }

    /// The access key id that signed.
    pub fn access_key_id(&self) -> &str {
        self.authorization.access_key_id()
    }

    /// The names of the signed headers: lower case, sorted, `;` between them.
    pub fn signed_headers(&self) -> &str {
        self.authorization.signed_headers()
    }

    /// The signature.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// The time that `x-amz-date` holds.
    pub fn time(&self) -> SigningTime {
        self.time
    }
}

/// What a signed request keeps for the stream that is its body.
#[derive(Clone)]
pub(crate) struct Seed {
    pub(crate) payload: PayloadHash,
    pub(crate) key: SigningKey,
    pub(crate) credentials: Credentials,
    pub(crate) regions: Regions,
    pub(crate) service: Service,
}

impl PayloadHash {
    /// The value of `x-amz-content-sha256`.
    pub(crate) fn header_value(self) -> HeaderValue {
        value(self.line().as_bytes())
    }
}

/// A header value from text whose every part was checked to be visible ASCII.
#[expect(clippy::expect_used, reason = "made of names, digits and a checked access key id")]
fn value(text: &[u8]) -> HeaderValue {
    let text = Bytes::copy_from_slice(text);
    HeaderValue::from_maybe_shared(text).expect("visible ASCII")
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("access_key_id", &self.access_key_id())
            .field("time", &self.time)
            .field("signed_headers", &self.signed_headers())
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}
