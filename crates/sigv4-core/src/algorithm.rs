//! The two algorithms: HMAC for one region, ECDSA (feature `sigv4a`) for a set of regions.
//!
//! The differences between them are data in this file. Without the feature there is only HMAC.

use http::{HeaderMap, HeaderName};

use crate::fields;
use crate::scope::{CredentialScope, Region, Service};
use crate::time::SigningTime;
#[cfg(feature = "sigv4a")]
use crate::v4a::RegionSet;

/// How a string to sign is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// `AWS4-HMAC-SHA256`
    Hmac,
    /// `AWS4-ECDSA-P256-SHA256`
    #[cfg(feature = "sigv4a")]
    Ecdsa,
}

impl Algorithm {
    /// The first line of a request's string to sign.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hmac => fields::ALGORITHM,
            #[cfg(feature = "sigv4a")]
            Self::Ecdsa => fields::ECDSA_ALGORITHM,
        }
    }

    /// The first line of a chunk's string to sign.
    pub(crate) const fn chunk_name(self) -> &'static str {
        match self {
            Self::Hmac => "AWS4-HMAC-SHA256-PAYLOAD",
            #[cfg(feature = "sigv4a")]
            Self::Ecdsa => "AWS4-ECDSA-P256-SHA256-PAYLOAD",
        }
    }

    /// The first line of the trailers' string to sign.
    pub(crate) const fn trailer_name(self) -> &'static str {
        match self {
            Self::Hmac => "AWS4-HMAC-SHA256-TRAILER",
            #[cfg(feature = "sigv4a")]
            Self::Ecdsa => "AWS4-ECDSA-P256-SHA256-TRAILER",
        }
    }

    /// The length of a chunk's signature on the wire, padding included.
    pub(crate) const fn chunk_signature_length(self) -> usize {
        match self {
            Self::Hmac => 64,
            #[cfg(feature = "sigv4a")]
            Self::Ecdsa => 144,
        }
    }

    /// The longest of these lengths.
    pub(crate) const MAX_CHUNK_SIGNATURE: usize =
        if cfg!(feature = "sigv4a") { 144 } else { Self::Hmac.chunk_signature_length() };

    /// Whether a signature by this algorithm sets or removes a header that is already on the
    /// request.
    ///
    /// `x-amz-region-set` belongs to the signature if this one has a set, or an earlier one had.
    /// On any other request it is an ordinary header.
    #[cfg_attr(not(feature = "sigv4a"), expect(unused_variables, clippy::unused_self))]
    pub(crate) fn owns(self, name: &HeaderName, headers: &HeaderMap) -> bool {
        #[cfg(feature = "sigv4a")]
        if name.as_str() == fields::name::REGION_SET {
            let earlier = headers.get(http::header::AUTHORIZATION);
            return self == Self::Ecdsa || earlier.is_some_and(fields::is_ecdsa);
        }
        false
    }
}

/// The regions that a signature is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Regions {
    /// One region, named in the scope.
    One(Region),
    /// A set of regions, in its own header or parameter.
    #[cfg(feature = "sigv4a")]
    Set(RegionSet),
}

impl Regions {
    /// The scope of a signature made at `time`.
    #[inline]
    pub(crate) fn scope<'a>(
        &'a self,
        time: SigningTime,
        service: &'a Service,
    ) -> CredentialScope<'a> {
        match self {
            Self::One(region) => CredentialScope::new(time, region, service),
            #[cfg(feature = "sigv4a")]
            Self::Set(set) => CredentialScope {
                region: set.as_str(),
                algorithm: Algorithm::Ecdsa,
                date: time.scope_date(),
                service: service.as_str(),
            },
        }
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::One(_) => Algorithm::Hmac,
            #[cfg(feature = "sigv4a")]
            Self::Set(_) => Algorithm::Ecdsa,
        }
    }
}
