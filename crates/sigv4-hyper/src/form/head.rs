//! The head of a form: its boundary, its bucket, and the head that is passed on with the file.

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The longest boundary (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// Where the URL of a form names its bucket.
#[derive(Clone, Debug)]
pub(crate) enum BucketIn {
    /// `POST /bucket`
    Path,
    /// `POST /` on `bucket.DOMAIN`, or as `Path` on any other host.
    Host(String),
}

impl BucketIn {
    /// The bucket; `None` if there is none or the path continues after it.
    pub(crate) fn of(&self, parts: &Parts) -> Option<String> {
        let path = parts.uri.path();
        if let Self::Host(domain) = self
            && let Some(bucket) = host(parts).and_then(|host| subdomain(&host, domain))
        {
            return matches!(path, "" | "/").then_some(bucket);
        }
        let bucket = path.strip_prefix('/')?;
        let bucket = bucket.strip_suffix('/').unwrap_or(bucket);
        (!bucket.is_empty() && !bucket.contains('/')).then(|| bucket.to_owned())
    }
}

/// The host without its port, in lower case, from the URI or the only `Host` header.
fn host(parts: &Parts) -> Option<String> {
    let header = || {
        let mut all = parts.headers.get_all(header::HOST).iter();
        let only = all.next().filter(|_| all.next().is_none())?.to_str().ok()?;
        Some(only.split(':').next().unwrap_or_default())
    };
    parts.uri.host().or_else(header).map(str::to_ascii_lowercase)
}

fn subdomain(host: &str, domain: &str) -> Option<String> {
    let bucket = host.strip_suffix(&domain.to_ascii_lowercase())?.strip_suffix('.')?;
    (!bucket.is_empty()).then(|| bucket.to_owned())
}

/// Whether the content is `multipart/form-data`.
pub(crate) fn is_multipart(headers: &HeaderMap) -> bool {
    const TYPE: &str = "multipart/form-data";
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = text.and_then(|text| text.split(';').next()).map(str::trim);
    media_type.is_some_and(|media_type| media_type.eq_ignore_ascii_case(TYPE))
}

/// The boundary between the parts, of a length that RFC 2046 allows.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(header::CONTENT_TYPE).iter();
    let only = all.next().filter(|_| all.next().is_none())?.to_str().ok()?;
    let boundary = multer::parse_boundary(only).ok()?;
    (1..=MAX_BOUNDARY).contains(&boundary.len()).then_some(boundary)
}

/// Makes the headers describe the file: its type as stated in the form, no length, and no header
/// that only a signature over the headers could prove.
pub(crate) fn describe_file(headers: &mut HeaderMap, content_type: Option<&str>) {
    let unproven: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("x-amz-")).cloned().collect();
    let of_the_form = [
        header::AUTHORIZATION,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::EXPECT,
        header::TRANSFER_ENCODING,
    ];
    for name in unproven.iter().chain(&of_the_form) {
        headers.remove(name);
    }
    if let Some(value) = content_type.and_then(|text| HeaderValue::from_str(text).ok()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str, host: &str) -> Parts {
        http::Request::post(uri).header("host", host).body(()).unwrap().into_parts().0
    }

    #[test]
    fn bucket_is_the_path_or_the_label_before_the_domain() {
        let by_host = BucketIn::Host("S3.example.com".into());
        for (place, uri, host, expected) in [
            (&BucketIn::Path, "/photos", "a", Some("photos")),
            (&BucketIn::Path, "/photos/", "photos.s3.example.com", Some("photos")),
            (&BucketIn::Path, "/photos/key", "a", None),
            (&BucketIn::Path, "/", "a", None),
            (&by_host, "/", "Photos.S3.example.com:8080", Some("photos")),
            (&by_host, "/", "my.photos.s3.example.com", Some("my.photos")),
            (&by_host, "/key", "photos.s3.example.com", None),
            (&by_host, "/photos", "s3.example.com", Some("photos")),
            (&by_host, "/photos", "evils3.example.com", Some("photos")),
            (&by_host, "/", ".s3.example.com", None),
            (&by_host, "http://photos.s3.example.com/", "other", Some("photos")),
        ] {
            assert_eq!(place.of(&parts(uri, host)).as_deref(), expected, "{uri} {host}");
        }
    }

    #[test]
    fn boundary_has_a_length_and_stands_in_one_header() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_TYPE, value.parse().unwrap());
            }
            boundary(&headers)
        };
        assert_eq!(of(&["multipart/form-data; boundary=abc"]).as_deref(), Some("abc"));
        assert_eq!(of(&["Multipart/Form-Data; boundary=\"a b\""]).as_deref(), Some("a b"));
        let long = format!("multipart/form-data; boundary={}", "b".repeat(71));
        for refused in [
            &["multipart/form-data"][..],
            &["multipart/form-data; boundary=\"\""],
            &["multipart/mixed; boundary=abc"],
            &["text/plain"],
            &[&long],
            &[],
            &["multipart/form-data; boundary=a", "multipart/form-data; boundary=b"],
        ] {
            assert_eq!(of(refused), None, "{refused:?}");
        }
    }
}
