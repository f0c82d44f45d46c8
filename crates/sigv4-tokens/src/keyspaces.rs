//! Amazon Keyspaces (for Apache Cassandra): the response to a SASL challenge, one for each
//! connection.
//!
//! Source: aws-sigv4-auth-cassandra-python-driver-plugin, `auth.py`.

use std::time::{Duration, SystemTime};

use sigv4_core::{Credentials, PayloadHash, Region, Service, SigningTime};
use zeroize::Zeroizing;

use crate::error::TokenError;
use crate::fixed_text::FixedText;
use crate::recipe::recipe;
use crate::text::{extended_time, query_value};
use crate::token::Token;

/// The client's first message. The server answers it with a challenge.
pub const INITIAL_RESPONSE: &[u8] = b"SigV4\0\0";

const NONCE_LENGTH: usize = 32;

/// The expiry in the text that is signed.
const LIFE: Duration = Duration::from_secs(900);

/// A SASL challenge from Amazon Keyspaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyspaces {
    challenge: Vec<u8>,
    region: Region,
}

/// Prepares the response to the `challenge` that Amazon Keyspaces in `region` sends after
/// [`INITIAL_RESPONSE`].
///
/// The challenge contains `nonce=` and 32 characters. Each connection gets its own challenge.
pub fn keyspaces(challenge: impl Into<Vec<u8>>, region: &Region) -> Keyspaces {
    Keyspaces { challenge: challenge.into(), region: region.clone() }
}

impl Keyspaces {
    /// Makes the response: `signature=...,access_key=...,amzdate=...`, and the session token if
    /// there is one. Its time has milliseconds.
    ///
    /// # Errors
    /// Fails with [`TokenError::InvalidChallenge`] if the challenge has no nonce, and with
    /// [`TokenError::Sign`] if the credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        let nonce = self.nonce().ok_or(TokenError::InvalidChallenge)?;
        let time = SigningTime::try_from(now)?;
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let amz_date = format!("{}.{:03}Z", extended_time(time), since.subsec_millis());
        let fixed =
            FixedText { region: &self.region, service: Service::from_static("cassandra"), time };
        let key_id = credentials.access_key_id();
        let text = format!(
            "PUT\n/authenticate\n\
             X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key_id}%2F{scope}\
             &X-Amz-Date={date}&X-Amz-Expires={expires}\n\
             host:cassandra\n\nhost\n{hash}",
            scope = query_value(&fixed.scope().to_string()),
            date = query_value(&amz_date),
            expires = LIFE.as_secs(),
            hash = PayloadHash::of(nonce),
        );
        let signature = fixed.sign(credentials, &amz_date, &text)?.to_string();
        let parts = ["signature=", &signature, ",access_key=", key_id, ",amzdate=", &amz_date];
        let session = match credentials.session_token() {
            Some(token) => [",session_token=", token],
            None => ["", ""],
        };
        let answer = Zeroizing::new([&parts[..], &session].concat().concat());
        Ok(Token::new(answer, time, LIFE, credentials))
    }

    /// Returns the 32 bytes after the first `nonce=`.
    fn nonce(&self) -> Option<&[u8]> {
        const NAME: &[u8] = b"nonce=";
        let at = self.challenge.windows(NAME.len()).position(|window| window == NAME)?;
        self.challenge.get(at + NAME.len()..)?.get(..NONCE_LENGTH)
    }
}

recipe!(Keyspaces);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    const NONCE: &str = "91703fdc2ef562e19fbdab0f58e42fe5";

    fn answer(challenge: &str, now: SystemTime) -> Result<Token, TokenError> {
        let keyspaces = keyspaces(challenge, &Region::from_static("us-west-2"));
        keyspaces.token(&Credentials::new("UserID-1", "UserSecretKey-1"), now)
    }

    #[test]
    fn known_answer_of_awss_plugin() {
        let challenge = format!("garbage nonce={NONCE} garbage");
        assert_eq!(
            answer(&challenge, at("20200609T224151Z")).unwrap().as_str(),
            "signature=7f3691c18a81b8ce7457699effbfae5b09b4e0714ab38c1292dbdf082c9ddd87,\
             access_key=UserID-1,amzdate=2020-06-09T22:41:51.000Z"
        );
    }

    #[test]
    fn time_has_milliseconds_and_never_four_digits_of_them() {
        let late = at("20250706T135758Z") + Duration::from_micros(999_500);
        let token = answer(&format!("nonce={NONCE}"), late).unwrap();
        assert!(token.as_str().ends_with(",amzdate=2025-07-06T13:57:58.999Z"));
    }

    #[test]
    fn challenge_without_a_whole_nonce_is_an_error() {
        for challenge in
            ["", "nonce=", "nonce=1234", NONCE, "nonce=1234567890123456789012345678901"]
        {
            let error = answer(challenge, at("20200609T224151Z")).unwrap_err();
            assert!(matches!(error, TokenError::InvalidChallenge), "{challenge}");
        }
    }

    #[test]
    fn expired_and_malformed_credentials_do_not_sign() {
        let keyspaces = keyspaces(format!("nonce={NONCE}"), &Region::from_static("us-west-2"));
        let now = at("20200609T224151Z");
        let expired = Credentials::new("AKID", "secret").with_expiry(now);
        assert!(matches!(keyspaces.token(&expired, now), Err(TokenError::Sign(_))));
        let malformed = Credentials::new("A,KID", "secret");
        assert!(matches!(keyspaces.token(&malformed, now), Err(TokenError::Sign(_))));
    }
}
