//! How a string to sign is signed: anew for one request, or with what is prepared for many.

use crate::credentials::Credentials;
use crate::scope::CredentialScope;
use crate::sign::signature::Signature;
use crate::sign::signing_key::SigningKey;
use crate::sign::string_to_sign::StringToSign;
use crate::time::SigningTime;

/// The steps from the hash of the canonical request to the signature.
pub(crate) trait Seal {
    fn time(&self) -> SigningTime;

    fn credentials(&self) -> &Credentials;

    /// The text of the credential scope, once a signature is made.
    fn scope(&self) -> &[u8];

    fn sign(&mut self, canonical_hash: &[u8; 32]) -> Signature;

    /// The key, for what is signed after the request.
    fn key(&self) -> SigningKey;
}

/// Signs one request. Afterwards it holds the string to sign.
pub(crate) struct OneTime<'a> {
    credentials: &'a Credentials,
    time: SigningTime,
    scope: CredentialScope<'a>,
    text: StringToSign,
}

impl<'a> OneTime<'a> {
    pub(crate) fn new(
        credentials: &'a Credentials,
        time: SigningTime,
        scope: CredentialScope<'a>,
    ) -> Self {
        Self { credentials, time, scope, text: StringToSign::new() }
    }

    /// The string to sign, once it is signed.
    pub(crate) fn text(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Seal for OneTime<'_> {
    fn time(&self) -> SigningTime {
        self.time
    }

    fn credentials(&self) -> &Credentials {
        self.credentials
    }

    fn scope(&self) -> &[u8] {
        self.text.scope()
    }

    #[inline]
    fn sign(&mut self, canonical_hash: &[u8; 32]) -> Signature {
        // Here and not in `new`: to move a text that was just written takes 20 ns.
        self.text.begin(self.scope.algorithm.name(), self.time, &self.scope);
        self.text.end(canonical_hash);
        self.credentials.sign(&self.scope, self.text.as_bytes())
    }

    fn key(&self) -> SigningKey {
        self.credentials.signing_key(&self.scope)
    }
}
