//! The state machine of a call.

mod attempt;
