//! Line 3 of the canonical request: the query.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::encode::{UNRESERVED, hex_byte, push_encoded, split_standing};
use crate::fields;
use crate::service::SessionToken;
use crate::text::Text;
use crate::text::sort::{SortKey, sort as sort_keys};

/// A percent sign in the query that is not followed by two hex digits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LonePercent;

/// The position of an encoded `name=value` in the text.
#[derive(Clone, Copy)]
struct Pair {
    start: usize,
    equals: usize,
    end: usize,
}

/// `X-Amz-*` parameters that are not in the URI (yet), already encoded: at most six signed ones,
/// and the signature.
#[derive(Default)]
pub(crate) struct Overlay {
    text: Text<512>,
    pairs: SmallVec<[Pair; 7]>,
    holds_token: bool,
}

impl Drop for Overlay {
    fn drop(&mut self) {
        if self.holds_token {
            self.text.wipe();
        }
    }
}

impl Overlay {
    /// Adds a parameter. `write` appends its encoded value.
    pub(crate) fn push_with(&mut self, name: &'static str, write: impl FnOnce(&mut Text<512>)) {
        let start = begin_pair(&mut self.text, 0);
        self.text.extend_from_slice(name.as_bytes());
        let equals = push_equals(&mut self.text);
        write(&mut self.text);
        self.pairs.push(Pair { start, equals, end: self.text.len() });
    }

    /// Adds a parameter, encoding its value.
    pub(crate) fn push(&mut self, name: &'static str, value: &[u8]) {
        self.push_with(name, |text| push_encoded(text, value, &UNRESERVED));
    }

    /// Adds a session token.
    pub(crate) fn push_token(&mut self, name: &'static str, token: &[u8]) {
        self.holds_token = true;
        self.push(name, token);
    }

    /// Adds a parameter whose value consists of letters, digits and hyphens.
    pub(crate) fn push_plain(&mut self, name: &'static str, value: &[u8]) {
        self.push_with(name, |text| text.extend_from_slice(value));
    }

    /// Returns the parameters as sent, joined by `&`.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text
    }
}

/// Appends the canonical form of `query` with the overlay merged in. Leaves out the parameters that
/// are added after signing: `X-Amz-Signature`, and a token that is not signed.
pub(crate) fn write(
    out: &mut Text,
    query: &str,
    overlay: Option<&Overlay>,
    token: SessionToken,
) -> Result<(), LonePercent> {
    let late = match token {
        SessionToken::Unsigned => &[fields::query::SIGNATURE, fields::query::SECURITY_TOKEN][..],
        SessionToken::Signed | SessionToken::S3Session => &[fields::query::SIGNATURE],
    };
    let first = out.len();
    let mut pairs: SmallVec<[Pair; 32]> = SmallVec::new();
    if let Some(overlay) = overlay {
        out.extend_from_slice(&overlay.text);
        if query.is_empty() {
            return Ok(()); // an overlay is sorted
        }
        pairs.extend(overlay.pairs.iter().map(|pair| pair.moved(first)));
    }
    let mut rest = query.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = if *byte == b'&' {
            after
        } else if *byte == b'X'
            && let Some(after) = late.iter().find_map(|name| after_named(rest, name))
        {
            after
        } else {
            let (pair, after) = write_pair(out, first, rest)?;
            pairs.push(pair);
            after
        }
    }
    sort(out, first, &pairs);
    Ok(())
}

impl Pair {
    fn moved(self, by: usize) -> Self {
        Self { start: self.start + by, equals: self.equals + by, end: self.end + by }
    }
}

/// Returns the rest of the query after the parameter `name`, if the query begins with it.
fn after_named<'a>(query: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let after = query.strip_prefix(name.as_bytes())?;
    if !matches!(after.first(), None | Some(b'=' | b'&')) {
        return None;
    }
    let end = after.iter().position(|byte| *byte == b'&').unwrap_or(after.len());
    after.get(end..)
}

/// Appends the first pair of the query, decoded and encoded again. A `+` is a space.
///
/// Text that is already canonical, escapes included, is copied in runs.
fn write_pair<'a>(
    out: &mut Text,
    first: usize,
    query: &'a [u8],
) -> Result<(Pair, &'a [u8]), LonePercent> {
    let start = begin_pair(out, first);
    let (mut run, mut equals) = (query, None);
    let mut rest = query;
    loop {
        let (_, special) = split_standing(rest, &UNRESERVED);
        let (done, _) = run.split_at(run.len() - special.len());
        let (changed, after) = match special {
            [b'=', after @ ..] if equals.is_none() => {
                equals = Some(out.len() + done.len());
                rest = after;
                continue;
            }
            [b'%', high, low, after @ ..] => match hex_byte(*high, *low).ok_or(LonePercent)? {
                byte if !UNRESERVED.contains(byte) && is_upper(*high) && is_upper(*low) => {
                    rest = after;
                    continue;
                }
                byte => (byte, after),
            },
            [] | [b'&', ..] => {
                out.extend_from_slice(done);
                let equals = equals.unwrap_or_else(|| push_equals(out));
                return Ok((Pair { start, equals, end: out.len() }, special));
            }
            [b'%', ..] => return Err(LonePercent),
            [b'+', after @ ..] => (b' ', after),
            [byte, after @ ..] => (*byte, after),
        };
        out.extend_from_slice(done);
        push_encoded(out, &[changed], &UNRESERVED);
        (run, rest) = (after, after);
    }
}

/// Whether a hex digit is spelt as in a canonical escape.
const fn is_upper(digit: u8) -> bool {
    !digit.is_ascii_lowercase()
}

/// Returns a query with each `+` written as `%20`.
///
/// Form encoders write a space as `+`, but AWS reads a `+` in a query literally.
pub fn plus_as_space(query: &str) -> Cow<'_, str> {
    if query.contains('+') { Cow::Owned(query.replace('+', "%20")) } else { Cow::Borrowed(query) }
}

fn begin_pair<const N: usize>(out: &mut Text<N>, first: usize) -> usize {
    if out.len() > first {
        out.push(b'&');
    }
    out.len()
}

fn push_equals<const N: usize>(out: &mut Text<N>) -> usize {
    out.push(b'=');
    out.len() - 1
}

/// Sorts the pairs written from `first` on: by encoded name, then by encoded value.
fn sort(out: &mut Text, first: usize, pairs: &[Pair]) {
    let text = |start: usize, end: usize| out.get(start..end).unwrap_or_default();
    let name = |pair: &Pair| text(pair.start, pair.equals);
    let key = |pair: &Pair| (name(pair), text(pair.equals, pair.end));
    if pairs.is_sorted_by(|a, b| key(a) <= key(b)) {
        return;
    }
    let mut keys: SmallVec<[SortKey; 32]> = (pairs.iter().enumerate())
        .map(|(place, pair)| SortKey::new(0, name(pair), place))
        .collect();
    sort_keys(&mut keys, |place| pairs.get(place).map(key));
    let mut sorted: Text = Text::new();
    for pair in keys.iter().filter_map(|key| pairs.get(key.place())) {
        begin_pair(&mut sorted, 0);
        sorted.extend_from_slice(text(pair.start, pair.end));
    }
    if let Some(unsorted) = out.get_mut(first..) {
        unsorted.copy_from_slice(&sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(query: &str) -> String {
        let mut out = Text::new();
        write(&mut out, query, None, SessionToken::Signed).unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn pairs_are_sorted_by_encoded_name_then_by_encoded_value() {
        assert_eq!(canonical("b=1&a=2&a=1"), "a=1&a=2&b=1");
        assert_eq!(canonical("a-b=1&a=1"), "a=1&a-b=1");
        assert_eq!(canonical("a=~&a=%20&é=1&z=1"), "%C3%A9=1&a=%20&a=~&z=1");
    }

    #[test]
    fn empty_names_and_values_are_kept_and_empty_pairs_dropped() {
        assert_eq!(canonical("&&a&=v&=&"), "=&=v&a=");
    }

    #[test]
    fn value_is_split_at_the_first_equals_sign() {
        assert_eq!(canonical("a=b=c"), "a=b%3Dc");
    }

    #[test]
    fn query_value_with_space_is_percent_encoded() {
        assert_eq!(canonical("q=a+b%20c%2Bd/"), "q=a%20b%20c%2Bd%2F");
    }

    #[test]
    fn escapes_are_decoded_and_encoded_once_in_upper_case() {
        assert_eq!(canonical("a=%7e%c3%a9%41"), "a=~%C3%A9A");
    }

    #[test]
    fn lone_percent_sign_is_an_error() {
        for query in ["a=%", "a=%2", "%zz=1", "a=%2&b"] {
            assert_eq!(
                write(&mut Text::new(), query, None, SessionToken::Signed),
                Err(LonePercent),
                "{query}"
            );
        }
    }

    #[test]
    fn overlay_is_merged_in_order_and_the_signature_left_out() {
        let mut out = Text::new();
        let mut overlay = Overlay::default();
        overlay.push("X-Amz-Date", b"d");
        overlay.push("X-Amz-Credential", b"a/b");
        write(
            &mut out,
            "a=1&Z=2&X-Amz-Signature=00&Action=x",
            Some(&overlay),
            SessionToken::Signed,
        )
        .unwrap();
        assert_eq!(&*out, b"Action=x&X-Amz-Credential=a%2Fb&X-Amz-Date=d&Z=2&a=1");
    }

    #[test]
    fn names_alike_in_their_first_sixteen_bytes_are_told_apart_by_the_rest() {
        assert_eq!(
            canonical(
                "a-name-of-sixteen=2&a-name-of-sixteen-b=1&a-name-of-sixtee=3&a-name-of-sixteen=1"
            ),
            "a-name-of-sixtee=3&a-name-of-sixteen=1&a-name-of-sixteen=2&a-name-of-sixteen-b=1"
        );
    }

    #[test]
    fn only_the_exact_name_is_left_out_as_the_signature() {
        assert_eq!(canonical("X-Amz-Signature&a=1"), "a=1");
        assert_eq!(
            canonical("X-Amz-Signatures=1&x-amz-signature=2&b=X-Amz-Signature"),
            "X-Amz-Signatures=1&b=X-Amz-Signature&x-amz-signature=2"
        );
    }

    #[test]
    fn ten_thousand_parameters_are_sorted() {
        let query: Vec<_> = (0..10_000).rev().map(|n| format!("k{n:05}=v")).collect();
        let sorted: Vec<_> = (0..10_000).map(|n| format!("k{n:05}=v")).collect();
        assert_eq!(canonical(&query.join("&")), sorted.join("&"));
    }

    #[test]
    fn unsigned_token_is_left_out_for_the_service_that_takes_it_so() {
        let query = "X-Amz-Security-Token=t%2F&a=1&X-Amz-Signature=0&X-Amz-Security-Tokens=2";
        for (token, expected) in [
            (SessionToken::Unsigned, "X-Amz-Security-Tokens=2&a=1"),
            (SessionToken::Signed, "X-Amz-Security-Token=t%2F&X-Amz-Security-Tokens=2&a=1"),
        ] {
            let mut out = Text::new();
            write(&mut out, query, None, token).unwrap();
            assert_eq!(str::from_utf8(&out).unwrap(), expected);
        }
    }

    #[test]
    fn plus_in_a_query_becomes_an_escaped_space() {
        assert_eq!(plus_as_space("q=a+b&c=%2B+"), "q=a%20b&c=%2B%20");
        assert!(matches!(plus_as_space("q=a%20b"), Cow::Borrowed(_)));
    }
}
