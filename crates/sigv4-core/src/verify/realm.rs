//! The scope of a verifier. Claims and their proofs share it.

use core::fmt;

use crate::scope::{CredentialScope, Region, Service};
use crate::time::SigningTime;
use crate::verify::stand_in::StandIn;

/// A service in a region.
pub(crate) struct Realm {
    pub(crate) region: Region,
    pub(crate) service: Service,
    /// Does the work in place of an unknown key, so that the refusal takes as long.
    pub(crate) stand_in: StandIn,
}

impl Realm {
    pub(crate) fn new(region: Region, service: Service) -> Self {
        Self { region, service, stand_in: StandIn::new() }
    }

    /// The scope of a signature made for it at `time`.
    pub(crate) fn scope(&self, time: SigningTime) -> CredentialScope<'_> {
        CredentialScope::new(time, &self.region, &self.service)
    }
}

impl PartialEq for Realm {
    fn eq(&self, other: &Self) -> bool {
        self.region == other.region && self.service == other.service
    }
}

impl Eq for Realm {}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Realm").field(&self.region).field(&self.service).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn realms_are_equal_if_both_region_and_service_are() {
        let realm = |region, service| {
            Realm::new(Region::from_static(region), Service::from_static(service))
        };
        assert_eq!(realm("us-east-1", "s3"), realm("us-east-1", "s3"));
        assert_ne!(realm("us-east-1", "s3"), realm("eu-west-1", "s3"));
        assert_ne!(realm("us-east-1", "s3"), realm("us-east-1", "iam"));
    }
}
