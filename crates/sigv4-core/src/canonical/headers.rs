//! Lines 4 to 6 of the canonical request: the headers, and the list of their names.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, header};
use smallvec::SmallVec;

use crate::algorithm::Algorithm;
use crate::error::SignError;
use crate::fields;
use crate::head::Noted;
use crate::text::Text;
use crate::text::fold::{fold, room_for};
use crate::text::sort::{SortKey, sort};

/// Which headers a signature covers, besides `host` and every `x-amz-*`, which it always covers.
///
/// Headers that proxies and clients change are never covered unless `Listed` names them:
/// connection, expect, keep-alive, proxy-authenticate, proxy-authorization, te, trailer,
/// transfer-encoding, upgrade, user-agent, x-amzn-trace-id, traceparent, tracestate, baggage and
/// accept-encoding. `authorization` never is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderSelection {
    /// `content-type`, `content-md5`, `date` and `range`, if present.
    #[default]
    Default,
    /// Every header that is present.
    All,
    /// These headers. Each of them must be present when the request is signed.
    Listed(Cow<'static, [HeaderName]>),
}

impl HeaderSelection {
    fn covers(&self, name: &HeaderName) -> bool {
        match self {
            Self::Default => {
                matches!(name.as_str(), "content-type" | "content-md5" | "date" | "range")
            }
            Self::All => !is_changed_on_the_way(name.as_str()),
            Self::Listed(names) => names.contains(name),
        }
    }

    /// Checks that every listed header that a signature can cover is among the lines.
    #[inline]
    pub(crate) fn check_all_present(&self, lines: &Lines<'_>) -> Result<(), SignError> {
        let Self::Listed(names) = self else {
            return Ok(());
        };
        let missing =
            names.iter().find(|name| **name != header::AUTHORIZATION && !lines.have(name));
        match missing {
            Some(name) => Err(SignError::MissingSignedHeader { name: name.clone() }),
            None => Ok(()),
        }
    }
}

fn is_changed_on_the_way(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "expect"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "user-agent"
            | "x-amzn-trace-id"
            | "traceparent"
            | "tracestate"
            | "baggage"
            | "accept-encoding"
    )
}

/// One header line: a name with one of its values.
#[derive(Clone, Copy)]
struct Line<'a> {
    name: &'a str,
    value: &'a [u8],
    /// Whether the line before has the same name.
    repeats: bool,
}

impl Line<'_> {
    /// The prefix that many names share counts as a group, so that the key holds what differs.
    #[inline]
    fn key(&self, place: usize) -> SortKey {
        match self.name.strip_prefix(fields::X_AMZ) {
            Some(rest) => SortKey::new(1, rest.as_bytes(), place),
            None if self.name < fields::X_AMZ => SortKey::new(0, self.name.as_bytes(), place),
            None => SortKey::new(2, self.name.as_bytes(), place),
        }
    }
}

/// Up to so many lines are sorted as they are; of more, keys are sorted.
const FEW: usize = 12;

/// The header lines to sign, sorted by name. Values of one name keep their order.
///
/// Filled in place, because it has room for many lines and is slow to move.
#[derive(Default)]
pub(crate) struct Lines<'a>(SmallVec<[Line<'a>; 32]>);

impl<'a> Lines<'a> {
    /// Adds a line that is not on the request yet: host, payload, date or token.
    pub(crate) fn push(&mut self, name: &'a str, value: &'a [u8]) {
        self.0.push(Line { name, value, repeats: false });
    }

    /// Adds the request's headers that the selection covers. Headers that a signature sets itself
    /// are not among them: those on the request were left by an earlier one.
    pub(crate) fn select(
        &mut self,
        headers: &'a HeaderMap,
        selection: &HeaderSelection,
        algorithm: Algorithm,
    ) -> Noted<'a> {
        let mut noted = Noted::default();
        for (name, value) in headers {
            match name.as_str() {
                "host" => noted.host.note(value),
                "authorization" => noted.is_signed = true,
                fields::name::CONTENT_SHA256 => noted.content_sha256.note(value),
                fields::name::DATE
                | fields::name::S3SESSION_TOKEN
                | fields::name::SECURITY_TOKEN => {}
                text if (text.starts_with(fields::X_AMZ) || selection.covers(name))
                    && !algorithm.owns(name, headers) =>
                {
                    self.push(text, value.as_bytes());
                }
                _ => {}
            }
        }
        noted
    }

    /// Adds the headers for which `takes` returns true, and sorts all lines.
    pub(crate) fn collect(&mut self, headers: &'a HeaderMap, takes: impl Fn(&HeaderName) -> bool) {
        for (name, value) in headers.iter().filter(|(name, _)| takes(name)) {
            self.push(name.as_str(), value.as_bytes());
        }
        self.sort();
    }

    /// Sorts the lines, and marks those that repeat a name.
    pub(crate) fn sort(&mut self) {
        if self.mark_repeats() {
            return;
        }
        if self.0.len() <= FEW {
            self.0.sort_by_key(|line| line.name);
            self.mark_repeats();
            return;
        }
        let lines = &self.0;
        let mut keys: SmallVec<[SortKey; 32]> =
            lines.iter().enumerate().map(|(place, line)| line.key(place)).collect();
        let all_differ = sort(&mut keys, |place| lines.get(place).map(|line| line.name));
        self.0 = keys.iter().filter_map(|key| lines.get(key.place()).copied()).collect();
        if !all_differ {
            self.mark_repeats();
        }
    }

    /// Marks lines whose name is that of the line before, until one is out of order. Returns whether
    /// all lines are sorted.
    fn mark_repeats(&mut self) -> bool {
        let Some((first, others)) = self.0.split_first_mut() else {
            return true;
        };
        // The first is not compared with an empty name: its dangling address costs `memcmp` 50 ns
        // where it loads by mask (AVX-512).
        first.repeats = false;
        let mut last = first.name;
        for line in others {
            let order = line.name.cmp(last);
            if order.is_lt() {
                return false;
            }
            line.repeats = order.is_eq();
            last = line.name;
        }
        true
    }

    /// Whether one of the sorted lines has this name.
    pub(crate) fn have(&self, name: &HeaderName) -> bool {
        self.0.binary_search_by(|line| line.name.cmp(name.as_str())).is_ok()
    }

    /// Returns the names, each once.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(|line| !line.repeats).map(|line| line.name)
    }

    /// Appends the names, joined by `;`.
    pub(crate) fn write_names<const N: usize>(&self, out: &mut Text<N>) {
        for (nth, name) in self.names().enumerate() {
            if nth > 0 {
                out.push(b';');
            }
            out.extend_from_slice(name.as_bytes());
        }
    }

    /// Appends `name:value` lines, the values of one name joined by commas.
    pub(crate) fn write(&self, out: &mut Text) {
        for (nth, line) in self.0.iter().enumerate() {
            if line.repeats {
                out.push(b',');
            } else {
                if nth > 0 {
                    out.push(b'\n');
                }
                out.extend_from_slice(line.name.as_bytes());
                out.push(b':');
            }
            write_value(out, line.value);
        }
        if !self.0.is_empty() {
            out.push(b'\n');
        }
    }
}

/// Appends a value, trimmed and with each run of spaces and tabs folded to one space.
pub(crate) fn write_value(out: &mut Text, value: &[u8]) {
    // The smallest byte decides: the tab is the only byte below the space that a header can hold.
    let least = value.iter().fold(u8::MAX, |least, byte| least.min(*byte));
    if least > b' ' || is_folded(value) {
        return out.extend_from_slice(value);
    }
    out.extend_with(room_for(value.len()), |room| fold(value, room));
}

/// Whether there is no space at either end, no two spaces in a row, and no tab.
fn is_folded(value: &[u8]) -> bool {
    let mut after_space = true;
    for byte in value {
        let is_space = *byte <= b' ';
        if *byte == b'\t' || is_space && after_space {
            return false;
        }
        after_space = is_space;
    }
    !after_space || value.is_empty()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn map(headers: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    fn written(headers: &HeaderMap, selection: &HeaderSelection) -> (String, String) {
        let mut lines = Lines::default();
        lines.push("host", b"example.com");
        lines.select(headers, selection, Algorithm::Hmac);
        lines.sort();
        selection.check_all_present(&lines).unwrap();
        let (mut text, mut names): (Text, Text) = (Text::new(), Text::new());
        lines.write(&mut text);
        lines.write_names(&mut names);
        (String::from_utf8_lossy(&text).into_owned(), String::from_utf8(names.to_vec()).unwrap())
    }

    #[test]
    fn lines_are_sorted_by_name_and_repeated_values_joined_in_order() {
        let headers =
            map(&[("x-amz-b", b"2"), ("x-amz-a", b"z"), ("x-amz-a", b""), ("x-amz-a", b"a")]);
        let (text, names) = written(&headers, &HeaderSelection::Default);
        assert_eq!(text, "host:example.com\nx-amz-a:z,,a\nx-amz-b:2\n");
        assert_eq!(names, "host;x-amz-a;x-amz-b");
    }

    #[test]
    fn white_space_is_trimmed_and_folded_but_quotes_and_other_bytes_are_kept() {
        let value = b" \t a \t b  \"c  d\"\xa0 \xff ";
        let mut out = Text::new();
        write_value(&mut out, value);
        assert_eq!(&*out, b"a b \"c d\"\xa0 \xff");
    }

    #[test]
    fn default_takes_four_headers_and_every_x_amz_header() {
        let headers = map(&[
            ("content-type", b"a"),
            ("content-md5", b"b"),
            ("date", b"c"),
            ("range", b"d"),
            ("accept", b"e"),
            ("content-length", b"1"),
            ("x-amz-meta-a", b"f"),
            ("x-amzn-trace-id", b"g"),
        ]);
        let (_, names) = written(&headers, &HeaderSelection::Default);
        assert_eq!(names, "content-md5;content-type;date;host;range;x-amz-meta-a");
    }

    #[test]
    fn all_leaves_out_what_changes_on_the_way() {
        let headers = map(&[
            ("accept", b"e"),
            ("user-agent", b"curl"),
            ("traceparent", b"00"),
            ("connection", b"close"),
            ("authorization", b"Basic"),
            ("x-custom", b"1"),
        ]);
        let (_, names) = written(&headers, &HeaderSelection::All);
        assert_eq!(names, "accept;host;x-custom");
    }

    #[test]
    fn listed_header_is_signed_even_if_it_changes_on_the_way_and_must_be_present() {
        let listed = |names: &[&'static str]| {
            HeaderSelection::Listed(
                names.iter().map(|name| HeaderName::from_static(name)).collect(),
            )
        };
        let headers = map(&[("user-agent", b"curl"), ("authorization", b"Basic")]);
        let (_, names) = written(&headers, &listed(&["user-agent", "authorization", "host"]));
        assert_eq!(names, "host;user-agent");
        let (mut lines, selection) = (Lines::default(), listed(&["x-vault"]));
        lines.select(&headers, &selection, Algorithm::Hmac);
        let name = HeaderName::from_static("x-vault");
        let missing = Err(SignError::MissingSignedHeader { name });
        assert_eq!(selection.check_all_present(&lines), missing);
    }

    #[test]
    fn headers_of_an_earlier_signature_are_not_signed_again() {
        let headers = map(&[
            ("x-amz-date", b"old"),
            ("x-amz-security-token", b"old"),
            ("x-amz-s3session-token", b"old"),
            ("authorization", b"old"),
        ]);
        assert_eq!(written(&headers, &HeaderSelection::All).1, "host");
    }
}
