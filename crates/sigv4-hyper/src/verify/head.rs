//! The length headers of the body that the inner service reads.

use http::request::Parts;
use http::{HeaderName, HeaderValue, header};

/// The length of a stream's content, which the signature covers.
const DECODED_LENGTH: HeaderName = HeaderName::from_static("x-amz-decoded-content-length");

/// For a body of `length` bytes: at most one header states its length.
pub(crate) fn describe_whole(parts: &mut Parts, length: usize) {
    let is_framed = parts.headers.contains_key(header::TRANSFER_ENCODING)
        || parts.headers.contains_key(header::CONTENT_LENGTH);
    if is_framed {
        set_length(parts, Some(length as u64));
    }
}

/// For a body that is passed on as it comes: `exact` bytes, if that is known.
pub(crate) fn describe_unsigned(parts: &mut Parts, exact: Option<u64>) {
    if parts.headers.contains_key(header::TRANSFER_ENCODING) {
        parts.headers.remove(header::CONTENT_LENGTH);
    } else if parts.headers.contains_key(header::CONTENT_LENGTH) {
        let stated = parts.headers.get(header::CONTENT_LENGTH).and_then(number);
        set_length(parts, exact.or(stated));
    }
}

/// For the content of a stream: its length, and its remaining codings.
pub(crate) fn describe_content(parts: &mut Parts) {
    let length = parts.headers.get(DECODED_LENGTH).and_then(number);
    set_length(parts, length);
    let codings: Vec<HeaderValue> = parts
        .headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("aws-chunked"))
        .filter_map(|coding| HeaderValue::from_str(coding).ok())
        .collect();
    parts.headers.remove(header::CONTENT_ENCODING);
    for coding in codings {
        parts.headers.append(header::CONTENT_ENCODING, coding);
    }
}

fn set_length(parts: &mut Parts, length: Option<u64>) {
    parts.headers.remove(header::TRANSFER_ENCODING);
    match length {
        // Most requests state it already, and writing a number allocates.
        Some(length) if is_stated(parts, length) => None,
        Some(length) => parts.headers.insert(header::CONTENT_LENGTH, length.into()),
        None => parts.headers.remove(header::CONTENT_LENGTH),
    };
}

/// Whether one header states this length, without leading zeros.
fn is_stated(parts: &Parts, length: u64) -> bool {
    let mut stated = parts.headers.get_all(header::CONTENT_LENGTH).iter();
    let (Some(value), None) = (stated.next(), stated.next()) else {
        return false;
    };
    let has_zeros = value.len() > 1 && value.as_bytes().starts_with(b"0");
    !has_zeros && number(value) == Some(length)
}

/// Parses digits only, with any number of leading zeros.
fn number(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?;
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(headers: &[(&'static str, &str)], describe: impl Fn(&mut Parts)) -> Vec<String> {
        let mut parts = http::Request::new(()).into_parts().0;
        for (name, value) in headers {
            parts.headers.append(*name, value.parse().unwrap());
        }
        describe(&mut parts);
        let framing = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
        let values = framing.iter().flat_map(|name| parts.headers.get_all(name));
        values.map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn one_header_in_canonical_form_tells_the_length() {
        let (length, coding) = ("content-length", "transfer-encoding");
        let decoded = "x-amz-decoded-content-length";
        let stream: &[(_, _)] = &[(length, "99"), (coding, "chunked"), (decoded, "005")];
        assert_eq!(after(stream, describe_content), ["5"]);
        assert_eq!(after(&[(length, "99")], describe_content), [""; 0]);
        for head in
            [&[(length, "005")][..], &[(coding, "chunked")], &[(length, "9"), (length, "9")]]
        {
            assert_eq!(after(head, |parts| describe_whole(parts, 5)), ["5"]);
        }
        assert_eq!(after(&[], |parts| describe_whole(parts, 5)), [""; 0]);
    }

    #[test]
    fn unsigned_body_keeps_the_framing_it_came_in() {
        let (length, coding) = ("content-length", "transfer-encoding");
        let unsigned = |head: &[_], exact| after(head, |parts| describe_unsigned(parts, exact));
        assert_eq!(unsigned(&[(length, "5"), (coding, "chunked")], None), ["chunked"]);
        assert_eq!(unsigned(&[(length, "005")], None), ["5"]);
        assert_eq!(unsigned(&[(length, "5"), (length, "5")], Some(5)), ["5"]);
        for stated in ["+5", "5, 5", "-1", "", "99999999999999999999"] {
            assert_eq!(unsigned(&[(length, stated)], None), [""; 0], "{stated:?}");
        }
        assert_eq!(unsigned(&[], Some(0)), [""; 0]);
    }
}
