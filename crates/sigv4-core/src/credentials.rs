//! Credentials: one value that is never torn, printed without its secrets, wiped when dropped.

use core::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use bytes::Bytes;
use ctutils::CtEq;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::SignError;
use crate::scope::CredentialScope;
use crate::signature::Signature;
use crate::signing_key::SigningKey;
use crate::time::{ScopeDate, SigningTime};

/// How many derived keys one set of credentials keeps.
const KEYS_KEPT: usize = 16;

/// An access key id, its secret, and where they are temporary a session token and an end.
///
/// Cheap to clone: clones share one value, and with it the signing keys derived so far. The secret,
/// the token and the keys are never printed, and are wiped when the last clone is dropped.
///
/// ```
/// use sigv4_core::Credentials;
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalr").with_session_token("IQoJb");
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// ```
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

struct Inner {
    access_key_id: String,
    is_usable_id: bool,
    secret: Zeroizing<String>,
    token: Token,
    expires_at: Option<SystemTime>,
    keys: RwLock<Vec<DerivedKey>>,
}

#[derive(Clone)]
enum Token {
    None,
    Usable(HeaderValue),
    Malformed,
}

struct DerivedKey {
    date: ScopeDate,
    region: String,
    service: String,
    key: SigningKey,
}

impl Credentials {
    /// Long-term credentials. What is malformed in them is an error when they first sign.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self::from_fields(
            access_key_id.into(),
            Zeroizing::new(secret_access_key.into()),
            Token::None,
            None,
        )
    }

    /// These credentials with the session token of temporary ones (AWS STS). Empty means none.
    #[must_use]
    pub fn with_session_token(self, token: impl Into<String>) -> Self {
        let token = Token::read(Zeroizing::new(token.into()));
        let Inner { access_key_id, secret, expires_at, .. } = &*self.0;
        Self::from_fields(access_key_id.clone(), secret.clone(), token, *expires_at)
    }

    /// These credentials with the time at which they end.
    #[must_use]
    pub fn with_expiry(self, expires_at: SystemTime) -> Self {
        let Inner { access_key_id, secret, token, .. } = &*self.0;
        Self::from_fields(access_key_id.clone(), secret.clone(), token.clone(), Some(expires_at))
    }

    fn from_fields(
        access_key_id: String,
        secret: Zeroizing<String>,
        token: Token,
        expires_at: Option<SystemTime>,
    ) -> Self {
        let is_usable_id = is_access_key_id(&access_key_id);
        let keys = RwLock::new(Vec::new());
        Self(Arc::new(Inner { access_key_id, is_usable_id, secret, token, expires_at, keys }))
    }

    /// The access key id, which is not a secret.
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// The secret access key. Keep it out of logs and errors.
    pub fn secret_access_key(&self) -> &str {
        &self.0.secret
    }

    /// The session token of temporary credentials. Keep it out of logs and errors.
    pub fn session_token(&self) -> Option<&str> {
        self.token_header()?.to_str().ok()
    }

    /// When temporary credentials end.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// The token as the header that carries it, marked sensitive.
    pub(crate) fn token_header(&self) -> Option<&HeaderValue> {
        match &self.0.token {
            Token::Usable(value) => Some(value),
            Token::None | Token::Malformed => None,
        }
    }

    /// Whether these can sign at `time`.
    pub(crate) fn check(&self, time: SigningTime) -> Result<(), SignError> {
        if !self.0.is_usable_id {
            return Err(SignError::InvalidAccessKeyId);
        }
        if matches!(self.0.token, Token::Malformed) {
            return Err(SignError::InvalidSessionToken);
        }
        match self.0.expires_at {
            Some(end) if end <= SystemTime::from(time) => {
                // An end that no SigningTime can hold was before 1970.
                let at = SigningTime::try_from(end).or_else(|_| SigningTime::from_unix(0))?;
                Err(SignError::CredentialsExpired { at })
            }
            _ => Ok(()),
        }
    }

    /// Signs with the key for `scope`.
    pub(crate) fn sign(&self, scope: &CredentialScope<'_>, string_to_sign: &[u8]) -> Signature {
        self.with_key(scope, |key| key.sign(string_to_sign))
    }

    /// The key for `scope`.
    pub(crate) fn signing_key(&self, scope: &CredentialScope<'_>) -> SigningKey {
        self.with_key(scope, SigningKey::clone)
    }

    /// Uses the key for `scope` where it stands: kept from an earlier signature, or derived and kept.
    fn with_key<T>(&self, scope: &CredentialScope<'_>, used: impl Fn(&SigningKey) -> T) -> T {
        {
            let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = keys.iter().find(|kept| kept.is_for(scope)) {
                return used(&found.key);
            }
        }
        let key = SigningKey::derive(&self.0.secret, scope);
        let result = used(&key);
        self.keep(scope, key);
        result
    }

    fn keep(&self, scope: &CredentialScope<'_>, key: SigningKey) {
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
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
        let CredentialScope { date, region, service } = *scope;
        keys.push(DerivedKey { date, region: region.to_owned(), service: service.to_owned(), key });
    }
}

impl DerivedKey {
    fn is_for(&self, scope: &CredentialScope<'_>) -> bool {
        self.date == scope.date && self.region == scope.region && self.service == scope.service
    }
}

impl Token {
    fn read(token: Zeroizing<String>) -> Self {
        if token.is_empty() {
            return Self::None;
        }
        // A space within a value is legal in a header; at its ends it would be lost on the way.
        let legal = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if !token.bytes().all(legal) || token.trim_matches(' ').len() != token.len() {
            return Self::Malformed;
        }
        match HeaderValue::from_maybe_shared(Bytes::from_owner(Wiped(token))) {
            Ok(mut value) => {
                value.set_sensitive(true);
                Self::Usable(value)
            }
            Err(_) => Self::Malformed,
        }
    }
}

/// Lets a header value own its text and wipe it.
struct Wiped(Zeroizing<String>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn is_access_key_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b',' | b'/'))
}

/// Equal where id, secret and token are; the secret parts are compared in constant time.
impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        let same_secret = self.0.secret.as_bytes().ct_eq(other.0.secret.as_bytes());
        let token = |of: &Self| of.token_header().map(|value| value.as_bytes().to_vec());
        let same_token = token(self).unwrap_or_default().ct_eq(&token(other).unwrap_or_default());
        self.0.access_key_id == other.0.access_key_id && (same_secret & same_token).to_bool()
    }
}

impl Eq for Credentials {}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.0.access_key_id)
            .field("secret_access_key", &"redacted")
            .field("session_token", &self.token_header().map(|_| "redacted"))
            .field("expires_at", &self.0.expires_at)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scope::{Region, Service};

    fn scope_at<'a>(time: &str, region: &'a Region, service: &'a Service) -> CredentialScope<'a> {
        CredentialScope::new(time.parse().unwrap(), region, service)
    }

    #[test]
    fn derived_key_is_kept_and_shared_by_clones() {
        let (region, service) = (Region::from_static("us-east-1"), Service::from_static("iam"));
        let credentials = Credentials::new("AKID", "secret");
        let scope = scope_at("20150830T123600Z", &region, &service);
        let first = credentials.clone().signing_key(&scope).sign(b"text");
        assert_eq!(credentials.0.keys.read().unwrap().len(), 1);
        assert_eq!(credentials.signing_key(&scope).sign(b"text"), first);
        assert_eq!(SigningKey::derive("secret", &scope).sign(b"text"), first);
    }

    #[test]
    fn kept_keys_are_bounded_and_the_oldest_day_goes_first() {
        let region = Region::from_static("us-east-1");
        let credentials = Credentials::new("AKID", "secret");
        let old = Service::from_static("old");
        credentials.signing_key(&scope_at("20150829T235959Z", &region, &old));
        for n in 0..100 {
            let service = Service::new(format!("service{n}")).unwrap();
            let scope = scope_at("20150830T000000Z", &region, &service);
            credentials.signing_key(&scope);
            let kept = credentials.0.keys.read().unwrap();
            assert!(kept.len() <= KEYS_KEPT);
            assert_eq!(kept.iter().any(|k| k.service == "old"), n < KEYS_KEPT - 1);
        }
    }

    #[test]
    fn key_turns_over_at_midnight_utc() {
        let (region, service) = (Region::from_static("us-east-1"), Service::from_static("iam"));
        let credentials = Credentials::new("AKID", "secret");
        let before = credentials.signing_key(&scope_at("20150830T235959Z", &region, &service));
        let after = credentials.signing_key(&scope_at("20150831T000000Z", &region, &service));
        assert_ne!(before.sign(b"text"), after.sign(b"text"));
    }

    #[test]
    fn expired_or_malformed_credentials_cannot_sign() {
        let now: SigningTime = "20150830T123600Z".parse().unwrap();
        let good = Credentials::new("AKID", "secret");
        assert_eq!(good.check(now), Ok(()));
        let end = SystemTime::from(now);
        let later = good.clone().with_expiry(end + Duration::from_secs(1));
        assert_eq!(later.check(now), Ok(()));
        assert_eq!(
            good.clone().with_expiry(end).check(now),
            Err(SignError::CredentialsExpired { at: now })
        );
        for id in ["", "AK ID", "AKID\n", "A,K", "A/K", "ÄKID"] {
            let bad = Credentials::new(id, "secret");
            assert_eq!(bad.check(now), Err(SignError::InvalidAccessKeyId), "{id:?}");
        }
        for token in ["a\nb", "a\n", "a ", "tökén", "\u{7f}"] {
            let bad = good.clone().with_session_token(token);
            assert_eq!(bad.check(now), Err(SignError::InvalidSessionToken), "{token:?}");
        }
    }

    #[test]
    fn equality_covers_id_secret_and_token() {
        let a = Credentials::new("AKID", "secret").with_session_token("token");
        assert_eq!(a, a.clone());
        assert_ne!(a, Credentials::new("AKID", "secret"));
        assert_ne!(a, Credentials::new("AKID", "secret").with_session_token("other"));
        assert_ne!(a, Credentials::new("AKID", "other").with_session_token("token"));
        assert_ne!(a, Credentials::new("OTHER", "secret").with_session_token("token"));
    }

    #[test]
    fn empty_session_token_means_none() {
        assert_eq!(Credentials::new("a", "b").with_session_token("").session_token(), None);
    }
}
