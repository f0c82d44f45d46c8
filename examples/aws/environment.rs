//! Imitates the environment that AWS gives a program, for a program that runs elsewhere.

use std::env;
use std::process::{Command, Stdio};

use examples::Outcome;
use examples::verifying::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};

/// Runs this program again, with credentials, a region and these variables in its environment.
///
/// AWS does this for a Lambda function. Other variables that could name credentials are removed, so
/// that no real key ever signs for a server on loopback.
///
/// # Errors
/// The program failed.
pub fn run_again_with(variables: &[(&str, &str)]) -> Outcome {
    let mut command = Command::new(env::current_exe()?);
    for (other, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_"))
    {
        command.env_remove(other);
    }
    let status = command
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_SESSION_TOKEN", TOKEN)
        .env("AWS_REGION", REGION)
        .env("NO_PROXY", "*") // loopback needs no proxy
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("the example ended with {status}").into()) }
}
