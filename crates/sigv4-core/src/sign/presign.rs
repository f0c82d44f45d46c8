//! Presigned URLs: the fields of the signature stand in the query.
//!
//! Source: Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters".

use core::fmt;
use std::time::Duration;

use http::{HeaderMap, Method, Request, Uri};
use sha2::{Digest, Sha256};

use crate::canonical::headers::Lines;
use crate::canonical::query::{Overlay, plus_as_space};
use crate::credentials::Credentials;
use crate::encode::{UNRESERVED, push_encoded};
use crate::error::SignError;
use crate::fields::{self, MAX_EXPIRES};
use crate::head::RequestHead;
use crate::payload::PayloadHash;
use crate::service::{PresignedPayload, SessionToken};
use crate::sign::canonical_text::CanonicalText;
use crate::sign::seal::{OneTime, Seal};
use crate::sign::signer::Signer;
use crate::sign::transcript::Transcript;
use crate::time::SigningTime;

/// A request that whoever holds it may send until it expires.
///
/// `headers` are those that the signature covers: the holder must send them as they are here.
#[derive(Clone)]
pub struct Presigned {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
}

impl Presigned {
    /// The method to send.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL as text. It grants what it was signed for: keep it out of logs.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The URL, parsed.
    ///
    /// # Errors
    /// [`SignError::UriTooLong`] if it is longer than `http::Uri` can hold (65,534 bytes),
    /// [`SignError::NotAUri`] if it has a character that `http::Uri` refuses.
    pub fn uri(&self) -> Result<Uri, SignError> {
        self.url.parse().map_err(|_| match self.url.len() {
            0..=MAX_URI => SignError::NotAUri,
            _ => SignError::UriTooLong,
        })
    }

    /// The headers to send.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Turns this into an `http::Request` with the given body.
    ///
    /// # Errors
    /// As [`Presigned::uri`].
    pub fn into_request<B>(self, body: B) -> Result<Request<B>, SignError> {
        let mut request = Request::new(body);
        *request.uri_mut() = self.uri()?;
        *request.method_mut() = self.method;
        *request.headers_mut() = self.headers;
        Ok(request)
    }
}

/// The longest URI that `http::Uri` takes, in bytes.
const MAX_URI: usize = 65_534;

impl fmt::Debug for Presigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigned")
            .field("method", &self.method)
            .field("url", &Transcript::mask(&self.url))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl Signer {
    /// Presigns a request: for S3 with any body, elsewhere without one.
    ///
    /// `expires` is from 1 s to 604,800 s (seven days), whole seconds.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use sigv4_core::{Credentials, Region, Service, Signer};
    ///
    /// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    /// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    /// let request = http::Request::get("https://bucket.s3.us-east-1.amazonaws.com/cat.jpg").body(())?;
    /// let expires = Duration::from_secs(900);
    /// let presigned = signer.presign(&request, expires, &credentials, SystemTime::now())?;
    /// assert!(presigned.as_str().contains("X-Amz-Signature="));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A [`SignError`] that says what is wrong and what to do.
    pub fn presign<B>(
        &self,
        request: &Request<B>,
        expires: Duration,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Presigned, SignError> {
        self.presign_hashed(request, self.presigned_payload(), expires, credentials, time)
    }

    /// The payload that a presigned request is signed for if none is given.
    pub(crate) fn presigned_payload(&self) -> PayloadHash {
        match self.service().rules().presigned_payload {
            PresignedPayload::Unsigned => PayloadHash::Unsigned,
            PresignedPayload::Hashed => PayloadHash::EMPTY,
        }
    }

    /// Presigns a request for one body, whose hash is given.
    ///
    /// # Errors
    /// As [`Signer::presign`].
    pub fn presign_hashed<'a>(
        &self,
        head: impl Into<RequestHead<'a>>,
        payload: PayloadHash,
        expires: Duration,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Presigned, SignError> {
        let time = time.try_into().map_err(Into::into)?;
        self.presign_once(&head.into(), payload, expires, credentials, time)
    }

    /// Not generic, so that it is compiled here, with all that it calls.
    fn presign_once(
        &self,
        head: &RequestHead<'_>,
        payload: PayloadHash,
        expires: Duration,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Result<Presigned, SignError> {
        let mut seal = OneTime::new(credentials, time, self.scope(time));
        let mut canonical = CanonicalText::new(credentials);
        self.presign_head(head, payload, expires, &mut seal, &mut canonical)
    }

    /// Presigns, and keeps every intermediate text, to be shown or compared.
    ///
    /// # Errors
    /// As [`Signer::presign`].
    pub fn presign_transcript<'a>(
        &self,
        head: impl Into<RequestHead<'a>>,
        payload: PayloadHash,
        expires: Duration,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<(Presigned, Transcript), SignError> {
        let time = time.try_into().map_err(Into::into)?;
        let scope = self.scope(time);
        let mut seal = OneTime::new(credentials, time, scope);
        let mut canonical = CanonicalText::new(credentials);
        let signed =
            self.presign_head(&head.into(), payload, expires, &mut seal, &mut canonical)?;
        let transcript = Transcript::new(&canonical.text, seal.text(), scope, time, credentials);
        Ok((signed, transcript))
    }

    /// The query form: the fields of the signature count as parameters, and become parameters.
    fn presign_head(
        &self,
        head: &RequestHead<'_>,
        payload: PayloadHash,
        expires: Duration,
        seal: &mut impl Seal,
        canonical: &mut CanonicalText,
    ) -> Result<Presigned, SignError> {
        let mut parameters = Overlay::default();
        let headers =
            self.write_presigned(head, payload, expires, seal, canonical, &mut parameters)?;
        let signature = seal.sign(&Sha256::digest(&*canonical.text).into());
        parameters.push_plain(fields::query::SIGNATURE, &signature.to_hex());
        self.push_late_token(&mut parameters, seal.credentials());
        let url = write_url(head, parameters.as_bytes())?;
        Ok(Presigned { method: head.method.clone(), url, headers })
    }

    /// Writes the canonical request and the parameters that it covers. Returns the headers that it
    /// covers.
    pub(crate) fn write_presigned(
        &self,
        head: &RequestHead<'_>,
        payload: PayloadHash,
        expires: Duration,
        seal: &impl Seal,
        canonical: &mut CanonicalText,
        parameters: &mut Overlay,
    ) -> Result<HeaderMap, SignError> {
        let algorithm = self.regions().algorithm();
        head.check()?;
        seal.credentials().check(seal.time())?;
        let (host, payload_line); // outlive the lines

        let mut lines = Lines::default();
        let noted = lines.select(head.headers, self.selection(), algorithm);
        host = self.host(head, noted.host)?;
        let payload = payload.settle(&noted)?;
        payload.check(algorithm)?;
        payload_line = payload.line();
        lines.push("host", host.as_bytes());
        if noted.content_sha256.first.is_some() {
            lines.push(fields::name::CONTENT_SHA256, payload_line.as_bytes());
        }
        lines.sort();
        self.selection().check_all_present(&lines)?;

        self.write_fields(parameters, &lines, expires, seal)?;
        let request = self.canonical_request(head, &lines, Some(parameters));
        let written = request.write(&mut canonical.text, payload_line.as_bytes());
        written.map_err(|_| SignError::InvalidUri)?;
        let mut covered = covered_headers(head.headers, &lines);
        if let Some(header) = covered.get_mut(fields::X_AMZ_CONTENT_SHA256) {
            *header = payload.header_value(); // that of an earlier signature may be another
        }
        Ok(covered)
    }

    /// Adds the session token of a service that does not sign it.
    pub(crate) fn push_late_token(&self, parameters: &mut Overlay, credentials: &Credentials) {
        let placement = self.service().rules().session_token;
        if placement == SessionToken::Unsigned
            && let Some(token) = credentials.token_header()
        {
            parameters.push_token(placement.parameter(), token.as_bytes());
        }
    }

    /// The parameters that are signed, in the order of the canonical query.
    fn write_fields(
        &self,
        overlay: &mut Overlay,
        lines: &Lines<'_>,
        expires: Duration,
        seal: &impl Seal,
    ) -> Result<(), SignError> {
        let seconds = expires.as_secs();
        if !(1..=MAX_EXPIRES).contains(&seconds) {
            return Err(SignError::InvalidExpiry { seconds });
        }
        let algorithm = self.regions().algorithm().name();
        overlay.push_plain(fields::query::ALGORITHM, algorithm.as_bytes());
        overlay.push_with(fields::query::CREDENTIAL, |text| {
            push_encoded(text, seal.credentials().access_key_id().as_bytes(), &UNRESERVED);
            text.extend_from_slice(ESCAPED_SLASH);
            // Nothing else in a scope is escaped: see `Region` and `Service`.
            self.scope(seal.time()).write_with(text, ESCAPED_SLASH);
        });
        overlay.push_plain(fields::query::DATE, seal.time().as_bytes());
        let mut digits = [0; 6];
        overlay.push_plain(fields::query::EXPIRES, write_decimal(seconds, &mut digits));
        #[cfg(feature = "sigv4a")]
        if let Some(set) = self.region_set() {
            overlay.push(fields::query::REGION_SET, set.as_str().as_bytes());
        }
        let placement = self.service().rules().session_token;
        if placement != SessionToken::Unsigned
            && let Some(token) = seal.credentials().token_header()
        {
            overlay.push_token(placement.parameter(), token.as_bytes());
        }
        overlay.push_with(fields::query::SIGNED_HEADERS, |text| {
            for (nth, name) in lines.names().enumerate() {
                if nth > 0 {
                    text.extend_from_slice(b"%3B");
                }
                push_encoded(text, name.as_bytes(), &UNRESERVED);
            }
        });
        Ok(())
    }
}

const ESCAPED_SLASH: &[u8] = b"%2F";

/// Writes a number of at most six digits, without allocating.
fn write_decimal(number: u64, digits: &mut [u8; 6]) -> &[u8] {
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    let zeros = digits.iter().take(5).take_while(|digit| **digit == b'0').count();
    digits.split_at(zeros).1
}

/// The request's URL with the parameters behind its own. A `+`, which servers read in two ways, is
/// written as `%20` (canonical/query.rs).
pub(crate) fn write_url(head: &RequestHead<'_>, parameters: &[u8]) -> Result<String, SignError> {
    let query = plus_as_space(head.query.unwrap_or_default());
    if !is_url_path(head.path) || !query.bytes().all(stands_in_url) {
        return Err(SignError::NotAUri);
    }
    let parameters = str::from_utf8(parameters).map_err(|_| SignError::NotAUri)?;
    let origin = head.scheme.zip(head.authority);
    let origin_length = origin.map_or(0, |(scheme, authority)| scheme.len() + authority.len() + 3);
    let length = origin_length + head.path.len() + query.len() + parameters.len() + 2;
    let mut url = String::with_capacity(length);
    if let Some((scheme, authority)) = origin {
        for part in [scheme, "://", authority] {
            url.push_str(part);
        }
    }
    url.push_str(head.path);
    url.push('?');
    url.push_str(&query);
    if !query.is_empty() {
        url.push('&');
    }
    url.push_str(parameters);
    Ok(url)
}

/// Whether a path can stand in a URL. A `?` would move the query's beginning.
pub(crate) fn is_url_path(path: &str) -> bool {
    path.bytes().all(|byte| stands_in_url(byte) && byte != b'?')
}

/// Whether a byte can stand in a URL's path or query. A `#` would cut the signature off.
const fn stands_in_url(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f && byte != b'#'
}

/// The headers that were signed, but for a `Host` that the URI names.
fn covered_headers(headers: &HeaderMap, lines: &Lines<'_>) -> HeaderMap {
    let mut covered = HeaderMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| lines.have(name)) {
        covered.append(name, value.clone());
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::{Region, Service};

    fn signer(service: &'static str) -> Signer {
        Signer::new(Region::from_static("us-east-1"), Service::from_static(service))
    }

    fn credentials() -> Credentials {
        Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    }

    fn time() -> SigningTime {
        "20130524T000000Z".parse().unwrap()
    }

    #[test]
    fn aws_example_url_has_the_published_signature() {
        let request =
            Request::get("https://examplebucket.s3.amazonaws.com/test.txt").body(()).unwrap();
        let day = Duration::from_secs(86_400);
        let presigned = signer("s3").presign(&request, day, &credentials(), time()).unwrap();
        assert_eq!(
            presigned.as_str(),
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&\
             X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&\
             X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&\
             X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
        assert!(presigned.headers().is_empty());
    }

    #[test]
    fn seconds_are_written_as_the_standard_library_writes_them() {
        for number in [0, 1, 9, 10, 60, 900, 3600, 86_400, 100_000, MAX_EXPIRES] {
            assert_eq!(write_decimal(number, &mut [0; 6]), number.to_string().as_bytes());
        }
    }

    #[test]
    fn life_outside_one_second_to_seven_days_is_an_error() {
        let request = Request::get("https://a.example.com/").body(()).unwrap();
        for seconds in [0, MAX_EXPIRES + 1, u64::MAX] {
            let presigned = signer("s3").presign(
                &request,
                Duration::from_secs(seconds),
                &credentials(),
                time(),
            );
            assert_eq!(presigned.err(), Some(SignError::InvalidExpiry { seconds }));
        }
    }

    #[test]
    fn target_that_no_url_can_hold_is_an_error_and_never_cut_short() {
        let headers = HeaderMap::new();
        for (path, expected) in [
            ("/a b", SignError::NotAUri),
            ("/a#b", SignError::NotAUri),
            ("/a?b", SignError::NotAUri),
            ("/a\u{7f}b", SignError::NotAUri),
        ] {
            let head = RequestHead {
                method: &Method::GET,
                scheme: Some("https"),
                authority: Some("a.example.com"),
                path,
                query: None,
                headers: &headers,
            };
            let hour = Duration::from_secs(3600);
            let presigned = signer("s3").presign_hashed(
                head,
                PayloadHash::Unsigned,
                hour,
                &credentials(),
                time(),
            );
            assert_eq!(presigned.err(), Some(expected));
        }
    }

    #[test]
    fn url_too_long_for_a_uri_is_still_a_text() {
        let path = format!("/{}", "a".repeat(MAX_URI));
        let (method, headers) = (&Method::GET, &HeaderMap::new());
        let (scheme, authority) = (Some("https"), Some("a.example.com"));
        let head = RequestHead { method, scheme, authority, path: &path, query: None, headers };
        let hour = Duration::from_secs(3600);
        let payload = PayloadHash::Unsigned;
        let presigned =
            signer("s3").presign_hashed(head, payload, hour, &credentials(), time()).unwrap();
        assert!(presigned.as_str().len() > MAX_URI);
        assert_eq!(presigned.uri(), Err(SignError::UriTooLong));
        assert_eq!(presigned.into_request(()).err(), Some(SignError::UriTooLong));
    }

    #[test]
    fn request_that_was_signed_before_is_presigned_with_the_payload_to_send() {
        let mut request = Request::put("https://b.s3.amazonaws.com/k").body("hello").unwrap();
        signer("s3").sign(&mut request, &credentials(), time()).unwrap();
        let hour = Duration::from_secs(3600);
        let (presigned, transcript) = signer("s3")
            .presign_transcript(&request, PayloadHash::Unsigned, hour, &credentials(), time())
            .unwrap();
        assert_eq!(presigned.headers()["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
        assert!(transcript.canonical_request().ends_with(b"\nUNSIGNED-PAYLOAD"));
    }

    #[test]
    fn headers_to_resend_are_those_that_were_signed() {
        let request = Request::put("https://b.s3.amazonaws.com/k?a=b+c")
            .header("x-amz-acl", "private")
            .header("content-type", "text/plain")
            .header("accept", "*/*")
            .header("x-amz-date", "stale")
            .body(())
            .unwrap();
        let hour = Duration::from_secs(3600);
        let presigned = signer("s3").presign(&request, hour, &credentials(), time()).unwrap();
        let mut names: Vec<_> = presigned.headers().keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "x-amz-acl"]);
        assert!(presigned.as_str().contains("?a=b%20c&X-Amz-Algorithm"));
    }

    #[test]
    fn token_is_signed_or_for_iot_added_after_the_signature() {
        let credentials = credentials().with_session_token("a/b");
        let request = Request::get("https://a.example.com/mqtt").body(()).unwrap();
        let query = |service| {
            let hour = Duration::from_secs(3600);
            let presigned = signer(service).presign(&request, hour, &credentials, time()).unwrap();
            presigned.as_str().to_owned()
        };
        assert!(query("iotdevicegateway").ends_with("&X-Amz-Security-Token=a%2Fb"));
        let s3 = query("s3");
        assert!(
            s3.find("X-Amz-Security-Token=a%2Fb").unwrap() < s3.find("X-Amz-Signature").unwrap()
        );
        assert!(query("s3express").contains("&X-Amz-S3session-Token=a%2Fb&"));
    }

    #[test]
    fn debug_of_a_presigned_url_hides_the_token() {
        let credentials = credentials().with_session_token("SECRETTOKEN");
        let request = Request::get("https://a.example.com/").body(()).unwrap();
        let hour = Duration::from_secs(3600);
        let presigned = signer("s3").presign(&request, hour, &credentials, time()).unwrap();
        assert!(!format!("{presigned:?}").contains("SECRETTOKEN"));
    }
}
