//! The results of all sources, for the error that lists them.

use std::fmt::Write;
use std::time::Duration;

use sigv4_core::CredentialsError;

use crate::source::Source;

/// Why a source gave no credentials.
#[derive(Debug)]
pub(crate) enum Miss {
    /// It is not configured, so the next source is asked.
    Absent(String),
    /// It is configured but broken. Another identity must not take its place.
    Failed(String),
}

/// The results of the sources asked so far.
#[derive(Debug, Default)]
pub(crate) struct Account {
    absent: Vec<(Source, String)>,
    asking: Option<Source>,
}

impl Account {
    pub(crate) fn asks(&mut self, source: Source) {
        self.asking = Some(source);
    }

    pub(crate) fn absent(&mut self, source: Source, why: String) {
        self.absent.push((source, why));
    }

    pub(crate) fn exhausted(&self) -> CredentialsError {
        let mut text = "no AWS credentials found. Asked, in this order:".to_owned();
        for (source, why) in &self.absent {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n  {source}: {why}; to use it, {}", source.cure());
        }
        CredentialsError::new(text)
    }

    pub(crate) fn failed(&self, why: &str) -> CredentialsError {
        let source = self.asking.unwrap_or(Source::Given);
        let mut text = match source {
            Source::Given => format!("no AWS credentials: {source} failed: {why}"),
            _ => format!("no AWS credentials: {source} is configured but failed: {why}"),
        };
        for (at, (source, why)) in self.absent.iter().enumerate() {
            let before = if at == 0 { ". Asked before it: " } else { "; " };
            let _ = write!(text, "{before}{source} ({why})");
        }
        CredentialsError::new(text)
    }

    /// The whole load took too long.
    pub(crate) fn timed_out(&self, after: Duration) -> CredentialsError {
        self.failed(&format!("no answer within {after:?}"))
    }
}
