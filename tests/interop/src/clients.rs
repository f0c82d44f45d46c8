//! S3 clients that people run, against a small S3-like server under `VerifyLayer`.

use std::path::Path;
use std::process::Command;

use crate::alter::alterations;
use crate::judge::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};
use crate::matrix::{Direction, Matrix, Need, Outcome};
use crate::s3_like::{S3Like, Seen};
use crate::tools;

/// A client, and the program that runs its script.
struct Client {
    name: &'static str,
    script: &'static str,
    runs_on: RunsOn,
    transport: Transport,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RunsOn {
    /// The virtual environment of `peers/requirements.txt`.
    Python,
    /// A shell, with the programs of the same environment.
    Shell,
    /// A shell, with the machine's own programs.
    PlainShell,
    /// Node.js, with the packages of `tools::NPM`.
    Node,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    Http,
    Tls,
}

const CLIENTS: [Client; 8] = [
    client("boto3", "boto3_s3.py", RunsOn::Python),
    Client { transport: Transport::Tls, ..client("boto3 TLS", "boto3_s3.py", RunsOn::Python) },
    client("minio-py", "minio_s3.py", RunsOn::Python),
    client("aws-cli", "aws_cli.sh", RunsOn::Shell),
    client("s3cmd", "s3cmd.sh", RunsOn::Shell),
    client("curl", "curl_s3.sh", RunsOn::PlainShell),
    client("SDK js3", "aws_sdk_js.js", RunsOn::Node),
    client("js forms", "forms.js", RunsOn::Node),
];

const fn client(name: &'static str, script: &'static str, runs_on: RunsOn) -> Client {
    Client { name, script, runs_on, transport: Transport::Http }
}

/// Runs every client that is on this machine.
pub(crate) fn run(matrix: &mut Matrix) {
    let (python, node) = (tools::python_clients(), tools::npm_clients());
    for client in &CLIENTS {
        let there = match client.runs_on {
            RunsOn::Python | RunsOn::Shell => python.clone(),
            RunsOn::Node => node.clone(),
            RunsOn::PlainShell => Ok(()),
        };
        let need = match client.runs_on {
            RunsOn::Python | RunsOn::Shell => Need::WhereServersAre,
            RunsOn::Node | RunsOn::PlainShell => Need::Nowhere,
        };
        match there {
            Ok(()) => client.run(matrix),
            Err(why) => matrix.not_there(client.name, Direction::WeVerify, need, &why),
        }
    }
}

impl Client {
    fn run(&self, matrix: &mut Matrix) {
        let folder = tools::folder().join("run");
        let server = match self.transport {
            Transport::Http => S3Like::http(),
            Transport::Tls => std::fs::create_dir_all(&folder)
                .map_err(Into::into)
                .and_then(|()| S3Like::tls(&folder)),
        };
        let mut record = |mode: &str, outcome| {
            matrix.record(self.name, Direction::WeVerify, mode, outcome);
        };
        let server = match server {
            Ok(server) => server,
            Err(error) => return record("a server", Err(error.to_string())),
        };
        let said = tools::run(&mut self.command(&server, &folder));
        let seen = server.take_seen();
        let lines = said.unwrap_or_else(|error| format!("the program itself\t{error}"));
        for line in lines.lines() {
            let (mode, result) = line.split_once('\t').unwrap_or((line, "no result"));
            let outcome = match result {
                "ok" => Ok("accepted".to_owned()),
                wrong => Err(format!("{wrong}\n{}", refusals(&seen))),
            };
            record(mode, outcome);
        }
        record("changed on the way", changed(&server, &seen));
    }

    fn command(&self, server: &S3Like, folder: &Path) -> Command {
        let venv = tools::python_folder().join("bin");
        let mut command = match self.runs_on {
            RunsOn::Python => Command::new(venv.join("python")),
            RunsOn::Shell | RunsOn::PlainShell => Command::new("bash"),
            RunsOn::Node => Command::new("node"),
        };
        command.arg(tools::script(self.script)).arg(server.endpoint());
        command.args([ACCESS_KEY, SECRET_KEY, TOKEN, REGION]);
        command.env("INTEROP_BIN", venv).env("INTEROP_MODULES", tools::npm_folder());
        if self.transport == Transport::Tls {
            command.env("INTEROP_CA", folder.join("cert.pem"));
        }
        command
    }
}

/// The causes of the refusals, once each.
fn refusals(seen: &[Seen]) -> String {
    let mut all: Vec<String> = seen
        .iter()
        .filter_map(|seen| {
            let target = String::from_utf8_lossy(&seen.request.target);
            seen.why.as_ref().map(|why| format!("{} {target}: {why}", seen.status))
        })
        .collect();
    all.dedup();
    all.join("\n")
}

/// Sends every accepted request again with one change at a time. None may be accepted.
fn changed(server: &S3Like, seen: &[Seen]) -> Outcome {
    let (mut requests, mut refused) = (0, 0);
    for request in seen.iter().filter(|seen| seen.why.is_none()).map(|seen| &seen.request) {
        requests += 1;
        for (what, altered) in alterations(request) {
            let target = String::from_utf8_lossy(&request.target);
            let status = server.again(&altered).map_err(|error| error.to_string())?;
            if status.is_success() {
                return Err(format!("{target}: accepted with {what} changed"));
            }
            refused += 1;
        }
    }
    if refused == 0 {
        return Err("nothing was received".into());
    }
    Ok(format!("{requests} requests, {refused} changed ones refused"))
}
