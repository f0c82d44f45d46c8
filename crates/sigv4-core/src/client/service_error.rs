//! Finds the error's name (and S3's region) in a response's body, in XML or JSON.
//!
//! This is a search in the few known places, not a parser: the result decides at most one more
//! signature.

use http::{HeaderMap, StatusCode};

use crate::client::attempt::may_be_signature_error;
use crate::fields::X_AMZN_ERRORTYPE;

/// The name of an error in a service's response body, and the region that S3 adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    code: String,
    region: Option<String>,
}

impl ServiceError {
    /// The most bytes of a body to read. The name is near the start.
    pub const MAX_BODY: usize = 64 * 1024;

    /// Returns whether this response's body must be read to know its error.
    pub fn is_in_body(status: StatusCode, headers: &HeaderMap) -> bool {
        may_be_signature_error(status) && !headers.contains_key(X_AMZN_ERRORTYPE)
    }

    /// Reads the error that a body names: `<Code>` in XML; `__type`, `code` or `Code` in JSON.
    pub fn read(body: &[u8]) -> Option<Self> {
        let body = body.get(..Self::MAX_BODY).unwrap_or(body);
        let text = String::from_utf8_lossy(body);
        let code = between(&text, "<Code>", "</Code>").or_else(|| json_code(&text))?;
        let region = between(&text, "<Region>", "</Region>").map(str::to_owned);
        Some(Self { code: bare_code(code).to_owned(), region })
    }

    /// Returns the name, without a namespace, a URI or a final `Exception`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the region that S3 expects.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

fn json_code(text: &str) -> Option<&str> {
    ["\"__type\"", "\"code\"", "\"Code\""].into_iter().find_map(|key| {
        let (_, after) = text.split_once(key)?;
        let value = after.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        value.split('"').next()
    })
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(open)?;
    after.split_once(close).map(|(inner, _)| inner.trim())
}

/// Reduces `com.amazon.coral.service#InvalidSignatureException:http://...` to `InvalidSignature`.
pub(crate) fn bare_code(text: &str) -> &str {
    let text = text.split(':').next().unwrap_or_default();
    let text = text.rsplit('#').next().unwrap_or_default().trim();
    text.strip_suffix("Exception").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_found_in_every_family_of_services() {
        for (body, code) in [
            ("<?xml version=\"1.0\"?>\n<Error><Code>ExpiredToken</Code></Error>", "ExpiredToken"),
            ("<ErrorResponse><Error>\n <Code>ExpiredToken</Code></Error>", "ExpiredToken"),
            (r#"{"__type":"com.amazon.coral.service#ExpiredTokenException"}"#, "ExpiredToken"),
            (r#"{"__type" : "ExpiredTokenException", "message":"x"}"#, "ExpiredToken"),
            (r#"{"code":"AccessDeniedException","requestId":"1"}"#, "AccessDenied"),
        ] {
            assert_eq!(ServiceError::read(body.as_bytes()).unwrap().code(), code, "{body}");
        }
    }

    #[test]
    fn code_quoted_inside_a_message_is_not_taken() {
        for body in [
            r#"{"message":"say \"__type\":\"ExpiredToken\""}"#,
            "<Error><Message>&lt;Code&gt;ExpiredToken&lt;/Code&gt;</Message></Error>",
            "",
            "<Code>",
            r#"{"code":7}"#,
        ] {
            assert_eq!(ServiceError::read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn region_is_read_beside_the_code_of_s3() {
        let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region \
                    'us-east-1' is wrong</Message><Region>eu-west-1</Region></Error>";
        assert_eq!(ServiceError::read(body.as_bytes()).unwrap().region(), Some("eu-west-1"));
    }

    #[test]
    fn body_is_read_only_if_the_header_does_not_name_the_error() {
        let mut headers = HeaderMap::new();
        assert!(ServiceError::is_in_body(StatusCode::FORBIDDEN, &headers));
        assert!(!ServiceError::is_in_body(StatusCode::OK, &headers));
        assert!(!ServiceError::is_in_body(StatusCode::NOT_FOUND, &headers));
        headers.insert("x-amzn-errortype", "ExpiredTokenException".parse().unwrap());
        assert!(!ServiceError::is_in_body(StatusCode::FORBIDDEN, &headers));
    }
}
