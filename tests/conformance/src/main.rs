//! `conformance FILE...`: prints the outcome of each file's lines. Exits with 1 if any failed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use conformance::{Report, run};

/// The most failing lines of a file to show.
const SHOWN: usize = 20;

fn main() -> ExitCode {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        eprintln!(
            "usage: conformance FILE... (JSON lines; the format is in tests/vectors/README.md)"
        );
        return ExitCode::from(2);
    }
    let mut failed = false;
    for file in files {
        match run(&file) {
            Ok(report) => {
                failed |= !report.failed.is_empty();
                print(&file, &report);
            }
            Err(error) => {
                failed = true;
                println!("{}: {error}", file.display());
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn print(file: &Path, report: &Report) {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let Report { passed, failed, skipped } = report;
    println!("{name}: {passed} passed, {} failed, {} skipped", failed.len(), skipped.len());
    for (id, why) in failed.iter().take(SHOWN) {
        println!("  FAILED {id}: {why}");
    }
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, why) in skipped {
        reasons.entry(why).or_default().push(id);
    }
    for (why, ids) in reasons {
        println!("  skipped {} ({why}): {}", ids.len(), ids.join(", "));
    }
}
