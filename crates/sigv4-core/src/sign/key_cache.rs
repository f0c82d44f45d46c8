//! The signing keys that one set of credentials has derived so far.

use std::sync::{PoisonError, RwLock};

use crate::scope::CredentialScope;
use crate::sign::signing_key::SigningKey;
use crate::time::ScopeDate;

/// How many derived keys one set of credentials keeps.
const KEYS_KEPT: usize = 16;

/// Signing keys by scope, shared by all clones of one `Credentials` and wiped with it.
#[derive(Default)]
pub(crate) struct KeyCache(RwLock<Vec<DerivedKey>>);

struct DerivedKey {
    date: ScopeDate,
    region: String,
    service: String,
    key: SigningKey,
}

impl KeyCache {
    /// Uses the key for `scope` in place: kept from an earlier signature, or derived and kept.
    pub(crate) fn with_key<T>(
        &self,
        secret: &str,
        scope: &CredentialScope<'_>,
        used: impl Fn(&SigningKey) -> T,
    ) -> T {
        self.with_kept(scope, &used).unwrap_or_else(|| {
            let key = SigningKey::derive(secret, scope);
            let result = used(&key);
            self.keep(scope, key);
            result
        })
    }

    /// Uses the key for `scope` in place if it is kept.
    pub(crate) fn with_kept<T>(
        &self,
        scope: &CredentialScope<'_>,
        used: impl Fn(&SigningKey) -> T,
    ) -> Option<T> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|kept| kept.is_for(scope)).map(|kept| used(&kept.key))
    }

    fn keep(&self, scope: &CredentialScope<'_>, key: SigningKey) {
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if keys.iter().any(|kept| kept.is_for(scope)) {
            return; // another thread derived the same key meanwhile
        }
        if keys.len() >= KEYS_KEPT {
            // The first of the oldest day: at midnight yesterday's keys go before today's.
            let oldest = keys.iter().enumerate().min_by_key(|(_, kept)| kept.date);
            if let Some(at) = oldest.map(|(at, _)| at) {
                keys.remove(at);
            }
        }
        let CredentialScope { date, region, service, .. } = *scope;
        keys.push(DerivedKey { date, region: region.to_owned(), service: service.to_owned(), key });
    }
}

impl DerivedKey {
    fn is_for(&self, scope: &CredentialScope<'_>) -> bool {
        self.date == scope.date && self.region == scope.region && self.service == scope.service
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::{Region, Service};

    fn scope_at<'a>(time: &str, region: &'a Region, service: &'a Service) -> CredentialScope<'a> {
        CredentialScope::new(time.parse().unwrap(), region, service)
    }

    #[test]
    fn derived_key_is_kept() {
        let (region, service) = (Region::from_static("us-east-1"), Service::from_static("iam"));
        let keys = KeyCache::default();
        let scope = scope_at("20150830T123600Z", &region, &service);
        let first = keys.with_key("secret", &scope, |key| key.sign(b"text"));
        assert_eq!(keys.0.read().unwrap().len(), 1);
        // Another secret would derive another key: what comes back was kept.
        assert_eq!(keys.with_key("other", &scope, |key| key.sign(b"text")), first);
        assert_eq!(SigningKey::derive("secret", &scope).sign(b"text"), first);
    }

    #[test]
    fn kept_keys_are_bounded_and_the_oldest_day_goes_first() {
        let region = Region::from_static("us-east-1");
        let keys = KeyCache::default();
        let old = Service::from_static("old");
        keys.with_key("secret", &scope_at("20150829T235959Z", &region, &old), |_| ());
        for n in 0..100 {
            let service = Service::new(format!("service{n}")).unwrap();
            keys.with_key("secret", &scope_at("20150830T000000Z", &region, &service), |_| ());
            let kept = keys.0.read().unwrap();
            assert!(kept.len() <= KEYS_KEPT);
            assert_eq!(kept.iter().any(|key| key.service == "old"), n < KEYS_KEPT - 1);
        }
    }

    #[test]
    fn key_turns_over_at_midnight_utc() {
        let (region, service) = (Region::from_static("us-east-1"), Service::from_static("iam"));
        let keys = KeyCache::default();
        let sign = |time| {
            keys.with_key("secret", &scope_at(time, &region, &service), |key| key.sign(b"text"))
        };
        assert_ne!(sign("20150830T235959Z"), sign("20150831T000000Z"));
    }
}
