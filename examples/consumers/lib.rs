//! Other people's clients and servers, signed and guarded through the door that each has: one example
//! each.

pub mod token_judge;
