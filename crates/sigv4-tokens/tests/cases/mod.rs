//! Makes the tokens of the cases of `tests/tokens/reference.py` with this crate, for comparison.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail here"
)]

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use sigv4_tokens::{self as tokens, Credentials, Recipe, Region, TokenError};

/// The token of a case.
pub(crate) fn made(case: &Value) -> Result<String, TokenError> {
    let (args, region) = (args(case), region(case));
    if case["kind"] == "mongodb-bson" {
        let mut bson = Vec::new();
        mongodb(&args).answer(&credentials(case), time(case))?.write_bson(&mut bson);
        return Ok(STANDARD.encode(bson));
    }
    let token = recipe(text(case, "kind"), &args, &region).token(&credentials(case), time(case))?;
    Ok(token.as_str().to_owned())
}

fn recipe(kind: &str, args: &[&str], region: &Region) -> Box<dyn Recipe> {
    let seconds = |text: &str| Duration::from_secs(text.parse().unwrap());
    match (kind, args) {
        ("rds", [host, port, user]) => {
            Box::new(tokens::rds(*host, port.parse().unwrap(), *user, region))
        }
        ("dsql", [host, life]) => Box::new(tokens::dsql(*host, region).valid_for(seconds(life))),
        ("dsql-admin", [host, life]) => {
            Box::new(tokens::dsql_admin(*host, region).valid_for(seconds(life)))
        }
        ("eks", [cluster]) => Box::new(tokens::eks(*cluster, region)),
        ("msk", []) => Box::new(tokens::msk(region)),
        ("elasticache", [cache, user]) => Box::new(tokens::elasticache(*cache, *user, region)),
        ("elasticache-serverless", [cache, user]) => {
            Box::new(tokens::elasticache(*cache, *user, region).serverless())
        }
        ("memorydb", [cluster, user]) => Box::new(tokens::memorydb(*cluster, *user, region)),
        ("bedrock", [life]) => Box::new(tokens::bedrock(region).valid_for(seconds(life))),
        ("keyspaces", [nonce]) => Box::new(tokens::keyspaces(format!("nonce={nonce}"), region)),
        ("mongodb", _) => Box::new(mongodb(args)),
        ("vault", [server_id, role]) => {
            Box::new(tokens::vault(region).server_id(*server_id).role(*role))
        }
        ("gcp", [audience]) => Box::new(tokens::google(*audience, region)),
        ("iot", [host]) => Box::new(tokens::iot(*host, region)),
        ("codecommit", [host, path]) => Box::new(tokens::codecommit(*host, *path, region)),
        _ => panic!("no such case: {kind} {args:?}"),
    }
}

fn mongodb(args: &[&str]) -> tokens::MongoDb {
    tokens::mongodb(STANDARD.decode(args[0]).unwrap(), args[1])
}

/// Removes the differences that are allowed: MSK's user agent, the encoding of Vault's headers,
/// white space in JSON. The rest is compared unchanged.
pub(crate) fn comparable(kind: &str, token: &str) -> String {
    match kind {
        "msk" => {
            let url = String::from_utf8(URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap();
            url.split_once("&User-Agent=").expect("MSK's tokens name their maker").0.to_owned()
        }
        "mongodb" => json(token).to_string(),
        "vault" => {
            let mut login = json(token);
            let headers = STANDARD.decode(text(&login, "iam_request_headers")).unwrap();
            login["iam_request_headers"] = serde_json::from_slice(&headers).unwrap();
            login.to_string()
        }
        _ => token.to_owned(),
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub(crate) fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap()
}

fn args(case: &Value) -> Vec<&str> {
    case["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect()
}

fn region(case: &Value) -> Region {
    Region::new(text(case, "region")).unwrap()
}

fn credentials(case: &Value) -> Credentials {
    Credentials::new(text(case, "access_key"), text(case, "secret_key"))
        .with_session_token(case["session_token"].as_str().unwrap_or_default())
}

fn time(case: &Value) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(case["time_millis"].as_u64().unwrap())
}
