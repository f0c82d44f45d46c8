//! The input of both programs.

use std::time::{Duration, SystemTime};

pub(crate) const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const SERVICE: &str = "events";
pub(crate) const REGION_SET: &str = "us-east-1,eu-west-1";
pub(crate) const URI: &str = "https://abc123.endpoint.events.amazonaws.com/v1/items?page=2";

pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

/// The first argument, and the second as a number of rounds.
pub(crate) fn arguments() -> (String, usize) {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().unwrap_or_default();
    (mode, arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(1))
}
