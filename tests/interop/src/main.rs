#![doc = include_str!("../README.md")]

mod adapter;
mod alter;
mod clients;
mod judge;
mod matrix;
mod moto;
mod objects;
mod peers;
mod s3_like;
mod store;
mod streams;
mod swift;
mod tools;

use std::io;
use std::process::ExitCode;

use crate::judge::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};
use crate::matrix::Matrix;
use crate::s3_like::S3Like;

/// A part of the suite: its name, and the function that runs it.
type Part = (&'static str, fn(&mut Matrix));

/// Runs the parts named as arguments, or all of them.
const PARTS: [Part; 5] = [
    ("swift", swift::run),
    ("moto", moto::run),
    ("s3s", objects::s3s),
    ("signers", peers::run),
    ("clients", clients::run),
];

fn main() -> ExitCode {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    if chosen == ["serve"] {
        return serve();
    }
    if let Some(unknown) = chosen.iter().find(|name| PARTS.iter().all(|(known, _)| known != name)) {
        eprintln!("unknown part {unknown}: name some of {:?}", PARTS.map(|(name, _)| name));
        return ExitCode::FAILURE;
    }
    let mut matrix = Matrix::default();
    for (name, run) in PARTS {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            run(&mut matrix);
        }
    }
    matrix.print()
}

/// Runs the S3-like server alone until its input ends, for clients that the suite does not install.
/// At each line of input it prints the requests received since the last one.
fn serve() -> ExitCode {
    let server = match S3Like::http() {
        Ok(server) => server,
        Err(error) => {
            eprintln!("the server cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("export AWS_ENDPOINT_URL={} AWS_REGION={REGION}", server.endpoint());
    println!("export AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY}");
    println!("export AWS_SESSION_TOKEN={TOKEN}");
    for _ in io::stdin().lines() {
        for seen in server.take_seen() {
            let why = seen.why.unwrap_or_default();
            let [method, target] = [&seen.request.method, &seen.request.target]
                .map(|text| String::from_utf8_lossy(text));
            println!("{} {method} {target} {why}", seen.status);
        }
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    /// Every Rust source below a folder, one text.
    fn sources(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
                sources(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn every_example_and_test_that_the_table_names_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut text = String::new();
        for folder in ["crates", "examples", "tests", "fuzz"] {
            sources(&root.join(folder), &mut text);
        }
        let table = include_str!("../README.md");
        let rows = table.lines().filter(|line| line.starts_with("| ") && !line.contains("---"));
        let proofs: Vec<&str> = rows.filter_map(|row| row.rsplit('|').nth(1)).collect();
        assert!(proofs.len() > 25, "{} rows", proofs.len());
        for name in proofs.iter().flat_map(|proof| proof.split('`').skip(1).step_by(2)) {
            let example = name.strip_prefix("examples/");
            let there = match example {
                Some(path) => root.join("examples").join(path).exists(),
                None => text.contains(&format!("fn {name}(")) || root.join(name).exists(),
            };
            assert!(there, "the table names {name}, which is not there");
        }
    }
}
