//! Whole forms.

mod forms;
