//! Tests of requests that a verifier must accept or refuse, one for each requirement
//! (`tests/vectors/verify_cases.py`).

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use conformance::{Outcome, verify_line};
use support::vectors::{Verdict, VerifyingLine, read_verifying};

fn lines() -> Vec<VerifyingLine> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    let files = ["verify.jsonl", "minio-go.jsonl"];
    files.iter().flat_map(|name| read_verifying(&folder.join(name)).unwrap()).collect()
}

/// Runs the cases of one class. Fails if there are fewer cases to accept or to refuse than given.
fn check(class: &str, accepts: usize, rejects: usize) {
    let lines: Vec<_> = lines().into_iter().filter(|line| line.class == class).collect();
    let count = |verdict| lines.iter().filter(|line| line.expect == verdict).count();
    assert!(count(Verdict::Accept) >= accepts, "{} to accept", count(Verdict::Accept));
    assert!(count(Verdict::Reject) >= rejects, "{} to refuse", count(Verdict::Reject));
    let failed: Vec<_> = lines
        .iter()
        .filter_map(|line| match verify_line(line) {
            Outcome::Passed => None,
            Outcome::Failed(why) | Outcome::Skipped(why) => Some(format!("{}: {why}", line.id)),
        })
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

macro_rules! requirements {
    ($($name:ident: $class:literal, $accepts:literal, $rejects:literal;)*) => {
        $(#[test]
        fn $name() {
            check($class, $accepts, $rejects);
        })*

        #[test]
        fn every_class_of_the_table_has_a_test_and_there_are_at_least_450_cases() {
            let lines = lines();
            for line in &lines {
                assert!([$($class),*].contains(&line.class.as_str()), "{}", line.class);
            }
            assert!(lines.len() >= 450, "{} cases", lines.len());
        }
    };
}

requirements! {
    honest_clients_are_accepted_as_they_are: "honest-client", 45, 0;
    other_spellings_of_the_signed_text_are_accepted: "same-canonical-text", 13, 0;
    anything_changed_after_signing_is_refused: "tampered", 0, 42;
    payload_mode_is_read_only_from_what_the_signature_covers: "payload-mode", 2, 15;
    host_and_every_x_amz_header_that_arrived_must_be_signed: "coverage", 13, 28;
    exactly_one_mechanism_is_taken: "one-mechanism", 0, 15;
    parameters_of_a_presigned_url_stand_once_and_are_spelt_exactly: "one-query-mechanism", 0, 33;
    authorization_header_is_parsed_strictly: "authorization-syntax", 0, 32;
    scope_must_be_that_of_the_verifier_and_of_the_date: "scope", 2, 15;
    signed_headers_are_lower_case_sorted_single_and_present: "signed-headers", 0, 16;
    header_form_is_bound_to_fifteen_minutes: "clock", 2, 19;
    presigned_url_lives_from_its_date_to_its_end: "presigned-clock", 4, 21;
    date_header_stands_for_x_amz_date_only_where_it_is_signed: "date-header", 4, 8;
    payload_line_is_a_hash_or_a_known_value: "payload-line", 5, 20;
    session_token_must_be_that_of_the_key_and_signed: "session-token", 2, 14;
    unknown_key_never_verifies: "unknown-key", 0, 13;
    host_is_one_and_agrees_with_the_authority: "host", 6, 8;
    target_is_a_path_with_whole_escapes_and_bounded_work: "target", 2, 5;
    stream_of_signed_chunks_is_whole_and_in_order: "stream", 4, 35;
    trailers_of_a_signed_stream_are_declared_and_signed: "stream-trailer", 3, 11;
    trailers_of_minio_go_are_accepted_as_they_come_and_altered_ones_refused: "minio-go", 4, 14;
    unsigned_stream_is_complete_only_by_its_checksum: "unsigned-stream-trailer", 2, 11;
}
