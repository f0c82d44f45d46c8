//! Amazon EKS: the bearer token of the Kubernetes API is a presigned STS call in base64.
//!
//! Source: aws-iam-authenticator, `pkg/token/token.go`; AWS CLI, `aws eks get-token`.

use std::time::{Duration, SystemTime};

use http::{HeaderName, Method};
use sigv4_core::{Credentials, Region};
use zeroize::Zeroizing;

use crate::error::TokenError;
use crate::presign::{PresignedRequest, header_value};
use crate::recipe::recipe;
use crate::sts;
use crate::text::push_base64url;
use crate::token::Token;

/// The expiry in the URL. STS ignores it, and the authenticator refuses more than 900 s. AWS's
/// tools send 60 s.
const EXPIRES: Duration = Duration::from_secs(60);

/// How long STS accepts a signature.
const LIFE: Duration = Duration::from_secs(900);

/// The longest token that the authenticator in the cluster reads, in bytes.
const MAX_LENGTH: usize = 4096;

const CLUSTER_HEADER: HeaderName = HeaderName::from_static("x-k8s-aws-id");

/// An Amazon EKS cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eks {
    cluster: String,
    region: Region,
}

/// Prepares the bearer token for the Kubernetes API of a cluster.
///
/// `cluster` is the cluster's name (its id for a local cluster on Outposts), `region` the
/// cluster's region, whose STS is called. [`exec_credential`](crate::exec_credential) writes the
/// token as a kubeconfig's `exec` plugin does.
pub fn eks(cluster: impl Into<String>, region: &Region) -> Eks {
    Eks { cluster: cluster.into(), region: region.clone() }
}

impl Eks {
    /// Makes the token, which is valid for 15 minutes and due for renewal after 14.
    ///
    /// # Errors
    /// Fails if the cluster name is empty or not valid in a header, if the region is in no known
    /// partition, if the token exceeds the 4,096 bytes that clusters read, or if the credentials
    /// cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        let url = PresignedRequest {
            method: Method::GET,
            scheme: "https",
            authority: &sts::host(&self.region)?,
            path: "/",
            query: &sts::GET_CALLER_IDENTITY_PARAMETERS,
            header: Some((CLUSTER_HEADER, header_value("cluster name", &self.cluster)?)),
            service: sts::STS,
            region: &self.region,
            expires: EXPIRES,
        }
        .sign(credentials, now)?;
        let mut text = Zeroizing::new(String::with_capacity(16 + url.as_str().len() * 4 / 3));
        text.push_str("k8s-aws-v1.");
        push_base64url(&mut text, url.as_str().as_bytes());
        if text.len() > MAX_LENGTH {
            let (length, limit) = (text.len(), MAX_LENGTH);
            return Err(TokenError::TooLong { product: "EKS", length, limit });
        }
        Ok(Token::new(text, url.time, LIFE, credentials))
    }
}

recipe!(Eks);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, decoded_url};

    fn made(cluster: &str, region: &'static str) -> Result<Token, TokenError> {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret").with_session_token("t/+");
        eks(cluster, &Region::from_static(region)).token(&credentials, at("20260102T030405Z"))
    }

    #[test]
    fn token_is_a_url_of_the_regions_sts_that_signs_the_cluster() {
        let token = made("my-cluster", "cn-north-1").unwrap();
        let url = decoded_url(&token, "k8s-aws-v1.");
        assert!(url.starts_with(
            "https://sts.cn-north-1.amazonaws.com.cn/?Action=GetCallerIdentity&Version=2011-06-15&"
        ));
        assert!(
            url.contains("&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&"),
            "{url}"
        );
        assert_ne!(url, decoded_url(&made("other", "cn-north-1").unwrap(), "k8s-aws-v1."));
    }

    #[test]
    fn token_is_good_for_15_minutes_and_renewed_after_14() {
        let token = made("my-cluster", "us-east-1").unwrap();
        assert_eq!(token.expires_at(), at("20260102T031905Z"));
        assert_eq!(token.renew_at(), at("20260102T031805Z"));
    }

    #[test]
    fn token_over_4_kib_is_an_error_because_clusters_do_not_read_it() {
        let credentials =
            |length| Credentials::new("AKID", "secret").with_session_token("t".repeat(length));
        let eks = eks("my-cluster", &Region::from_static("us-east-1"));
        assert!(eks.token(&credentials(2_600), at("20260102T030405Z")).is_ok());
        let error = eks.token(&credentials(2_800), at("20260102T030405Z")).unwrap_err();
        assert!(matches!(error, TokenError::TooLong { limit: 4_096, .. }), "{error}");
    }

    #[test]
    fn cluster_name_that_a_header_cannot_carry_is_an_error() {
        assert!(matches!(made("", "us-east-1"), Err(TokenError::Empty { .. })));
        for cluster in ["a\nb", " a", "a "] {
            let error = made(cluster, "us-east-1").unwrap_err();
            assert!(matches!(error, TokenError::InvalidHeaderValue { .. }), "{error}");
        }
    }
}
