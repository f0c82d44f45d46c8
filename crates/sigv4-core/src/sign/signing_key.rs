//! The signing key: date, region, service and `aws4_request`, each an HMAC under the one before.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

#[cfg(feature = "stream")]
use crate::algorithm::Algorithm;
use crate::scope::{CredentialScope, TERMINATOR};
use crate::sign::signature::Signature;
#[cfg(feature = "sigv4a")]
use {crate::v4a::EcdsaKey, std::sync::Arc};

/// The key of one secret and one scope, kept as a keyed HMAC state and wiped when dropped.
///
/// Source: AWS IAM User Guide, "Create a signed AWS API request", step 4.
///
/// ```
/// use sigv4_core::{CredentialScope, Region, Service, SigningKey};
///
/// let (region, service) = (Region::from_static("us-east-1"), Service::from_static("iam"));
/// let scope = CredentialScope::new("20150830T123600Z".parse()?, &region, &service);
/// let key = SigningKey::derive("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &scope);
/// let signature = key.sign(b"string to sign");
/// assert_eq!(signature.to_string().len(), 64);
/// # Ok::<(), sigv4_core::SignError>(())
/// ```
#[derive(Clone)]
pub struct SigningKey(Kind);

#[derive(Clone)]
enum Kind {
    Hmac(Hmac<Sha256>),
    /// Shared, because a set of credentials has one SigV4a key.
    #[cfg(feature = "sigv4a")]
    Ecdsa(Arc<EcdsaKey>),
}

impl SigningKey {
    /// Derives the key of `secret` for a scope. For SigV4a, use `derive_for_regions`.
    pub fn derive(secret: &str, scope: &CredentialScope<'_>) -> Self {
        let mut first = Zeroizing::new(Vec::with_capacity(4 + secret.len()));
        first.extend_from_slice(b"AWS4");
        first.extend_from_slice(secret.as_bytes());
        let date = hmac(&first, scope.date.as_bytes());
        let region = hmac(&*date, scope.region.as_bytes());
        let service = hmac(&*region, scope.service.as_bytes());
        let key = hmac(&*service, TERMINATOR.as_bytes());
        Self(Kind::Hmac(keyed(&*key)))
    }

    /// Takes a key derived elsewhere, such as by a service that does not disclose the secret.
    pub fn from_bytes(key: &[u8]) -> Self {
        Self(Kind::Hmac(keyed(key)))
    }

    /// Derives the private key of SigV4a, which is the same for all days, regions and services.
    ///
    /// ```
    /// use sigv4_core::SigningKey;
    ///
    /// let key = SigningKey::derive_for_regions("AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom");
    /// let public = key.public_key().unwrap();
    /// assert_eq!(public[..5], [0x04, 0x15, 0xd2, 0x42, 0xce]); // uncompressed, then x
    /// ```
    #[cfg(feature = "sigv4a")]
    pub fn derive_for_regions(access_key_id: &str, secret: &str) -> Self {
        Self(Kind::Ecdsa(Arc::new(EcdsaKey::derive(access_key_id, secret))))
    }

    /// The public key of a SigV4a key: 65 bytes, `04`, x and y (SEC 1, 2.3.3).
    ///
    /// Returns `None` for an HMAC key, which has no public key.
    #[cfg(feature = "sigv4a")]
    pub fn public_key(&self) -> Option<[u8; 65]> {
        match &self.0 {
            Kind::Hmac(_) => None,
            Kind::Ecdsa(key) => Some(key.public_bytes()),
        }
    }

    /// Signs a string to sign.
    pub fn sign(&self, string_to_sign: &[u8]) -> Signature {
        match &self.0 {
            Kind::Hmac(key) => {
                let mut mac = key.clone();
                mac.update(string_to_sign);
                Signature::new(mac.finalize().into_bytes().into())
            }
            #[cfg(feature = "sigv4a")]
            Kind::Ecdsa(key) => Signature::ecdsa(key.sign(string_to_sign)),
        }
    }

    /// Takes in the beginning of a string to sign.
    pub(crate) fn begin(mut self, beginning: &[u8]) -> BegunKey {
        #[cfg_attr(not(feature = "sigv4a"), expect(irrefutable_let_patterns))]
        if let Kind::Hmac(key) = &mut self.0 {
            key.update(beginning);
        }
        BegunKey(self)
    }

    /// Whether `signature` is valid for a string to sign under this key.
    #[cfg(any(feature = "stream", feature = "verify"))]
    pub(crate) fn verifies(&self, string_to_sign: &[u8], signature: &Signature) -> bool {
        #[cfg(feature = "sigv4a")]
        if let Kind::Ecdsa(key) = &self.0 {
            return signature.as_ecdsa().is_some_and(|it| key.verifies(string_to_sign, it));
        }
        self.sign(string_to_sign) == *signature
    }

    /// The algorithm of the key.
    #[cfg(feature = "stream")]
    pub(crate) const fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Kind::Hmac(_) => Algorithm::Hmac,
            #[cfg(feature = "sigv4a")]
            Kind::Ecdsa(_) => Algorithm::Ecdsa,
        }
    }
}

/// A key that has taken in the beginning of a string to sign.
#[derive(Clone)]
pub(crate) struct BegunKey(SigningKey);

impl BegunKey {
    /// Signs the `beginning` that the key has taken in, followed by `rest`.
    #[cfg_attr(not(feature = "sigv4a"), expect(unused_variables))]
    pub(crate) fn sign(&self, beginning: &[u8], rest: &[u8]) -> Signature {
        match &self.0.0 {
            Kind::Hmac(_) => self.0.sign(rest),
            // ECDSA signs a hash, which costs little beside the signature.
            #[cfg(feature = "sigv4a")]
            Kind::Ecdsa(key) => Signature::ecdsa(key.sign(&[beginning, rest].concat())),
        }
    }
}

#[cfg(feature = "stream")]
impl BegunKey {
    /// Whether `signature` is valid for the `beginning` that the key has taken in and `rest`.
    #[cfg_attr(not(feature = "sigv4a"), expect(unused_variables))]
    pub(crate) fn verifies(&self, beginning: &[u8], rest: &[u8], signature: &Signature) -> bool {
        match &self.0.0 {
            Kind::Hmac(_) => self.0.verifies(rest, signature),
            #[cfg(feature = "sigv4a")]
            Kind::Ecdsa(_) => self.0.verifies(&[beginning, rest].concat(), signature),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn hmac(key: &[u8], message: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut mac = keyed(key);
    mac.update(message);
    let mut output = mac.finalize().into_bytes();
    let bytes = Zeroizing::new(output.into());
    output.as_mut_slice().zeroize();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::{Region, Service};

    #[test]
    fn aws_example_key_signs_the_aws_example() {
        let (region, service) = (Region::from_static("us-east-1"), Service::from_static("iam"));
        let scope = CredentialScope::new("20150830T123600Z".parse().unwrap(), &region, &service);
        let key = SigningKey::derive("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &scope);
        let text = b"AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
            f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        assert_eq!(
            key.sign(text).to_string(),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }
}
