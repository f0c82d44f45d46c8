//! The text of the canonical request, while a signature is made.

use crate::credentials::Credentials;
use crate::text::Text;

/// The text of a canonical request, wiped when dropped if it holds a session token.
#[derive(Clone)]
pub(crate) struct CanonicalText {
    pub(crate) text: Text,
    holds_token: bool,
}

impl CanonicalText {
    pub(crate) fn new(credentials: &Credentials) -> Self {
        Self { text: Text::new(), holds_token: credentials.token_header().is_some() }
    }

    /// Removes the text, so that the next one can be written.
    pub(crate) fn clear(&mut self) {
        if self.holds_token {
            self.text.wipe();
        } else {
            self.text.clear();
        }
    }
}

impl Drop for CanonicalText {
    fn drop(&mut self) {
        if self.holds_token {
            self.text.wipe();
        }
    }
}
