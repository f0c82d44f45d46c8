//! The cases. All contenders get the same input and must return the same result.
#![allow(clippy::unwrap_used, reason = "a bench that cannot do its work must stop")]

mod aws;
mod floor;
mod inputs;
mod ours;
mod peers;
mod presign;
mod sign;
mod stream;
mod verify;

use benches::Case;

/// This project.
pub(crate) const OURS: &str = "sigv4-core";

/// All rows, in the table's order.
pub(crate) fn all() -> Vec<Case> {
    vec![
        sign::get(),
        sign::get_prepared(),
        sign::get_applied(),
        sign::post_json(),
        sign::put_64_kib(),
        presign::get(),
        presign::many(),
        sign::thirty_headers_and_parameters(),
        verify::get(),
        stream::event(),
        stream::chunk(),
    ]
}
