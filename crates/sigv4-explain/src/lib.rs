#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod cause;
mod checks;
mod compare;
mod difference;
mod explanation;
mod hosts;
mod read;
mod table;
mod text;

pub use answer::Answer;
pub use cause::Cause;
pub use difference::LineDifference;
pub use explanation::{Explanation, explain};
pub use hosts::{explain_error, explain_host_not_found};
pub use read::{ErrorResponse, Expected, Family, PayloadHashes, Unreadable};
