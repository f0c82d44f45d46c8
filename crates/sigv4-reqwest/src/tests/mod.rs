//! Tests of bodies, and of requests signed in place.

mod body;
mod sign;
