//! The chain of signatures: request, chunk after chunk, final chunk, trailers.

use core::fmt;

use http::HeaderMap;
use sha2::{Digest, Sha256};
use smallvec::SmallVec;

use crate::canonical::headers::Lines;
use crate::payload::PayloadHash;
use crate::scope::{CredentialScope, Region, Service};
use crate::sign::signature::Signature;
use crate::sign::signing_key::SigningKey;
use crate::sign::string_to_sign;
use crate::text::Text;
use crate::text::hex::hex_of;
use crate::time::SigningTime;

/// The SHA-256 of no bytes: a chunk has no headers to hash.
pub(super) const NOTHING: [u8; 32] = match PayloadHash::EMPTY {
    PayloadHash::Sha256(hash) => hash,
    _ => [0; 32],
};

/// The signature before this one, as its text stands in the next string to sign.
pub(super) type Previous = SmallVec<[u8; 64]>;

/// Signs the chunks of one body, each signature covering the one before it.
///
/// The chain starts from the request's signature (the seed); a final chunk of no bytes closes it,
/// and trailers, where there are any, are signed behind that.
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
    pub(super) region: Region,
    pub(super) service: Service,
    pub(super) previous: Previous,
}

impl ChunkSigner {
    /// A chain that starts from `seed`: the request's signature, as `Authorization` holds it.
    ///
    /// `key` is the one that signed the request, for the day of `time`. After
    /// `Signer::compute`, `Signed::into_chunks` gives the same with less to get wrong.
    pub fn new(
        key: SigningKey,
        time: SigningTime,
        region: Region,
        service: Service,
        seed: &str,
    ) -> Self {
        Self { key, time, region, service, previous: SmallVec::from_slice(seed.as_bytes()) }
    }

    /// Signs the next chunk. The final one has no bytes.
    pub fn sign(&mut self, chunk: &[u8]) -> Signature {
        self.sign_hash(&Sha256::digest(chunk).into())
    }

    /// Signs the next chunk by its SHA-256.
    pub fn sign_hash(&mut self, hash: &[u8; 32]) -> Signature {
        let mut text = Text::<512>::new();
        let hashes = [&NOTHING, hash];
        string_to_sign::chunk(&mut text, self.time, &self.scope(), &self.previous, hashes);
        let signature = self.key.sign(&text);
        self.previous = SmallVec::from(hex_of(signature.as_bytes()));
        signature
    }

    /// Signs the trailers behind the final chunk. None is a set of trailers too.
    pub fn sign_trailers(&self, trailers: &HeaderMap) -> Signature {
        let mut canonical = Text::new();
        let mut lines = Lines::default();
        lines.collect(trailers, |_| true);
        lines.write(&mut canonical);
        let hash = Sha256::digest(&*canonical).into();
        let mut text = Text::<512>::new();
        string_to_sign::trailer(&mut text, self.time, &self.scope(), &self.previous, &hash);
        self.key.sign(&text)
    }

    fn scope(&self) -> CredentialScope<'_> {
        CredentialScope::new(self.time, &self.region, &self.service)
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
