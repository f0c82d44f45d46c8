//! A signer that keeps what all signatures of one second share.

use core::fmt;
use std::time::SystemTime;

use http::Request;

use crate::credentials::Credentials;
use crate::error::SignError;
use crate::head::RequestHead;
use crate::payload::PayloadHash;
use crate::sign::canonical_text::CanonicalText;
use crate::sign::seal::Seal;
use crate::sign::second::Second;
use crate::sign::signature::Signature;
use crate::sign::signed::Signed;
use crate::sign::signer::Signer;
use crate::sign::signing_key::SigningKey;
use crate::text::hex::hex_of;
use crate::time::SigningTime;

/// Signs many requests with one set of credentials. Created by [`Signer::prepared`].
///
/// It keeps the signing key of the day, and the beginning of the string to sign of the second:
/// already hashed, which saves one of seven SHA-256 blocks. It follows the clock by itself: in each
/// new second it reads the key from its credentials, under a read lock. Between, it takes no lock. Use
/// one for each thread, a clone or one prepared there.
///
/// ```
/// use std::time::SystemTime;
/// use sigv4_core::{Credentials, Region, Service, Signer};
///
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("execute-api"));
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let mut prepared = signer.prepared(&credentials, SystemTime::now())?;
/// for id in 0..3 {
///     let url = format!("https://abc123.execute-api.us-east-1.amazonaws.com/pets/{id}");
///     let mut request = http::Request::get(url).body("")?;
///     prepared.sign(&mut request, SystemTime::now())?;
///     assert!(request.headers().contains_key("authorization"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PreparedSigner {
    signer: Signer,
    credentials: Credentials,
    second: Second,
    /// Kept between requests, because a new one has to be zeroed.
    canonical: CanonicalText,
}

impl Signer {
    /// Prepares for many signatures with the same credentials.
    ///
    /// # Errors
    /// A [`SignError`] if the credentials cannot sign at `time`, or if the time is out of range.
    pub fn prepared(
        &self,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<PreparedSigner, SignError> {
        let time = time.try_into().map_err(Into::into)?;
        credentials.check(time)?;
        Ok(PreparedSigner {
            signer: self.clone(),
            credentials: credentials.clone(),
            second: second(self, credentials, time),
            canonical: CanonicalText::new(credentials),
        })
    }
}

impl PreparedSigner {
    /// The signer.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Whether this was prepared for these two.
    #[cfg(feature = "stream")]
    pub(crate) fn is_of(&self, signer: &Signer, credentials: &Credentials) -> bool {
        self.credentials.is_same(credentials) && self.signer == *signer
    }

    /// Signs a request whose body is in memory, as [`Signer::sign`] does.
    ///
    /// # Errors
    /// As [`Signer::sign`]. The request is then unchanged.
    pub fn sign<B: AsRef<[u8]>>(
        &mut self,
        request: &mut Request<B>,
        time: impl Into<SystemTime>,
    ) -> Result<(), SignError> {
        let payload = self.signer.payload_of(request.body().as_ref());
        self.sign_hashed(request, payload, time)
    }

    /// Signs a request of any body type with the given payload hash, as [`Signer::sign_hashed`]
    /// does.
    ///
    /// # Errors
    /// As [`Signer::sign_hashed`]. The request is then unchanged.
    pub fn sign_hashed<B>(
        &mut self,
        request: &mut Request<B>,
        payload: PayloadHash,
        time: impl Into<SystemTime>,
    ) -> Result<(), SignError> {
        let signed = self.compute(&*request, payload, time)?;
        signed.apply(request.headers_mut());
        Ok(())
    }

    /// Computes a signature without touching the request, and without allocating, as
    /// [`Signer::compute`] does.
    ///
    /// # Errors
    /// As [`Signer::compute`].
    pub fn compute<'a>(
        &mut self,
        head: impl Into<RequestHead<'a>>,
        payload: PayloadHash,
        time: impl Into<SystemTime>,
    ) -> Result<Signed, SignError> {
        self.sign_at(&head.into(), payload, time.into())
    }

    /// Not generic, so that it is compiled here, with all that it calls.
    fn sign_at(
        &mut self,
        head: &RequestHead<'_>,
        payload: PayloadHash,
        time: SystemTime,
    ) -> Result<Signed, SignError> {
        self.turn_to(time)?;
        let Self { signer, credentials, second, canonical } = self;
        let mut seal = SecondsSeal { signer, credentials, second };
        let signed = signer.sign_head(head, payload, &mut seal, canonical);
        canonical.clear();
        signed
    }

    /// Renews what is kept if `time` lies in another second.
    fn turn_to(&mut self, time: SystemTime) -> Result<(), SignError> {
        if !self.second.time().is_second_of(time) {
            self.second = second(&self.signer, &self.credentials, time.try_into()?);
        }
        Ok(())
    }
}

impl fmt::Debug for PreparedSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedSigner")
            .field("signer", &self.signer)
            .field("credentials", &self.credentials)
            .field("time", &self.second.time())
            .finish_non_exhaustive()
    }
}

/// What is kept for requests signed at `time`.
pub(crate) fn second(signer: &Signer, credentials: &Credentials, time: SigningTime) -> Second {
    let scope = signer.scope(time);
    Second::new(scope.algorithm.name(), time, &scope, credentials.signing_key(&scope))
}

/// Signs with what is kept for one second.
struct SecondsSeal<'a> {
    signer: &'a Signer,
    credentials: &'a Credentials,
    second: &'a Second,
}

impl Seal for SecondsSeal<'_> {
    fn time(&self) -> SigningTime {
        self.second.time()
    }

    fn credentials(&self) -> &Credentials {
        self.credentials
    }

    fn scope(&self) -> &[u8] {
        self.second.scope()
    }

    fn sign(&mut self, canonical_hash: &[u8; 32]) -> Signature {
        self.second.sign(&hex_of(canonical_hash))
    }

    fn key(&self) -> SigningKey {
        self.credentials.signing_key(&self.signer.scope(self.second.time()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scope::{Region, Service};

    fn credentials() -> Credentials {
        Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn every_signature_is_that_of_the_signer_whichever_way_the_clock_moves() {
        let midnight = 1_440_979_200;
        let long = "a-service-whose-name-fills-another-block-of-the-string-to-sign".repeat(4);
        for service in ["iam", "s3", &long] {
            let signer =
                Signer::new(Region::from_static("us-east-1"), Service::new(service).unwrap());
            for known in [credentials(), credentials().with_session_token("token")] {
                let mut prepared = signer.prepared(&known, at(midnight - 2)).unwrap();
                for seconds in [-2_i64, -2, -1, 0, 1, -1, 86_400, 0] {
                    let time = at(midnight.saturating_add_signed(seconds));
                    for body in ["", "body"] {
                        let request = || {
                            let request = Request::put("https://b.s3.amazonaws.com/k?a=b");
                            request.header("x-amz-meta-a", "b").body(body).unwrap()
                        };
                        let (mut ours, mut expected) = (request(), request());
                        prepared.sign(&mut ours, time + Duration::from_millis(999)).unwrap();
                        signer.sign(&mut expected, &known, time).unwrap();
                        assert_eq!(ours.headers(), expected.headers());
                    }
                }
            }
        }
    }

    #[test]
    fn credentials_that_expire_meanwhile_sign_no_more() {
        let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("iam"));
        let known = credentials().with_expiry(at(10));
        let mut prepared = signer.prepared(&known, at(8)).unwrap();
        let request = Request::get("https://iam.amazonaws.com/").body(()).unwrap();
        assert!(prepared.compute(&request, PayloadHash::EMPTY, at(9)).is_ok());
        let expired = SignError::CredentialsExpired { at: at(10).try_into().unwrap() };
        let refused = prepared.compute(&request, PayloadHash::EMPTY, at(10));
        assert_eq!(refused.err(), Some(expired.clone()));
        assert_eq!(signer.prepared(&known, at(10)).err(), Some(expired));
        let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        let refused = prepared.compute(&request, PayloadHash::EMPTY, early);
        assert_eq!(refused.err(), Some(SignError::TimeOutOfRange));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("iam"));
        let known = credentials().with_session_token("IQoJtoken");
        let shown = format!("{:?}", signer.prepared(&known, at(0)).unwrap());
        assert!(!shown.contains("wJalr") && !shown.contains("IQoJtoken"), "{shown}");
    }

    #[test]
    fn streams_go_on_from_a_prepared_signature() {
        let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
        let request = Request::put("https://b.s3.amazonaws.com/k").body(()).unwrap();
        let mut prepared = signer.prepared(&credentials(), at(0)).unwrap();
        let payload = PayloadHash::StreamingSigned;
        let ours = prepared.compute(&request, payload, at(5)).unwrap();
        let expected = signer.compute(&request, payload, &credentials(), at(5)).unwrap();
        assert_eq!(ours.authorization(), expected.authorization());
        #[cfg(feature = "stream")]
        assert_eq!(
            ours.into_chunks().unwrap().sign(b"chunk"),
            expected.into_chunks().unwrap().sign(b"chunk")
        );
    }
}
