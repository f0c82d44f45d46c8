//! Runs known answers, one JSON object on each line, through the public API of `sigv4-core`.
//!
//! A line passes, fails with the first difference, or is skipped with a reason: its kind cannot be
//! run, or it contradicts a rule of this project, which is named.

#![allow(clippy::missing_errors_doc, reason = "every error is a failed line, told to a person")]

mod asymmetric;
mod decided;
mod fragment;
mod key;
mod post_policy;
mod request;
mod stream;
mod verify;

use std::io;
use std::path::Path;

use support::vectors::{SigningLine, read_signing, read_verifying};

pub use verify::line as verify_line;

/// The outcome of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All texts and the signature agree.
    Passed,
    /// Something differs. Holds the difference.
    Failed(String),
    /// The line was not run. Holds the reason.
    Skipped(String),
}

/// The outcomes of a file.
#[derive(Debug, Default)]
pub struct Report {
    /// The number of lines that agree.
    pub passed: usize,
    /// The lines that differ: id and first difference.
    pub failed: Vec<(String, String)>,
    /// The lines that were not run: id and reason.
    pub skipped: Vec<(String, String)>,
}

/// Runs every line of a file.
///
/// # Errors
/// The file cannot be read, or does not have the right format.
pub fn run(path: &Path) -> io::Result<Report> {
    let mut report = Report::default();
    // The two formats share no required field but the id, so a file that parses as one is of that
    // format.
    if let Ok(lines) = read_verifying(path) {
        for line in lines {
            report.add(line.id.clone(), verify::line(&line));
        }
        return Ok(report);
    }
    for line in read_signing(path)? {
        report.add(line.id.clone(), check(&line));
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, id: String, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(why) => self.failed.push((id, why)),
            Outcome::Skipped(why) => self.skipped.push((id, why)),
        }
    }
}

/// Runs one line against the signer.
pub fn check(line: &SigningLine) -> Outcome {
    let checked = match line.kind.as_str() {
        "header" => request::header(line),
        "query" | "token" => request::query(line),
        "canon-path" => fragment::path(line),
        "canon-query" => fragment::query(line),
        "header-value" => fragment::header_value(line),
        "chunked" | "trailer" => stream::chunked(line),
        "event" => stream::event(line),
        "signing-key" => key::signing_key(line),
        "post-policy" => post_policy::form(line),
        "v4a-header" => asymmetric::header(line),
        "v4a-query" => asymmetric::query(line),
        "v4a-key" => asymmetric::key(line),
        kind => return Outcome::Skipped(format!("kind {kind} is not run")),
    };
    match checked {
        Ok(()) => Outcome::Passed,
        Err(Mismatch::NotExpressible(why)) => Outcome::Skipped(why),
        Err(Mismatch::Differs(why)) => match decided::rule(line) {
            Some(rule) => Outcome::Skipped(format!("contradicts {rule}")),
            None => Outcome::Failed(why),
        },
    }
}

/// Why a line did not pass.
#[derive(Debug)]
enum Mismatch {
    /// A text or a signature differs.
    Differs(String),
    /// `http` cannot hold the line's request.
    NotExpressible(String),
}

type Checked = Result<(), Mismatch>;

/// Compares two texts. Reports their first differing line.
fn same(what: &str, ours: &[u8], theirs: &[u8]) -> Checked {
    match sigv4_core::Difference::first(ours, theirs) {
        None => Ok(()),
        Some(difference) => Err(Mismatch::Differs(format!(
            "{what}, line {}: ours {:?}, theirs {:?}",
            difference.line(),
            difference.ours().unwrap_or("(ended)"),
            difference.theirs().unwrap_or("(ended)")
        ))),
    }
}

fn differs(what: &str) -> Mismatch {
    Mismatch::Differs(what.to_owned())
}

/// Reports an error that occurred where a result was expected.
fn refused(error: &dyn std::fmt::Display) -> Mismatch {
    Mismatch::Differs(format!("refused: {error}"))
}
