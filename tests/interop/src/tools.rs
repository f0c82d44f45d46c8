//! Finds and runs the programs of other projects.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether a missing server is a failure, as in CI.
pub(crate) fn servers_are_required() -> bool {
    env::var_os("SIGV4_REQUIRE_SERVERS").is_some()
}

/// The folder for packages: `SIGV4_TOOLS`, or `.tools` at the root of the repository.
pub(crate) fn folder() -> PathBuf {
    match env::var_os("SIGV4_TOOLS") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools"),
    }
}

/// The packages from npm, in the versions that the matrix names.
const NPM: [&str; 7] = [
    "@aws-sdk/client-s3@3.1175.0",
    "@aws-sdk/lib-storage@3.1175.0",
    "@aws-sdk/s3-presigned-post@3.1164.0",
    "@aws-sdk/s3-request-presigner@3.1169.0",
    "aws-sdk@2.1693.0",
    "aws4@1.13.2",
    "minio@8.0.7",
];

/// Where the packages from npm are.
pub(crate) fn npm_folder() -> PathBuf {
    folder().join("npm/node_modules")
}

/// The packages from npm. Installs them if servers are required and npm is available.
///
/// # Errors
/// How to install them.
pub(crate) fn npm_clients() -> Result<(), String> {
    let versions = NPM.join(" ");
    let mark = folder().join("npm/installed.txt");
    let is_there = || fs::read_to_string(&mark).is_ok_and(|text| text == versions);
    if !is_there() && servers_are_required() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
        run(npm.arg(folder().join("npm")).args(NPM))?;
        fs::write(&mark, &versions).map_err(|error| error.to_string())?;
    }
    let how = "SIGV4_REQUIRE_SERVERS=1 installs it from npm, below .tools";
    if is_there() { Ok(()) } else { Err(how.into()) }
}

/// The virtual environment with the clients of `peers/requirements.txt`.
pub(crate) fn python_folder() -> PathBuf {
    folder().join("venv-clients")
}

/// The clients from PyPI. Installs them if servers are required.
///
/// # Errors
/// How to install them.
pub(crate) fn python_clients() -> Result<(), String> {
    let (venv, wanted) = (python_folder(), script("requirements.txt"));
    let mark = venv.join("installed.txt");
    let is_there = || {
        let texts = (fs::read(&mark), fs::read(&wanted));
        matches!(texts, (Ok(there), Ok(wanted)) if there == wanted)
    };
    if !is_there() && servers_are_required() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let mut pip = Command::new(venv.join("bin/pip"));
        run(pip.args(["--disable-pip-version-check", "install", "-q", "-r"]).arg(&wanted))?;
        fs::copy(&wanted, &mark).map_err(|error| error.to_string())?;
    }
    let how = "SIGV4_REQUIRE_SERVERS=1 installs it from PyPI, below .tools";
    if is_there() { Ok(()) } else { Err(how.into()) }
}

/// The path of a script of this package.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// Runs a program without the caller's AWS settings and proxies, and returns its stdout.
///
/// # Errors
/// Fails with the program's stderr if it cannot be started or fails.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("AWS_") || text.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(&name);
        }
    }
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
