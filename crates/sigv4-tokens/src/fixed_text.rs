//! Keyspaces and CodeCommit sign a text of a fixed form with SigV4's key. The text is no HTTP
//! request, and its timestamp is not SigV4's, so the core's pipeline cannot write it.

use http::{HeaderMap, Method};
use sigv4_core::{
    CredentialScope, Credentials, PayloadHash, Region, RequestHead, Service, Signature, Signer,
    SigningKey, SigningTime,
};

use crate::error::TokenError;

/// The credential scope of such a text.
pub(crate) struct FixedText<'a> {
    pub(crate) region: &'a Region,
    pub(crate) service: Service,
    pub(crate) time: SigningTime,
}

impl FixedText<'_> {
    /// `20150830/us-east-1/cassandra/aws4_request`.
    pub(crate) fn scope(&self) -> CredentialScope<'_> {
        CredentialScope::new(self.time, self.region, &self.service)
    }

    /// Signs `text`, with the time written as the service writes it.
    pub(crate) fn sign(
        &self,
        credentials: &Credentials,
        timestamp: &str,
        text: &str,
    ) -> Result<Signature, TokenError> {
        self.check(credentials)?;
        let (scope, hash) = (self.scope(), PayloadHash::of(text.as_bytes()));
        let string_to_sign = format!("AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{hash}");
        let key = SigningKey::derive(credentials.secret_access_key(), &scope);
        Ok(key.sign(string_to_sign.as_bytes()))
    }

    /// Signs a request with the credentials, so that the core refuses expired or malformed ones.
    fn check(&self, credentials: &Credentials) -> Result<(), TokenError> {
        let head = RequestHead {
            method: &Method::GET,
            scheme: None,
            authority: Some("localhost"),
            path: "/",
            query: None,
            headers: &HeaderMap::new(),
        };
        let signer = Signer::new(self.region.clone(), self.service.clone());
        signer.compute(head, PayloadHash::EMPTY, credentials, self.time)?;
        Ok(())
    }
}
