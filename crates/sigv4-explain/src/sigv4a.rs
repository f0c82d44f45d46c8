//! Recognizes SigV4a in texts: the algorithm, the region set, and two hints.
//!
//! It reads only texts, so it needs no feature of sigv4-core.

use crate::cause::RefusalCause as Cause;
use crate::compare::without_port;
use crate::finding::Hint;
use crate::subject::Subject;

/// The host suffix of S3 Multi-Region Access Points, which accept only SigV4a.
const MULTI_REGION: &str = ".accesspoint.s3-global.amazonaws.com";

/// The algorithm of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// SigV4: one region, in the scope.
    Hmac,
    /// SigV4a: a set of regions, in `x-amz-region-set`.
    Ecdsa,
}

impl Algorithm {
    /// Parses an algorithm's name, as an Authorization header or `X-Amz-Algorithm` holds it.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "AWS4-HMAC-SHA256" => Some(Self::Hmac),
            "AWS4-ECDSA-P256-SHA256" => Some(Self::Ecdsa),
            _ => None,
        }
    }

    /// The algorithm of a request's string to sign: its first line.
    pub(crate) fn of_string(string_to_sign: &[u8]) -> Option<Self> {
        let line = string_to_sign.split(|byte| *byte == b'\n').next()?;
        Self::of(core::str::from_utf8(line).ok()?)
    }
}

/// A scope's parts: date, region and service. A scope of SigV4a names no region.
pub(crate) fn scope_parts(scope: &str, algorithm: Algorithm) -> Option<(&str, Option<&str>, &str)> {
    let mut parts = scope.split('/');
    let date = parts.next()?;
    let region = match algorithm {
        Algorithm::Hmac => Some(parts.next()?),
        Algorithm::Ecdsa => None,
    };
    Some((date, region, parts.next()?))
}

/// Whether an entry of a region set matches `region`, exactly or as a prefix.
pub(crate) fn covers(set: &str, region: &str) -> bool {
    set.split(',').map(str::trim).any(|entry| match entry.strip_suffix('*') {
        Some(beginning) => region.starts_with(beginning),
        None => region == entry,
    })
}

fn is_multi_region(subject: &Subject) -> bool {
    let host = subject.host.as_deref().map(without_port).unwrap_or_default();
    host.to_ascii_lowercase().ends_with(MULTI_REGION)
}

/// Finds a session token sent to a multi-region endpoint that fails without a message.
pub(crate) fn token_hint(subject: &Subject) -> Option<Hint> {
    let sigv4a = subject.algorithm == Some(Algorithm::Ecdsa);
    (sigv4a && is_multi_region(subject) && subject.has_token)
        .then(|| Hint::new(Cause::TokenNotForSigV4a, Cause::TokenNotForSigV4a.says()))
}

/// Finds a signature for one region sent to a host that requires one for a region set.
pub(crate) fn needed_hint(subject: &Subject) -> Option<Hint> {
    let hmac = subject.algorithm == Some(Algorithm::Hmac);
    (hmac && is_multi_region(subject)).then(|| {
        let (says, cure) = (Cause::SigV4aNeeded.says(), Cause::SigV4aNeeded.cure());
        Hint::new(Cause::SigV4aNeeded, format!("{says} {cure}"))
    })
}

/// Whether the wrong algorithm may be the reason for a refusal with this cause. It may if no other
/// cause is proven.
pub(crate) fn may_be_algorithm(cause: Cause) -> bool {
    let of_scope = matches!(
        cause,
        Cause::WrongRegion
            | Cause::RegionMissing
            | Cause::MalformedAuthorization
            | Cause::AlgorithmRefused
            | Cause::Forbidden
            | Cause::UnknownCode
    );
    of_scope || (cause.is_general() && cause != Cause::RequestExpired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_is_split_by_its_algorithm() {
        let hmac = scope_parts("20250903/us-east-1/s3/aws4_request", Algorithm::Hmac);
        assert_eq!(hmac, Some(("20250903", Some("us-east-1"), "s3")));
        let ecdsa = scope_parts("20250903/s3/aws4_request", Algorithm::Ecdsa);
        assert_eq!(ecdsa, Some(("20250903", None, "s3")));
        assert_eq!(scope_parts("20250903", Algorithm::Ecdsa), None);
    }

    #[test]
    fn algorithm_is_the_first_line_of_the_string_to_sign() {
        assert_eq!(Algorithm::of_string(b"AWS4-HMAC-SHA256\na"), Some(Algorithm::Hmac));
        assert_eq!(Algorithm::of_string(b"AWS4-ECDSA-P256-SHA256\na"), Some(Algorithm::Ecdsa));
        assert_eq!(Algorithm::of_string(b"AWS4-ECDSA-P256-SHA256-PAYLOAD\na"), None);
        assert_eq!(Algorithm::of_string(b"\xff"), None);
    }

    #[test]
    fn region_set_covers_names_and_beginnings() {
        assert!(covers("*", "us-east-1") && covers("eu-west-1,us-*", "us-east-1"));
        assert!(!covers("us-east-1", "us-east-10") && !covers("eu-*", "us-east-1"));
    }
}
