//! The length that a request declares for its body.

use http::{HeaderMap, HeaderValue, Method, header};

use crate::client::stream_payload::UnsignableBody;

/// Returns the length in bytes that `content-length` declares.
///
/// # Errors
/// [`UnsignableBody::InvalidLength`] if it is not a number in plain digits.
pub fn declared_length(headers: &HeaderMap) -> Result<Option<u64>, UnsignableBody> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else {
        return Ok(None);
    };
    let text = value.to_str().ok();
    // Only one spelling is allowed, so that no proxy on the way reads another number.
    let number = text.and_then(|text| text.parse().ok().filter(|it: &u64| it.to_string() == text));
    number.map(Some).ok_or(UnsignableBody::InvalidLength)
}

/// Checks the length of a body in memory. Declares the length of an empty one if its method expects
/// content.
///
/// Servers respond with 411 to an empty PUT or POST without a declared length (RFC 9110, section
/// 8.6), and not every client declares it.
///
/// # Errors
/// [`UnsignableBody::WrongLength`] if `content-length` declares another length;
/// [`UnsignableBody::InvalidLength`] if it is not a number.
pub fn settle_length(
    method: &Method,
    headers: &mut HeaderMap,
    actual: u64,
) -> Result<(), UnsignableBody> {
    match declared_length(headers)? {
        Some(declared) if declared != actual => Err(UnsignableBody::WrongLength { declared }),
        None if actual == 0 && expects_content(method) => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Returns whether a request with this method is expected to have a body: POST, PUT and PATCH.
pub fn expects_content(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(length: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_LENGTH, HeaderValue::from_static(length))])
    }

    #[test]
    fn declared_length_must_be_a_number_and_the_bodys_own() {
        assert_eq!(declared_length(&HeaderMap::new()), Ok(None));
        assert_eq!(declared_length(&headers("5")), Ok(Some(5)));
        for text in ["", "005", "5 ", "+5", "-1", "5,5", "99999999999999999999"] {
            assert_eq!(
                declared_length(&headers(text)),
                Err(UnsignableBody::InvalidLength),
                "{text}"
            );
        }
        let settle = |mut headers: HeaderMap| settle_length(&Method::PUT, &mut headers, 5);
        assert_eq!(settle(headers("5")), Ok(()));
        assert_eq!(settle(headers("6")), Err(UnsignableBody::WrongLength { declared: 6 }));
    }

    #[test]
    fn empty_body_is_declared_if_the_method_expects_content() {
        for (method, declared) in [(Method::PUT, true), (Method::GET, false)] {
            let mut headers = HeaderMap::new();
            settle_length(&method, &mut headers, 0).unwrap();
            assert_eq!(headers.contains_key(header::CONTENT_LENGTH), declared, "{method}");
        }
    }
}
