//! Tokens: a text that grants access, and its expiry.

use core::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sigv4_core::{Credentials, SigningTime};
use zeroize::Zeroizing;

use crate::text::escaped;

/// How long before expiry a token is renewed. If it lives for less than five minutes, it is renewed
/// after four fifths of its lifetime.
const MARGIN: Duration = Duration::from_secs(60);

/// The text of a token or another secret. It is never printed, and wiped when dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The text. Keep it out of logs and errors.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, escaped for use as a user name or password in a URL, such as `postgres://`.
    pub fn percent_encoded(&self) -> Self {
        Self(escaped(&self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// A token: its text, when it expires, and when to renew it.
///
/// Clones share one text, which is wiped when the last clone is dropped. `Debug` shows only the
/// times, and there is no `Display`. While the text is built, `sigv4_core::Presigned` holds a copy
/// that is not wiped.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use sigv4_tokens::{Credentials, Region};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let token = sigv4_tokens::msk(&Region::from_static("eu-west-1")).token(&credentials, SystemTime::now())?;
/// assert!(token.expires_at() > SystemTime::now() + Duration::from_secs(890));
/// assert!(!format!("{token:?}").contains(token.as_str()));
/// # Ok::<(), sigv4_tokens::TokenError>(())
/// ```
#[derive(Clone)]
pub struct Token {
    text: Arc<Secret>,
    expires_at: SystemTime,
    renew_at: SystemTime,
}

impl Token {
    /// Creates a token made at `time`. It expires after `life`, or with its credentials if that is
    /// sooner.
    pub(crate) fn new(
        text: Zeroizing<String>,
        time: SigningTime,
        life: Duration,
        credentials: &Credentials,
    ) -> Self {
        let made_at = SystemTime::from(time);
        let ends_at = made_at.checked_add(life).unwrap_or(made_at);
        let expires_at = credentials.expires_at().map_or(ends_at, |end| end.min(ends_at));
        let lives_for = expires_at.duration_since(made_at).unwrap_or_default();
        let renew_at = expires_at.checked_sub(MARGIN.min(lives_for / 5)).unwrap_or(made_at);
        Self { text: Arc::new(Secret::new(text)), expires_at, renew_at }
    }

    /// The text to send as password, token or response. Keep it out of logs and errors.
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// The text, escaped for use as a password in a URL, such as `postgres://`.
    ///
    /// If the client takes the password separately, pass [`Token::as_str`] instead.
    pub fn percent_encoded(&self) -> Secret {
        self.text.percent_encoded()
    }

    /// When the service stops accepting the token: at its own expiry or that of its credentials.
    ///
    /// A connection opened before then may stay open longer; see the product's documentation.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// When to make the next token: a minute before expiry, or after four fifths of a lifetime
    /// under five minutes.
    pub fn renew_at(&self) -> SystemTime {
        self.renew_at
    }

    /// [`Token::expires_at`] in milliseconds since 1970, as Kafka clients expect it.
    pub fn expires_at_millis(&self) -> i64 {
        let since = self.expires_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// Whether both are clones of the same token.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.text, &other.text)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("text", &"redacted")
            .field("expires_at", &self.expires_at)
            .field("renew_at", &self.renew_at)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(life: u64, session: Option<u64>) -> (u64, u64) {
        let time = SigningTime::from_unix(1_000).unwrap();
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let credentials = Credentials::new("AKID", "secret");
        let credentials = match session {
            Some(end) => credentials.with_expiry(at(end)),
            None => credentials,
        };
        let text = Zeroizing::new("text".to_owned());
        let token = Token::new(text, time, Duration::from_secs(life), &credentials);
        let since = |end: SystemTime| end.duration_since(at(1_000)).unwrap().as_secs();
        (since(token.renew_at()), since(token.expires_at()))
    }

    #[test]
    fn token_is_renewed_a_minute_before_its_end_or_after_four_fifths_of_a_short_life() {
        assert_eq!(token(900, None), (840, 900));
        assert_eq!(token(100, None), (80, 100));
        assert_eq!(token(43_200, None), (43_140, 43_200));
    }

    #[test]
    fn token_in_a_url_is_read_back_whole() {
        let text = "db:5432/?Action=connect&DBUser=a%40b&X-Amz-Security-Token=t%2F%2B%3D";
        let secret = Secret::new(Zeroizing::new(text.to_owned()));
        let url = format!("postgres://app:{}@localhost/app", secret.percent_encoded().as_str());
        let uri: http::Uri = url.parse().unwrap();
        let (user_info, _) = uri.authority().unwrap().as_str().rsplit_once('@').unwrap();
        let (_, password) = user_info.split_once(':').unwrap();
        let read = percent_encoding::percent_decode_str(password).decode_utf8().unwrap();
        assert_eq!((&*read, uri.path()), (text, "/app"));
    }

    #[test]
    fn token_ends_with_its_credentials() {
        assert_eq!(token(43_200, Some(4_600)), (3_540, 3_600));
        assert_eq!(token(900, Some(10_000)), (840, 900));
    }

    #[test]
    fn expiry_in_milliseconds_is_what_kafka_reads() {
        let time = SigningTime::from_unix(1_440_938_160).unwrap();
        let life = Duration::from_secs(900);
        let text = Zeroizing::new(String::new());
        let token = Token::new(text, time, life, &Credentials::new("AKID", "secret"));
        assert_eq!(token.expires_at_millis(), 1_440_939_060_000);
    }
}
