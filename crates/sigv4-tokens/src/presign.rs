//! The builder of all tokens that are presigned URLs.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sigv4_core::{
    Credentials, HeaderSelection, PayloadHash, Region, RequestHead, Service, Signer, SigningTime,
};
use zeroize::Zeroizing;

use crate::error::TokenError;
use crate::text::query_value;

/// A request to presign. Only the resulting URL is used.
pub(crate) struct PresignedRequest<'a> {
    pub(crate) method: Method,
    pub(crate) scheme: &'static str,
    /// The host, with its port if the port is signed.
    pub(crate) authority: &'a str,
    pub(crate) path: &'static str,
    /// The parameters, not yet escaped.
    pub(crate) query: &'a [(&'static str, &'a str)],
    /// A header that the service checks. It is signed too.
    pub(crate) header: Option<(HeaderName, HeaderValue)>,
    pub(crate) service: Service,
    pub(crate) region: &'a Region,
    pub(crate) expires: Duration,
}

/// A signed URL, split after its scheme, with the time of its signature.
pub(crate) struct SignedUrl {
    url: Zeroizing<String>,
    scheme: usize,
    pub(crate) time: SigningTime,
}

impl SignedUrl {
    /// The URL.
    pub(crate) fn as_str(&self) -> &str {
        &self.url
    }

    /// The URL without `https://`.
    pub(crate) fn without_scheme(&self) -> &str {
        self.url.get(self.scheme..).unwrap_or_default()
    }

    /// The URL without `https://`, followed by `suffix`.
    pub(crate) fn without_scheme_and(&self, suffix: &str) -> Zeroizing<String> {
        Zeroizing::new([self.without_scheme(), suffix].concat())
    }
}

impl PresignedRequest<'_> {
    /// Signs the request into its URL.
    pub(crate) fn sign(
        self,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Result<SignedUrl, TokenError> {
        let time = SigningTime::try_from(now)?;
        let pairs = self.query.iter().map(|(name, value)| format!("{name}={}", query_value(value)));
        let query = pairs.collect::<Vec<_>>().join("&");
        let mut signer = Signer::new(self.region.clone(), self.service);
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = self.header {
            signer = signer.with_signed_headers(HeaderSelection::Listed(vec![name.clone()].into()));
            headers.insert(name, value);
        }
        let head = RequestHead {
            method: &self.method,
            scheme: Some(self.scheme),
            authority: Some(self.authority),
            path: self.path,
            query: (!query.is_empty()).then_some(&query),
            headers: &headers,
        };
        let presigned =
            signer.presign_hashed(head, PayloadHash::EMPTY, self.expires, credentials, time)?;
        let (_, signed) = presigned.as_str().split_once('?').unwrap_or_default();
        let before = [self.scheme, "://", self.authority, self.path, "?"].concat();
        let mut url = Zeroizing::new(String::with_capacity(before.len() + signed.len()));
        url.push_str(&before);
        push_in_botocores_order(&mut url, signed);
        Ok(SignedUrl { url, scheme: self.scheme.len() + "://".len(), time })
    }
}

/// Appends the parameters with the token after the signed headers, where botocore puts it. The
/// signature does not depend on their order, but the text then equals that of AWS's own tools.
fn push_in_botocores_order(url: &mut Zeroizing<String>, query: &str) {
    const TOKEN: &str = "X-Amz-Security-Token=";
    const SIGNED_HEADERS: &str = "X-Amz-SignedHeaders=";
    let mut pairs: Vec<&str> = query.split('&').collect();
    let token = pairs.iter().position(|pair| pair.starts_with(TOKEN));
    let headers = pairs.iter().position(|pair| pair.starts_with(SIGNED_HEADERS));
    if let (Some(token), Some(headers)) = (token, headers)
        && token < headers
    {
        pairs.swap(token, headers);
    }
    for (nth, pair) in pairs.into_iter().enumerate() {
        if nth > 0 {
            url.push('&');
        }
        url.push_str(pair);
    }
}

/// Checks a value that is signed as a header and compared by the service.
pub(crate) fn header_value(what: &'static str, text: &str) -> Result<HeaderValue, TokenError> {
    if text.is_empty() {
        return Err(TokenError::Empty { what });
    }
    // The canonical form would trim white space at the ends and collapse it inside.
    let is_kept = text.trim() == text && !text.contains("  ") && !text.contains('\t');
    match HeaderValue::from_bytes(text.as_bytes()) {
        Ok(value) if is_kept => Ok(value),
        _ => Err(TokenError::InvalidHeaderValue { what }),
    }
}
