//! `instructions ROW ROUNDS`: does the work of a row ROUNDS times. Without arguments, lists the rows.
//! See `run` beside this file.

#![allow(clippy::unwrap_used, reason = "a bench that cannot do its work must stop")]

#[path = "../cases/inputs.rs"]
mod inputs;
#[path = "../cases/ours.rs"]
mod ours;

use benches::Contender;

use inputs::{SERVICE, get, post_json, put_64_kib, thirty_of_each};

/// A row, the most instructions that it should take outside SHA-256, and its work.
type Row = (&'static str, u32, fn() -> Contender);

const ROWS: [Row; 10] = [
    ("a", 4_200, || Contender::new("computed", ours::computed(get(), SERVICE))),
    ("a'", 6_300, || Contender::new("applied to a copy", ours::applied())),
    ("b", 5_000, || Contender::new("JSON of 1 KiB", ours::computed(post_json(), SERVICE))),
    ("c", 6_000, || Contender::new("S3 PUT of 64 KiB", ours::computed(put_64_kib(), "s3"))),
    ("d-text", 5_500, || Contender::new("presigned, as text", ours::presigned())),
    ("d-uri", 9_000, || Contender::new("presigned, as Uri", ours::presigned_uri())),
    ("e", 53_000, || Contender::new("30 headers", ours::computed(thirty_of_each(), SERVICE))),
    ("h", 7_000, || Contender::new("verified", ours::verified())),
    ("i", 4_800, || Contender::new("event message", ours::event())),
    ("j", 1_210, || Contender::new("chunk of 64 KiB", ours::chunk())),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        for (row, target, work) in ROWS {
            println!("{row} {target} {}", work().name);
        }
        return;
    };
    let rounds = arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let (_, _, work) = ROWS.into_iter().find(|(row, ..)| *row == name).unwrap();
    work().repeat(rounds);
}
