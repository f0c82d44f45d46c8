//! Prints a token, an IAM password, on one line and nothing else.
//!
//! `cargo run --example tokens -- rds db.abc.eu-west-1.rds.amazonaws.com 5432 app --region eu-west-1`

use std::collections::VecDeque;
use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use sigv4_tokens::{self as tokens, Credentials, Recipe, Region};

const USAGE: &str = "\
usage: tokens KIND... --region R [--access-key A --secret-key S [--session-token T]] [--time ISO8601]

rds HOST PORT USER             elasticache NAME USER             keyspaces NONCE
dsql HOST                      elasticache-serverless NAME USER  mongodb NONCE-BASE64 STS-HOST
dsql-admin HOST                memorydb NAME USER                vault SERVER-ID
eks CLUSTER                    msk                               gcp AUDIENCE
eks-exec CLUSTER               bedrock                           iot HOST
                                                                 codecommit HOST PATH

Without --access-key: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
eks-exec prints what a kubeconfig's exec plugin prints, and reads KUBERNETES_EXEC_INFO.";

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome {
    let mut arguments = Arguments::read()?;
    let (credentials, time) = (arguments.credentials()?, arguments.time()?);
    let kind = arguments.word("KIND")?;
    if kind == "eks-exec" {
        let region = arguments.region()?;
        let token = tokens::eks(arguments.word("CLUSTER")?, &region).token(&credentials, time)?;
        let exec_info = env::var("KUBERNETES_EXEC_INFO").ok();
        println!("{}", tokens::exec_credential(&token, exec_info.as_deref())?.as_str());
        return Ok(());
    }
    let recipe = arguments.recipe(&kind)?;
    if let Some(word) = arguments.words.front() {
        return Err(format!("{word} is one word too many\n\n{USAGE}").into());
    }
    println!("{}", recipe.token(&credentials, time)?.as_str());
    Ok(())
}

#[derive(Default)]
struct Arguments {
    words: VecDeque<String>,
    region: Option<String>,
    access_key: Option<String>,
    secret_key: Option<String>,
    session_token: Option<String>,
    time: Option<String>,
}

impl Arguments {
    fn read() -> Outcome<Self> {
        let mut arguments = Self::default();
        let mut rest = env::args().skip(1);
        while let Some(argument) = rest.next() {
            let place = match argument.as_str() {
                "--region" => &mut arguments.region,
                "--access-key" => &mut arguments.access_key,
                "--secret-key" => &mut arguments.secret_key,
                "--session-token" => &mut arguments.session_token,
                "--time" => &mut arguments.time,
                flag if flag.starts_with("--") => {
                    return Err(format!("unknown: {flag}\n\n{USAGE}").into());
                }
                _ => {
                    arguments.words.push_back(argument);
                    continue;
                }
            };
            *place = Some(rest.next().ok_or_else(|| format!("{argument} needs a value"))?);
        }
        Ok(arguments)
    }

    fn word(&mut self, name: &str) -> Outcome<String> {
        Ok(self.words.pop_front().ok_or_else(|| format!("{name} is missing\n\n{USAGE}"))?)
    }

    fn region(&self) -> Outcome<Region> {
        let name = self.region.clone().or_else(|| env::var("AWS_REGION").ok());
        Ok(Region::new(name.ok_or("give --region, or set AWS_REGION")?)?)
    }

    fn time(&self) -> Outcome<SystemTime> {
        match &self.time {
            Some(text) => Ok(text.parse::<DateTime<Utc>>()?.into()),
            None => Ok(SystemTime::now()),
        }
    }

    fn credentials(&self) -> Outcome<Credentials> {
        let (id, secret, token) = match (&self.access_key, &self.secret_key) {
            (Some(id), Some(secret)) => (id.clone(), secret.clone(), self.session_token.clone()),
            (None, None) => (
                env::var("AWS_ACCESS_KEY_ID").map_err(|_| USAGE)?,
                env::var("AWS_SECRET_ACCESS_KEY").map_err(|_| USAGE)?,
                env::var("AWS_SESSION_TOKEN").ok(),
            ),
            _ => return Err("--access-key and --secret-key belong together".into()),
        };
        Ok(Credentials::new(id, secret).with_session_token(token.unwrap_or_default()))
    }

    fn recipe(&mut self, kind: &str) -> Outcome<Box<dyn Recipe>> {
        if kind == "mongodb" {
            // The region is derived from the host.
            let nonce = STANDARD.decode(self.word("NONCE-BASE64")?)?;
            return Ok(Box::new(tokens::mongodb(nonce, self.word("STS-HOST")?)));
        }
        let region = &self.region()?;
        Ok(match kind {
            "rds" => {
                let (host, port) = (self.word("HOST")?, self.word("PORT")?);
                let port = port.parse().map_err(|_| format!("{port} is not a port: 1 to 65535"))?;
                Box::new(tokens::rds(host, port, self.word("USER")?, region))
            }
            "dsql" => Box::new(tokens::dsql(self.word("HOST")?, region)),
            "dsql-admin" => Box::new(tokens::dsql_admin(self.word("HOST")?, region)),
            "eks" => Box::new(tokens::eks(self.word("CLUSTER")?, region)),
            "msk" => Box::new(tokens::msk(region)),
            "elasticache" => {
                Box::new(tokens::elasticache(self.word("NAME")?, self.word("USER")?, region))
            }
            "elasticache-serverless" => {
                let cache = tokens::elasticache(self.word("NAME")?, self.word("USER")?, region);
                Box::new(cache.serverless())
            }
            "memorydb" => {
                Box::new(tokens::memorydb(self.word("NAME")?, self.word("USER")?, region))
            }
            "bedrock" => Box::new(tokens::bedrock(region)),
            "keyspaces" => {
                let challenge = format!("nonce={}", self.word("NONCE")?);
                Box::new(tokens::keyspaces(challenge, region))
            }
            "vault" => Box::new(tokens::vault(region).server_id(self.word("SERVER-ID")?)),
            "gcp" => Box::new(tokens::google(self.word("AUDIENCE")?, region)),
            "iot" => Box::new(tokens::iot(self.word("HOST")?, region)),
            "codecommit" => {
                Box::new(tokens::codecommit(self.word("HOST")?, self.word("PATH")?, region))
            }
            _ => return Err(format!("unknown: {kind}\n\n{USAGE}").into()),
        })
    }
}
