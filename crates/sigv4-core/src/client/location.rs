//! The target of a `Location`, and the origin of a URI.

use core::fmt;
use std::borrow::Cow;

use http::Uri;
use http::uri::Scheme;

use crate::head::normal_authority;

/// Scheme, host and port, normalised for comparison.
#[derive(PartialEq, Eq)]
pub(super) struct Origin<'a> {
    pub(super) scheme: &'a str,
    authority: Cow<'a, str>,
}

impl<'a> Origin<'a> {
    pub(super) fn of(uri: &'a Uri) -> Option<Self> {
        let scheme =
            uri.scheme().map(Scheme::as_str).filter(|it| matches!(*it, "http" | "https"))?;
        let authority = normal_authority(uri.authority()?.as_str(), Some(scheme)).ok()?;
        Some(Self { scheme, authority })
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

/// Resolves a reference against `base` (RFC 3986, section 5.2), without its fragment.
pub(super) fn resolve(base: &Uri, location: &[u8]) -> Option<Uri> {
    let text = core::str::from_utf8(location).ok()?;
    let text = text.split('#').next().unwrap_or_default();
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    let absolute = if has_scheme(text) {
        text.to_owned()
    } else if text.starts_with("//") {
        format!("{scheme}:{text}")
    } else {
        format!("{scheme}://{authority}{}", resolve_path(base, text))
    };
    absolute.parse().ok()
}

fn has_scheme(text: &str) -> bool {
    let end = text.find([':', '/', '?']).unwrap_or(text.len());
    text.get(end..).is_some_and(|rest| rest.starts_with(':'))
}

fn resolve_path(base: &Uri, reference: &str) -> String {
    let (path, query) = match reference.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (reference, None),
    };
    let query_or = |kept| query.or(kept).map_or_else(String::new, |query| format!("?{query}"));
    if path.is_empty() {
        return format!("{}{}", base.path(), query_or(base.query()));
    }
    let path = if path.starts_with('/') {
        without_dot_segments(path)
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        without_dot_segments(&format!("{folder}/{path}"))
    };
    format!("{path}{}", query_or(None))
}

/// Removes dot segments (RFC 3986, section 5.2.4). Empty segments stay because they are part of an
/// S3 key.
fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_as_rfc_3986_says() {
        let base: Uri = "http://a/b/c/d;p?q".parse().unwrap();
        // The examples of RFC 3986, section 5.4, that an HTTP target can have.
        for (reference, expected) in [
            ("http://g", "http://g/"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("/x//y?u=http://h", "http://a/x//y?u=http://h"),
        ] {
            let resolved = resolve(&base, reference.as_bytes()).map(|uri| uri.to_string());
            assert_eq!(resolved.as_deref(), Some(expected), "{reference}");
        }
    }

    #[test]
    fn location_that_is_no_uri_resolves_to_nothing() {
        let base: Uri = "http://a/b".parse().unwrap();
        for reference in [&b"http://"[..], b"http://a b/", b"\xff", b"/a b"] {
            assert_eq!(resolve(&base, reference), None, "{reference:?}");
        }
    }
}
