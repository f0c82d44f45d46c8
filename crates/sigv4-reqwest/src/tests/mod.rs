//! Tests of bodies, of copies, and of requests signed in place.

mod body;
mod exchange;
mod sign;
