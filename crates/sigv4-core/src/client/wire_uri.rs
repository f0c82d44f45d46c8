//! The form of a URI that is both signed and sent.

use std::borrow::Cow;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::canonical::query::plus_as_space;
use crate::error::SignError;
use crate::head::normal_authority;

/// A URI as it is signed: host in lower case, no default port, no `+` in the query.
///
/// Clients send `Host` as the URI has it, so a request is signed and sent with this form.
///
/// # Errors
/// [`SignError::UserInfo`], [`SignError::InvalidHost`]; [`SignError::UriTooLong`] where it would
/// outgrow `Uri`.
pub fn normal_uri(uri: &Uri) -> Result<Cow<'_, Uri>, SignError> {
    let scheme = uri.scheme().map(Scheme::as_str);
    let authority =
        uri.authority().map(|raw| normal_authority(raw.as_str(), scheme)).transpose()?;
    let query = uri.query().map(plus_as_space);
    let is_normal = authority.as_deref() == uri.authority().map(Authority::as_str)
        && query.as_deref() == uri.query();
    if is_normal {
        return Ok(Cow::Borrowed(uri));
    }
    let mut parts = uri.clone().into_parts();
    if let Some(authority) = authority {
        parts.authority = Some(authority.parse().map_err(|_| SignError::InvalidHost)?);
    }
    if let Some(query) = query {
        let target = format!("{}?{query}", uri.path());
        let target = target.parse::<PathAndQuery>().map_err(|_| SignError::UriTooLong)?;
        parts.path_and_query = Some(target);
    }
    Uri::from_parts(parts).map(Cow::Owned).map_err(|_| SignError::UriTooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uri_is_brought_to_the_form_that_is_signed() {
        for (uri, expected) in [
            ("https://EXAMPLE.com:443/A//b?x=1+2", "https://example.com/A//b?x=1%202"),
            ("http://Example.COM:80", "http://example.com/"),
            ("http://example.com:443/", "http://example.com:443/"),
            ("https://[2001:DB8::1]:443/%7e", "https://[2001:db8::1]/%7e"),
            ("http://h/?", "http://h/?"),
            ("/relative?a+b", "/relative?a%20b"),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(normal_uri(&uri).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn uri_in_normal_form_is_not_copied() {
        let uri = Uri::from_static("https://example.com/a?b=c");
        assert!(matches!(normal_uri(&uri), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn uri_with_user_information_is_refused() {
        let uri = Uri::from_static("https://user:secret@example.com/");
        assert_eq!(normal_uri(&uri).err(), Some(SignError::UserInfo));
    }
}
