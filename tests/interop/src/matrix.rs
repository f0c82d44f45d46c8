//! The table of modes and their results, printed at the end.

use std::process::ExitCode;

use crate::tools;

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// One of the adapters signs, the other system verifies.
    WeSign,
    /// The other system signs, and the verifier of this workspace verifies.
    WeVerify,
}

/// Whether a system may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Not if `SIGV4_REQUIRE_SERVERS` is set.
    WhereServersAre,
    /// Anywhere.
    Nowhere,
}

/// The result of a mode: a note on the success, or the failure.
pub(crate) type Outcome = Result<String, String>;

/// The rows so far.
#[derive(Debug, Default)]
pub(crate) struct Matrix(Vec<Row>);

#[derive(Debug)]
struct Row {
    system: &'static str,
    direction: Direction,
    mode: String,
    verdict: Verdict,
    note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    NotThere,
}

impl Matrix {
    /// Adds a mode that was tried.
    pub(crate) fn record(
        &mut self,
        system: &'static str,
        direction: Direction,
        mode: impl Into<String>,
        outcome: Outcome,
    ) {
        let (verdict, note) = match outcome {
            Ok(note) => (Verdict::Passed, note),
            Err(note) => (Verdict::Failed, note),
        };
        self.0.push(Row { system, direction, mode: mode.into(), verdict, note });
    }

    /// Adds a system that is not on this machine. This is a failure if the system is required.
    pub(crate) fn not_there(
        &mut self,
        system: &'static str,
        direction: Direction,
        need: Need,
        why: &str,
    ) {
        let required = need == Need::WhereServersAre && tools::servers_are_required();
        let verdict = if required { Verdict::Failed } else { Verdict::NotThere };
        let note = why.to_owned();
        self.0.push(Row { system, direction, mode: "everything".into(), verdict, note });
    }

    /// Prints the table, then the failures. Succeeds if nothing failed and something passed.
    #[must_use]
    pub(crate) fn print(&self) -> ExitCode {
        println!("\n{:<9} {:<9} {:<60} result", "system", "direction", "mode");
        for row in &self.0 {
            let (direction, result) = (row.direction.word(), row.verdict.word());
            let note = row.note.lines().next().unwrap_or_default();
            println!("{:<9} {direction:<9} {:<60} {result:<9} {note}", row.system, row.mode);
        }
        let count = |verdict| self.0.iter().filter(|row| row.verdict == verdict).count();
        let (passed, failed) = (count(Verdict::Passed), count(Verdict::Failed));
        let absent = count(Verdict::NotThere);
        println!("\n{passed} passed, {failed} failed, {absent} not there.");
        for row in self.0.iter().filter(|row| row.verdict == Verdict::Failed) {
            println!("\nFAILED {}, {}:\n{}", row.system, row.mode, row.note);
        }
        if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl Direction {
    fn word(self) -> &'static str {
        match self {
            Self::WeSign => "we sign",
            Self::WeVerify => "we verify",
        }
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Failed => "FAILED",
            Self::NotThere => "not there",
        }
    }
}
