//! Forms as a whole.

mod forms;
