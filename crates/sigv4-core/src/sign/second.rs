//! What all signatures of one second share.

use crate::scope::CredentialScope;
use crate::sign::signature::Signature;
use crate::sign::signing_key::{BegunKey, SigningKey};
use crate::sign::string_to_sign::StringToSign;
use crate::time::SigningTime;

/// The first lines of a string to sign, and the key that has taken them in: for most scopes, that
/// saves a block of SHA-256.
#[derive(Clone)]
pub(crate) struct Second {
    time: SigningTime,
    text: StringToSign,
    key: BegunKey,
}

impl Second {
    /// `algorithm` is the first line, `key` the signing key of the scope.
    pub(crate) fn new(
        algorithm: &str,
        time: SigningTime,
        scope: &CredentialScope<'_>,
        key: SigningKey,
    ) -> Self {
        let mut text = StringToSign::new();
        text.begin(algorithm, time, scope);
        let key = key.begin(text.as_bytes());
        Self { time, text, key }
    }

    pub(crate) const fn time(&self) -> SigningTime {
        self.time
    }

    /// The text of the credential scope.
    pub(crate) fn scope(&self) -> &[u8] {
        self.text.scope()
    }

    /// Signs the string to sign whose last lines are `rest`.
    pub(crate) fn sign(&self, rest: &[u8]) -> Signature {
        self.key.sign(self.text.as_bytes(), rest)
    }

    /// Whether `signature` is valid for the string to sign whose last lines are `rest`.
    #[cfg(feature = "stream")]
    pub(crate) fn verifies(&self, rest: &[u8], signature: &Signature) -> bool {
        self.key.verifies(self.text.as_bytes(), rest, signature)
    }
}
