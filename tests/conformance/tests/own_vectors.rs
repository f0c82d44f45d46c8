//! Tests the repository's own known answers, made by botocore and awscrt (`tests/vectors`).

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use std::path::{Path, PathBuf};

use conformance::run;

fn vectors() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect()
}

#[test]
fn every_line_of_the_repository_agrees_and_there_are_at_least_400() {
    let (mut passed, mut failed) = (0, Vec::new());
    for file in vectors() {
        let report = run(&file).unwrap();
        passed += report.passed;
        assert_eq!(report.skipped, [], "{}", file.display());
        failed.extend(report.failed);
    }
    assert_eq!(failed, [], "{} lines failed", failed.len());
    assert!(passed >= 400, "only {passed} lines ran");
}
