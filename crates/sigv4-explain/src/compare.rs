//! What was signed against what the service computed: the first line that differs, and what it means.

use core::ops::Range;
use std::borrow::Cow;

use percent_encoding::percent_decode;
use sigv4_core::{Difference, PayloadHash, Transcript};

use crate::cause::Cause;
use crate::difference::LineDifference;
use crate::read::Dump;
use crate::text::clean;

/// What a comparison or a check has found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finding {
    pub(crate) cause: Option<Cause>,
    /// The header or parameter that it is about.
    pub(crate) name: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) difference: Option<LineDifference>,
}

impl Finding {
    pub(crate) fn of(cause: Cause) -> Self {
        Self { cause: Some(cause), ..Self::default() }
    }

    fn named(cause: Cause, name: &str) -> Self {
        Self { name: Some(clean(name, 100)), ..Self::of(cause) }
    }
}

/// Compares where the service gave its texts; none where it gave too few to tell anything.
pub(crate) fn compare(transcript: &Transcript, dump: &Dump) -> Option<Finding> {
    if let Some(theirs) = &dump.canonical_request
        && let Some(difference) = transcript.compare_canonical_request(theirs)
    {
        let finding = canonical_finding(transcript.canonical_request(), theirs, &difference);
        let difference = Some(LineDifference::new("canonical request", &difference));
        return Some(Finding { difference, ..finding });
    }
    let Some(theirs) = &dump.string_to_sign else {
        return dump.canonical_request.is_some().then(|| Finding::of(Cause::WrongSecret));
    };
    let Some(difference) = transcript.compare_string_to_sign(theirs) else {
        return Some(Finding::of(Cause::WrongSecret));
    };
    let finding = string_finding(transcript, theirs, &difference)?;
    let difference = Some(LineDifference::new("string to sign", &difference));
    Some(Finding { difference, ..finding })
}

/// A canonical request's lines, and which of them are what.
pub(crate) struct Canonical<'a> {
    lines: Vec<Cow<'a, str>>,
    headers: Range<usize>,
}

impl<'a> Canonical<'a> {
    pub(crate) fn read(text: &'a [u8]) -> Self {
        let lines: Vec<Cow<'a, str>> =
            text.split(|byte| *byte == b'\n').map(String::from_utf8_lossy).collect();
        let count = lines.iter().skip(3).take_while(|line| !line.is_empty()).count();
        Self { lines, headers: 3..3 + count }
    }

    pub(crate) fn line(&self, at: usize) -> &str {
        self.lines.get(at).map_or("", |line| line)
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.lines.get(self.headers.clone()).unwrap_or_default();
        lines.iter().filter_map(|line| line.split_once(':'))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(crate) fn payload(&self) -> &str {
        self.line(self.headers.end + 2)
    }
}

/// What the first differing line of the canonical requests means.
fn canonical_finding(ours: &[u8], theirs: &[u8], difference: &Difference) -> Finding {
    let (ours, theirs) = (Canonical::read(ours), Canonical::read(theirs));
    let at = difference.line().saturating_sub(1);
    let (signed, arrived) = (ours.line(at), theirs.line(at));
    match at {
        0 => Finding::of(Cause::MethodChanged),
        1 => Finding::of(path_cause(signed, arrived)),
        2 => query_finding(signed, arrived),
        _ if at <= ours.headers.end.max(theirs.headers.end) => {
            header_finding(&ours, &theirs, signed, arrived)
        }
        _ if at == ours.headers.end + 1 => {
            let (ours, theirs) = (signed.split(';'), arrived.split(';'));
            let names = ours.map(Some).chain([None]).zip(theirs.map(Some).chain([None]));
            let first = names.into_iter().find(|(a, b)| a != b);
            let name = first.and_then(|(a, b)| a.or(b)).unwrap_or_default();
            Finding::named(Cause::SignedHeadersChanged, name)
        }
        _ => Finding::of(payload_cause(signed)),
    }
}

fn path_cause(signed: &str, arrived: &str) -> Cause {
    let undone = |path: &str| path.contains('%').then(|| path.replace("%25", "%"));
    if undone(signed).is_some_and(|once| once == arrived) {
        Cause::PathEncodedTwice
    } else if undone(arrived).is_some_and(|once| once == signed) {
        Cause::PathEncodedOnce
    } else if decoded(signed) == decoded(arrived) {
        Cause::PathReencoded
    } else if normal_segments(signed) == normal_segments(arrived) {
        Cause::PathNormalized
    } else {
        Cause::PathChanged
    }
}

/// A path or a parameter with every percent-escape undone, twice where it was encoded twice.
fn decoded(text: &str) -> Vec<u8> {
    let once: Vec<u8> = percent_decode(text.as_bytes()).collect();
    percent_decode(&once).collect()
}

/// A path's segments without the empty ones, `.` and what `..` removes.
fn normal_segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    segments
}

fn query_finding(signed: &str, arrived: &str) -> Finding {
    // A `+` is signed as %2B by one who takes it as a plus, and as %20 by one who takes it as a space.
    let meaning = |query: &str| {
        let read = |parameter: &str| decoded(&parameter.replace("%2B", "%20").replace('+', "%20"));
        let mut parameters: Vec<Vec<u8>> = query.split('&').map(read).collect();
        parameters.sort_unstable();
        parameters
    };
    if meaning(signed) == meaning(arrived) {
        return Finding::of(Cause::QueryReencoded);
    }
    let lacks = |query: &str, parameter: &str| query.split('&').all(|other| other != parameter);
    let extra = arrived.split('&').find(|parameter| lacks(signed, parameter));
    let lost = signed.split('&').find(|parameter| lacks(arrived, parameter));
    let named = |parameter: &&str| !parameter.is_empty();
    let parameter = extra.filter(named).or(lost).unwrap_or_default();
    let name = parameter.split('=').next().unwrap_or_default();
    Finding::named(Cause::QueryChanged, name)
}

fn header_finding(
    ours: &Canonical<'_>,
    theirs: &Canonical<'_>,
    signed: &str,
    arrived: &str,
) -> Finding {
    let ((name, value), (other, their_value)) = (split(signed), split(arrived));
    if name != other {
        return match theirs.header(name) {
            None if !name.is_empty() => Finding::named(Cause::HeaderMissing, name),
            _ => Finding::named(
                Cause::SignedHeadersChanged,
                if other.is_empty() { name } else { other },
            ),
        };
    }
    match name {
        "host" => Finding::of(host_cause(value, their_value)),
        "x-amz-content-sha256" => Finding::of(payload_cause(ours.payload())),
        _ if their_value.is_empty() => Finding::named(Cause::HeaderMissing, name),
        _ => Finding::named(Cause::HeaderChanged, name),
    }
}

fn split(line: &str) -> (&str, &str) {
    line.split_once(':').unwrap_or((line, ""))
}

fn host_cause(signed: &str, arrived: &str) -> Cause {
    if without_port(signed).eq_ignore_ascii_case(without_port(arrived)) {
        Cause::HostPort
    } else {
        Cause::HostChanged
    }
}

/// A host without `:port`; an IPv6 address keeps its colons.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn payload_cause(signed: &str) -> Cause {
    match signed.parse() {
        Ok(PayloadHash::EMPTY) => Cause::BodyNotSigned,
        Ok(PayloadHash::Unsigned) => Cause::UnsignedPayloadRefused,
        _ => Cause::PayloadChanged,
    }
}

/// What the strings to sign tell where no canonical request was given, or both are the same.
fn string_finding(
    transcript: &Transcript,
    theirs: &[u8],
    difference: &Difference,
) -> Option<Finding> {
    match difference.line() {
        2 => Some(Finding::named(Cause::HeaderChanged, "x-amz-date")),
        3 => {
            let theirs = String::from_utf8_lossy(theirs);
            let mut scope = theirs.lines().nth(2)?.split('/');
            let (date, region, service) = (scope.next()?, scope.next()?, scope.next()?);
            let ours = transcript.scope();
            Some(if region != ours.region() {
                Finding { region: Some(clean(region, 100)), ..Finding::of(Cause::WrongRegion) }
            } else if service != ours.service() {
                Finding { service: Some(clean(service, 100)), ..Finding::of(Cause::WrongService) }
            } else if date != ours.date() {
                Finding::of(Cause::WrongDate)
            } else {
                Finding::of(Cause::SignatureMismatch)
            })
        }
        // Only the hash of the canonical request differs, and it was not given.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "PUT\n/a%20b\na=1&b=x%20y\nhost:h.example:8080\nx-amz-date:1\nx-note:v\n\n\
                        host;x-amz-date;x-note\naaaa";

    fn finding_at(line: usize, theirs: &str) -> Finding {
        let mut lines: Vec<&str> = OURS.split('\n').collect();
        lines[line - 1] = theirs;
        finding(OURS, &lines.join("\n"))
    }

    fn finding(ours: &str, theirs: &str) -> Finding {
        let difference = Difference::first(ours.as_bytes(), theirs.as_bytes()).unwrap();
        canonical_finding(ours.as_bytes(), theirs.as_bytes(), &difference)
    }

    #[test]
    fn first_differing_line_tells_the_cause() {
        for (line, theirs, cause, name) in [
            (1, "POST", Cause::MethodChanged, None),
            (2, "/a%2520b", Cause::PathEncodedOnce, None),
            (2, "/a b", Cause::PathReencoded, None),
            (2, "/x/../a%20b", Cause::PathNormalized, None),
            (2, "/stage/a%20b", Cause::PathChanged, None),
            (3, "a=1&b=x%2By", Cause::QueryReencoded, None),
            (3, "b=x%20y&a=1", Cause::QueryReencoded, None),
            (3, "a=1&b=x%20y&utm=1", Cause::QueryChanged, Some("utm")),
            (3, "a=1", Cause::QueryChanged, Some("b")),
            (3, "", Cause::QueryChanged, Some("a")),
            (4, "host:h.example", Cause::HostPort, None),
            (4, "host:other.example", Cause::HostChanged, None),
            (6, "x-note:w", Cause::HeaderChanged, Some("x-note")),
            (6, "x-note:", Cause::HeaderMissing, Some("x-note")),
            (8, "host;x-amz-date", Cause::SignedHeadersChanged, Some("x-note")),
            (9, "bbbb", Cause::PayloadChanged, None),
        ] {
            let found = finding_at(line, theirs);
            assert_eq!((found.cause, found.name.as_deref()), (Some(cause), name), "{theirs}");
        }
    }

    #[test]
    fn header_that_is_gone_is_named() {
        let theirs = OURS.replace("x-amz-date:1\n", "");
        let found = finding(OURS, &theirs);
        assert_eq!(
            (found.cause, found.name.as_deref()),
            (Some(Cause::HeaderMissing), Some("x-amz-date"))
        );
        let theirs = OURS.replace("x-note:v\n", "");
        assert_eq!(finding(OURS, &theirs).name.as_deref(), Some("x-note"));
        assert_eq!(finding(&theirs, OURS).cause, Some(Cause::SignedHeadersChanged));
    }

    #[test]
    fn path_encoded_twice_is_told_from_once() {
        assert_eq!(path_cause("/a%2520b", "/a%20b"), Cause::PathEncodedTwice);
        assert_eq!(path_cause("/a%20b", "/a%2520b"), Cause::PathEncodedOnce);
    }

    #[test]
    fn payload_that_was_signed_as_empty_or_unsigned_is_told() {
        let empty = PayloadHash::EMPTY.to_string();
        let found = finding(&OURS.replace("aaaa", &empty), OURS);
        assert_eq!(found.cause, Some(Cause::BodyNotSigned));
        let found = finding(&OURS.replace("aaaa", "UNSIGNED-PAYLOAD"), OURS);
        assert_eq!(found.cause, Some(Cause::UnsignedPayloadRefused));
    }
}
