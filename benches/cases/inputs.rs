//! What every contender is given.

use std::time::{Duration, SystemTime};

pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const REGION: &str = "us-east-1";

/// 2015-08-30T12:36:00Z.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160)
}

/// AWS's own example: one parameter, no header, no body.
pub(crate) const GET_URI: &str = "https://example.amazonaws.com/?Param1=value1";
