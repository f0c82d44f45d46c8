//! Shows two lines below each other and marks the part that differs.

use core::fmt;
use core::ops::Range;

use crate::text::push_visible;

/// Characters shown before and after the part that differs.
const CONTEXT: usize = 30;

/// Characters shown of the part that differs.
const MARKED: usize = 60;

/// A line that differs between the signed text and the one that the service computed. Secrets are
/// masked.
///
/// `Display` writes:
///
/// ```text
/// line 2 of the canonical request:
///   signed   /bucket/a%2520b
///   service  /bucket/a%20b
///                    ^^^
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDifference {
    text: &'static str,
    line: usize,
    signed: Option<String>,
    service: Option<String>,
    other: &'static str,
}

impl LineDifference {
    /// The caller masks both lines. Line numbers start at 1.
    pub(crate) fn new(
        text: &'static str,
        line: usize,
        signed: Option<String>,
        service: Option<String>,
    ) -> Self {
        Self { text, line, signed, service, other: "service" }
    }

    /// Creates a difference from the canonical request that the service computed.
    pub(crate) fn computed(line: usize, signed: Option<String>, service: Option<String>) -> Self {
        Self::new("canonical request", line, signed, service)
    }

    /// Creates a difference from a request as it was sent, without a service's text.
    pub(crate) fn sent(line: usize, signed: Option<String>, sent: Option<String>) -> Self {
        Self { other: "sent", ..Self::new("canonical request", line, signed, sent) }
    }

    /// The name of the text: `canonical request` or `string to sign`.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// The line's number, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The line as it was signed; `None` if that text lacks it.
    pub fn signed(&self) -> Option<&str> {
        self.signed.as_deref()
    }

    /// The line as the service computed it, or as it was sent; `None` if that text lacks it.
    pub fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// The characters that differ, in the signed line and in the service's.
    pub fn marks(&self) -> (Range<usize>, Range<usize>) {
        let [signed, service] = [&self.signed, &self.service]
            .map(|line| line.as_deref().unwrap_or_default().chars().collect::<Vec<char>>());
        let same = signed.iter().zip(&service).take_while(|(a, b)| a == b).count();
        // Mark a percent-escape from its `%` on.
        let before = signed.iter().take(same).rev().take(2).position(|it| *it == '%');
        let start = same - before.map_or(0, |distance| distance + 1);
        let most = signed.len().min(service.len()) - start;
        let end = signed.iter().rev().zip(service.iter().rev()).take(most);
        let end = end.take_while(|(a, b)| a == b).count();
        (start..signed.len() - end, start..service.len() - end)
    }
}

/// Shortens a line to the part around its mark. Also returns the mark's new start and end.
fn near(line: Option<&str>, mark: &Range<usize>) -> (String, Range<usize>) {
    let Some(line) = line else { return ("(there is none)".to_owned(), 0..0) };
    let from = mark.start.saturating_sub(CONTEXT);
    let end = mark.end.min(mark.start + MARKED);
    let mut shown = String::new();
    if from > 0 {
        shown.push('…');
    }
    let (mut start, mut stop) = (None, None);
    let mut characters = line.chars().enumerate().skip(from);
    for (at, character) in characters.by_ref().take(end + CONTEXT - from) {
        let width = shown.chars().count();
        if at == mark.start {
            start = Some(width);
        }
        if at == end {
            stop = Some(width);
        }
        push_visible(&mut shown, character);
    }
    let width = shown.chars().count();
    if characters.next().is_some() {
        shown.push('…');
    }
    (shown, start.unwrap_or(width)..stop.unwrap_or(width))
}

impl fmt::Display for LineDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (signed_mark, service_mark) = self.marks();
        let (signed, a) = near(self.signed(), &signed_mark);
        let (service, b) = near(self.service(), &service_mark);
        let (start, end) = (a.start.min(b.start), a.end.max(b.end));
        writeln!(f, "line {} of the {}:", self.line, self.text)?;
        writeln!(f, "  signed   {signed}\n  {:<7}  {service}", self.other)?;
        if signed == service {
            return f.write_str("  (they differ where a secret is masked)");
        }
        write!(f, "{}{}", " ".repeat(11 + start), "^".repeat((end - start).max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(line: usize, ours: &str, theirs: &str) -> String {
        let some = |text: &str| Some(text.to_owned());
        LineDifference::new("canonical request", line, some(ours), some(theirs)).to_string()
    }

    #[test]
    fn lines_stand_under_each_other_with_the_differing_part_marked() {
        assert_eq!(
            show(2, "/bucket/a%2520b", "/bucket/a%20b"),
            "line 2 of the canonical request:\n  signed   /bucket/a%2520b\n  \
             service  /bucket/a%20b\n                    ^^^"
        );
    }

    #[test]
    fn long_lines_are_cut_to_what_is_near_the_difference() {
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(5_000), "b".repeat(5_000));
        let shown = show(1, &long("X"), &long("YY"));
        assert!(shown.len() < 400, "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        let mark = lines[3].chars().count() - 1;
        assert_eq!(lines[2].chars().nth(mark), Some('Y'), "{shown}");
    }

    #[test]
    fn line_that_one_side_lacks_is_said_to_be_absent() {
        let shown = LineDifference::sent(4, Some("host:a".to_owned()), None).to_string();
        assert!(shown.contains("  sent     (there is none)"), "{shown}");
    }

    #[test]
    fn lines_that_differ_in_a_secret_alone_are_said_to() {
        assert!(show(5, "x-api-key:***", "x-api-key:***").ends_with("a secret is masked)"));
    }

    #[test]
    fn escapes_for_a_terminal_are_written_out() {
        assert!(show(1, "a", "\u{1b}[2J").contains("\\u{1b}[2J"));
    }
}
