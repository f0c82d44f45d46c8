//! Environment variables: the keys, and the handling of empty variables.

use std::env::{self, VarError};
use std::ffi::OsString;
use std::path::PathBuf;

use aws_credential_types::Credentials as AwsCredentials;

/// Returns a variable's value. An empty variable counts as not set.
pub(crate) fn value(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The same as [`value`], for paths, which need not be UTF-8.
fn path(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the home directory.
pub(crate) fn home() -> Option<PathBuf> {
    path("HOME").or_else(|| path("USERPROFILE")).map(PathBuf::from)
}

/// Expands `~` at the start of a path. Returns `None` if the home directory is unknown.
pub(crate) fn expanded(path: PathBuf) -> Option<PathBuf> {
    match path.strip_prefix("~") {
        Ok(below) => Some(home()?.join(below)),
        Err(_) => Some(path),
    }
}

/// The state of the variable of a key.
enum Key {
    NotSet,
    Blank,
    Set(String),
}

impl Key {
    fn read(name: &str) -> Result<Self, String> {
        match env::var(name) {
            Ok(value) if value.is_empty() => Ok(Self::NotSet),
            Ok(value) if value.trim().is_empty() => Ok(Self::Blank),
            Ok(value) => Ok(Self::Set(value)),
            Err(VarError::NotPresent) => Ok(Self::NotSet),
            Err(VarError::NotUnicode(_)) => Err(format!("{name} is not valid UTF-8")),
        }
    }
}

/// Returns the keys of the environment, or `None` if neither is set. Fails if one of them is
/// unusable.
pub(crate) fn credentials() -> Result<Option<AwsCredentials>, String> {
    let (id_name, secret_name) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    let (id, secret) = match (Key::read(id_name)?, Key::read(secret_name)?) {
        (Key::Set(id), Key::Set(secret)) => (id, secret),
        (Key::NotSet, Key::NotSet) => return Ok(None),
        (Key::Blank, _) => return Err(format!("{id_name} is blank: set it, or unset both keys")),
        (_, Key::Blank) => {
            return Err(format!("{secret_name} is blank: set it, or unset both keys"));
        }
        (Key::Set(_), Key::NotSet) => return Err(half(id_name, secret_name)),
        (Key::NotSet, Key::Set(_)) => return Err(half(secret_name, id_name)),
    };
    let token = match Key::read("AWS_SESSION_TOKEN")? {
        Key::Set(token) => Some(token),
        Key::NotSet => None,
        Key::Blank => return Err("AWS_SESSION_TOKEN is blank: set or unset it".to_owned()),
    };
    Ok(Some(AwsCredentials::new(id, secret, token, None, "environment")))
}

fn half(set: &str, missing: &str) -> String {
    let state = if env::var_os(missing).is_some() { "empty" } else { "not set" };
    format!("{set} is set and {missing} is {state}: set both, or unset both")
}
