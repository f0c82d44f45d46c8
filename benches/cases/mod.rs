//! The cases: the same input for all contenders, and the same answer from all.
#![allow(clippy::unwrap_used, reason = "a bench that cannot do its work must stop")]

mod aws;
mod floor;
mod inputs;
mod sign;

use benches::Case;

/// All rows, in the table's order.
pub(crate) fn all() -> Vec<Case> {
    vec![sign::get()]
}
