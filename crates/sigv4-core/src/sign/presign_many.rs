//! Presigned URLs for many paths, which differ in nothing else.

use std::time::Duration;

use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::canonical::path;
use crate::canonical::query::Overlay;
use crate::credentials::Credentials;
use crate::error::SignError;
use crate::fields;
use crate::head::RequestHead;
use crate::service::Rules;
use crate::sign::canonical_text::CanonicalText;
use crate::sign::prepared::second;
use crate::sign::presign::{Presigned, is_url_path, write_url};
use crate::sign::seal::OneTime;
use crate::sign::second::Second;
use crate::sign::signer::Signer;
use crate::text::hex::hex_of;
use crate::time::SigningTime;

impl Signer {
    /// Presigns one request for each of many paths, in about half the time that each takes alone.
    ///
    /// The template gives everything but the path: method, host, query and headers. Each path begins
    /// with `/` and is percent-encoded as it will be sent. All URLs have the same time and the same
    /// `expires`: 1 s to 604,800 s (seven days), whole seconds.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use sigv4_core::{Credentials, Presigned, Region, Service, Signer};
    ///
    /// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
    /// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    /// let template = http::Request::get("https://photos.s3.us-east-1.amazonaws.com").body(())?;
    /// let paths = (1..=1_000).map(|n| format!("/cats/{n}.jpg"));
    /// let day = Duration::from_secs(86_400);
    /// let urls: Vec<Presigned> = signer
    ///     .presign_many(&template, paths, day, &credentials, SystemTime::now())?
    ///     .collect::<Result<_, _>>()?;
    /// assert!(urls[999].as_str().contains("/cats/1000.jpg?X-Amz-Algorithm="));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Signer::presign`]. The iterator returns [`SignError::NotAUri`] for a path that does not
    /// begin with `/` or that no URL can hold.
    pub fn presign_many<'a, H, I, T>(
        &self,
        template: H,
        paths: I,
        expires: Duration,
        credentials: &Credentials,
        time: T,
    ) -> Result<impl Iterator<Item = Result<Presigned, SignError>> + use<H, I, T>, SignError>
    where
        H: Into<RequestHead<'a>>,
        I: IntoIterator<Item: AsRef<str>>,
        T: TryInto<SigningTime, Error: Into<SignError>>,
    {
        let time = time.try_into().map_err(Into::into)?;
        let mut template = Template::new(self, &template.into(), expires, credentials, time)?;
        Ok(paths.into_iter().map(move |path| template.presign(path.as_ref())))
    }
}

/// The parts of canonical request and URL that all paths share.
struct Template {
    method: Method,
    rules: Rules,
    headers: HeaderMap,
    second: Second,
    canonical: CanonicalText,
    /// The canonical request behind its path.
    canonical_rest: Zeroizing<Vec<u8>>,
    origin: String,
    /// The URL behind its path, up to the signature.
    query: Zeroizing<String>,
    /// The URL behind the signature.
    after: Zeroizing<String>,
}

impl Template {
    fn new(
        signer: &Signer,
        head: &RequestHead<'_>,
        expires: Duration,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Result<Self, SignError> {
        let head = RequestHead { path: "/", ..*head };
        let (seal, payload) =
            (OneTime::new(credentials, time, signer.scope(time)), signer.presigned_payload());
        let (mut canonical, mut signed) = (CanonicalText::new(credentials), Overlay::default());
        let headers =
            signer.write_presigned(&head, payload, expires, &seal, &mut canonical, &mut signed)?;
        let start = head.method.as_str().len() + "\n/".len();
        let canonical_rest =
            Zeroizing::new(canonical.text.get(start..).unwrap_or_default().to_vec());
        canonical.clear();

        let url = Zeroizing::new(write_url(&head, signed.as_bytes())?);
        let (origin, query) = url.split_once("/?").ok_or(SignError::NotAUri)?;
        let mut late = Overlay::default();
        signer.push_late_token(&mut late, credentials);
        let after = joined(&["&", str::from_utf8(late.as_bytes()).unwrap_or_default()]);
        Ok(Self {
            method: head.method.clone(),
            rules: *signer.service().rules(),
            headers,
            second: second(signer, credentials, time),
            canonical,
            canonical_rest,
            origin: origin.to_owned(),
            query: joined(&["?", query, "&", fields::query::SIGNATURE, "="]),
            after: if after.len() > 1 { after } else { Zeroizing::default() },
        })
    }

    fn presign(&mut self, path: &str) -> Result<Presigned, SignError> {
        if !path.starts_with('/') || !is_url_path(path) {
            return Err(SignError::NotAUri);
        }
        let text = &mut self.canonical.text;
        text.extend_from_slice(self.method.as_str().as_bytes());
        text.push(b'\n');
        path::write(text, path, &self.rules);
        text.extend_from_slice(&self.canonical_rest);
        let signature = self.second.sign(&hex_of(&Sha256::digest(&**text).into()));
        self.canonical.clear();

        let digits = signature.to_hex();
        let digits = str::from_utf8(&digits).map_err(|_| SignError::NotAUri)?;
        let mut url = joined(&[&self.origin, path, &self.query, digits, &self.after]);
        let url = core::mem::take(&mut *url);
        Ok(Presigned { method: self.method.clone(), url, headers: self.headers.clone() })
    }
}

/// Joins texts without growing, because what grows leaves copies of a token behind.
fn joined(parts: &[&str]) -> Zeroizing<String> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    parts.iter().for_each(|part| text.push_str(part));
    text
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::scope::{Region, Service};

    const HOUR: Duration = Duration::from_secs(3600);

    fn time() -> SigningTime {
        "20130524T000000Z".parse().unwrap()
    }

    fn signer(service: &'static str) -> Signer {
        Signer::new(Region::from_static("us-east-1"), Service::from_static(service))
    }

    fn credentials() -> Credentials {
        Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    }

    #[test]
    fn each_url_is_the_one_that_presigning_alone_returns() {
        let long = format!("/{}", "a".repeat(3000));
        let paths = [
            "/",
            "/cat.jpg",
            "/a%2Fb//c/../d",
            "/caf%C3%A9/~x$&'",
            "/?".trim_end_matches('?'),
            &long,
        ];
        for service in ["s3", "s3express", "iotdevicegateway", "execute-api"] {
            for known in [credentials(), credentials().with_session_token("tok/en+==")] {
                for query in ["", "?b=2&a=1+1&x-id=GetObject"] {
                    let request = |path: &str| {
                        let url = format!("https://Bucket.s3.us-east-1.amazonaws.com{path}{query}");
                        let request = Request::put(url).header("content-type", "text/plain");
                        request.header("x-amz-acl", "private").body(()).unwrap()
                    };
                    let template = request("/any/path");
                    let many = signer(service)
                        .presign_many(&template, paths, HOUR, &known, time())
                        .unwrap();
                    for (path, ours) in paths.into_iter().zip(many) {
                        let alone = signer(service).presign(&request(path), HOUR, &known, time());
                        let (ours, alone) = (ours.unwrap(), alone.unwrap());
                        assert_eq!(ours.as_str(), alone.as_str());
                        assert_eq!(ours.headers(), alone.headers());
                        assert_eq!(ours.method(), alone.method());
                    }
                }
            }
        }
    }

    #[test]
    fn path_that_no_url_can_hold_is_an_error_of_its_own() {
        let template = Request::get("https://b.s3.amazonaws.com").body(()).unwrap();
        let paths = ["/a", "", "a", "/a?b", "/a#b", "/a b", "/b"];
        let signer = signer("s3");
        let signed = signer.presign_many(&template, paths, HOUR, &credentials(), time()).unwrap();
        let errors: Vec<_> = signed.map(Result::err).collect();
        let wrong = Some(SignError::NotAUri);
        let [a, b, c, d, e] = core::array::from_fn(|_| wrong.clone());
        assert_eq!(errors, [None, a, b, c, d, e, None]);
    }

    #[test]
    fn template_that_cannot_be_presigned_is_an_error_at_once() {
        let template = Request::get("https://b.s3.amazonaws.com").body(()).unwrap();
        let never = Duration::ZERO;
        let signer = signer("s3");
        let refused = signer.presign_many(&template, ["/a"], never, &credentials(), time());
        assert_eq!(refused.err(), Some(SignError::InvalidExpiry { seconds: 0 }));
    }
}
