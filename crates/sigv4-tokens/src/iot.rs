//! AWS IoT: MQTT over WebSocket with a presigned URL.
//!
//! Source: AWS IoT Core Developer Guide, "Device communication protocols"; AWS IoT Device SDK for
//! Python, `SigV4Core`.

use std::time::{Duration, SystemTime};

use http::Method;
use sigv4_core::{Credentials, Region, Service};
use zeroize::Zeroizing;

use crate::error::TokenError;
use crate::host::check_host;
use crate::presign::PresignedRequest;
use crate::recipe::recipe;
use crate::token::Token;

/// The expiry that AWS's device SDK for Python sends. The service ignores it.
const EXPIRES: Duration = Duration::from_secs(86_400);

/// How long the URL is assumed to be valid. The service refuses it after ten minutes or less,
/// whatever its own expiry, according to aws-sdk-js's issue 2254. AWS documents no figure.
const LIFE: Duration = Duration::from_secs(300);

/// The message broker of AWS IoT Core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Iot {
    host: String,
    region: Region,
}

/// Prepares the WebSocket URL for MQTT at `host`, the account's endpoint: `ID-ats.iot.REGION.amazonaws.com`.
///
/// Ask for the subprotocol `mqtt`. The session token is not signed, as the service requires.
pub fn iot(host: impl Into<String>, region: &Region) -> Iot {
    Iot { host: host.into(), region: region.clone() }
}

impl Iot {
    /// Makes the URL. Use it at once: AWS IoT accepts it for a few minutes, and the token's expiry
    /// assumes five. An open connection stays open.
    ///
    /// # Errors
    /// Fails if the host is a URL or has a port, or if the credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        check_host(&self.host)?;
        let url = PresignedRequest {
            method: Method::GET,
            scheme: "wss",
            authority: &self.host,
            path: "/mqtt",
            query: &[],
            header: None,
            service: Service::from_static("iotdevicegateway"),
            region: &self.region,
            expires: EXPIRES,
        }
        .sign(credentials, now)?;
        let text = Zeroizing::new(url.as_str().to_owned());
        Ok(Token::new(text, url.time, LIFE, credentials))
    }
}

recipe!(Iot);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, signature_of};

    #[test]
    fn session_token_stands_behind_the_signature_and_does_not_change_it() {
        let iot = iot("abc-ats.iot.eu-west-1.amazonaws.com", &Region::from_static("eu-west-1"));
        let long_term = Credentials::new("AKID", "secret");
        let temporary = long_term.clone().with_session_token("a/b+c=");
        let [plain, with_token] =
            [long_term, temporary].map(|keys| iot.token(&keys, at("20260102T030405Z")).unwrap());
        assert!(plain.as_str().starts_with(
            "wss://abc-ats.iot.eu-west-1.amazonaws.com/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"
        ));
        assert_eq!(signature_of(&plain), signature_of(&with_token));
        let expected = format!("{}&X-Amz-Security-Token=a%2Fb%2Bc%3D", plain.as_str());
        assert_eq!(with_token.as_str(), expected);
    }

    #[test]
    fn url_as_host_is_an_error() {
        let iot =
            iot("wss://abc-ats.iot.eu-west-1.amazonaws.com", &Region::from_static("eu-west-1"));
        let error = iot.token(&Credentials::new("a", "b"), at("20260102T030405Z")).unwrap_err();
        assert!(matches!(error, TokenError::HostIsUrl { .. }), "{error}");
    }
}
