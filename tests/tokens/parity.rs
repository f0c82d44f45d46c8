//! Compares our tokens with those of the libraries of AWS and others, byte by byte, on random
//! inputs.
//!
//! `tests/tokens/install.sh` installs the libraries. Without them the test says so and passes, unless
//! `SIGV4_REQUIRE_SERVERS` is set, as in CI. `SIGV4_WRITE=1` rewrites the crate's known answers.

#[path = "../../crates/sigv4-tokens/tests/cases/mod.rs"]
mod cases;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::{comparable, made, text};
use serde_json::{Value, json};

/// Cases of each kind.
const CASES: usize = 1_000;

/// Cases of each kind that the crate keeps as known answers.
const KEPT: usize = 4;

const KINDS: [&str; 16] = [
    "rds",
    "dsql",
    "dsql-admin",
    "eks",
    "msk",
    "elasticache",
    "elasticache-serverless",
    "memorydb",
    "bedrock",
    "keyspaces",
    "mongodb",
    "mongodb-bson",
    "vault",
    "gcp",
    "iot",
    "codecommit",
];

/// Regions of every partition.
const REGIONS: [&str; 22] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "eu-west-1",
    "eu-central-2",
    "ap-southeast-7",
    "ap-northeast-1",
    "sa-east-1",
    "ca-west-1",
    "me-central-1",
    "af-south-1",
    "il-central-1",
    "mx-central-1",
    "us-gov-west-1",
    "us-gov-east-1",
    "cn-north-1",
    "cn-northwest-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "us-isof-south-1",
    "eu-isoe-west-1",
    "eusc-de-east-1",
];

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The characters of users, clusters and audiences: plain ones, and ones that must be escaped.
const WILD: &str = "abcXYZ019-._~@+/%é:&=?#!'()*,;$ü日🦀[]{}|\"\\<>^`";
/// The characters that are not escaped in a path.
const PATH: &str = "abcXYZ019-._~@+/%é:&=!'()*,;$";

/// Random numbers that are the same in every run (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, inclusive.
    fn between(&mut self, least: usize, most: usize) -> usize {
        least + (self.next() % (most - least + 1) as u64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.between(0, choices.len() - 1)]
    }

    fn text(&mut self, alphabet: &str, least: usize, most: usize) -> String {
        let chars: Vec<char> = alphabet.chars().collect();
        (0..self.between(least, most)).map(|_| chars[self.between(0, chars.len() - 1)]).collect()
    }

    fn args(&mut self, kind: &str, region: &str) -> Vec<String> {
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        match kind {
            "rds" => {
                let host = format!("{}.abc.{region}.rds.{domain}", self.text(LOWER, 1, 30));
                let host =
                    self.one_of(&[&host, "db.internal", "10.1.2.3", "Proxy.Example"]).to_owned();
                let port = match self.between(0, 3) {
                    0 => 3306,
                    1 => 5432,
                    2 => 443, // the scheme's default port is not signed
                    _ => self.between(1, 65_535),
                };
                vec![host, port.to_string(), self.text(WILD, 1, 32)]
            }
            "dsql" | "dsql-admin" => {
                let host = format!("{}.dsql.{region}.on.aws", self.text(LOWER, 26, 26));
                let life = self.between(1, 604_800).to_string();
                vec![host, if self.between(0, 1) == 0 { "900".to_owned() } else { life }]
            }
            "eks" => vec![self.text(WILD, 1, 100)],
            "msk" => vec![],
            "elasticache" | "elasticache-serverless" | "memorydb" => {
                let name = format!("{}-{}", self.text(LOWER, 1, 20), self.text(LOWER, 1, 19));
                vec![name, self.text(WILD, 1, 40)]
            }
            "bedrock" => {
                let life = self.between(1, 43_200).to_string();
                vec![if self.between(0, 1) == 0 { "43200".to_owned() } else { life }]
            }
            "keyspaces" => vec![self.text("0123456789abcdef", 32, 32)],
            "mongodb" | "mongodb-bson" => {
                let nonce: Vec<u8> = (0..64).map(|_| self.next() as u8).collect();
                let regional = format!("sts.{region}.{domain}");
                let odd = format!("{}.{}", self.text(LOWER, 1, 9), self.text(LOWER, 1, 9));
                let hosts = ["sts.amazonaws.com", "localhost", "Sts.Example.Com", &regional, &odd];
                vec![STANDARD.encode(nonce), self.one_of(&hosts).to_owned()]
            }
            "vault" => vec![self.text(WILD, 1, 60), self.text(WILD, 0, 20)],
            "gcp" => vec![format!("//iam.googleapis.com/{}", self.text(WILD, 1, 80))],
            "iot" => vec![format!("{}-ats.iot.{region}.{domain}", self.text(LOWER, 14, 14))],
            "codecommit" => {
                let path = format!("/v1/repos/{}", self.text(PATH, 1, 60));
                vec![format!("git-codecommit.{region}.{domain}"), path]
            }
            _ => unreachable!("{kind}"),
        }
    }

    fn case(&mut self, kind: &str) -> Value {
        let region = if kind == "vault" { "us-east-1" } else { self.one_of(&REGIONS) };
        let is_temporary = self.between(0, 1) == 0;
        let prefix = if is_temporary { "ASIA" } else { "AKIA" };
        // 2000 to 2099.
        let time_millis = 946_684_800_000 + self.next() % 3_155_673_600_000;
        json!({
            "kind": kind,
            "args": self.args(kind, region),
            "region": region,
            "access_key": format!("{prefix}{}", self.text(UPPER, 16, 16)),
            "secret_key": self.text(BASE64, 40, 40),
            "session_token": is_temporary.then(|| self.text(BASE64, 4, 600) + "="),
            "time_millis": time_millis,
        })
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns a Python with the libraries. Installs them if required.
fn python() -> Option<PathBuf> {
    let is_required = env::var_os("SIGV4_REQUIRE_SERVERS").is_some();
    let tools = env::var_os("SIGV4_TOOLS").map_or(root().join(".tools"), Into::into);
    let mut install = Command::new("bash");
    install.arg(root().join("tests/tokens/install.sh")).env("SIGV4_TOOLS", &tools);
    if !is_required {
        install.env("SIGV4_OFFLINE", "1");
    }
    let output = install.output().expect("bash runs");
    if output.status.success() {
        return Some(tools.join("venv-tokens/bin/python"));
    }
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(!is_required, "{why}");
    eprintln!("NOT RUN: tests/tokens/install.sh installs what tokens are compared with. {why}");
    None
}

/// Returns the libraries' tokens for the cases.
fn references(python: &Path, cases: &[Value]) -> Vec<String> {
    let mut child = Command::new(python)
        .args(["-W", "ignore"]) // utcnow is deprecated
        .arg(root().join("tests/tokens/reference.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the installed python runs");
    let lines: String = cases.iter().map(|case| format!("{case}\n")).collect();
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(lines.as_bytes()).is_ok());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "reference.py: {}", output.status);
    assert!(writer.join().unwrap(), "reference.py reads all cases");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn tokens_are_the_same_bytes_as_those_of_the_reference_libraries() {
    let Some(python) = python() else { return };
    let mut random = Random(20_260_102);
    let cases: Vec<Value> = KINDS
        .iter()
        .flat_map(|kind| (0..CASES).map(|_| *kind))
        .map(|kind| random.case(kind))
        .collect();
    let theirs = references(&python, &cases);
    assert_eq!(theirs.len(), cases.len());
    for (case, theirs) in cases.iter().zip(&theirs) {
        let kind = text(case, "kind");
        let ours = made(case).unwrap_or_else(|error| panic!("{error}: {case}"));
        assert_eq!(comparable(kind, &ours), comparable(kind, theirs), "{case}");
    }
    println!("{} kinds, {CASES} cases each: all alike", KINDS.len());
    if env::var_os("SIGV4_WRITE").is_some() {
        write_known_answers(&cases, &theirs);
    }
}

fn write_known_answers(cases: &[Value], theirs: &[String]) {
    let mut lines = String::new();
    for (nth, (case, theirs)) in cases.iter().zip(theirs).enumerate() {
        if nth % CASES < KEPT {
            let mut case = case.clone();
            case["token"] = theirs.as_str().into();
            lines.push_str(&format!("{case}\n"));
        }
    }
    fs::write(root().join("crates/sigv4-tokens/tests/known_answers.jsonl"), lines).unwrap();
}
