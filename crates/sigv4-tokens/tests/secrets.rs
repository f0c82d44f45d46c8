//! Puts a canary into each secret. No output of any public type may contain one.

use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use sigv4_tokens::{
    Credentials, Recipe, Region, Renewing, bedrock, codecommit, dsql, eks, elasticache,
    exec_credential, google, iot, keyspaces, memorydb, mongodb, msk, rds, vault,
};

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "CANARYsecret").with_session_token("CANARYtoken")
}

#[track_caller]
fn silent(value: &impl Debug, secret: &str) {
    let shown = format!("{value:?} {value:#?}");
    assert!(!shown.contains("CANARY") && !shown.contains(secret), "{shown}");
}

#[test]
fn no_recipe_token_or_renewal_shows_a_secret() {
    let region = &Region::from_static("us-east-1");
    let recipes: Vec<Box<dyn Recipe>> = vec![
        Box::new(rds("db", 5432, "user", region)),
        Box::new(dsql("db", region)),
        Box::new(eks("cluster", region)),
        Box::new(msk(region)),
        Box::new(elasticache("cache", "user", region)),
        Box::new(memorydb("cluster", "user", region)),
        Box::new(bedrock(region)),
        Box::new(keyspaces(format!("nonce={}", "0".repeat(32)), region)),
        Box::new(mongodb([0; 64], "sts.amazonaws.com")),
        Box::new(vault(region)),
        Box::new(google("//iam", region)),
        Box::new(iot("iot", region)),
        Box::new(codecommit("git", "/v1/repos/r", region)),
    ];
    for recipe in recipes {
        let token = recipe.token(&credentials(), NOW).unwrap();
        silent(&recipe, token.as_str());
        silent(&token, token.as_str());
    }
    let repository = codecommit("git", "/v1/repos/r", region);
    silent(&repository.user_name(&credentials()), "CANARY");
    let token = eks("cluster", region).token(&credentials(), NOW).unwrap();
    silent(&exec_credential(&token, None), token.as_str());
    silent(&mongodb([0; 64], "sts.amazonaws.com").answer(&credentials(), NOW), "CANARY");
    let renewing = Renewing::new(msk(region), credentials());
    let token = renewing.current(NOW).unwrap();
    silent(&renewing, token.as_str());
}

#[test]
fn no_error_shows_a_secret() {
    let region = &Region::from_static("us-east-1");
    let host = "postgres://user:CANARY@db?password=CANARY#CANARY";
    silent(&rds(host, 5432, "user", region).token(&credentials(), NOW), "CANARY");
    silent(&iot(host, region).token(&credentials(), NOW), "CANARY");
    silent(&elasticache(host, "user", region).token(&credentials(), NOW), "CANARY");
    silent(&codecommit("git", "r?CANARY", region).token(&credentials(), NOW), "CANARY");
    let expired = credentials().with_expiry(NOW);
    let later = NOW + Duration::from_secs(1);
    silent(&msk(region).token(&expired, later), "CANARY");
    let long = credentials().with_session_token("CANARY".repeat(1_000));
    silent(&eks("cluster", region).token(&long, NOW), "CANARY");
    silent(
        &exec_credential(&msk(region).token(&credentials(), NOW).unwrap(), Some("CANARY")),
        "CANARY",
    );
}
