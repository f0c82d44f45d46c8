//! The chain of signatures: request, chunk after chunk, final chunk, trailers.

use core::fmt;

use http::HeaderMap;
use sha2::{Digest, Sha256};
use smallvec::SmallVec;

use crate::canonical::headers::Lines;
use crate::payload::PayloadHash;
use crate::scope::{CredentialScope, Region, Service};
use crate::sign::algorithm::Regions;
use crate::sign::signature::Signature;
use crate::sign::signing_key::SigningKey;
use crate::sign::string_to_sign;
use crate::text::Text;
use crate::time::SigningTime;

/// The SHA-256 of no bytes, because a chunk has no headers to hash.
pub(super) const NOTHING: [u8; 32] = match PayloadHash::EMPTY {
    PayloadHash::Sha256(hash) => hash,
    _ => [0; 32],
};

/// The previous signature, as text for the next string to sign.
pub(super) type Previous = SmallVec<[u8; 64]>;

/// Signs the chunks of one body, each signature covering the one before it.
///
/// The chain starts from the request's signature (the seed). An empty final chunk ends it. If there
/// are trailers, they are signed after that chunk.
///
/// ```
/// use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
///
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let request = http::Request::put("https://bucket.s3.us-east-1.amazonaws.com/key").body(())?;
/// let time = std::time::SystemTime::now();
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let signed = signer.compute(&request, PayloadHash::StreamingSigned, &credentials, time)?;
/// let mut chunks = signed.into_chunks()?;
/// let first = chunks.sign(b"the first chunk");
/// let last = chunks.sign(b"");
/// assert_ne!(first, last);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ChunkSigner {
    pub(super) key: SigningKey,
    pub(super) time: SigningTime,
    pub(super) regions: Regions,
    pub(super) service: Service,
    pub(super) previous: Previous,
}

impl ChunkSigner {
    /// Creates a chain that starts from `seed`: the request's signature, as `Authorization` holds
    /// it.
    ///
    /// `key` is the one that signed the request, for the day of `time`. After
    /// `Signer::compute`, `Signed::into_chunks` does the same and is easier to use correctly.
    pub fn new(
        key: SigningKey,
        time: SigningTime,
        region: Region,
        service: Service,
        seed: &str,
    ) -> Self {
        let regions = Regions::One(region);
        Self { key, time, regions, service, previous: SmallVec::from_slice(seed.as_bytes()) }
    }

    /// A chain that starts from a request's signature.
    pub(crate) fn from_seed(
        key: SigningKey,
        time: SigningTime,
        regions: Regions,
        service: Service,
        seed: &Signature,
    ) -> Self {
        Self { key, time, regions, service, previous: SmallVec::from_slice(&seed.to_hex()) }
    }

    /// Creates a SigV4a chain that starts from `seed`; `key` comes from
    /// [`SigningKey::derive_for_regions`].
    #[cfg(feature = "sigv4a")]
    pub fn for_regions(
        key: SigningKey,
        time: SigningTime,
        set: crate::v4a::RegionSet,
        service: Service,
        seed: &str,
    ) -> Self {
        let regions = Regions::Set(set);
        Self { key, time, regions, service, previous: SmallVec::from_slice(seed.as_bytes()) }
    }

    /// Signs the next chunk. The final one has no bytes.
    pub fn sign(&mut self, chunk: &[u8]) -> Signature {
        self.sign_hash(&Sha256::digest(chunk).into())
    }

    /// Signs the next chunk by its SHA-256.
    pub fn sign_hash(&mut self, hash: &[u8; 32]) -> Signature {
        let signature = self.key.sign(&self.chunk_text(hash));
        self.previous = SmallVec::from_slice(&signature.to_hex());
        signature
    }

    /// Whether `claimed` is the next chunk's signature. If it is, the chain goes on from it.
    pub(crate) fn verify_hash(&mut self, hash: &[u8; 32], claimed: &Signature) -> bool {
        let valid = self.key.verifies(&self.chunk_text(hash), claimed);
        if valid {
            self.previous = SmallVec::from_slice(&claimed.to_hex());
        }
        valid
    }

    fn chunk_text(&self, hash: &[u8; 32]) -> Text<512> {
        let mut text = Text::new();
        let hashes = [&NOTHING, hash];
        string_to_sign::chunk(&mut text, self.time, &self.scope(), &self.previous, hashes);
        text
    }

    /// Signs the trailers that follow the final chunk. An empty set must be signed too.
    pub fn sign_trailers(&self, trailers: &HeaderMap) -> Signature {
        self.key.sign(&self.trailer_text(trailers))
    }

    /// Whether `claimed` is the trailers' signature.
    pub(crate) fn verify_trailers(&self, trailers: &HeaderMap, claimed: &Signature) -> bool {
        self.key.verifies(&self.trailer_text(trailers), claimed)
    }

    fn trailer_text(&self, trailers: &HeaderMap) -> Text<512> {
        let mut canonical = Text::new();
        let mut lines = Lines::default();
        lines.collect(trailers, |_| true);
        lines.write(&mut canonical);
        let hash = Sha256::digest(&*canonical).into();
        let mut text = Text::new();
        string_to_sign::trailer(&mut text, self.time, &self.scope(), &self.previous, &hash);
        text
    }

    fn scope(&self) -> CredentialScope<'_> {
        // The key decides: nobody would verify a text of the other algorithm.
        CredentialScope {
            algorithm: self.key.algorithm(),
            ..self.regions.scope(self.time, &self.service)
        }
    }
}

impl fmt::Debug for ChunkSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkSigner")
            .field("time", &self.time)
            .field("scope", &self.scope())
            .finish_non_exhaustive()
    }
}
