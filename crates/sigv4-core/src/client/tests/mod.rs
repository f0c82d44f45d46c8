//! Tests of the state machine of a call, and of the call around it.

mod attempt;
mod call;
