//! Amazon MSK: the SASL/OAUTHBEARER token is a presigned URL in base64.
//!
//! Source: aws-msk-iam-sasl-signer-python, `MSKAuthTokenProvider.py`.

use std::time::{Duration, SystemTime};

use http::Method;
use sigv4_core::{Credentials, Region, Service};
use zeroize::Zeroizing;

use crate::error::TokenError;
use crate::presign::PresignedRequest;
use crate::recipe::recipe;
use crate::text::push_base64url;
use crate::token::Token;

const LIFE: Duration = Duration::from_secs(900);

/// Names the maker of the token in the broker's log. It is not signed.
const USER_AGENT: &str = concat!("&User-Agent=sigv4-tokens%2F", env!("CARGO_PKG_VERSION"));

/// The brokers of Amazon MSK in one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Msk {
    region: Region,
}

/// Prepares the OAUTHBEARER token for any MSK cluster with IAM access control in `region`.
///
/// Kafka clients ask for its expiry in milliseconds: [`Token::expires_at_millis`]. The Java
/// mechanism `AWS_MSK_IAM` uses another format.
pub fn msk(region: &Region) -> Msk {
    Msk { region: region.clone() }
}

impl Msk {
    /// Makes the token, which opens connections for 900 s.
    ///
    /// # Errors
    /// Fails with [`TokenError::Sign`] if the credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        let url = PresignedRequest {
            method: Method::GET,
            scheme: "https",
            // The brokers expect this name in every partition.
            authority: &format!("kafka.{}.amazonaws.com", self.region),
            path: "/",
            query: &[("Action", "kafka-cluster:Connect")],
            header: None,
            service: Service::from_static("kafka-cluster"),
            region: &self.region,
            expires: LIFE,
        }
        .sign(credentials, now)?;
        let whole = Zeroizing::new([url.as_str(), USER_AGENT].concat());
        let mut text = Zeroizing::new(String::new());
        push_base64url(&mut text, whole.as_bytes());
        Ok(Token::new(text, url.time, LIFE, credentials))
    }
}

recipe!(Msk);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, decoded_url};

    #[test]
    fn token_holds_the_whole_url_and_names_its_maker_outside_of_the_signature() {
        let msk = msk(&Region::from_static("cn-north-1"));
        let token = msk.token(&Credentials::new("AKID", "secret"), at("20260102T030405Z")).unwrap();
        let url = decoded_url(&token, "");
        assert!(url.starts_with(
            "https://kafka.cn-north-1.amazonaws.com/?Action=kafka-cluster%3AConnect&"
        ));
        let (_, after) = url.split_once("&X-Amz-Signature=").unwrap();
        assert!(after.get(64..).unwrap().starts_with("&User-Agent=sigv4-tokens%2F"), "{after}");
        assert!(!token.as_str().ends_with('='));
        assert_eq!(token.expires_at_millis(), 1_767_323_945_000); // 2026-01-02T03:19:05Z
    }
}
