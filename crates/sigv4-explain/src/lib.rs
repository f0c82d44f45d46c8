#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod cause;
mod checks;
mod codes;
mod compare;
mod decide;
mod difference;
mod evidence;
mod explanation;
mod finding;
mod hosts;
mod json;
mod read;
mod request;
mod secrets;
mod sigv4a;
mod subject;
mod text;
mod words;

pub use cause::{Rank, RefusalCause};
pub use difference::LineDifference;
pub use evidence::Evidence;
pub use explanation::Explanation;
pub use finding::Hint;
pub use hosts::{explain_error, explain_host_not_found};
pub use read::{ErrorResponse, Expected, Family, PayloadHashes, Unreadable};
pub use request::{
    BodyCheck, CheckOutcome, RequestText, SignatureCheck, UnreadableRequest, read_request,
};
