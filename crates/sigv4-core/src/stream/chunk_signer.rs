//! The chain of signatures: request, chunk after chunk, final chunk, trailers.

use core::fmt;
use core::ops::Deref;

use http::HeaderMap;
use sha2::{Digest, Sha256};
use smallvec::SmallVec;

use crate::algorithm::Regions;
use crate::canonical::headers::Lines;
use crate::payload::PayloadHash;
use crate::scope::{CredentialScope, Region, Service};
use crate::sign::second::Second;
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
    key: SigningKey,
    regions: Regions,
    service: Service,
    second: Second,
    previous: Previous,
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
        Self::begin(key, time, Regions::One(region), service, seed.as_bytes())
    }

    /// A chain that starts from a request's signature.
    pub(crate) fn from_seed(
        key: SigningKey,
        time: SigningTime,
        regions: Regions,
        service: Service,
        seed: &Signature,
    ) -> Self {
        Self::begin(key, time, regions, service, &seed.to_hex())
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
        Self::begin(key, time, Regions::Set(set), service, seed.as_bytes())
    }

    fn begin(
        key: SigningKey,
        time: SigningTime,
        regions: Regions,
        service: Service,
        seed: &[u8],
    ) -> Self {
        let scope = scope(&key, time, &regions, &service);
        let second = Second::new(scope.algorithm.chunk_name(), time, &scope, key.clone());
        Self { key, regions, service, second, previous: SmallVec::from_slice(seed) }
    }

    /// Signs the next chunk. The final one has no bytes.
    pub fn sign(&mut self, chunk: &[u8]) -> Signature {
        self.sign_hash(&Sha256::digest(chunk).into())
    }

    /// Signs the next chunk by its SHA-256.
    pub fn sign_hash(&mut self, hash: &[u8; 32]) -> Signature {
        let signature = self.second.sign(&self.chunk_rest(hash));
        self.previous = SmallVec::from_slice(&signature.to_hex());
        signature
    }

    /// Whether `claimed` is the next chunk's signature. If it is, the chain goes on from it.
    pub(crate) fn verify_hash(&mut self, hash: &[u8; 32], claimed: &Signature) -> bool {
        let valid = self.second.verifies(&self.chunk_rest(hash), claimed);
        if valid {
            self.previous = SmallVec::from_slice(&claimed.to_hex());
        }
        valid
    }

    fn chunk_rest(&self, hash: &[u8; 32]) -> impl Deref<Target = [u8]> + use<> {
        string_to_sign::chunk_rest(&self.previous, [&NOTHING, hash])
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
        let (time, previous) = (self.second.time(), &self.previous);
        string_to_sign::trailer(&mut text, time, &self.scope(), previous, &hash);
        text
    }

    fn scope(&self) -> CredentialScope<'_> {
        scope(&self.key, self.second.time(), &self.regions, &self.service)
    }
}

/// The scope of a chain. The key decides its algorithm: nobody would verify a text of the other.
fn scope<'a>(
    key: &SigningKey,
    time: SigningTime,
    regions: &'a Regions,
    service: &'a Service,
) -> CredentialScope<'a> {
    CredentialScope { algorithm: key.algorithm(), ..regions.scope(time, service) }
}

impl fmt::Debug for ChunkSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkSigner")
            .field("time", &self.second.time())
            .field("scope", &self.scope())
            .finish_non_exhaustive()
    }
}
