//! What was found: a cause, how it is known, and what a reader is shown of it.

use crate::cause::{Rank, RefusalCause};
use crate::difference::LineDifference;
use crate::text::clean;

/// Something that may be the cause, with nothing to prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    cause: RefusalCause,
    pub(crate) text: String,
    /// Holds for every refusal of that kind: nothing was found.
    usual: bool,
}

impl Hint {
    pub(crate) fn new(cause: RefusalCause, text: impl Into<String>) -> Self {
        Self { cause, text: text.into(), usual: false }
    }

    /// What is behind such a refusal most often, if no check finds anything.
    pub(crate) fn usual(cause: RefusalCause, text: impl Into<String>) -> Self {
        Self { usual: true, ..Self::new(cause, text) }
    }

    /// Whether a check found it.
    pub(crate) fn is_found(&self) -> bool {
        !self.usual
    }

    /// The cause that it hints at.
    pub fn cause(&self) -> RefusalCause {
        self.cause
    }

    /// The hint in words.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn map(self, mask: impl Fn(&str) -> String) -> Self {
        Self { text: mask(&self.text), ..self }
    }
}

/// What a comparison or a check has found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) cause: RefusalCause,
    pub(crate) rank: Rank,
    /// What it is about: a header, a parameter, a host, a reason.
    pub(crate) name: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) service: Option<String>,
    /// The two values that differ.
    pub(crate) values: Option<(String, String)>,
    pub(crate) lines: Vec<LineDifference>,
    /// The most likely first.
    pub(crate) hints: Vec<Hint>,
    /// What was checked and agrees.
    pub(crate) agrees: Vec<String>,
    /// The service's texts were compared with what was sent, as there is no transcript.
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
