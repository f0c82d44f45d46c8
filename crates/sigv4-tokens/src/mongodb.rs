//! MONGODB-AWS, for Amazon DocumentDB, MongoDB and Atlas: a signed STS call for each connection.
//!
//! Source: MongoDB specifications, "Driver Authentication", section MONGODB-AWS.

use core::fmt;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use sigv4_core::{
    Credentials, HeaderSelection, PayloadHash, Region, RequestHead, Signed, Signer, SigningTime,
};

use crate::error::TokenError;
use crate::host::shown;
use crate::recipe::recipe;
use crate::sts;
use crate::text::{json_with_room, push_json};
use crate::token::Token;

/// How long STS accepts a signature.
const LIFE: Duration = Duration::from_secs(900);

const MAX_HOST: usize = 255;
const NONCE_LENGTH: usize = 64;
const DEFAULT_REGION: Region = Region::from_static("us-east-1");

/// A MongoDB server's first message of the MONGODB-AWS mechanism.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MongoDb {
    server_nonce: Vec<u8>,
    sts_host: String,
    client_nonce: Option<Vec<u8>>,
}

/// Prepares the response to a server that sent `server_nonce` (its field `s`) and `sts_host` (its
/// field `h`).
///
/// The region is derived from the host by the specification's rules. Each connection has its own
/// nonce; [`MongoDb::with_client_nonce`] checks that it continues the client's.
pub fn mongodb(server_nonce: impl Into<Vec<u8>>, sts_host: impl Into<String>) -> MongoDb {
    let (server_nonce, sts_host) = (server_nonce.into(), sts_host.into());
    MongoDb { server_nonce, sts_host, client_nonce: None }
}

/// The client's last message: the fields `a`, `d` and `t`.
pub struct MongoDbAnswer {
    signed: Signed,
    date: SigningTime,
    credentials: Credentials,
}

impl MongoDb {
    /// Checks that the server's nonce has 64 bytes and begins with the client's nonce.
    #[must_use]
    pub fn with_client_nonce(self, client_nonce: impl Into<Vec<u8>>) -> Self {
        Self { client_nonce: Some(client_nonce.into()), ..self }
    }

    /// Makes the client's last message.
    ///
    /// # Errors
    /// Fails with [`TokenError::InvalidStsHost`] if the specification forbids the host, with
    /// [`TokenError::InvalidServerNonce`] if the nonce does not continue the client's, and with
    /// [`TokenError::Sign`] if the credentials cannot sign.
    pub fn answer(
        &self,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Result<MongoDbAnswer, TokenError> {
        self.check_nonce()?;
        let region = region(&self.sts_host)?;
        let host = HeaderValue::from_str(&self.sts_host)
            .map_err(|_| self.invalid_host("it has a character that no host name has"))?;
        let body = sts::GET_CALLER_IDENTITY;
        let nonce = HeaderValue::from_str(&STANDARD.encode(&self.server_nonce))
            .map_err(|_| TokenError::InvalidHeaderValue { what: "server's nonce" })?;
        let headers = HeaderMap::from_iter([
            (header::HOST, host),
            (header::CONTENT_LENGTH, HeaderValue::from(body.len())),
            (header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
            (HeaderName::from_static("x-mongodb-server-nonce"), nonce),
            (HeaderName::from_static("x-mongodb-gs2-cb-flag"), HeaderValue::from_static("n")),
        ]);
        let head = RequestHead {
            method: &Method::POST,
            scheme: None,
            authority: None,
            path: "/",
            query: None,
            headers: &headers,
        };
        let signer = Signer::new(region, sts::STS).with_signed_headers(HeaderSelection::All);
        let payload = PayloadHash::of(body.as_bytes());
        let date = SigningTime::try_from(now)?;
        let signed = signer.compute(head, payload, credentials, date)?;
        Ok(MongoDbAnswer { signed, date, credentials: credentials.clone() })
    }

    /// Makes the same message as a JSON object: `{"a":...,"d":...,"t":...}`.
    ///
    /// # Errors
    /// The same as for [`MongoDb::answer`].
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        let answer = self.answer(credentials, now)?;
        let mut json = json_with_room(answer.fields().map(|(_, value)| value));
        let mut opening = '{';
        for (name, value) in answer.fields() {
            json.push(opening);
            opening = ',';
            push_json(&mut json, name);
            json.push(':');
            push_json(&mut json, value);
        }
        json.push('}');
        Ok(Token::new(json, answer.date, LIFE, credentials))
    }

    fn check_nonce(&self) -> Result<(), TokenError> {
        let length = self.server_nonce.len();
        let is_sound = self
            .client_nonce
            .as_ref()
            .is_none_or(|client| length == NONCE_LENGTH && self.server_nonce.starts_with(client));
        if is_sound { Ok(()) } else { Err(TokenError::InvalidServerNonce { length }) }
    }

    fn invalid_host(&self, rule: &'static str) -> TokenError {
        invalid_host(&self.sts_host, rule)
    }
}

recipe!(MongoDb);

impl MongoDbAnswer {
    /// The field `a`: the value of an `Authorization` header.
    pub fn authorization(&self) -> &str {
        self.signed.authorization()
    }

    /// The field `d`: the value of `x-amz-date`.
    pub fn date(&self) -> &str {
        self.date.as_str()
    }

    /// The field `t`: the session token of temporary credentials. Keep it out of logs and errors.
    pub fn session_token(&self) -> Option<&str> {
        self.credentials.session_token()
    }

    /// Appends the message as a BSON document, which is the payload of `saslContinue`.
    ///
    /// It holds the session token: wipe the buffer after use.
    pub fn write_bson(&self, out: &mut Vec<u8>) {
        const STRING: u8 = 2;
        let sized = |text: &str| (text.len() + 1).to_le_bytes();
        let length: usize = self.fields().map(|(name, value)| name.len() + value.len() + 7).sum();
        let [b0, b1, b2, b3, ..] = (length + 5).to_le_bytes();
        out.reserve(length + 5);
        out.extend_from_slice(&[b0, b1, b2, b3]);
        for (name, value) in self.fields() {
            out.push(STRING);
            out.extend_from_slice(name.as_bytes());
            out.push(0);
            let [b0, b1, b2, b3, ..] = sized(value);
            out.extend_from_slice(&[b0, b1, b2, b3]);
            out.extend_from_slice(value.as_bytes());
            out.push(0);
        }
        out.push(0);
    }

    fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let token = self.session_token().map(|token| ("t", token));
        [("a", self.authorization()), ("d", self.date())].into_iter().chain(token)
    }
}

impl fmt::Debug for MongoDbAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoDbAnswer").field("date", &self.date()).finish_non_exhaustive()
    }
}

/// Derives the region from a host by the specification's five rules.
fn region(host: &str) -> Result<Region, TokenError> {
    if host.is_empty() {
        return Err(invalid_host(host, "a host is never empty"));
    }
    if host.len() > MAX_HOST {
        return Err(invalid_host(host, "a host has at most 255 bytes"));
    }
    let mut labels = host.split('.');
    let second = labels.nth(1);
    let Some(second) = second.filter(|_| host != sts::GLOBAL_HOST) else {
        return Ok(DEFAULT_REGION);
    };
    if host.split('.').any(str::is_empty) {
        return Err(invalid_host(host, "no label of a host is empty"));
    }
    Region::custom(second).map_err(|_| invalid_host(host, "its second label is to be a region"))
}

fn invalid_host(host: &str, rule: &'static str) -> TokenError {
    TokenError::InvalidStsHost { host: shown(host), rule }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    fn temporary() -> Credentials {
        Credentials::new("AKID", "secret").with_session_token("CANARY")
    }

    #[test]
    fn region_follows_from_the_host_by_the_specifications_table() {
        for (host, expected) in [
            ("sts.amazonaws.com", Some("us-east-1")),
            ("sts.us-west-2.amazonaws.com", Some("us-west-2")),
            ("sts.us-west-2.amazonaws.com.ch", Some("us-west-2")),
            ("example.com", Some("com")),
            ("localhost", Some("us-east-1")),
            ("sts..com", None),
            (".amazonaws.com", None),
            ("sts.amazonaws.", None),
            ("", None),
        ] {
            let found = region(host).ok();
            assert_eq!(found.as_ref().map(Region::as_str), expected, "{host}");
        }
        assert!(region(&format!("sts.{}", "a".repeat(251))).is_ok());
        assert!(region(&format!("sts.{}", "a".repeat(252))).is_err());
    }

    #[test]
    fn every_header_of_the_specification_is_signed() {
        let answer = mongodb([7; 64], "sts.amazonaws.com")
            .answer(&temporary(), at("20260102T030405Z"))
            .unwrap();
        assert!(answer.authorization().contains(
            "/us-east-1/sts/aws4_request, SignedHeaders=content-length;content-type;host;\
             x-amz-date;x-amz-security-token;x-mongodb-gs2-cb-flag;x-mongodb-server-nonce, "
        ));
    }

    #[test]
    fn message_is_a_bson_document_of_two_or_three_strings() {
        let mongodb = mongodb([7; 64], "sts.amazonaws.com");
        let answer = mongodb.answer(&temporary(), at("20260102T030405Z")).unwrap();
        let mut bson = Vec::new();
        answer.write_bson(&mut bson);
        assert_eq!(usize::from(bson[0]) + 256 * usize::from(bson[1]), bson.len());
        assert!(
            bson.ends_with(b"\x02d\0\x11\0\0\x0020260102T030405Z\0\x02t\0\x07\0\0\0CANARY\0\0")
        );
        let plain = mongodb.answer(&Credentials::new("a", "b"), at("20260102T030405Z")).unwrap();
        bson.clear();
        plain.write_bson(&mut bson);
        assert!(bson.ends_with(b"\x02d\0\x11\0\0\x0020260102T030405Z\0\0"));
    }

    #[test]
    fn answer_is_printed_without_the_session_token() {
        let mongodb = mongodb([7; 64], "sts.amazonaws.com");
        let answer = mongodb.answer(&temporary(), at("20260102T030405Z")).unwrap();
        assert!(!format!("{answer:?}").contains("CANARY"));
        let token = mongodb.token(&temporary(), at("20260102T030405Z")).unwrap();
        assert!(!format!("{token:?}").contains("CANARY"));
        let read: serde_json::Value = serde_json::from_str(token.as_str()).unwrap();
        assert_eq!(read["a"], answer.authorization());
        assert_eq!((&read["d"], &read["t"]), (&"20260102T030405Z".into(), &"CANARY".into()));
    }

    #[test]
    fn nonce_has_to_continue_the_clients() {
        let mut nonce = [1; 64];
        nonce[32..].fill(2);
        let made = |nonce: &[u8], client: [u8; 32]| {
            let mongodb = mongodb(nonce, "sts.amazonaws.com").with_client_nonce(client);
            mongodb.answer(&temporary(), at("20260102T030405Z"))
        };
        assert!(made(&nonce, [1; 32]).is_ok());
        for error in [made(&nonce, [3; 32]), made(&nonce[..63], [1; 32])] {
            assert!(matches!(error, Err(TokenError::InvalidServerNonce { .. })));
        }
    }

    #[test]
    fn host_that_is_no_host_is_an_error_that_names_the_server() {
        for host in ["sts.us east.com", "sts.us-east-1.com\n", "sts.a/b.com"] {
            let made = mongodb([7; 64], host).answer(&temporary(), at("20260102T030405Z"));
            assert!(made.is_err(), "{host:?}");
        }
        let error =
            mongodb([7; 64], "a..b").answer(&temporary(), at("20260102T030405Z")).unwrap_err();
        assert!(
            error.to_string().contains("a..b") && error.to_string().contains("label"),
            "{error}"
        );
    }
}
