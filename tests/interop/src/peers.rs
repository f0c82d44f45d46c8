//! Signers of other projects, verified by `VerifyLayer`: their requests pass, changed ones do not.

use std::path::PathBuf;
use std::process::Command;

use support::oracle::sha256_hex;
use support::raw::{Answer, RawServer, Received, Reply};

use crate::alter::alterations;
use crate::judge::{self, ACCESS_KEY, REGION, SECRET_KEY, TOKEN};
use crate::matrix::{Direction, Matrix, Need, Outcome};
use crate::tools;

/// A program that signs and sends.
struct Peer {
    name: &'static str,
    need: Need,
    /// The interpreter and the script, or the name of a missing program.
    program: Result<(PathBuf, &'static str), String>,
}

/// Runs every peer that is on this machine.
pub(crate) fn run(matrix: &mut Matrix) {
    curl(matrix);
    for peer in [botocore(), aws4()] {
        let (interpreter, script) = match peer.program {
            Ok(program) => program,
            Err(why) => {
                matrix.not_there(peer.name, Direction::WeVerify, peer.need, &why);
                continue;
            }
        };
        judged(matrix, peer.name, |endpoint| {
            let mut command = Command::new(&interpreter);
            command
                .arg(tools::script(script))
                .arg(endpoint)
                .env("INTEROP_MODULES", tools::npm_folder());
            command.args([ACCESS_KEY, SECRET_KEY, TOKEN, REGION]);
            tools::run(&mut command).map(|text| text.lines().map(str::to_owned).collect())
        });
    }
}

fn botocore() -> Peer {
    let python = tools::folder().join("venv-moto/bin/python");
    let there = python.exists();
    let missing = || "tests/support/servers/install.sh installs it with moto".to_owned();
    let program = if there { Ok((python, "botocore_signs.py")) } else { Err(missing()) };
    Peer { name: "botocore", need: Need::WhereServersAre, program }
}

fn aws4() -> Peer {
    let program = tools::npm_clients().map(|()| ("node".into(), "aws4_signs.js"));
    Peer { name: "aws4", need: Need::Nowhere, program }
}

fn curl(matrix: &mut Matrix) {
    let version = Command::new("curl").arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        return matrix.not_there("curl", Direction::WeVerify, Need::Nowhere, "it is not installed");
    }
    let user = format!("{ACCESS_KEY}:{SECRET_KEY}");
    let token = format!("x-amz-security-token: {TOKEN}");
    judged(matrix, "curl", |endpoint| {
        let mut lines = Vec::new();
        let (empty, hello) = (hash(b""), hash(b"hello"));
        for (mode, service, target, rest) in [
            ("GET with a query", "execute-api", "/prod/pets?a=1", &[][..]),
            ("POST of JSON", "execute-api", "/prod/pets", &["--data", r#"{"name":"Rex"}"#]),
            ("S3 GET", "s3", "/bucket/key.txt", &["-H", &empty]),
            (
                "S3 PUT",
                "s3",
                "/bucket/key.txt",
                &["-X", "PUT", "--data-binary", "hello", "-H", &hello],
            ),
        ] {
            let mut command = Command::new("curl");
            command.args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--user", &user]);
            command.args(["--aws-sigv4", &format!("aws:amz:{REGION}:{service}"), "-H", &token]);
            command.args(rest).arg(format!("{endpoint}{target}"));
            lines.push(format!("{mode}\t{}", tools::run(&mut command)?));
        }
        Ok(lines)
    });
}

/// The header that S3 wants and that curl before 8 does not add by itself.
fn hash(body: &[u8]) -> String {
    format!("x-amz-content-sha256: {}", sha256_hex(body))
}

/// Runs one peer against a server of ours; each line that it gives is a mode, a tab and a status.
fn judged(
    matrix: &mut Matrix,
    name: &'static str,
    run: impl FnOnce(&str) -> Result<Vec<String>, String>,
) {
    let server = match RawServer::start(|received| Answer::Reply(answer(received))) {
        Ok(server) => server,
        Err(error) => {
            return matrix.record(name, Direction::WeVerify, "a server", Err(error.to_string()));
        }
    };
    let lines = run(&server.endpoint());
    let lines = lines.unwrap_or_else(|error| vec![format!("the program itself\t{error}")]);
    for line in lines {
        let (mode, status) = line.split_once('\t').unwrap_or((&line, "no status"));
        let refusals = || -> Vec<String> {
            server.received().iter().filter_map(|it| judge::judge(it).err()).collect()
        };
        let outcome = match status {
            "200" => Ok("accepted".to_owned()),
            other => Err(format!("{other}\n{}", refusals().join("\n"))),
        };
        matrix.record(name, Direction::WeVerify, mode, outcome);
    }
    matrix.record(name, Direction::WeVerify, "changed on the way", changed(&server.received()));
}

/// Responds 200 to correctly signed requests, in the format of each protocol.
fn answer(received: &Received) -> Reply {
    if let Err(reason) = judge::judge(received) {
        return Reply::new(403).body(reason);
    }
    let is_form = received.header("content-type").concat().contains("x-www-form-urlencoded");
    if !received.header("x-amz-target").is_empty() {
        Reply::new(200).header("content-type", "application/x-amz-json-1.0").body("{}")
    } else if is_form {
        let xml = "<R><GetCallerIdentityResult/><ResponseMetadata/></R>";
        Reply::new(200).header("content-type", "text/xml").body(xml)
    } else {
        Reply::new(200)
    }
}

/// Sends every request again with one change at a time. None may be accepted.
fn changed(received: &[Received]) -> Outcome {
    let mut refused = 0;
    for request in received {
        for (what, altered) in alterations(request) {
            let target = String::from_utf8_lossy(&request.target);
            if judge::judge(&altered).is_ok() {
                return Err(format!("{target}: accepted with {what} changed"));
            }
            refused += 1;
        }
    }
    if refused == 0 {
        return Err("nothing was received".into());
    }
    Ok(format!("{refused} changed requests refused"))
}
