//! What a verifier answers for. Claims and their proofs share it.

use core::fmt;

use crate::credentials::Credentials;
use crate::scope::{CredentialScope, Region, Service};
use crate::time::SigningTime;

/// A service in a region.
#[derive(PartialEq, Eq)]
pub(crate) struct Realm {
    pub(crate) region: Region,
    pub(crate) service: Service,
    /// Stands in for a key that is unknown, so that the answer takes as long.
    pub(crate) stand_in: Credentials,
}

impl Realm {
    pub(crate) fn new(region: Region, service: Service) -> Self {
        Self { region, service, stand_in: Credentials::new("unknown", "unknown") }
    }

    /// The scope of a signature made for it at `time`.
    pub(crate) fn scope(&self, time: SigningTime) -> CredentialScope<'_> {
        CredentialScope::new(time, &self.region, &self.service)
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Realm").field(&self.region).field(&self.service).finish()
    }
}
