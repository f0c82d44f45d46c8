//! `instructions ROW ROUNDS`: does the work of a row ROUNDS times. Without arguments, lists the rows.
//! See `run` beside this file.

#![allow(clippy::unwrap_used, reason = "a bench that cannot do its work must stop")]

#[path = "../cases/inputs.rs"]
mod inputs;
#[path = "../cases/ours.rs"]
mod ours;

use std::hint::black_box;

use benches::Contender;

use inputs::{SERVICE, get, post_json, put_64_kib, thirty_of_each};

/// A row, the most instructions that it should take outside SHA-256, and its work.
type Row = (&'static str, Option<u32>, fn() -> Contender);

const ROWS: [Row; 13] = [
    ("a", Some(4_200), || Contender::new("computed", ours::computed(get(), SERVICE))),
    ("a+", Some(3_400), || Contender::new("computed, prepared", ours::prepared())),
    ("a'", Some(6_300), || Contender::new("applied to a copy", ours::applied())),
    ("b", Some(5_000), || Contender::new("JSON of 1 KiB", ours::computed(post_json(), SERVICE))),
    ("c", Some(6_000), || Contender::new("S3 PUT of 64 KiB", ours::computed(put_64_kib(), "s3"))),
    ("d-text", Some(5_500), || Contender::new("presigned, as text", ours::presigned())),
    ("d-uri", Some(9_000), || Contender::new("presigned, as Uri", ours::presigned_uri())),
    ("d'", None, || {
        Contender::new(
            "64 presigned, as text",
            ours::presigned_many(64, |url| drop(black_box(url))),
        )
    }),
    ("e", None, || Contender::new("30 headers", ours::computed(thirty_of_each("value"), SERVICE))),
    ("e-blanks", Some(53_000), || {
        let request = thirty_of_each("a  value  with  double  blanks ");
        Contender::new("30 headers with double blanks", ours::computed(request, SERVICE))
    }),
    ("h", Some(7_000), || Contender::new("verified", ours::verified())),
    ("i", Some(4_800), || Contender::new("event message", ours::event())),
    ("j", Some(1_210), || Contender::new("chunk of 64 KiB", ours::chunk())),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        for (row, target, work) in ROWS {
            let target = target.map_or("-".to_owned(), |target| target.to_string());
            println!("{row} {target} {}", work().name);
        }
        return;
    };
    let rounds = arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let (_, _, work) = ROWS.into_iter().find(|(row, ..)| *row == name).unwrap();
    work().repeat(rounds);
}
