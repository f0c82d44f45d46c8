//! The chain of signatures of an event stream.

use core::fmt;

use sha2::{Digest, Sha256};
use smallvec::SmallVec;

use crate::credentials::Credentials;
use crate::error::SignError;
use crate::scope::{CredentialScope, Region, Service};
use crate::sign::second::Second;
use crate::sign::signature::Signature;
use crate::sign::string_to_sign;
use crate::stream::chunk_signer::Previous;
use crate::time::SigningTime;

/// Signs the events of one stream, each signature covering the one before it.
///
/// Each event has its own date, which sets the day of its scope and key: a stream may
/// run past midnight UTC. An event with no payload ends the stream.
///
/// Source: Amazon Transcribe Developer Guide, "Setting up a streaming transcription": event stream
/// signing.
#[derive(Clone)]
pub struct EventSigner {
    credentials: Credentials,
    region: Region,
    service: Service,
    previous: Previous,
    /// Kept from the last event, for those that follow in the same second.
    second: Option<Second>,
}

impl EventSigner {
    /// Creates a chain that starts from `seed`: the request's signature, as `Authorization` or
    /// `X-Amz-Signature` holds it.
    ///
    /// After `Signer::compute`, `Signed::into_events` does the same and is easier to use correctly.
    pub fn new(credentials: Credentials, region: Region, service: Service, seed: &str) -> Self {
        Self::from_seed(credentials, region, service, seed.as_bytes())
    }

    pub(super) fn from_seed(
        credentials: Credentials,
        region: Region,
        service: Service,
        seed: &[u8],
    ) -> Self {
        Self { credentials, region, service, previous: SmallVec::from_slice(seed), second: None }
    }

    /// Signs the next event: the bytes of its encoded `:date` header, and its payload.
    ///
    /// # Errors
    /// A [`SignError`] if the credentials have expired or are malformed.
    pub fn sign(
        &mut self,
        date_header: &[u8],
        payload: &[u8],
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Signature, SignError> {
        let time = time.try_into().map_err(Into::into)?;
        self.credentials.check(time)?;
        let hashes = [&Sha256::digest(date_header).into(), &Sha256::digest(payload).into()];
        let rest = string_to_sign::chunk_rest(&self.previous, hashes);
        let second = match self.second.take().filter(|second| second.time() == time) {
            Some(second) => second,
            None => self.second_of(time),
        };
        let signature = self.second.insert(second).sign(&rest);
        self.previous = SmallVec::from_slice(&signature.to_hex());
        Ok(signature)
    }

    fn second_of(&self, time: SigningTime) -> Second {
        let scope = CredentialScope::new(time, &self.region, &self.service);
        let key = self.credentials.signing_key(&scope);
        Second::new(scope.algorithm.chunk_name(), time, &scope, key)
    }
}

impl fmt::Debug for EventSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSigner")
            .field("credentials", &self.credentials)
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}
