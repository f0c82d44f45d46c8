//! Races a piece of work against its peers: in turn, on one thread, by the CPU time of that thread.
//!
//! A machine that is busy, or that changes its clock, slows all contenders of a round alike. So the
//! figures to trust are the ratios: the median, over all rounds, of the ratio within each round.

mod race;
mod table;

pub use race::{Case, Contender, Effort, Outcome, race};
pub use table::print;
