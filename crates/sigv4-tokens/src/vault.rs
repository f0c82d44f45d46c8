//! HashiCorp Vault and OpenBao: the login of the AWS auth method is a signed STS call.
//!
//! Source: Vault, "AWS auth method", section IAM; hvac, `aws_utils.py`.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use sigv4_core::{
    Credentials, HeaderSelection, PayloadHash, Region, RequestHead, Signer, SigningTime,
};
use zeroize::Zeroizing;

use crate::error::TokenError;
use crate::presign::header_value;
use crate::recipe::recipe;
use crate::sts;
use crate::text::{json_with_room, push_base64, push_json};
use crate::token::Token;

/// How long STS accepts a signature.
const LIFE: Duration = Duration::from_secs(900);

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";
const SERVER_ID: HeaderName = HeaderName::from_static("x-vault-aws-iam-server-id");

/// The region to sign for at the global endpoint of STS.
const GLOBAL_REGION: &str = "us-east-1";

/// A Vault or OpenBao server with the AWS auth method of type `iam`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    region: Region,
    server_id: Option<String>,
    role: Option<String>,
    endpoint: Endpoint,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    /// `sts.amazonaws.com` in us-east-1, the regional one elsewhere.
    Default,
    Regional,
}

/// Prepares the login of Vault and OpenBao: the body to POST to `/v1/auth/aws/login`.
///
/// `region` is the region whose STS endpoint Vault calls. By default Vault calls the global
/// `sts.amazonaws.com` and accepts only requests signed for it: pass us-east-1. If Vault is
/// configured with `sts_endpoint` and `sts_region`, or with `use_sts_region_from_client`, pass that
/// region, and call [`Vault::regional`] if it is us-east-1.
pub fn vault(region: &Region) -> Vault {
    Vault { region: region.clone(), server_id: None, role: None, endpoint: Endpoint::Default }
}

impl Vault {
    /// Signs the header `X-Vault-AWS-IAM-Server-ID`, which binds the login to one server.
    ///
    /// It must equal the server's setting `iam_server_id_header_value`.
    #[must_use]
    pub fn server_id(self, id: impl Into<String>) -> Self {
        Self { server_id: Some(id.into()), ..self }
    }

    /// Sets the role to log in as. The default is the name of the IAM role or user.
    #[must_use]
    pub fn role(self, role: impl Into<String>) -> Self {
        Self { role: Some(role.into()), ..self }
    }

    /// Signs for the regional endpoint of STS even in us-east-1, instead of the global one.
    #[must_use]
    pub fn regional(self) -> Self {
        Self { endpoint: Endpoint::Regional, ..self }
    }

    /// Makes the login as a JSON object, which is valid for 15 minutes.
    ///
    /// # Errors
    /// Fails if the server id is not valid in a header, if the region is in no known partition, or
    /// if the credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        let time = SigningTime::try_from(now)?;
        let host = self.host()?;
        let headers = self.signed_headers(&host, credentials, time)?;
        let body = sts::GET_CALLER_IDENTITY;
        let role = self.role.as_deref();
        let mut json = json_with_room([host.as_str(), body, &headers].into_iter().chain(role));
        json.push_str(r#"{"iam_http_request_method":"POST","iam_request_url":""#);
        push_base64(&mut json, format!("https://{host}/").as_bytes());
        json.push_str(r#"","iam_request_body":""#);
        push_base64(&mut json, body.as_bytes());
        json.push_str(r#"","iam_request_headers":""#);
        push_base64(&mut json, headers.as_bytes());
        json.push('"');
        if let Some(role) = role {
            json.push_str(r#","role":"#);
            push_json(&mut json, role);
        }
        json.push('}');
        Ok(Token::new(json, time, LIFE, credentials))
    }

    fn host(&self) -> Result<String, TokenError> {
        match self.endpoint {
            Endpoint::Default if self.region.as_str() == GLOBAL_REGION => {
                Ok(sts::GLOBAL_HOST.to_owned())
            }
            _ => sts::host(&self.region),
        }
    }

    /// Signs the STS call, and writes its headers in Vault's format: a JSON object of arrays.
    fn signed_headers(
        &self,
        host: &str,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Result<Zeroizing<String>, TokenError> {
        let body = sts::GET_CALLER_IDENTITY;
        let mut headers = HeaderMap::from_iter([
            (header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE)),
            (header::CONTENT_LENGTH, HeaderValue::from(body.len())),
        ]);
        if let Some(id) = &self.server_id {
            headers.insert(SERVER_ID, header_value("Vault server id", id)?);
        }
        let head = RequestHead {
            method: &Method::POST,
            scheme: Some("https"),
            authority: Some(host),
            path: "/",
            query: None,
            headers: &headers,
        };
        // Sign all headers: the server id protects nothing unless it is signed.
        let signer =
            Signer::new(self.region.clone(), sts::STS).with_signed_headers(HeaderSelection::All);
        let payload = PayloadHash::of(body.as_bytes());
        let signed = signer.compute(head, payload, credentials, time)?;
        let length = body.len().to_string();
        let pairs = [
            ("Content-Type", Some(CONTENT_TYPE)),
            ("Host", Some(host)),
            ("X-Vault-AWS-IAM-Server-ID", self.server_id.as_deref()),
            ("Content-Length", Some(&length)),
            ("X-Amz-Date", Some(time.as_str())),
            ("X-Amz-Security-Token", credentials.session_token()),
            ("Authorization", Some(signed.authorization())),
        ];
        let pairs = pairs.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let mut json = json_with_room(pairs.clone().map(|(_, value)| value));
        let mut opening = '{';
        for (name, value) in pairs {
            json.push(opening);
            opening = ',';
            push_json(&mut json, name);
            json.push_str(":[");
            push_json(&mut json, value);
            json.push(']');
        }
        json.push('}');
        Ok(json)
    }
}

recipe!(Vault);

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::Value;

    use super::*;
    use crate::testing::at;

    /// Returns the login's fields, with URL, body and headers decoded.
    fn read(vault: &Vault) -> Value {
        let credentials = Credentials::new("AKID", "secret").with_session_token("t/+");
        let token = vault.token(&credentials, at("20260102T030405Z")).unwrap();
        let mut login: Value = serde_json::from_str(token.as_str()).unwrap();
        let decoded = |value: &Value| {
            String::from_utf8(STANDARD.decode(value.as_str().unwrap()).unwrap()).unwrap()
        };
        for name in ["iam_request_url", "iam_request_body"] {
            login[name] = decoded(&login[name]).into();
        }
        login["iam_request_headers"] =
            serde_json::from_str(&decoded(&login["iam_request_headers"])).unwrap();
        login
    }

    #[test]
    fn server_id_is_sent_and_signed() {
        let us_east_1 = vault(&Region::from_static("us-east-1"));
        let login = read(&us_east_1.clone().server_id("vault.example.com").role("app"));
        let headers = &login["iam_request_headers"];
        assert_eq!(headers["X-Vault-AWS-IAM-Server-ID"][0], "vault.example.com");
        assert!(headers["Authorization"][0].as_str().unwrap().contains(
            "SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token;\
             x-vault-aws-iam-server-id, "
        ));
        assert_eq!(login["role"], "app");
        assert_eq!(login["iam_request_body"], "Action=GetCallerIdentity&Version=2011-06-15");
        let login = read(&us_east_1);
        assert!(login["iam_request_headers"].get("X-Vault-AWS-IAM-Server-ID").is_none());
        assert!(login.get("role").is_none());
    }

    #[test]
    fn us_east_1_is_the_global_endpoint_unless_the_regional_one_is_asked_for() {
        let url = |vault: &Vault| read(vault)["iam_request_url"].as_str().unwrap().to_owned();
        let us_east_1 = vault(&Region::from_static("us-east-1"));
        assert_eq!(url(&us_east_1), "https://sts.amazonaws.com/");
        assert_eq!(url(&us_east_1.regional()), "https://sts.us-east-1.amazonaws.com/");
        let china = vault(&Region::from_static("cn-north-1"));
        assert_eq!(url(&china), "https://sts.cn-north-1.amazonaws.com.cn/");
        assert_eq!(
            read(&china)["iam_request_headers"]["Host"][0],
            "sts.cn-north-1.amazonaws.com.cn"
        );
    }
}
