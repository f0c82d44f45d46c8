//! Amazon ElastiCache for Valkey and Redis OSS: the password is a presigned URL without its scheme.
//!
//! Source: Amazon ElastiCache User Guide, "Authenticating with IAM";
//! aws-samples/elasticache-iam-auth-demo-app.

use std::time::{Duration, SystemTime};

use http::Method;
use sigv4_core::{Credentials, Region, Service};

use crate::error::TokenError;
use crate::host::{check_cache_name, check_user};
use crate::presign::PresignedRequest;
use crate::recipe::recipe;
use crate::token::Token;

const LIFE: Duration = Duration::from_secs(900);

/// An Amazon ElastiCache cache and one of its users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElastiCache {
    cache: String,
    user: String,
    region: Region,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NodeBased,
    Serverless,
}

/// Prepares the password of `user` for the cache named `cache`: a replication group, or a serverless cache
/// with [`ElastiCache::serverless`].
///
/// `cache` is the cache's name in lower case, not its endpoint. The user's id and name in ElastiCache
/// must be the same. The connection must use TLS. ElastiCache closes it after twelve hours, unless
/// the client sends `AUTH` or `HELLO` with a new token before then.
pub fn elasticache(
    cache: impl Into<String>,
    user: impl Into<String>,
    region: &Region,
) -> ElastiCache {
    let (cache, user) = (cache.into(), user.into());
    ElastiCache { cache, user, region: region.clone(), kind: Kind::NodeBased }
}

impl ElastiCache {
    /// Signs for a serverless cache, which needs an additional parameter.
    #[must_use]
    pub fn serverless(self) -> Self {
        Self { kind: Kind::Serverless, ..self }
    }

    /// Makes the password, which authenticates connections for 900 s.
    ///
    /// # Errors
    /// Fails if the name is an endpoint or has upper-case letters, if the user is empty, or if the
    /// credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        let service = Service::from_static("elasticache");
        let user = [("Action", "connect"), ("User", self.user.as_str())];
        match self.kind {
            Kind::NodeBased => connect(&self.cache, &user, service, &self.region, credentials, now),
            Kind::Serverless => {
                let [action, user] = user;
                let query = [action, user, ("ResourceType", "ServerlessCache")];
                connect(&self.cache, &query, service, &self.region, credentials, now)
            }
        }
    }
}

/// Makes the password for an ElastiCache cache or a MemoryDB cluster.
pub(crate) fn connect(
    name: &str,
    query: &[(&'static str, &str)],
    service: Service,
    region: &Region,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<Token, TokenError> {
    check_cache_name(name)?;
    query.iter().try_for_each(|(_, value)| check_user(value))?;
    let url = PresignedRequest {
        method: Method::GET,
        scheme: "http",
        authority: name,
        path: "/",
        query,
        header: None,
        service,
        region,
        expires: LIFE,
    }
    .sign(credentials, now)?;
    Ok(Token::new(url.without_scheme_and(""), url.time, LIFE, credentials))
}

recipe!(ElastiCache);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, signature_of};

    fn here() -> Region {
        Region::from_static("eu-west-1")
    }

    #[test]
    fn known_answers_of_awss_demo_application() {
        let cache = elasticache("my-replication-group-id", "my-user-id", &here());
        let long_term = Credentials::new("fakeAccessKeyId", "fakeSecretKey");
        let temporary = long_term.clone().with_session_token("fakeSessionToken");
        for (credentials, signature) in [
            (long_term, "9e361603d85874bce06114c6644725ed113e3b11ae6fa92efdf10c6bcf5de8d7"),
            (temporary, "bbce2bd61bd78461297ecb92e7001ddbeab2d85906c3cbedad6c9b81fb3466dc"),
        ] {
            let token = cache.token(&credentials, at("20250101T000000Z")).unwrap();
            assert!(token.as_str().starts_with(
                "my-replication-group-id/?Action=connect&User=my-user-id&X-Amz-Algorithm="
            ));
            assert_eq!(signature_of(&token), signature);
        }
    }

    #[test]
    fn serverless_cache_has_its_resource_type_signed() {
        let cache = elasticache("my-cache", "me", &here()).serverless();
        let token = cache.token(&Credentials::new("a", "b"), at("20250101T000000Z")).unwrap();
        assert!(token.as_str().contains("&User=me&ResourceType=ServerlessCache&X-Amz-"));
    }

    #[test]
    fn endpoint_and_upper_case_name_are_errors() {
        let error = |name: &str| {
            let cache = elasticache(name, "me", &here());
            cache.token(&Credentials::new("a", "b"), at("20250101T000000Z")).unwrap_err()
        };
        assert!(matches!(error("My-Cache"), TokenError::UpperCaseName { .. }));
        let endpoint = "master.my-cache.abc.euw1.cache.amazonaws.com";
        assert!(matches!(error(endpoint), TokenError::NameIsEndpoint { .. }));
        assert!(matches!(error("my-cache:6379"), TokenError::NameIsEndpoint { .. }));
    }
}
