//! Amazon MemoryDB: the password is a presigned URL without its scheme.
//!
//! Source: Amazon MemoryDB Developer Guide, "Authenticating with IAM".

use std::time::SystemTime;

use sigv4_core::{Credentials, Region, Service};

use crate::elasticache::connect;
use crate::error::TokenError;
use crate::recipe::recipe;
use crate::token::Token;

/// An Amazon MemoryDB cluster and one of its users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryDb {
    cluster: String,
    user: String,
    region: Region,
}

/// Prepares the password of `user` for the cluster named `cluster`.
///
/// `cluster` is the cluster's name in lower case, not its endpoint. The connection must use TLS.
/// MemoryDB closes it after twelve hours, unless the client sends `AUTH` or `HELLO` with a new
/// token before then.
pub fn memorydb(cluster: impl Into<String>, user: impl Into<String>, region: &Region) -> MemoryDb {
    MemoryDb { cluster: cluster.into(), user: user.into(), region: region.clone() }
}

impl MemoryDb {
    /// Makes the password, which authenticates connections for 900 s.
    ///
    /// # Errors
    /// Fails if the name is an endpoint or has upper-case letters, if the user is empty, or if the
    /// credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        // The signing name. The endpoints' host names have memory-db instead.
        let service = Service::from_static("memorydb");
        let query = [("Action", "connect"), ("User", self.user.as_str())];
        connect(&self.cluster, &query, service, &self.region, credentials, now)
    }
}

recipe!(MemoryDb);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    #[test]
    fn password_is_signed_for_memorydb_and_not_for_its_endpoints_prefix() {
        let cluster = memorydb("my-cluster", "me", &Region::from_static("eu-west-1"));
        let token = cluster.token(&Credentials::new("AKID", "b"), at("20250101T000000Z")).unwrap();
        assert!(token.as_str().starts_with("my-cluster/?Action=connect&User=me&X-Amz-"));
        assert!(token.as_str().contains("AKID%2F20250101%2Feu-west-1%2Fmemorydb%2Faws4_request"));
    }

    #[test]
    fn empty_user_and_upper_case_name_are_errors() {
        let made = |cluster: &str, user: &str| {
            let cluster = memorydb(cluster, user, &Region::from_static("eu-west-1"));
            cluster.token(&Credentials::new("a", "b"), at("20250101T000000Z"))
        };
        assert!(matches!(made("c", ""), Err(TokenError::Empty { .. })));
        assert!(matches!(made("C", "u"), Err(TokenError::UpperCaseName { .. })));
    }
}
