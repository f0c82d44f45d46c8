//! The state machine of a call, and the call around it.

mod attempt;
mod call;
