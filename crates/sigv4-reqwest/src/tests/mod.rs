//! Requests signed in place, and bodies.

mod body;
mod sign;
