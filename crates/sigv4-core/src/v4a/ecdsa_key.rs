//! The private key of one set of credentials, which signs and verifies.

use core::fmt;
use std::sync::OnceLock;

use ecdsa::hazmat::sign_prehashed_rfc6979;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::VerifyingKey;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::elliptic_curve::PublicKey;
use p256::elliptic_curve::ff::PrimeField;
use p256::{NistP256, NonZeroScalar, Scalar};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::ecdsa_signature::EcdsaSignature;
use crate::fields;

/// A private key with its public one. Wiped when dropped.
///
/// Computing the public key costs as much as a signature, so only verification does it, once.
pub(crate) struct EcdsaKey {
    private: NonZeroScalar,
    public: OnceLock<VerifyingKey>,
}

impl EcdsaKey {
    /// Derives the key of one set of credentials. It depends on neither date, region nor service.
    pub(crate) fn derive(access_key_id: &str, secret: &str) -> Self {
        let mut key = Zeroizing::new(Vec::with_capacity(5 + secret.len()));
        key.extend_from_slice(b"AWS4A");
        key.extend_from_slice(secret.as_bytes());
        Self { private: private_key(&key, access_key_id), public: OnceLock::new() }
    }

    /// Signs a string to sign. The same text has the same signature (RFC 6979).
    pub(crate) fn sign(&self, text: &[u8]) -> EcdsaSignature {
        let hash = Sha256::digest(text);
        let (signature, _) = sign_prehashed_rfc6979::<NistP256, Sha256>(&self.private, &hash, &[]);
        EcdsaSignature::from(signature)
    }

    /// Whether a signature of `text` was made by this key.
    pub(crate) fn verifies(&self, text: &[u8], signature: &EcdsaSignature) -> bool {
        let hash = Sha256::digest(text);
        signature
            .parsed()
            .is_some_and(|signature| self.public().verify_prehash(&hash, &signature).is_ok())
    }

    /// The public key: 65 bytes, `04`, x and y (SEC 1, 2.3.3).
    pub(crate) fn public_bytes(&self) -> [u8; 65] {
        let point = self.public().to_sec1_point(false);
        point.as_bytes().try_into().unwrap_or([0; 65])
    }

    fn public(&self) -> &VerifyingKey {
        self.public.get_or_init(|| PublicKey::from_secret_scalar(&self.private).into())
    }
}

impl Drop for EcdsaKey {
    fn drop(&mut self) {
        self.private.zeroize();
    }
}

impl fmt::Debug for EcdsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcdsaKey(redacted)")
    }
}

/// The private key: the first candidate up to n - 2, plus one.
///
/// Candidates come from HMAC-SHA256 as a key derivation function in counter mode
/// (NIST SP 800-108): label, access key id and counter are its input, 256 bits its length.
#[expect(clippy::expect_used, reason = "a counter fails once in 2^32: not 254 of them")]
fn private_key(key: &[u8], access_key_id: &str) -> NonZeroScalar {
    (1..=254).find_map(|counter| candidate(key, access_key_id, counter)).expect("254 candidates")
}

fn candidate(key: &[u8], access_key_id: &str, counter: u8) -> Option<NonZeroScalar> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in [
        &[0, 0, 0, 1],
        fields::ECDSA_ALGORITHM.as_bytes(),
        &[0],
        access_key_id.as_bytes(),
        &[counter],
        &[0, 0, 1, 0],
    ] {
        mac.update(part);
    }
    let mut bytes = mac.finalize().into_bytes();
    let private = scalar(&bytes);
    bytes.as_mut_slice().zeroize();
    private
}

/// One more than the number, if that is from 1 to n - 1. Compares and adds in constant time; the
/// time shows only whether the next counter is needed.
fn scalar(bytes: &p256::FieldBytes) -> Option<NonZeroScalar> {
    Scalar::from_repr(*bytes)
        .and_then(|number| NonZeroScalar::new(number + Scalar::ONE))
        .into_option()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// n - 1, n - 2 and n - 3 for the order n of P-256.
    const ORDER_LESS: [&str; 3] = [
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254e",
    ];

    fn bytes(hex: &str) -> p256::FieldBytes {
        let mut bytes = p256::FieldBytes::default();
        hex::decode_to_slice(hex, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn candidate_above_n_minus_2_asks_for_the_next_counter() {
        assert!(scalar(&bytes(&"ff".repeat(32))).is_none());
        assert!(scalar(&bytes(ORDER_LESS[0])).is_none());
        let largest = scalar(&bytes(ORDER_LESS[1])).unwrap();
        assert_eq!(hex::encode(largest.to_repr()), ORDER_LESS[0]);
        let below = scalar(&bytes(ORDER_LESS[2])).unwrap();
        assert_eq!(hex::encode(below.to_repr()), ORDER_LESS[1]);
        let one = scalar(&bytes(&"00".repeat(32))).unwrap();
        assert_eq!(hex::encode(one.to_repr()), format!("{}01", "00".repeat(31)));
    }

    #[test]
    fn each_counter_has_a_candidate_of_its_own() {
        let all: std::collections::HashSet<_> = (1..=254)
            .filter_map(|counter| candidate(b"AWS4Asecret", "AKID", counter))
            .map(|scalar| scalar.to_repr())
            .collect();
        assert_eq!(all.len(), 254);
    }

    /// Source: RFC 6979, A.2.5: the key, SHA-256, the message "sample".
    #[test]
    fn signature_is_that_of_rfc_6979() {
        let number = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6720";
        let private = scalar(&bytes(number)).unwrap();
        let key = EcdsaKey { private, public: OnceLock::new() };
        let signature = key.sign(b"sample");
        let expected = "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
            022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
        assert_eq!(hex::encode(signature.as_bytes()), expected);
        assert!(key.verifies(b"sample", &signature));
        assert!(!key.verifies(b"sampler", &signature));
    }

    #[test]
    fn key_is_never_printed() {
        let key = EcdsaKey::derive("AKID", "secret");
        assert_eq!(format!("{key:?}"), "EcdsaKey(redacted)");
    }
}
