//! Explains refused requests that are read from files.
//!
//! `cargo run --example explain -- FILE...`; without a file, the cases in `examples/aws/explain/`.
//!
//! A file holds either what `curl -v` prints, or a response as it is on the wire (status line, headers,
//! an empty line, body) after the request, if there is one: a raw request or a presigned URL. Lines
//! that begin with `#` at the start are for the reader, but for one: `# secret: KEY_ID SECRET`, with which the
//! request's signature is verified.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use examples::Outcome;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sigv4_core::Credentials;
use sigv4_explain::{Evidence, RequestText, read_request};

fn main() -> Outcome {
    let mut files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("explain");
        files = fs::read_dir(folder)?
            .map(|entry| entry.map(|it| it.path()))
            .collect::<Result<_, _>>()?;
        files.sort();
    }
    for file in files {
        println!("--- {}", file.file_name().unwrap_or_default().display());
        let bytes = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let text = String::from_utf8_lossy(&bytes);
        explain(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

/// Prints what a case says, its explanation, and what verifying its request gives.
fn explain(text: &str) -> Result<(), Box<dyn Error>> {
    let mut case = text;
    let mut credentials = None;
    while let Some((line, rest)) = case.split_once('\n').filter(|(line, _)| line.starts_with('#')) {
        match line.strip_prefix("# secret: ").and_then(|pair| pair.trim().split_once(' ')) {
            Some((key, secret)) => credentials = Some(Credentials::new(key, secret)),
            None => println!("{line}"),
        }
        case = rest;
    }
    let (request, response) = match case.lines().position(|line| line.starts_with("HTTP/")) {
        Some(at) => {
            let start: usize = case.split_inclusive('\n').take(at).map(str::len).sum();
            let (request, response) = case.split_at(start);
            let request = Some(request).filter(|text| !text.trim().is_empty());
            (request.map(read_request).transpose()?, Some(read_response(response)?))
        }
        None => (Some(read_request(case)?), None),
    };
    let evidence = match (&request, &response) {
        (request, Some((status, headers, body))) => {
            let evidence = Evidence::new(*status, headers, body.as_bytes());
            let head = request.as_ref().map(RequestText::head);
            Some(head.map_or(evidence, |head| evidence.with_request(head)))
        }
        (Some(request), None) => request.evidence(),
        (None, None) => None,
    };
    if let Some(evidence) = evidence {
        println!("{}\n", evidence.explain());
    }
    if let (Some(request), Some(credentials)) = (&request, &credentials) {
        println!("with the secret at hand: {}\n", request.check(credentials));
    }
    Ok(())
}

/// A status line, headers, an empty line and a body.
fn read_response(text: &str) -> Result<(StatusCode, HeaderMap, String), Box<dyn Error>> {
    let mut lines = text.split_inclusive('\n');
    let status = lines.next().and_then(|line| line.split_whitespace().nth(1));
    let status: StatusCode = status.ok_or("the status line has no status")?.parse()?;
    let mut headers = HeaderMap::new();
    for line in lines.by_ref() {
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| format!("no header: {line}"))?;
        headers.append(name.parse::<HeaderName>()?, HeaderValue::from_str(value.trim())?);
    }
    Ok((status, headers, lines.collect()))
}
