//! Tests that `Endpoint` reads every host name that botocore's clients sign for.
//!
//! `endpoints/hosts.tsv` was written by `endpoints/resolve.py`, which shares nothing with the
//! script that makes our table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sigv4_core::Endpoint;

/// The host for which botocore's versions disagree: 1.38 (`hosts.tsv`), 1.40, 1.41 and 1.43 say
/// cn-northwest-1. 1.44.8, the newest in our table, says cn-north-1, where China's IAM is.
const CONTRADICTED: [&str; 1] = ["iam-fips.amazonaws.com.cn"];

type Scope = (String, String);

fn hosts() -> BTreeMap<String, BTreeSet<Scope>> {
    let mut hosts: BTreeMap<String, BTreeSet<Scope>> = BTreeMap::new();
    for line in include_str!("endpoints/hosts.tsv").lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let scope = (fields[1].to_owned(), fields[2].to_owned());
        hosts.entry(fields[0].to_owned()).or_default().insert(scope);
    }
    hosts
}

fn scope(endpoint: &Endpoint) -> Scope {
    (endpoint.service().to_string(), endpoint.region().to_string())
}

#[test]
fn every_host_of_botocores_clients_is_read_as_they_sign_for_it() {
    let (mut right, mut listed, mut not_in_the_name, mut contradicted) = (0, 0, 0, 0);
    let (mut wrong, mut unknown) = (String::new(), String::new());
    for (host, signed) in hosts() {
        let found: BTreeSet<Scope> = Endpoint::candidates(&host).iter().map(scope).collect();
        let said = Endpoint::from_host(&host);
        let regions: BTreeSet<&String> = signed.iter().map(|(_, region)| region).collect();
        match &said {
            _ if CONTRADICTED.contains(&host.as_str()) => contradicted += 1,
            Ok(endpoint) if signed == BTreeSet::from([scope(endpoint)]) => right += 1,
            Ok(endpoint) => writeln!(wrong, "{host}: {endpoint:?}, not {signed:?}").unwrap(),
            Err(_) if found.len() > 1 && found.is_superset(&signed) => listed += 1,
            Err(error) if regions.len() > 1 => {
                assert!(error.to_string().contains("does not name the region"), "{error}");
                not_in_the_name += 1;
            }
            Err(error) => writeln!(unknown, "{error}").unwrap(),
        }
    }
    println!(
        "right {right}; several services, all listed {listed}; region not in the name, and said so \
         {not_in_the_name}; contradicted by a newer botocore {contradicted}; wrong {}; unknown {}",
        wrong.lines().count(),
        unknown.lines().count()
    );
    assert!(right > 3_900, "the fixture is another one");
    assert!(wrong.is_empty() && unknown.is_empty(), "wrong:\n{wrong}\nunknown:\n{unknown}");
}
