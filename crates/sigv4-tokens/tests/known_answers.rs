//! Tokens that the libraries of AWS and others made for some cases. `tests/tokens/parity.rs` writes
//! the file.

mod cases;

use std::collections::BTreeSet;

use cases::{comparable, made, text};
use serde_json::Value;

#[test]
fn tokens_are_those_of_the_reference_libraries() {
    let lines = include_str!("known_answers.jsonl").lines();
    let mut kinds = BTreeSet::new();
    for line in lines {
        let case: Value = serde_json::from_str(line).unwrap();
        let kind = text(&case, "kind");
        let ours = made(&case).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(comparable(kind, &ours), comparable(kind, text(&case, "token")), "{line}");
        kinds.insert(kind.to_owned());
    }
    assert_eq!(kinds.len(), 16, "{kinds:?}");
}
