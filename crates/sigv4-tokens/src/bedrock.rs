//! Amazon Bedrock's short-term API key: a presigned URL, in base64, is a bearer token.
//!
//! Source: aws-bedrock-token-generator-python, `token_generator.py`.

use std::time::{Duration, SystemTime};

use http::Method;
use sigv4_core::{Credentials, Region, Service};
use zeroize::Zeroizing;

use crate::dsql::check_life;
use crate::error::TokenError;
use crate::presign::PresignedRequest;
use crate::recipe::recipe;
use crate::text::push_base64;
use crate::token::Token;

/// Twelve hours, which is both the default and the longest.
const LONGEST_LIFE: Duration = Duration::from_secs(43_200);

/// Amazon Bedrock in one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bedrock {
    region: Region,
    life: Duration,
}

/// Prepares the short-term API key for Amazon Bedrock in `region`.
///
/// Send it as `Authorization: Bearer KEY` to `bedrock-runtime.REGION.amazonaws.com`, or give it to a
/// client that takes an API key. It is not for AgentCore, nor for bidirectional streams.
pub fn bedrock(region: &Region) -> Bedrock {
    Bedrock { region: region.clone(), life: LONGEST_LIFE }
}

impl Bedrock {
    /// Sets how long the key is valid: 1 s to 43,200 s (twelve hours, the default).
    #[must_use]
    pub fn valid_for(self, life: Duration) -> Self {
        Self { life, ..self }
    }

    /// Makes the key. It expires earlier if its credentials do.
    ///
    /// # Errors
    /// Fails if the expiry is out of bounds or the credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        let life = check_life("Bedrock", self.life, LONGEST_LIFE)?;
        let url = PresignedRequest {
            method: Method::POST,
            scheme: "https",
            // The region is only in the scope.
            authority: "bedrock.amazonaws.com",
            path: "/",
            query: &[("Action", "CallWithBearerToken")],
            header: None,
            service: Service::from_static("bedrock"),
            region: &self.region,
            expires: life,
        }
        .sign(credentials, now)?;
        let whole = url.without_scheme_and("&Version=1");
        let mut text = Zeroizing::new(String::with_capacity(32 + whole.len() * 4 / 3));
        text.push_str("bedrock-api-key-");
        push_base64(&mut text, whole.as_bytes());
        Ok(Token::new(text, url.time, life, credentials))
    }
}

recipe!(Bedrock);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, decoded_url};

    fn made(life: u64) -> Result<Token, TokenError> {
        let bedrock =
            bedrock(&Region::from_static("us-west-2")).valid_for(Duration::from_secs(life));
        bedrock.token(&Credentials::new("AKID", "secret"), at("20260102T030405Z"))
    }

    #[test]
    fn key_is_a_presigned_post_without_scheme_and_with_a_version_behind() {
        let token = made(43_200).unwrap();
        let url = decoded_url(&token, "bedrock-api-key-");
        assert!(
            url.starts_with("bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-"),
            "{url}"
        );
        assert!(url.contains("%2Fus-west-2%2Fbedrock%2F") && url.ends_with("&Version=1"), "{url}");
        // Base64 with padding has a length that is a multiple of four.
        assert_eq!(token.as_str().trim_start_matches("bedrock-api-key-").len() % 4, 0);
    }

    #[test]
    fn twelve_hours_is_the_longest_life() {
        assert_eq!(made(43_200).unwrap().expires_at(), at("20260102T150405Z"));
        for life in [0, 43_201] {
            let error = made(life).unwrap_err();
            assert!(matches!(error, TokenError::InvalidExpiry { limit: 43_200, .. }), "{error}");
        }
    }
}
