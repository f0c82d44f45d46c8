//! Turns a signed request into the signer of its body.

use crate::algorithm::Regions;
use crate::error::SignError;
use crate::payload::PayloadHash;
use crate::sign::signed::{Seed, Signed};
use crate::stream::chunk_signer::ChunkSigner;
use crate::stream::event_signer::EventSigner;

impl Signed {
    /// Returns the signer of the body's chunks, whose chain starts from this signature.
    ///
    /// # Errors
    /// [`SignError::NotStreamed`] unless the payload is [`PayloadHash::StreamingSigned`],
    /// [`PayloadHash::StreamingSignedTrailer`] or one of the two of SigV4a.
    pub fn into_chunks(self) -> Result<ChunkSigner, SignError> {
        let (time, signature) = (self.time, self.signature);
        let seed = *self.seed.ok_or(SignError::NotStreamed)?;
        if seed.payload.is_signed_chunks() {
            let Seed { key, regions, service, .. } = seed;
            Ok(ChunkSigner::from_seed(key, time, regions, service, &signature))
        } else {
            Err(SignError::NotStreamed)
        }
    }

    /// Returns the signer of the body's events, whose chain starts from this signature.
    ///
    /// # Errors
    /// [`SignError::NotStreamed`] unless the payload is [`PayloadHash::StreamingEvents`].
    pub fn into_events(self) -> Result<EventSigner, SignError> {
        let digits = self.signature.to_hex();
        let seed = *self.seed.ok_or(SignError::NotStreamed)?;
        match (seed.payload, seed) {
            (
                PayloadHash::StreamingEvents,
                Seed { credentials, regions: Regions::One(region), service, .. },
            ) => Ok(EventSigner::from_seed(credentials, region, service, &digits)),
            _ => Err(SignError::NotStreamed),
        }
    }

    /// The kind of stream that was signed.
    pub(crate) fn stream(&self) -> Option<PayloadHash> {
        self.seed.as_ref().map(|seed| seed.payload)
    }
}
