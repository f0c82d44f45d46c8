//! Prints service and region for AWS host names, one on each line. Names that the tables do not
//! decide are unknown.
//!
//! ```text
//! cargo run --example endpoint -- HOST...
//! cargo run --example endpoint -- --file FILE     one host on each line
//!
//! host<TAB>service<TAB>region
//! host<TAB>ambiguous<TAB>service,service
//! host<TAB>unknown<TAB>reason
//! ```

use std::io::{self, BufWriter, Write};
use std::{env, fs};

use examples::Outcome;
use sigv4_core::Endpoint;

/// The hosts to read if no argument is given.
const SAMPLES: [&str; 7] = [
    "dynamodb.eu-central-1.amazonaws.com",
    "abc123.execute-api.us-east-1.amazonaws.com",
    "my.bucket.s3.dualstack.ap-south-1.amazonaws.com",
    "search-logs-x1.us-west-2.es.amazonaws.com",
    "abc-ats.iot.us-east-1.amazonaws.com",
    "my-site.s3-website.eu-west-1.amazonaws.com",
    "storage.example.com",
];

fn main() -> Outcome {
    let mut arguments = env::args().skip(1).peekable();
    let hosts: Vec<String> = match arguments.next_if(|first| first == "--file") {
        Some(_) => {
            let path = arguments.next().ok_or("--file needs the path of a file, a host a line")?;
            let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        }
        None if arguments.peek().is_none() => SAMPLES.map(str::to_owned).into(),
        None => arguments.collect(),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    for host in hosts {
        writeln!(out, "{host}\t{}", reading(&host))?;
    }
    Ok(out.flush()?)
}

fn reading(host: &str) -> String {
    let error = match Endpoint::from_host(host) {
        Ok(endpoint) => return format!("{}\t{}", endpoint.service(), endpoint.region()),
        Err(error) => error,
    };
    let candidates = Endpoint::candidates(host);
    if candidates.is_empty() {
        return format!("unknown\t{error}");
    }
    let names: Vec<&str> = candidates.iter().map(|found| found.service().as_str()).collect();
    format!("ambiguous\t{}", names.join(","))
}
