//! A finding: a cause, how it is known, and the values shown to the reader.

use crate::cause::{Rank, RefusalCause};
use crate::difference::LineDifference;
use crate::text::clean;

/// A possible cause that is not proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    cause: RefusalCause,
    pub(crate) text: String,
    /// Applies to every refusal of that kind. No check found it.
    usual: bool,
}

impl Hint {
    pub(crate) fn new(cause: RefusalCause, text: impl Into<String>) -> Self {
        Self { cause, text: text.into(), usual: false }
    }

    /// Creates a hint at the most frequent cause of such a refusal, if no check finds anything.
    pub(crate) fn usual(cause: RefusalCause, text: impl Into<String>) -> Self {
        Self { usual: true, ..Self::new(cause, text) }
    }

    /// Whether a check found it.
    pub(crate) fn is_found(&self) -> bool {
        !self.usual
    }

    /// The possible cause.
    pub fn cause(&self) -> RefusalCause {
        self.cause
    }

    /// The hint as text.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn map(self, mask: impl Fn(&str) -> String) -> Self {
        Self { text: mask(&self.text), ..self }
    }
}

/// The result of a comparison or a check.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) cause: RefusalCause,
    pub(crate) rank: Rank,
    /// The subject of the finding: a header, a parameter, a host or a reason.
    pub(crate) name: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) service: Option<String>,
    /// The two values that differ.
    pub(crate) values: Option<(String, String)>,
    pub(crate) lines: Vec<LineDifference>,
    /// Hints, the most likely first.
    pub(crate) hints: Vec<Hint>,
    /// The checks that passed.
    pub(crate) agrees: Vec<String>,
    /// Whether the service's texts were compared with the request as sent, because there is no
    /// transcript.
    pub(crate) as_sent: bool,
}

impl Finding {
    pub(crate) fn new(cause: RefusalCause, rank: Rank) -> Self {
        Self {
            cause,
            rank,
            name: None,
            region: None,
            service: None,
            values: None,
            lines: Vec::new(),
            hints: Vec::new(),
            agrees: Vec::new(),
            as_sent: false,
        }
    }

    pub(crate) fn said(cause: RefusalCause) -> Self {
        Self::new(cause, Rank::Said)
    }

    pub(crate) fn seen(cause: RefusalCause) -> Self {
        Self::new(cause, Rank::Seen)
    }

    pub(crate) fn compared(cause: RefusalCause) -> Self {
        Self::new(cause, Rank::Compared)
    }

    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: Some(clean(name, 255)), ..self }
    }

    pub(crate) fn between(self, signed: &str, arrived: &str) -> Self {
        Self { values: Some((clean(signed, 100), clean(arrived, 100))), ..self }
    }

    pub(crate) fn with_hint(mut self, hint: Option<Hint>) -> Self {
        self.hints.extend(hint);
        self
    }
}
