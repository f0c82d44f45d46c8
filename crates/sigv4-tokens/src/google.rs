//! Google Cloud's workload identity federation: the subject token is a signed STS call.
//!
//! Source: AIP-4117; google-auth, `aws.py`.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, Method};
use sigv4_core::{
    Credentials, HeaderSelection, PayloadHash, Region, RequestHead, Signer, SigningTime,
};
use zeroize::Zeroizing;

use crate::error::TokenError;
use crate::presign::header_value;
use crate::recipe::recipe;
use crate::sts;
use crate::text::{escaped_but_slashes, json_with_room, push_json};
use crate::token::Token;

/// How long STS accepts a signature.
const LIFE: Duration = Duration::from_secs(900);

const TARGET_RESOURCE: &str = "x-goog-cloud-target-resource";

/// A provider of a workload identity pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Google {
    audience: String,
    region: Region,
}

/// Prepares the subject token for Google's STS: the parameter `subject_token` of type
/// `urn:ietf:params:aws:token-type:aws4_request`.
///
/// `audience` is the provider's full resource name,
/// `//iam.googleapis.com/projects/N/locations/global/workloadIdentityPools/POOL/providers/PROVIDER`.
/// It is signed, so that no other provider can use the token.
pub fn google(audience: impl Into<String>, region: &Region) -> Google {
    Google { audience: audience.into(), region: region.clone() }
}

impl Google {
    /// Makes the subject token: percent-encoded JSON, valid for 15 minutes.
    ///
    /// # Errors
    /// Fails if the audience is not valid in a header, if the region is in no known partition, or
    /// if the credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        let time = SigningTime::try_from(now)?;
        let host = sts::host(&self.region)?;
        let audience = header_value("audience", &self.audience)?;
        let headers = HeaderMap::from_iter([(HeaderName::from_static(TARGET_RESOURCE), audience)]);
        let head = RequestHead {
            method: &Method::POST,
            scheme: Some("https"),
            authority: Some(&host),
            path: "/",
            query: Some(sts::GET_CALLER_IDENTITY),
            headers: &headers,
        };
        let signer =
            Signer::new(self.region.clone(), sts::STS).with_signed_headers(HeaderSelection::All);
        let signed = signer.compute(head, PayloadHash::EMPTY, credentials, time)?;
        // Google refuses any other header, and expects no slash before the query.
        let pairs = [
            ("Authorization", Some(signed.authorization())),
            ("host", Some(host.as_str())),
            ("x-amz-date", Some(time.as_str())),
            (TARGET_RESOURCE, Some(self.audience.as_str())),
            ("x-amz-security-token", credentials.session_token()),
        ];
        let url = format!("https://{host}?{}", sts::GET_CALLER_IDENTITY);
        let text = escaped_but_slashes(&write(&pairs, &url));
        Ok(Token::new(text, time, LIFE, credentials))
    }
}

/// Writes the call as Google's clients do: compact, the keys of each object sorted.
fn write(headers: &[(&str, Option<&str>)], url: &str) -> Zeroizing<String> {
    let headers = headers.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    let mut json = json_with_room(headers.clone().map(|(_, value)| value).chain([url]));
    json.push_str(r#"{"headers":["#);
    for (nth, (name, value)) in headers.enumerate() {
        json.push_str(if nth > 0 { "," } else { "" });
        json.push_str(r#"{"key":"#);
        push_json(&mut json, name);
        json.push_str(r#","value":"#);
        push_json(&mut json, value);
        json.push('}');
    }
    json.push_str(r#"],"method":"POST","url":"#);
    push_json(&mut json, url);
    json.push('}');
    json
}

recipe!(Google);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;

    const AUDIENCE: &str = "//iam.googleapis.com/projects/1/locations/global/\
                            workloadIdentityPools/pool/providers/aws";

    #[test]
    fn audience_is_signed_and_nothing_else_is_sent() {
        let google = google(AUDIENCE, &Region::from_static("us-east-2"));
        let credentials = Credentials::new("AKID", "secret").with_session_token("t/+");
        let token = google.token(&credentials, at("20260102T030405Z")).unwrap();
        let json = percent_encoding::percent_decode_str(token.as_str()).decode_utf8().unwrap();
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            read["url"],
            "https://sts.us-east-2.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"
        );
        let headers = read["headers"].as_array().unwrap();
        let names: Vec<_> = headers.iter().map(|header| header["key"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "Authorization",
                "host",
                "x-amz-date",
                "x-goog-cloud-target-resource",
                "x-amz-security-token"
            ]
        );
        assert!(headers[0]["value"].as_str().unwrap().contains(
            "SignedHeaders=host;x-amz-date;x-amz-security-token;x-goog-cloud-target-resource, "
        ));
        assert!(read.get("body").is_none());
    }
}
