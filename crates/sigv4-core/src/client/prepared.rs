//! The prepared signer that a client keeps between requests.

use std::sync::Mutex;
use std::time::SystemTime;

use crate::credentials::Credentials;
use crate::error::SignError;
use crate::head::RequestHead;
use crate::payload::PayloadHash;
use crate::sign::prepared::PreparedSigner;
use crate::sign::signed::Signed;
use crate::sign::signer::Signer;

/// The prepared signer of the last request, for the next ones with the same credentials.
#[derive(Default)]
pub(super) struct KeptSigner(Mutex<Option<PreparedSigner>>);

impl KeptSigner {
    /// Computes a signature as [`Signer::compute`] does.
    pub(super) fn compute(
        &self,
        signer: &Signer,
        head: &RequestHead<'_>,
        payload: PayloadHash,
        credentials: &Credentials,
        time: SystemTime,
    ) -> Result<Signed, SignError> {
        // Another thread may be signing: to sign without what is kept takes less time than to wait.
        let Ok(mut kept) = self.0.try_lock() else {
            return signer.compute(*head, payload, credentials, time);
        };
        if !kept.as_ref().is_some_and(|kept| kept.is_of(signer, credentials)) {
            *kept = Some(signer.prepared(credentials, time)?);
        }
        match &mut *kept {
            Some(kept) => kept.compute(*head, payload, time),
            None => signer.compute(*head, payload, credentials, time),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scope::{Region, Service};

    #[test]
    fn signature_is_the_signers_own_whatever_is_kept_and_whoever_holds_it() {
        let kept = KeptSigner::default();
        let signer = |service| Signer::new(Region::from_static("us-east-1"), service);
        let request = http::Request::get("https://iam.amazonaws.com/").body(()).unwrap();
        let head = RequestHead::from(&request);
        let payload = PayloadHash::EMPTY;
        let compare = |service, secret: &str, seconds| {
            let (signer, known) = (signer(service), Credentials::new("AKID", secret));
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let ours = kept.compute(&signer, &head, payload, &known, time).unwrap();
            let expected = signer.compute(head, payload, &known, time).unwrap();
            assert_eq!(ours.authorization(), expected.authorization());
        };
        let (iam, sts) = (Service::from_static("iam"), Service::from_static("sts"));
        for (service, secret, seconds) in
            [(&iam, "a", 0), (&iam, "a", 0), (&iam, "b", 0), (&sts, "b", 1), (&iam, "a", 90_000)]
        {
            compare(service.clone(), secret, seconds);
        }
        let _held = kept.0.lock().unwrap();
        compare(iam, "a", 0);
    }
}
