//! The headers that carry a signature, and the size of all, found in one pass over all headers.

use http::{HeaderMap, HeaderName, header};

use super::error::VerifyError;
use crate::fields;
use crate::head::Single;
use crate::text::split;

/// The values of the headers that a verifier reads.
#[derive(Default)]
pub(super) struct SignatureHeaders<'a> {
    pub(super) host: Single<'a>,
    authorization: Single<'a>,
    amz_date: Single<'a>,
    date: Single<'a>,
    content_sha256: Single<'a>,
    security_token: Single<'a>,
    s3session_token: Single<'a>,
    /// Bytes of all names and values together.
    pub(super) bytes: usize,
}

impl<'a> SignatureHeaders<'a> {
    pub(super) fn read(headers: &'a HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            found.bytes += name.as_str().len() + value.len();
            if let Some(header) = found.named(name.as_str()) {
                header.note(value);
            }
        }
        found
    }

    /// The place of one of these headers.
    #[inline]
    pub(super) fn named(&mut self, name: &str) -> Option<&mut Single<'a>> {
        Some(match name {
            "host" => &mut self.host,
            "authorization" => &mut self.authorization,
            fields::name::DATE => &mut self.amz_date,
            "date" => &mut self.date,
            fields::name::CONTENT_SHA256 => &mut self.content_sha256,
            fields::name::SECURITY_TOKEN => &mut self.security_token,
            fields::name::S3SESSION_TOKEN => &mut self.s3session_token,
            _ => return None,
        })
    }

    pub(super) fn authorization(&self) -> Result<Option<&'a str>, VerifyError> {
        text(self.authorization, || header::AUTHORIZATION)
    }

    pub(super) fn amz_date(&self) -> Result<Option<&'a str>, VerifyError> {
        text(self.amz_date, || fields::X_AMZ_DATE)
    }

    pub(super) fn date(&self) -> Result<Option<&'a str>, VerifyError> {
        text(self.date, || header::DATE)
    }

    pub(super) fn content_sha256(&self) -> Result<Option<&'a str>, VerifyError> {
        text(self.content_sha256, || fields::X_AMZ_CONTENT_SHA256)
    }

    pub(super) fn security_token(&self) -> Result<Option<&'a str>, VerifyError> {
        text(self.security_token, || fields::X_AMZ_SECURITY_TOKEN)
    }

    pub(super) fn s3session_token(&self) -> Result<Option<&'a str>, VerifyError> {
        text(self.s3session_token, || fields::X_AMZ_S3SESSION_TOKEN)
    }
}

/// The only value, without surrounding white space.
fn text(header: Single<'_>, name: fn() -> HeaderName) -> Result<Option<&str>, VerifyError> {
    let Some(value) = header.first else {
        return Ok(None);
    };
    if header.is_doubled {
        return Err(VerifyError::DuplicateHeader { name: name() });
    }
    // It has no branch, so that many bytes are checked at once.
    let is_ascii = value.as_bytes().iter().fold(0, |all, byte| all | byte).is_ascii();
    match str::from_utf8(value.as_bytes()) {
        Ok(text) if is_ascii => Ok(Some(split::trim(text))),
        _ => Err(VerifyError::HeaderNotText { name: name() }),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn header_that_arrived_twice_or_is_no_text_is_an_error_when_it_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-date", " a\t".parse().unwrap());
        for value in ["b", "c", "d"] {
            headers.append("date", value.parse().unwrap());
        }
        headers.insert(header::AUTHORIZATION, HeaderValue::from_bytes(b"\xff").unwrap());
        headers.insert("x-amz-security-token", HeaderValue::from_bytes("é".as_bytes()).unwrap());
        let found = SignatureHeaders::read(&headers);
        assert_eq!(found.amz_date(), Ok(Some("a")));
        assert_eq!(found.date(), Err(VerifyError::DuplicateHeader { name: header::DATE }));
        let name = header::AUTHORIZATION;
        assert_eq!(found.authorization(), Err(VerifyError::HeaderNotText { name }));
        let name = fields::X_AMZ_SECURITY_TOKEN;
        assert_eq!(found.security_token(), Err(VerifyError::HeaderNotText { name }));
        assert_eq!(found.content_sha256(), Ok(None));
    }
}
