//! Does the same work for an unknown key as for a known one, with or without deriving a key.

use core::hash::BuildHasher as _;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::hash::RandomState;

use crate::algorithm::Algorithm;
use crate::credentials::Credentials;
use crate::scope::CredentialScope;
use crate::sign::signature::Signature;

/// 64-bit words in the set of ids: 8 KiB.
const WORDS: usize = 1024;

/// The secret used in place of an unknown key's. The result is ignored: the request is refused.
const SECRET: &str = "unknown";

/// Verifies in place of an unknown key, in the time that a known key takes.
///
/// A known key derives its signing key on the first request of a day, and again on each request if
/// the store builds its credentials anew. The stand-in imitates what the store's keys did last. A
/// SigV4a key is kept for longer than a day; for it, the first request of a day derives one in
/// either case. The stand-in remembers the ids of a day in a set that only grows until the next
/// day, so that no flood of ids makes it forget one.
pub(crate) struct StandIn {
    warm: Credentials,
    seen: Box<[AtomicU64]>,
    /// The day of the ids in the set: its eight digits as one number.
    day: AtomicU64,
    store_rebuilds: AtomicBool,
    hasher: RandomState,
}

impl StandIn {
    pub(crate) fn new() -> Self {
        Self {
            warm: Credentials::new("unknown", SECRET),
            seen: (0..WORDS).map(|_| AtomicU64::new(0)).collect(),
            day: AtomicU64::new(0),
            store_rebuilds: AtomicBool::new(false),
            hasher: RandomState::new(),
        }
    }

    /// Derives the keys of SigV4a, so that the first verification need not.
    #[cfg(feature = "sigv4a")]
    pub(crate) fn prepare_ecdsa(&self) {
        self.warm.prepare_ecdsa();
    }

    /// Whether a known key made the signature. Notes whether the store's keys keep derived keys.
    pub(crate) fn verifies_known(
        &self,
        known: &Credentials,
        id: &str,
        scope: &CredentialScope<'_>,
        text: &[u8],
        signature: &Signature,
    ) -> bool {
        let kept = known.verifies_kept(scope, text, signature);
        if kept.is_some() {
            if self.store_rebuilds.load(Relaxed) {
                self.store_rebuilds.store(false, Relaxed);
            }
            if scope.algorithm != Algorithm::Hmac && !self.note(id, scope) {
                anew(scope, text, signature); // an unknown key derives one now
            }
        } else if self.note(id, scope) {
            self.store_rebuilds.store(true, Relaxed);
        }
        kept.unwrap_or_else(|| known.verifies(scope, text, signature))
    }

    /// Verifies in place of an unknown key.
    pub(crate) fn verifies_unknown(
        &self,
        id: &str,
        scope: &CredentialScope<'_>,
        text: &[u8],
        signature: &Signature,
    ) -> bool {
        let is_first = !self.note(id, scope);
        if !is_first && !self.store_rebuilds.load(Relaxed) {
            return self.warm.verifies(scope, text, signature);
        }
        if !self.warm.keeps_key(scope) {
            self.warm.verifies(scope, text, signature); // once a day, so that later ones find it
        }
        anew(scope, text, signature)
    }

    /// Puts an id into the set of its day; returns whether it was there before.
    fn note(&self, id: &str, scope: &CredentialScope<'_>) -> bool {
        let day = scope.date().as_bytes().try_into().map_or(0, u64::from_be_bytes);
        if self.day.load(Relaxed) < day && self.day.fetch_max(day, Relaxed) < day {
            self.seen.iter().for_each(|word| word.store(0, Relaxed));
        }
        let hash = self.hasher.hash_one((id, day, scope.algorithm == Algorithm::Hmac));
        let at = usize::try_from(hash / 64 % WORDS as u64).unwrap_or_default();
        let bit = 1 << (hash % 64);
        self.seen.get(at).is_some_and(|word| word.fetch_or(bit, Relaxed) & bit != 0)
    }
}

/// Verifies with a newly derived key.
fn anew(scope: &CredentialScope<'_>, text: &[u8], signature: &Signature) -> bool {
    Credentials::new("unknown", SECRET).verifies(scope, text, signature)
}

#[cfg(test)]
mod tests {
    use allocation_counter::measure;

    use super::*;
    use crate::scope::{Region, Service};

    fn scope(time: &str) -> CredentialScope<'static> {
        static REGION: Region = Region::from_static("us-east-1");
        static S3: Service = Service::from_static("s3");
        CredentialScope::new(time.parse().unwrap(), &REGION, &S3)
    }

    #[test]
    fn id_is_new_once_a_day_however_many_come_in_between() {
        let (stand_in, today) = (StandIn::new(), scope("20150830T120000Z"));
        assert!(!stand_in.note("AKID", &today));
        for n in 0..100_000 {
            stand_in.note(&format!("AKID{n}"), &today);
        }
        assert!(stand_in.note("AKID", &today));
        let tomorrow = scope("20150831T000000Z");
        assert!(!stand_in.note("AKID", &tomorrow));
        // After midnight, a request of the day before does not clear the set.
        stand_in.note("AKID", &today);
        assert!(stand_in.note("AKID", &tomorrow));
    }

    #[test]
    fn store_is_known_by_what_its_keys_cost_when_they_come_again() {
        let (stand_in, today) = (StandIn::new(), scope("20150830T120000Z"));
        let anew = || Credentials::new("AKID", "secret");
        let rebuilds = || stand_in.store_rebuilds.load(Relaxed);
        let expected = anew().sign(&today, b"text");
        let verify = |known: &Credentials| {
            assert!(stand_in.verifies_known(known, "AKID", &today, b"text", &expected));
        };
        verify(&anew());
        assert!(!rebuilds(), "the first of a day derives its key at any store");
        verify(&anew());
        assert!(rebuilds(), "the second has kept nothing");
        let kept = anew();
        verify(&kept);
        verify(&kept);
        assert!(!rebuilds());
    }

    #[test]
    fn set_has_room_for_a_flood_and_is_emptied_by_the_next_day() {
        let stand_in = StandIn::new();
        let bits = || stand_in.seen.iter().map(|word| word.load(Relaxed).count_ones()).sum::<u32>();
        for n in 0..10_000 {
            stand_in.note(&format!("AKID{n}"), &scope("20150830T120000Z"));
        }
        assert!(bits() > 9_000, "{}", bits()); // 9,276 on average, with a deviation of 24
        stand_in.note("AKID", &scope("20150831T000000Z"));
        assert_eq!(bits(), 1);
    }

    #[test]
    fn signature_is_compared_whether_the_key_is_kept_or_derived() {
        let (stand_in, today) = (StandIn::new(), scope("20150830T120000Z"));
        let [right, wrong] =
            [SECRET, "another"].map(|secret| Credentials::new("AKID", secret).sign(&today, b"a"));
        let verifies = |id, signature| stand_in.verifies_unknown(id, &today, b"a", signature);
        assert!(verifies("FIRST", &right) && !verifies("FIRST", &wrong));
        assert!(!verifies("SECOND", &wrong) && verifies("SECOND", &right));
    }

    /// Whether `work` derives a key. Only that allocates.
    fn derives(work: impl FnOnce() -> bool) -> bool {
        measure(|| _ = work()).count_total > 0
    }

    #[test]
    fn unknown_key_is_derived_on_the_first_request_of_a_day_and_whenever_the_store_rebuilds() {
        let (stand_in, today) = (StandIn::new(), scope("20150830T120000Z"));
        let signature = Credentials::new("AKID", "secret").sign(&today, b"a");
        let derives = |_| derives(|| stand_in.verifies_unknown("AKID", &today, b"a", &signature));
        assert_eq!([1, 2].map(derives), [true, false]);
        stand_in.seen.iter().for_each(|word| word.store(0, Relaxed)); // as if another id came
        assert_eq!([1, 2].map(derives), [true, false]);
        stand_in.store_rebuilds.store(true, Relaxed);
        assert_eq!([1, 2].map(derives), [true, true]);
    }

    #[test]
    #[cfg(feature = "sigv4a")]
    fn kept_key_costs_a_derivation_a_day_with_sigv4a_and_none_with_sigv4() {
        let (stand_in, today) = (StandIn::new(), scope("20150830T120000Z"));
        let of_sets = CredentialScope { algorithm: Algorithm::Ecdsa, region: "", ..today };
        assert!(!stand_in.warm.keeps_key(&of_sets));
        stand_in.prepare_ecdsa();
        assert!(stand_in.warm.keeps_key(&of_sets));
        let known = Credentials::new("AKID", "secret");
        for (scope, expected) in [(today, [false, false]), (of_sets, [true, false])] {
            let signature = known.sign(&scope, b"a"); // from here on, the key is kept
            let derives =
                |_| derives(|| stand_in.verifies_known(&known, "AKID", &scope, b"a", &signature));
            assert_eq!([1, 2].map(derives), expected, "{scope}");
        }
    }
}
