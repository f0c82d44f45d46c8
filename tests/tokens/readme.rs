//! Checks that the callbacks of other crates in the README of `sigv4-tokens` are copies of the
//! examples, which are compiled.

use std::fs;
use std::path::Path;

#[test]
fn every_block_that_is_not_compiled_stands_in_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let examples = ["postgres.rs", "redis.rs", "apart/fred_client.rs", "apart/kafka.rs"];
    let examples = examples.map(|name| read(&format!("examples/consumers/{name}")));
    let readme = read("crates/sigv4-tokens/README.md");
    let blocks: Vec<&str> = readme
        .split("```rust,ignore\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 4);
    for block in blocks {
        assert!(examples.iter().any(|example| example.contains(block)), "in no example:\n{block}");
    }
}
