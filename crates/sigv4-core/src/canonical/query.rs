//! Line 3 of the canonical request: the query.

use core::iter;

use smallvec::SmallVec;

use crate::encode::{Piece, Pieces, Text, UNRESERVED, push_encoded};
use crate::fields;

/// `X-Amz-*` parameters that are not in the URI (yet): at most six.
pub(crate) type Overlay<'a> = SmallVec<[(&'static str, &'a [u8]); 6]>;

/// A percent sign in the query that two hex digits do not follow.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LonePercent;

/// Where an encoded `name=value` stands in the text.
#[derive(Clone, Copy)]
struct Pair {
    start: usize,
    equals: usize,
    end: usize,
}

/// Appends the canonical form of `query` with the overlay merged in, without `X-Amz-Signature`.
pub(crate) fn write(
    out: &mut Text,
    query: &str,
    overlay: &[(&'static str, &[u8])],
) -> Result<(), LonePercent> {
    let first = out.len();
    let mut pairs: SmallVec<[Pair; 32]> = SmallVec::new();
    for (name, value) in overlay {
        let start = begin_pair(out, first);
        push_encoded(out, name.as_bytes(), &UNRESERVED);
        let equals = push_equals(out);
        push_encoded(out, value, &UNRESERVED);
        pairs.push(Pair { start, equals, end: out.len() });
    }
    for (name, value) in raw_pairs(query).filter(|(name, _)| *name != fields::query::SIGNATURE) {
        let start = begin_pair(out, first);
        push_component(out, name)?;
        let equals = push_equals(out);
        push_component(out, value)?;
        pairs.push(Pair { start, equals, end: out.len() });
    }
    sort(out, first, &mut pairs);
    Ok(())
}

/// The pairs of a query as they stand on the wire; one without `=` has an empty value.
pub(crate) fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(query);
    let pairs = iter::from_fn(move || {
        let text = rest?;
        let (pair, after) = split_once(text, b'&').map_or((text, None), |(a, b)| (a, Some(b)));
        rest = after;
        Some(pair)
    });
    pairs.filter(|pair| !pair.is_empty()).map(|pair| split_once(pair, b'=').unwrap_or((pair, "")))
}

/// `str::split_once` for the short texts of a query, on which its vector search is slow to start.
fn split_once(text: &str, delimiter: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == delimiter)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn begin_pair(out: &mut Text, first: usize) -> usize {
    if out.len() > first {
        out.push(b'&');
    }
    out.len()
}

fn push_equals(out: &mut Text) -> usize {
    out.push(b'=');
    out.len() - 1
}

/// Decodes a name or value and encodes it again; `+` is a space.
fn push_component(out: &mut Text, component: &str) -> Result<(), LonePercent> {
    if component.bytes().all(|byte| UNRESERVED.contains(byte)) {
        out.extend_from_slice(component.as_bytes());
        return Ok(());
    }
    for piece in Pieces(component.as_bytes()) {
        match piece {
            Piece::Plain(run) => {
                for (nth, words) in run.split(|byte| *byte == b'+').enumerate() {
                    if nth > 0 {
                        out.extend_from_slice(b"%20");
                    }
                    push_encoded(out, words, &UNRESERVED);
                }
            }
            Piece::Escape(byte) => push_encoded(out, &[byte], &UNRESERVED),
            Piece::LonePercent => return Err(LonePercent),
        }
    }
    Ok(())
}

/// Puts the pairs written from `first` on in order: by encoded name, then by encoded value.
fn sort(out: &mut Text, first: usize, pairs: &mut [Pair]) {
    let text = |start: usize, end: usize| out.get(start..end).unwrap_or_default();
    let key = |pair: &Pair| (text(pair.start, pair.equals), text(pair.equals, pair.end));
    if pairs.is_sorted_by(|a, b| key(a) <= key(b)) {
        return;
    }
    pairs.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
    let mut sorted: Text = Text::new();
    for pair in &*pairs {
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
        write(&mut out, query, &[]).unwrap();
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
            assert_eq!(write(&mut Text::new(), query, &[]), Err(LonePercent), "{query}");
        }
    }

    #[test]
    fn overlay_is_merged_in_order_and_the_signature_left_out() {
        let mut out = Text::new();
        let overlay: [(&'static str, &[u8]); 2] =
            [("X-Amz-Date", b"d"), ("X-Amz-Credential", b"a/b")];
        write(&mut out, "a=1&Z=2&X-Amz-Signature=00&Action=x", &overlay).unwrap();
        assert_eq!(&*out, b"Action=x&X-Amz-Credential=a%2Fb&X-Amz-Date=d&Z=2&a=1");
    }

    #[test]
    fn ten_thousand_parameters_are_sorted() {
        let query: Vec<_> = (0..10_000).rev().map(|n| format!("k{n:05}=v")).collect();
        let sorted: Vec<_> = (0..10_000).map(|n| format!("k{n:05}=v")).collect();
        assert_eq!(canonical(&query.join("&")), sorted.join("&"));
    }
}
