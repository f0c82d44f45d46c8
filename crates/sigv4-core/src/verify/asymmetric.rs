//! SigV4a: the region set beside the signature, and a bound on the work that it causes.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use super::Verifier;
use super::authorization::{Authorization, AuthorizationError};
use super::error::VerifyError;
use super::form::Form;
use super::query::QueryFields;
use crate::algorithm::{Algorithm, Regions};
use crate::fields;
use crate::head::RequestHead;
use crate::scope::CredentialScope;
use crate::text::split;
use crate::time::SigningTime;
use crate::v4a::RegionSet;

impl Verifier {
    /// Accepts SigV4a as well as SigV4: signatures for a set of regions, of which one
    /// entry must cover this verifier's region.
    ///
    /// Off by default: a verification takes some two hundred times as long as SigV4's, and
    /// anyone can cause one. [`Limits::with_ecdsa_per_second`](super::Limits::with_ecdsa_per_second) bounds
    /// them.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use sigv4_core::verify::{Limits, Verifier};
    /// use sigv4_core::{Credentials, PayloadHash, Region, RegionSet, Service, Signer};
    ///
    /// let (region, service) = (Region::from_static("eu-west-1"), Service::from_static("events"));
    /// let verifier = Verifier::new(region, service.clone())
    ///     .accepting_region_sets()
    ///     .with_limits(Limits::DEFAULT.with_ecdsa_per_second(200));
    /// let known = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    ///
    /// let signer = Signer::for_regions("eu-*".parse()?, service);
    /// let mut request = http::Request::get("https://events.example.com/").body("")?;
    /// signer.sign(&mut request, &known, SystemTime::now())?;
    /// let claim = verifier.read(&request, SystemTime::now())?;
    /// let verified = claim.verify_hashed(Some(&known), PayloadHash::EMPTY)?;
    /// assert_eq!(verified.region_set(), Some(&RegionSet::from_static("eu-*")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn accepting_region_sets(self) -> Self {
        self.realm.stand_in.prepare_ecdsa(); // so that no request waits for it
        Self { asymmetric: Some(Arc::default()), ..self }
    }

    /// The additional part of a SigV4a claim: its region set, parsed strictly.
    pub(super) fn asymmetric_part(
        &self,
        scope: CredentialScope<'_>,
    ) -> Result<Option<Asymmetric>, VerifyError> {
        let Some(meter) = self.asymmetric.as_ref().filter(|_| is_ecdsa(scope)) else {
            return Ok(None);
        };
        let invalid = |_| VerifyError::InvalidRegionSet { given: scope.region().to_owned() };
        let regions = Regions::Set(RegionSet::new(scope.region()).map_err(invalid)?);
        let (meter, limit) = (Arc::clone(meter), self.limits.ecdsa_per_second);
        Ok(Some(Asymmetric { regions, meter, limit }))
    }
}

/// Gives a signature of SigV4a the region set that goes with it: in the header form from a signed
/// header, in the query form from a parameter. Anywhere else, or twice, it is refused.
pub(super) fn with_region_set<'a>(
    authorization: Authorization<'a>,
    form: Form,
    head: &RequestHead<'a>,
    query: &'a QueryFields<'a>,
) -> Result<Authorization<'a>, VerifyError> {
    if !is_ecdsa(authorization.scope()) {
        return Ok(authorization);
    }
    let name = fields::X_AMZ_REGION_SET;
    let mut values = head.headers.get_all(&name).iter();
    let set = match (form, values.next(), values.next(), query.region_set()) {
        (Form::Query, None, None, Some(set)) => set,
        (Form::Header, Some(value), None, None) => {
            let mut signed = split::parts(authorization.signed_headers(), b';');
            if signed.all(|signed| signed != name.as_str()) {
                return Err(VerifyError::HeadersNotSigned { names: vec![name] });
            }
            split::trim(value.to_str().map_err(|_| VerifyError::HeaderNotText { name })?)
        }
        (Form::Query, None, None, None) => return Err(missing(fields::query::REGION_SET, form)),
        (_, None, None, _) => return Err(missing(fields::name::REGION_SET, form)),
        _ => return Err(VerifyError::DuplicateHeader { name }),
    };
    Ok(authorization.with_region_set(set))
}

fn missing(name: &'static str, form: Form) -> VerifyError {
    VerifyError::Authorization { error: AuthorizationError::MissingField(name), form }
}

fn is_ecdsa(scope: CredentialScope<'_>) -> bool {
    scope.algorithm == Algorithm::Ecdsa
}

/// The part of a claim that only SigV4a has.
pub(super) struct Asymmetric {
    regions: Regions,
    meter: Arc<Meter>,
    limit: u32,
}

impl Asymmetric {
    /// The regions that the signature is for.
    pub(super) fn regions(&self) -> &Regions {
        &self.regions
    }

    pub(super) fn into_regions(self) -> Regions {
        self.regions
    }

    /// Counts a verification that is about to be made in the second `now`.
    pub(super) fn count(&self, now: SigningTime) -> Result<(), VerifyError> {
        if self.limit == u32::MAX || self.meter.take(now, self.limit) {
            Ok(())
        } else {
            Err(VerifyError::TooManyEcdsa { limit: self.limit })
        }
    }
}

/// Counts verifications by the second: the second in the upper 38 bits, which hold the year 9999,
/// the count in the others.
#[derive(Default)]
pub(super) struct Meter(AtomicU64);

impl Meter {
    const COUNT_BITS: u32 = 26;
    const MAX_COUNT: u64 = (1 << Self::COUNT_BITS) - 1;

    fn take(&self, now: SigningTime, limit: u32) -> bool {
        let second = u64::try_from(now.unix()).unwrap_or_default();
        let limit = u64::from(limit).min(Self::MAX_COUNT);
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| {
            let (counted, count) = (state >> Self::COUNT_BITS, state & Self::MAX_COUNT);
            // A claim whose key took long to find counts to the present second, not to its own.
            let count = if second > counted { 0 } else { count };
            let next = (second.max(counted) << Self::COUNT_BITS) | (count + 1);
            (count < limit).then_some(next)
        });
        taken.is_ok()
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(unix: i64) -> SigningTime {
        SigningTime::from_unix(unix).unwrap()
    }

    #[test]
    fn meter_lets_by_so_many_in_a_second_and_starts_anew_in_the_next() {
        let meter = Meter::default();
        let taken = |unix, limit| meter.take(second(unix), limit);
        assert!(!taken(1_000, 0));
        assert_eq!([1, 2, 3].map(|_| taken(1_000, 2)), [true, true, false]);
        assert_eq!([1, 2, 3].map(|_| taken(1_001, 2)), [true, true, false]);
        assert!(!taken(1_000, 2), "a clock that is behind opens no second again");
        assert!(taken(1_002, 2));
        assert!(taken(253_402_300_799, 1), "the last second of 9999");
        assert!(!taken(253_402_300_799, 1));
    }

    #[test]
    fn meter_prints_its_name_and_no_count() {
        assert_eq!(format!("{:?}", Meter::default()), "Meter");
    }
}
