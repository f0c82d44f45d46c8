//! Races a piece of work against its peers, in turn, on one thread, measured by the CPU time of
//! that thread.
//!
//! A busy machine, or one that changes its clock frequency, slows all contenders of a round alike.
//! Therefore the ratios are the figures to trust: the median, over all rounds, of the ratio within
//! each round.

mod race;
mod table;

pub use race::{Case, Contender, Effort, Outcome, Target, race};
pub use table::print;
