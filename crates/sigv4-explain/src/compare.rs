//! Compares the signed text with the one that the service computed, line by line, and names the
//! cause.

use percent_encoding::percent_decode;
use sigv4_core::service::{PathEncoding, PresignedPayload, Rules};
use sigv4_core::{Difference, PayloadHash, Transcript};

use crate::cause::RefusalCause as Cause;
use crate::difference::LineDifference;
use crate::finding::Finding;
use crate::read::Dump;
use crate::secrets::Secrets;
use crate::sigv4a::{Algorithm, scope_parts};
use crate::subject::Canonical;

/// The most differing lines that are kept.
const MOST_LINES: usize = 32;

/// Two canonical requests, and the rules of the service that both are for.
struct Pair<'a> {
    ours: &'a Canonical<'a>,
    theirs: &'a Canonical<'a>,
    rules: Rules,
}

/// Compares the texts. Returns `None` if the service gave too little of its texts.
pub(crate) fn compare(
    transcript: &Transcript,
    dump: &Dump,
    rules: Rules,
    secrets: &Secrets,
) -> Option<Finding> {
    if let Some(theirs) = &dump.canonical_request
        && theirs != transcript.canonical_request()
    {
        let ours = Canonical::read(transcript.canonical_request());
        let theirs = Canonical::read(theirs);
        let lines = differing_lines(&ours, &theirs, secrets, LineDifference::computed);
        let finding = Pair { ours: &ours, theirs: &theirs, rules }.finding();
        return Some(Finding { lines, ..finding });
    }
    let Some(theirs) = &dump.string_to_sign else {
        return dump.canonical_request.is_some().then(|| Finding::compared(Cause::WrongSecret));
    };
    let Some(difference) = transcript.compare_string_to_sign(theirs) else {
        return Some(Finding::compared(Cause::WrongSecret));
    };
    let finding = string_finding(transcript, theirs, &difference)?;
    let mask = |line: Option<&str>| line.map(|line| secrets.by_value(line));
    let (signed, service) = (mask(difference.ours()), mask(difference.theirs()));
    let line = LineDifference::new("string to sign", difference.line(), signed, service);
    Some(Finding { lines: vec![line], ..finding })
}

/// Returns every line that differs. Headers are paired by name.
pub(crate) fn differing_lines(
    ours: &Canonical<'_>,
    theirs: &Canonical<'_>,
    secrets: &Secrets,
    make: fn(usize, Option<String>, Option<String>) -> LineDifference,
) -> Vec<LineDifference> {
    let mut lines = Vec::new();
    let mut push = |place: usize, at: Option<usize>, signed: Option<&str>, other: Option<&str>| {
        if signed != other && lines.len() < MOST_LINES {
            let mask = |line: Option<&str>| line.map(|line| secrets.line(line, place));
            let number = at.unwrap_or(place) + 1;
            lines.push(make(number, mask(signed), mask(other)));
        }
    };
    for at in 0..3 {
        push(at, None, Some(ours.line(at)), Some(theirs.line(at)));
    }
    for (at, name, _) in ours.headers() {
        let other = theirs.headers().find(|(_, known, _)| *known == name);
        push(at, None, Some(ours.line(at)), other.map(|(at, ..)| theirs.line(at)));
    }
    for (at, name, _) in theirs.headers() {
        if ours.header(name).is_none() {
            push(at, None, None, Some(theirs.line(at)));
        }
    }
    let ((list, payload), (their_list, their_payload)) = (ours.ends(), theirs.ends());
    push(list, Some(list), Some(ours.line(list)), Some(theirs.line(their_list)));
    push(payload, Some(payload), Some(ours.line(payload)), Some(theirs.line(their_payload)));
    lines
}

impl Pair<'_> {
    /// Returns the cause that the differing lines show. The first one decides.
    fn finding(&self) -> Finding {
        let (signed, arrived) = (|at| self.ours.line(at), |at| self.theirs.line(at));
        if signed(0) != arrived(0) {
            return Finding::compared(Cause::MethodChanged).between(signed(0), arrived(0));
        }
        if let Some(finding) = self.addressing_finding() {
            return finding;
        }
        if signed(1) != arrived(1) {
            return Finding::compared(self.path_cause(signed(1), arrived(1)));
        }
        if signed(2) != arrived(2) {
            return query_finding(signed(2), arrived(2));
        }
        self.header_finding().or_else(|| self.list_finding()).unwrap_or_else(|| {
            if self.ours.payload() == self.theirs.payload() {
                Finding::said(Cause::SignatureMismatch)
            } else {
                self.payload_finding()
            }
        })
    }

    /// Finds a changed addressing style: `bucket.s3.example.com` and `/key` against
    /// `s3.example.com` and `/bucket/key`.
    fn addressing_finding(&self) -> Option<Finding> {
        let (ours, theirs) = (self.ours.header("host")?, self.theirs.header("host")?);
        let (path, their_path) = (self.ours.line(1), self.theirs.line(1));
        let moved = |long: &str, short: &str, key: &str, whole: &str| {
            let bucket = long.strip_suffix(short).and_then(|bucket| bucket.strip_suffix('.'));
            bucket.is_some_and(|bucket| {
                let inside = whole.strip_prefix('/').and_then(|it| it.strip_prefix(bucket));
                inside.is_some_and(|rest| rest == key || (rest.is_empty() && key == "/"))
            })
        };
        let found = moved(ours, theirs, path, their_path) || moved(theirs, ours, their_path, path);
        found.then(|| {
            let (signed, arrived) = (format!("{ours}{path}"), format!("{theirs}{their_path}"));
            Finding::compared(Cause::AddressingStyle).between(&signed, &arrived)
        })
    }

    fn path_cause(&self, signed: &str, arrived: &str) -> Cause {
        let undone = |path: &str| path.contains('%').then(|| path.replace("%25", "%"));
        let twice = undone(signed).is_some_and(|once| once == arrived);
        let once = undone(arrived).is_some_and(|once| once == signed);
        match self.rules.path_encoding {
            PathEncoding::Single if twice => Cause::PathEncodedTwice,
            PathEncoding::Double if once => Cause::PathEncodedOnce,
            _ if decoded(signed) == decoded(arrived) => Cause::PathReencoded,
            _ if is_normalized(signed, arrived) => Cause::PathNormalized,
            _ => Cause::PathChanged,
        }
    }

    fn header_finding(&self) -> Option<Finding> {
        for (_, name, value) in self.ours.headers() {
            let arrived = self.theirs.header(name);
            match (name, arrived) {
                (_, Some(arrived)) if arrived == value => {}
                ("host", Some(arrived)) => {
                    return Some(
                        Finding::compared(host_cause(value, arrived)).between(value, arrived),
                    );
                }
                ("x-amz-content-sha256", Some(_)) => return Some(self.payload_finding()),
                (_, None | Some("")) => {
                    return Some(Finding::compared(Cause::HeaderMissing).named(name));
                }
                // SigV4a's region set: the service read another set than was signed.
                ("x-amz-region-set", Some(arrived)) => {
                    let found = Finding::compared(Cause::HeaderChanged).named(name);
                    return Some(found.between(value, arrived));
                }
                _ => return Some(Finding::compared(Cause::HeaderChanged).named(name)),
            }
        }
        let added = self.theirs.headers().find(|(_, name, _)| self.ours.header(name).is_none());
        added.map(|(_, name, _)| Finding::compared(Cause::SignedHeadersChanged).named(name))
    }

    fn list_finding(&self) -> Option<Finding> {
        let ((ours, _), (theirs, _)) = (self.ours.ends(), self.theirs.ends());
        let (ours, theirs) = (self.ours.line(ours).split(';'), self.theirs.line(theirs).split(';'));
        let mut names = ours.map(Some).chain([None]).zip(theirs.map(Some).chain([None]));
        let (ours, theirs) = names.find(|(a, b)| a != b)?;
        let name = ours.or(theirs).unwrap_or_default();
        Some(Finding::compared(Cause::SignedHeadersChanged).named(name))
    }

    fn payload_finding(&self) -> Finding {
        let takes_unsigned = self.rules.presigned_payload == PresignedPayload::Unsigned;
        Finding::compared(match self.ours.payload().parse() {
            Ok(PayloadHash::EMPTY) => Cause::BodyNotSigned,
            Ok(PayloadHash::Unsigned) if !takes_unsigned => Cause::UnsignedPayloadRefused,
            _ => Cause::PayloadChanged,
        })
    }
}

/// Percent-decodes a path or a parameter, twice if it was encoded twice. A `+` may mean a space.
fn decoded(text: &str) -> Vec<u8> {
    let text = text.replace("%252B", "%20").replace("%2B", "%20").replace('+', "%20");
    let once: Vec<u8> = percent_decode(text.as_bytes()).collect();
    percent_decode(&once).collect()
}

/// Whether two paths are equal once dots and doubled slashes are resolved. A final slash still
/// counts.
fn is_normalized(signed: &str, arrived: &str) -> bool {
    signed.ends_with('/') == arrived.ends_with('/')
        && normal_segments(signed) == normal_segments(arrived)
}

/// Returns a path's segments without empty ones, `.` and those that `..` removes.
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
    let meaning = |query: &str| {
        let mut parameters: Vec<Vec<u8>> = query.split('&').map(decoded).collect();
        parameters.sort_unstable();
        parameters
    };
    if meaning(signed) == meaning(arrived) {
        return Finding::compared(Cause::QueryReencoded);
    }
    let lacks = |query: &str, parameter: &str| query.split('&').all(|other| other != parameter);
    let extra = arrived.split('&').find(|parameter| lacks(signed, parameter));
    let lost = signed.split('&').find(|parameter| lacks(arrived, parameter));
    let parameter = extra.filter(|it| !it.is_empty()).or(lost).unwrap_or_default();
    let name = parameter.split('=').next().unwrap_or_default();
    Finding::compared(Cause::QueryChanged).named(name)
}

fn host_cause(signed: &str, arrived: &str) -> Cause {
    if without_port(signed).eq_ignore_ascii_case(without_port(arrived)) {
        Cause::HostPort
    } else {
        Cause::HostChanged
    }
}

/// Returns a host without `:port`. An IPv6 address keeps its colons.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Compares the strings to sign, if no canonical request was given or both are the same.
fn string_finding(
    transcript: &Transcript,
    theirs: &[u8],
    difference: &Difference,
) -> Option<Finding> {
    if difference.line() == 2 {
        return Some(Finding::compared(Cause::HeaderChanged).named("x-amz-date"));
    }
    // Line 4 is the hash of a canonical request that was not given. If line 1, the algorithm,
    // differs, the scopes have different forms.
    let text = (difference.line() == 3).then(|| String::from_utf8_lossy(theirs))?;
    let scope = text.lines().nth(2)?;
    let (date, region, service) = scope_parts(scope, Algorithm::of_string(theirs)?)?;
    let ours = transcript.scope();
    if let Some(region) = region.filter(|region| !ours.covers(region)) {
        let region = Some(crate::text::clean(region, 100));
        Some(Finding { region, ..Finding::compared(Cause::WrongRegion) })
    } else if service != ours.service() {
        let service = Some(crate::text::clean(service, 100));
        Some(Finding { service, ..Finding::compared(Cause::WrongService) })
    } else {
        (date != ours.date()).then(|| Finding::compared(Cause::WrongDate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "PUT\n/a%20b\na=1&b=x%20y\nhost:h.example:8080\nx-amz-date:1\nx-note:v\n\n\
                        host;x-amz-date;x-note\naaaa";

    fn finding_at(line: usize, theirs: &str, rules: Rules) -> Finding {
        let mut lines: Vec<&str> = OURS.split('\n').collect();
        lines[line - 1] = theirs;
        finding(OURS, &lines.join("\n"), rules)
    }

    fn finding(ours: &str, theirs: &str, rules: Rules) -> Finding {
        let (ours, theirs) = (Canonical::read(ours.as_bytes()), Canonical::read(theirs.as_bytes()));
        Pair { ours: &ours, theirs: &theirs, rules }.finding()
    }

    #[test]
    fn first_differing_line_tells_the_cause() {
        for (line, theirs, cause, name) in [
            (1, "POST", Cause::MethodChanged, None),
            (2, "/a b", Cause::PathReencoded, None),
            (2, "/a+b", Cause::PathReencoded, None),
            (2, "/a%2Bb", Cause::PathReencoded, None),
            (2, "/x/../a%20b", Cause::PathNormalized, None),
            (2, "/a%20b/", Cause::PathChanged, None),
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
            let found = finding_at(line, theirs, Rules::S3);
            assert_eq!((found.cause, found.name.as_deref()), (cause, name), "{theirs}");
        }
    }

    #[test]
    fn path_encoding_is_blamed_only_as_the_service_encodes() {
        let twice = OURS.replace("/a%20b", "/a%2520b");
        assert_eq!(finding(&twice, OURS, Rules::S3).cause, Cause::PathEncodedTwice);
        assert_eq!(finding(&twice, OURS, Rules::DEFAULT).cause, Cause::PathReencoded);
        assert_eq!(finding(OURS, &twice, Rules::DEFAULT).cause, Cause::PathEncodedOnce);
        assert_eq!(finding(OURS, &twice, Rules::S3).cause, Cause::PathReencoded);
    }

    #[test]
    fn header_that_is_gone_is_named() {
        let theirs = OURS.replace("x-amz-date:1\n", "");
        let found = finding(OURS, &theirs, Rules::S3);
        assert_eq!(
            (found.cause, found.name.as_deref()),
            (Cause::HeaderMissing, Some("x-amz-date"))
        );
        let found = finding(&theirs, OURS, Rules::S3);
        assert_eq!(found.cause, Cause::SignedHeadersChanged);
    }

    #[test]
    fn payload_that_was_signed_as_empty_or_unsigned_is_told() {
        let empty = OURS.replace("aaaa", &PayloadHash::EMPTY.to_string());
        assert_eq!(finding(&empty, OURS, Rules::S3).cause, Cause::BodyNotSigned);
        let unsigned = OURS.replace("aaaa", "UNSIGNED-PAYLOAD");
        let found = |rules| finding(&unsigned, OURS, rules).cause;
        assert_eq!(found(Rules::DEFAULT), Cause::UnsignedPayloadRefused);
        assert_eq!(found(Rules::S3), Cause::PayloadChanged, "S3 takes it: the header was changed");
    }

    #[test]
    fn bucket_in_host_and_in_path_is_one_cause_with_two_lines() {
        let virtual_host = "GET\n/k\n\nhost:b.s3.example.com\n\nhost\nh";
        let path_style = "GET\n/b/k\n\nhost:s3.example.com\n\nhost\nh";
        for (ours, theirs) in [(virtual_host, path_style), (path_style, virtual_host)] {
            assert_eq!(finding(ours, theirs, Rules::S3).cause, Cause::AddressingStyle);
            let lines = differing_lines(
                &Canonical::read(ours.as_bytes()),
                &Canonical::read(theirs.as_bytes()),
                &Secrets::default(),
                LineDifference::computed,
            );
            assert_eq!(lines.iter().map(LineDifference::line).collect::<Vec<_>>(), [2, 4]);
        }
        let other = "GET\n/c/k\n\nhost:s3.example.com\n\nhost\nh";
        assert_eq!(finding(virtual_host, other, Rules::S3).cause, Cause::PathChanged);
    }
}
