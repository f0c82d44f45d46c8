//! Signing: all of Signature Version 4, step by step.

use std::borrow::Cow;

use http::{Request, request};
use sha2::{Digest, Sha256};

use crate::algorithm::Regions;
use crate::canonical::CanonicalRequest;
use crate::canonical::headers::{HeaderSelection, Lines};
use crate::canonical::query::Overlay;
use crate::credentials::Credentials;
use crate::error::SignError;
use crate::fields;
use crate::head::{RequestHead, Single};
use crate::payload::PayloadHash;
use crate::scope::{CredentialScope, Region, Service};
use crate::service::{SessionToken, UnsignedPayload};
use crate::sign::authorization::HeaderText;
use crate::sign::canonical_text::CanonicalText;
use crate::sign::seal::{OneTime, Seal};
use crate::sign::signed::{Seed, Signed};
use crate::sign::transcript::Transcript;
use crate::time::SigningTime;
#[cfg(feature = "sigv4a")]
use crate::v4a::RegionSet;

#[cfg(feature = "sigv4a")]
static NOT_REGIONAL: Region = Region::from_static("aws-global");

/// Signs requests to one service in one region. Plain data: keep it in a `const`, share it freely.
///
/// ```
/// use std::time::SystemTime;
/// use sigv4_core::{Credentials, Region, Service, Signer};
///
/// const SIGNER: Signer =
///     Signer::new(Region::from_static("us-east-1"), Service::from_static("execute-api"));
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let mut request = http::Request::post("https://abc123.execute-api.us-east-1.amazonaws.com/pets")
///     .header("content-type", "application/json")
///     .body(r#"{"name":"Rex"}"#)?;
/// SIGNER.sign(&mut request, &credentials, SystemTime::now())?;
/// assert!(request.headers().contains_key("authorization"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    regions: Regions,
    service: Service,
    selection: HeaderSelection,
    host: HostSource,
}

/// Which host name the signature covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum HostSource {
    /// The URI's. A `Host` header must agree with it.
    #[default]
    Agreeing,
    /// The value of the `Host` header, unchanged, if there is one.
    Header,
}

impl Signer {
    /// Creates a signer for a service in a region.
    pub const fn new(region: Region, service: Service) -> Self {
        Self::for_any(Regions::One(region), service)
    }

    /// Creates a SigV4a signer, whose signatures are valid in a set of regions.
    ///
    /// It signs everything that a signer for one region does, except event streams and forms.
    /// Plan bodies in chunks with `AwsChunked::for_signer`.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use sigv4_core::{Credentials, RegionSet, Service, Signer};
    ///
    /// // An S3 Multi-Region Access Point: whichever region is nearest answers.
    /// const SIGNER: Signer = Signer::for_regions(RegionSet::ALL, Service::from_static("s3"));
    ///
    /// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    /// let url = "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/cat.jpg";
    /// let mut request = http::Request::get(url).body("")?;
    /// SIGNER.sign(&mut request, &credentials, SystemTime::now())?;
    /// assert_eq!(request.headers()["x-amz-region-set"], "*");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "sigv4a")]
    pub const fn for_regions(set: RegionSet, service: Service) -> Self {
        Self::for_any(Regions::Set(set), service)
    }

    const fn for_any(regions: Regions, service: Service) -> Self {
        let (selection, host) = (HeaderSelection::Default, HostSource::Agreeing);
        Self { regions, service, selection, host }
    }

    /// Sets which headers the signature covers.
    #[must_use]
    pub fn with_signed_headers(self, selection: HeaderSelection) -> Self {
        Self { selection, ..self }
    }

    /// Sets the region, such as one that a service's error response names.
    ///
    /// A signer for a set of regions then signs for the set of this region alone.
    #[must_use]
    pub fn with_region(self, region: Region) -> Self {
        let regions = match self.regions {
            Regions::One(_) => Regions::One(region),
            #[cfg(feature = "sigv4a")]
            Regions::Set(_) => Regions::Set(region.into()),
        };
        Self { regions, ..self }
    }

    pub(crate) fn regions(&self) -> &Regions {
        &self.regions
    }

    /// Signs the `Host` header that is on the request, even if the URI names another host.
    ///
    /// For virtual-hosted buckets at an IP address, tunnels and VPC endpoints. Works over HTTP/1.1
    /// only: over HTTP/2 the URI's host is sent as `:authority`. Without this, a `Host` header that
    /// differs from the URI's host is [`SignError::HostMismatch`].
    ///
    /// ```
    /// use sigv4_core::{Credentials, Region, Service, Signer};
    ///
    /// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"))
    ///     .with_host_from_header();
    /// let mut request = http::Request::get("http://127.0.0.1:9000/cat.jpg")
    ///     .header("host", "photos.s3.example.com")
    ///     .body("")?;
    /// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
    /// signer.sign(&mut request, &credentials, std::time::SystemTime::now())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_host_from_header(self) -> Self {
        Self { host: HostSource::Header, ..self }
    }

    /// The value of the `host` line.
    pub(crate) fn host<'a>(
        &self,
        head: &RequestHead<'a>,
        header: Single<'a>,
    ) -> Result<Cow<'a, str>, SignError> {
        match self.host {
            HostSource::Agreeing => head.host(header),
            HostSource::Header => head.host_from_header(header),
        }
    }

    pub(crate) fn selection(&self) -> &HeaderSelection {
        &self.selection
    }

    /// The region.
    ///
    /// A signer for a set of regions has none. It returns `aws-global`, the name in AWS's endpoint
    /// data for services that are not regional. That name is not signed; see `region_set`.
    pub fn region(&self) -> &Region {
        match &self.regions {
            Regions::One(region) => region,
            #[cfg(feature = "sigv4a")]
            Regions::Set(_) => &NOT_REGIONAL,
        }
    }

    /// The set of regions, or `None` if the signer signs for one region.
    #[cfg(feature = "sigv4a")]
    pub fn region_set(&self) -> Option<&RegionSet> {
        match &self.regions {
            Regions::One(_) => None,
            Regions::Set(set) => Some(set),
        }
    }

    /// The service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Signs a request whose body is in memory. Hashes the body, unless the service accepts
    /// [only an unsigned payload](crate::service::UnsignedPayload::Required).
    ///
    /// Sets `authorization` and `x-amz-date` and, if the credentials or the service need them,
    /// `x-amz-security-token` and `x-amz-content-sha256`. Signing again replaces them.
    ///
    /// # Errors
    /// A [`SignError`]. The request is then unchanged.
    pub fn sign<B: AsRef<[u8]>>(
        &self,
        request: &mut Request<B>,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<(), SignError> {
        let payload = self.payload_of(request.body().as_ref());
        self.sign_hashed(request, payload, credentials, time)
    }

    /// How a body in memory is signed.
    pub(crate) fn payload_of(&self, body: &[u8]) -> PayloadHash {
        match self.service.rules().unsigned_payload {
            UnsignedPayload::Required => PayloadHash::Unsigned,
            UnsignedPayload::Accepted | UnsignedPayload::Refused => PayloadHash::of(body),
        }
    }

    /// Signs a request of any body type with the given payload hash.
    ///
    /// # Errors
    /// A [`SignError`]. The request is then unchanged.
    pub fn sign_hashed<B>(
        &self,
        request: &mut Request<B>,
        payload: PayloadHash,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<(), SignError> {
        let signed = self.compute(&*request, payload, credentials, time)?;
        signed.apply(request.headers_mut());
        Ok(())
    }

    /// Signs a request's parts with the given payload hash.
    ///
    /// # Errors
    /// A [`SignError`]. The parts are then unchanged.
    pub fn sign_parts(
        &self,
        parts: &mut request::Parts,
        payload: PayloadHash,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<(), SignError> {
        let signed = self.compute(&*parts, payload, credentials, time)?;
        signed.apply(&mut parts.headers);
        Ok(())
    }

    /// Computes a signature without touching the request, and without allocating.
    ///
    /// # Errors
    /// A [`SignError`] that says what is wrong and what to do.
    pub fn compute<'a>(
        &self,
        head: impl Into<RequestHead<'a>>,
        payload: PayloadHash,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Signed, SignError> {
        let time = time.try_into().map_err(Into::into)?;
        self.sign_once(&head.into(), payload, credentials, time)
    }

    /// Not generic, so that it is compiled here, with all that it calls.
    fn sign_once(
        &self,
        head: &RequestHead<'_>,
        payload: PayloadHash,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Result<Signed, SignError> {
        let mut seal = OneTime::new(credentials, time, self.scope(time));
        self.sign_head(head, payload, &mut seal, &mut CanonicalText::new(credentials))
    }

    /// Computes a signature and keeps every intermediate text, to show or compare it.
    ///
    /// # Errors
    /// Fails like [`Signer::compute`].
    pub fn compute_transcript<'a>(
        &self,
        head: impl Into<RequestHead<'a>>,
        payload: PayloadHash,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<(Signed, Transcript), SignError> {
        let time = time.try_into().map_err(Into::into)?;
        let scope = self.scope(time);
        let mut seal = OneTime::new(credentials, time, scope);
        let mut canonical = CanonicalText::new(credentials);
        let signed = self.sign_head(&head.into(), payload, &mut seal, &mut canonical)?;
        let transcript = Transcript::new(&canonical.text, seal.text(), scope, time, credentials);
        Ok((signed, transcript))
    }

    /// The header form: the fields of the signature are signed as headers and set as headers.
    pub(crate) fn sign_head(
        &self,
        head: &RequestHead<'_>,
        payload: PayloadHash,
        seal: &mut impl Seal,
        canonical: &mut CanonicalText,
    ) -> Result<Signed, SignError> {
        let (time, algorithm, rules) =
            (seal.time(), self.regions.algorithm(), self.service.rules());
        head.check()?;
        seal.credentials().check(time)?;
        let token = seal.credentials().token_header();
        let token = token.map(|value| (rules.session_token.header(), value.clone()));
        let (host, payload_line); // outlive the lines

        let mut lines = Lines::default();
        let noted = lines.select(head.headers, &self.selection, algorithm);
        host = self.host(head, noted.host)?;
        let payload = payload.settle(&noted)?;
        payload.check(algorithm)?;
        payload_line = payload.line();
        let payload_header = payload.needs_header(&noted, rules);
        lines.push("host", host.as_bytes());
        if payload_header {
            lines.push(fields::name::CONTENT_SHA256, payload_line.as_bytes());
        }
        lines.push(fields::name::DATE, time.as_bytes());
        #[cfg(feature = "sigv4a")]
        if let Some(set) = self.region_set() {
            lines.push(fields::name::REGION_SET, set.as_str().as_bytes());
        }
        if let Some((name, value)) = &token
            && rules.session_token != SessionToken::Unsigned
        {
            lines.push(name.as_str(), value.as_bytes());
        }
        lines.sort();
        self.selection.check_all_present(&lines)?;
        let request = self.canonical_request(head, &lines, None);
        let written = request.write(&mut canonical.text, payload_line.as_bytes());
        let names = written.map_err(|_| SignError::InvalidUri)?;
        let signature = seal.sign(&Sha256::digest(&*canonical.text).into());

        let mut signed = Signed {
            authorization: HeaderText::new(),
            signature,
            time,
            payload: payload_header.then_some(payload),
            token: token.clone(),
            #[cfg(feature = "sigv4a")]
            region_set: self.region_set().cloned(),
            seed: payload.is_stream().then(|| Box::new(self.seed(payload, seal))),
        };
        let names = canonical.text.get(names).unwrap_or_default();
        let id = seal.credentials().access_key_id();
        signed.authorization.write(algorithm, id, seal.scope(), names, &signature);
        Ok(signed)
    }

    #[cold]
    fn seed(&self, payload: PayloadHash, seal: &impl Seal) -> Seed {
        let (regions, service) = (self.regions.clone(), self.service.clone());
        Seed { payload, key: seal.key(), credentials: seal.credentials().clone(), regions, service }
    }

    pub(crate) fn scope(&self, time: SigningTime) -> CredentialScope<'_> {
        self.regions.scope(time, &self.service)
    }

    #[inline]
    pub(crate) fn canonical_request<'a, 'h>(
        &'a self,
        head: &RequestHead<'a>,
        headers: &'a Lines<'h>,
        query_overlay: Option<&'a Overlay>,
    ) -> CanonicalRequest<'a, 'h> {
        let RequestHead { method, path, query, .. } = *head;
        let (method, query) = (method.as_str(), query.unwrap_or_default());
        CanonicalRequest {
            method,
            path,
            query,
            query_overlay,
            headers,
            rules: self.service.rules(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNER: Signer =
        Signer::new(Region::from_static("us-east-1"), Service::from_static("iam"));
    const TIME: &str = "20150830T123600Z";

    fn credentials() -> Credentials {
        Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    }

    fn time() -> SigningTime {
        TIME.parse().unwrap()
    }

    #[test]
    fn aws_example_request_has_the_published_signature() {
        let mut request =
            Request::get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
                .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
                .body("")
                .unwrap();
        SIGNER.sign(&mut request, &credentials(), time()).unwrap();
        assert_eq!(request.headers()["x-amz-date"], TIME);
        assert_eq!(
            request.headers()["authorization"],
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn signing_twice_leaves_one_set_of_headers() {
        let credentials = credentials().with_session_token("token");
        let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
        let mut request = Request::put("https://bucket.example.com/key").body("body").unwrap();
        signer.sign(&mut request, &credentials, time()).unwrap();
        let once = request.headers().clone();
        signer.sign(&mut request, &credentials, time()).unwrap();
        assert_eq!(request.headers(), &once);
        *request.body_mut() = "another body";
        signer.sign(&mut request, &credentials, time().offset(60).unwrap()).unwrap();
        assert_eq!(request.headers().len(), once.len());
        assert_ne!(request.headers()["authorization"], once["authorization"]);
    }

    #[test]
    fn error_leaves_the_request_untouched() {
        let mut request = Request::get("/relative").header("x-amz-date", "mine").body("").unwrap();
        let before = request.headers().clone();
        assert_eq!(SIGNER.sign(&mut request, &credentials(), time()), Err(SignError::MissingHost));
        assert_eq!(request.headers(), &before);
    }

    #[test]
    fn token_of_old_credentials_is_removed_with_them() {
        let mut request = Request::get("https://iam.amazonaws.com/").body("").unwrap();
        SIGNER.sign(&mut request, &credentials().with_session_token("old"), time()).unwrap();
        assert_eq!(request.headers()["x-amz-security-token"], "old");
        SIGNER.sign(&mut request, &credentials(), time()).unwrap();
        assert!(!request.headers().contains_key("x-amz-security-token"));
    }

    #[test]
    fn iot_token_is_sent_unsigned_and_s3express_token_has_its_own_header() {
        let credentials = credentials().with_session_token("token");
        let sign = |service| {
            let signer =
                Signer::new(Region::from_static("us-east-1"), Service::from_static(service));
            let mut request = Request::get("https://host.example.com/").body("").unwrap();
            signer.sign(&mut request, &credentials, time()).unwrap();
            request
        };
        let iot = sign("iotdevicegateway");
        assert_eq!(iot.headers()["x-amz-security-token"], "token");
        assert!(!iot.headers()["authorization"].to_str().unwrap().contains("security-token"));
        let express = sign("s3express");
        assert_eq!(express.headers()["x-amz-s3session-token"], "token");
        assert!(!express.headers().contains_key("x-amz-security-token"));
    }

    #[test]
    fn secret_headers_are_marked_sensitive() {
        let mut request = Request::get("https://iam.amazonaws.com/").body("").unwrap();
        SIGNER.sign(&mut request, &credentials().with_session_token("tok"), time()).unwrap();
        assert!(request.headers()["authorization"].is_sensitive());
        assert!(request.headers()["x-amz-security-token"].is_sensitive());
    }

    #[test]
    fn body_is_left_out_for_a_service_that_takes_no_hash_of_it() {
        let region = Region::from_static("us-west-2");
        let signer = Signer::new(region, Service::from_static("vpc-lattice-svcs"));
        let mut request =
            Request::post("https://s.1.vpc-lattice-svcs.us-west-2.on.aws/").body("a body").unwrap();
        signer.sign(&mut request, &credentials(), time()).unwrap();
        assert_eq!(request.headers()["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
        let mut request = Request::post("https://s.1.vpc-lattice-svcs.us-west-2.on.aws/")
            .header("x-amz-content-sha256", PayloadHash::EMPTY.to_string())
            .body("")
            .unwrap();
        signer.sign(&mut request, &credentials(), time()).unwrap();
        assert_ne!(request.headers()["x-amz-content-sha256"], "UNSIGNED-PAYLOAD"); // as asked
    }

    #[test]
    fn payload_header_is_added_where_the_service_or_the_payload_needs_it() {
        for (service, payload, expected) in [
            ("s3", PayloadHash::EMPTY, true),
            ("aoss", PayloadHash::EMPTY, true),
            ("iam", PayloadHash::EMPTY, false),
            ("iam", PayloadHash::Unsigned, true),
        ] {
            let signer =
                Signer::new(Region::from_static("us-east-1"), Service::from_static(service));
            let mut request = Request::get("https://host.example.com/").body(()).unwrap();
            signer.sign_hashed(&mut request, payload, &credentials(), time()).unwrap();
            assert_eq!(
                request.headers().contains_key("x-amz-content-sha256"),
                expected,
                "{service}"
            );
        }
    }
}
