//! Credentials: one value, printed without its secrets and wiped when dropped.

use core::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use ctutils::CtEq;
use http::HeaderValue;
use zeroize::Zeroizing;

#[cfg(feature = "sigv4a")]
use crate::algorithm::Algorithm;
use crate::error::SignError;
use crate::provider::CredentialsError;
use crate::scope::CredentialScope;
use crate::sign::key_cache::KeyCache;
use crate::sign::signature::Signature;
use crate::sign::signing_key::SigningKey;
use crate::time::SigningTime;

const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// An access key id, its secret and, for temporary credentials, a session token and an expiry time.
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
    is_usable_secret: bool,
    secret: Zeroizing<String>,
    token: Token,
    expires_at: Option<SystemTime>,
    keys: KeyCache,
    /// The key of SigV4a, once it is derived.
    #[cfg(feature = "sigv4a")]
    ecdsa_key: std::sync::OnceLock<SigningKey>,
}

#[derive(Clone)]
enum Token {
    None,
    Usable(HeaderValue),
    Malformed,
}

impl Credentials {
    /// Creates long-term credentials. If they are malformed, the first signature fails.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self::from_fields(
            access_key_id.into(),
            Zeroizing::new(secret_access_key.into()),
            Token::None,
            None,
        )
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary credentials,
    /// `AWS_SESSION_TOKEN` with the given look-up. An empty value counts as none.
    ///
    /// ```
    /// use sigv4_core::Credentials;
    ///
    /// let credentials = Credentials::from_vars(|name| std::env::var(name).ok());
    /// # let text = credentials.map_or_else(|error| error.to_string(), |_| "AWS_ACCESS_KEY_ID".into());
    /// # assert!(text.contains("AWS_ACCESS_KEY_ID"), "{text}");
    /// ```
    ///
    /// # Errors
    /// A [`CredentialsError`] that names the variables that are not set.
    pub fn from_vars(
        mut lookup: impl FnMut(&str) -> Option<String>,
    ) -> Result<Self, CredentialsError> {
        let mut read = |name| lookup(name).filter(|value| !value.is_empty());
        let (id, secret) = (read(ACCESS_KEY_ID), read(SECRET_ACCESS_KEY).map(Zeroizing::new));
        let missing = match (&id, &secret) {
            (None, None) => "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, or empty",
            (None, Some(_)) => {
                "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not, or empty"
            }
            _ => "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not, or empty",
        };
        let (Some(id), Some(secret)) = (id, secret) else {
            let cure = "set both, and AWS_SESSION_TOKEN for temporary credentials";
            return Err(CredentialsError::new(format!("{missing}: {cure}")));
        };
        let token = Token::read(Zeroizing::new(read(SESSION_TOKEN).unwrap_or_default()));
        Ok(Self::from_fields(id, secret, token, None))
    }

    /// Adds the session token of temporary credentials (AWS STS). An empty token counts as none.
    #[must_use]
    pub fn with_session_token(self, token: impl Into<String>) -> Self {
        let token = Token::read(Zeroizing::new(token.into()));
        let Inner { access_key_id, secret, expires_at, .. } = &*self.0;
        Self::from_fields(access_key_id.clone(), secret.clone(), token, *expires_at)
    }

    /// Sets the time at which the credentials expire.
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
        let is_usable_secret = is_secret(&secret);
        let keys = KeyCache::default();
        Self(Arc::new(Inner {
            access_key_id,
            is_usable_id,
            is_usable_secret,
            secret,
            token,
            expires_at,
            keys,
            #[cfg(feature = "sigv4a")]
            ecdsa_key: std::sync::OnceLock::new(),
        }))
    }

    /// Whether this is a clone of `other`.
    #[cfg(feature = "stream")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
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

    /// When temporary credentials expire.
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

    /// Signs with the key for `scope`.
    pub(crate) fn sign(&self, scope: &CredentialScope<'_>, string_to_sign: &[u8]) -> Signature {
        self.with_key(scope, |key| key.sign(string_to_sign))
    }

    /// Whether `signature` was made with the key for `scope`.
    #[cfg(feature = "verify")]
    pub(crate) fn verifies(
        &self,
        scope: &CredentialScope<'_>,
        string_to_sign: &[u8],
        signature: &Signature,
    ) -> bool {
        self.with_key(scope, |key| key.verifies(string_to_sign, signature))
    }

    /// Returns whether the key for `scope` has been derived and is kept.
    #[cfg(feature = "verify")]
    pub(crate) fn keeps_key(&self, scope: &CredentialScope<'_>) -> bool {
        #[cfg(feature = "sigv4a")]
        if scope.algorithm == Algorithm::Ecdsa {
            return self.0.ecdsa_key.get().is_some();
        }
        self.0.keys.with_kept(scope, |_| ()).is_some()
    }

    /// As [`verifies`](Self::verifies), if the key for `scope` has been derived and is kept.
    #[cfg(feature = "verify")]
    pub(crate) fn verifies_kept(
        &self,
        scope: &CredentialScope<'_>,
        string_to_sign: &[u8],
        signature: &Signature,
    ) -> Option<bool> {
        #[cfg(feature = "sigv4a")]
        if scope.algorithm == Algorithm::Ecdsa {
            return self.0.ecdsa_key.get().map(|key| key.verifies(string_to_sign, signature));
        }
        self.0.keys.with_kept(scope, |key| key.verifies(string_to_sign, signature))
    }

    /// The key for `scope`.
    pub(crate) fn signing_key(&self, scope: &CredentialScope<'_>) -> SigningKey {
        self.with_key(scope, SigningKey::clone)
    }

    /// Derives both keys of SigV4a, so that the first verification need not.
    #[cfg(all(feature = "sigv4a", feature = "verify"))]
    pub(crate) fn prepare_ecdsa(&self) {
        self.ecdsa_key().public_key();
    }

    #[cfg(feature = "sigv4a")]
    fn ecdsa_key(&self) -> &SigningKey {
        let Inner { access_key_id, secret, ecdsa_key, .. } = &*self.0;
        ecdsa_key.get_or_init(|| SigningKey::derive_for_regions(access_key_id, secret))
    }

    fn with_key<T>(&self, scope: &CredentialScope<'_>, used: impl Fn(&SigningKey) -> T) -> T {
        #[cfg(feature = "sigv4a")]
        if scope.algorithm == Algorithm::Ecdsa {
            return used(self.ecdsa_key());
        }
        self.0.keys.with_key(&self.0.secret, scope, used)
    }

    /// Checks that the secret is one that could have signed a request.
    pub(crate) fn check_secret(&self) -> Result<(), SignError> {
        if self.0.is_usable_secret { Ok(()) } else { Err(SignError::InvalidSecretAccessKey) }
    }

    /// Checks that these credentials can sign at `time`.
    pub(crate) fn check(&self, time: SigningTime) -> Result<(), SignError> {
        if !self.0.is_usable_id {
            return Err(SignError::InvalidAccessKeyId);
        }
        self.check_secret()?;
        if matches!(self.0.token, Token::Malformed) {
            return Err(SignError::InvalidSessionToken);
        }
        match self.0.expires_at {
            Some(end) if end <= SystemTime::from(time) => {
                // An expiry that no SigningTime can hold was before 1970.
                let at = SigningTime::try_from(end).or_else(|_| SigningTime::from_unix(0))?;
                Err(SignError::CredentialsExpired { at })
            }
            _ => Ok(()),
        }
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

/// White space or a control character at an end comes from a file or a form. No service accepts it.
fn is_secret(secret: &str) -> bool {
    let is_stray = |c: char| c.is_whitespace() || c.is_control();
    !secret.is_empty() && !secret.starts_with(is_stray) && !secret.ends_with(is_stray)
}

/// Equal if id, secret and token are equal; the secret parts are compared in constant time.
impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        let same_secret = self.0.secret.as_bytes().ct_eq(other.0.secret.as_bytes());
        let [ours, theirs] = [self, other].map(|of| of.token_header().map(HeaderValue::as_bytes));
        let same_token = ours.unwrap_or_default().ct_eq(theirs.unwrap_or_default());
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
        for secret in
            ["", "secret\n", "secret\r\n", " secret", "secret ", "\tsecret", "\u{a0}s", "s\0"]
        {
            let bad = Credentials::new("AKID", secret);
            assert_eq!(bad.check(now), Err(SignError::InvalidSecretAccessKey), "{secret:?}");
        }
        for token in ["a\nb", "a\n", "a ", "tökén", "\u{7f}"] {
            let bad = good.clone().with_session_token(token);
            assert_eq!(bad.check(now), Err(SignError::InvalidSessionToken), "{token:?}");
        }
    }

    #[test]
    fn variables_are_read_with_the_look_up_that_is_given() {
        let lookup = |set: &'static [(&str, &str)]| {
            move |name: &str| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
            }
        };
        let both = lookup(&[("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "secret")]);
        assert_eq!(Credentials::from_vars(both).unwrap(), Credentials::new("AKID", "secret"));
        let with_token = lookup(&[
            ("AWS_ACCESS_KEY_ID", "ASIA"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
        ]);
        let expected = Credentials::new("ASIA", "secret").with_session_token("token");
        assert_eq!(Credentials::from_vars(with_token).unwrap(), expected);
        let empty_token = lookup(&[
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", ""),
        ]);
        assert_eq!(Credentials::from_vars(empty_token).unwrap().session_token(), None);
    }

    #[test]
    fn variables_that_are_missing_are_named_and_no_value_is_shown() {
        for (id, secret, text) in [
            (None, None, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, or empty"),
            (Some(""), Some(""), "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"),
            (Some("AKIDVALUE"), None, "AWS_SECRET_ACCESS_KEY is not, or empty"),
            (None, Some("SECRETVALUE"), "AWS_ACCESS_KEY_ID is not, or empty"),
        ] {
            let lookup = |name: &str| {
                let value = if name == "AWS_ACCESS_KEY_ID" { id } else { secret };
                value.map(str::to_owned)
            };
            let error = Credentials::from_vars(lookup).unwrap_err().to_string();
            assert!(error.contains(text) && !error.contains("VALUE"), "{error}");
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
    fn clones_share_the_keys_that_one_of_them_derived() {
        let credentials = Credentials::new("AKID", "secret");
        let clone = credentials.clone();
        assert!(Arc::ptr_eq(&credentials.0, &clone.0));
    }

    #[test]
    fn empty_session_token_means_none() {
        assert_eq!(Credentials::new("a", "b").with_session_token("").session_token(), None);
    }
}
