//! Where programs of others are, and how they are run.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether a server that is missing is a failure, as in CI.
pub(crate) fn servers_are_required() -> bool {
    env::var_os("SIGV4_REQUIRE_SERVERS").is_some()
}

/// What packages are installed in: `SIGV4_TOOLS`, or `.tools` at the root of the repository.
pub(crate) fn folder() -> PathBuf {
    match env::var_os("SIGV4_TOOLS") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools"),
    }
}

/// A script of this package's.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// Runs a program, without the AWS settings and the proxies of whoever runs this; gives its stdout.
///
/// # Errors
/// It cannot be started, or fails; with what it says on stderr.
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
