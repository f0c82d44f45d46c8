//! The profile: what the two files say of it, and its credentials by aws-config.

use std::borrow::Cow;
use std::env;
use std::path::PathBuf;

use aws_config::profile::{ProfileFileLoadError, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};

/// Reads both files and selects the profile: `name`, or `AWS_PROFILE`, or `default`.
pub(crate) async fn load(name: Option<&str>) -> Result<ProfileSet, ProfileFileLoadError> {
    #[expect(deprecated, reason = "the loader takes the type by its old name")]
    let files = aws_config::profile::profile_file::ProfileFiles::default();
    let name = name.map(|name| Cow::Owned(name.to_owned()));
    let (fs, env) = (Fs::real(), Env::real());
    aws_config::profile::load(&fs, &env, &files, name).await
}

/// Whether its credentials come from an endpoint that depends on the region.
pub(crate) fn needs_region(profiles: &ProfileSet) -> bool {
    ["role_arn", "login_session"].iter().any(|key| profiles.get(key).is_some())
}

/// How the selected profile gets its credentials: the order is aws-config's.
pub(crate) fn detail(profiles: &ProfileSet) -> String {
    let has = |key: &str| profiles.get(key).is_some();
    let means = if has("role_arn") && has("web_identity_token_file") {
        ", role assumed with a web identity"
    } else if has("role_arn") {
        ", assumed role"
    } else if has("sso_session") || has("sso_start_url") {
        ", IAM Identity Center"
    } else if has("login_session") {
        ", aws login"
    } else if has("credential_process") {
        ", credential_process"
    } else {
        ""
    };
    format!("`{}`{means}", profiles.selected_profile())
}

/// That the profile is not there, and what the two files are like: aws-config takes one that it
/// cannot read as empty. `None` where it is there.
pub(crate) fn absence(profiles: &ProfileSet) -> Option<String> {
    let name = profiles.selected_profile();
    if profiles.get_profile(name).is_some() {
        return None;
    }
    let config = file_state("AWS_CONFIG_FILE", "config");
    let credentials = file_state("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    Some(format!("no profile `{name}` in {config} or {credentials}"))
}

fn file_state(variable: &str, name: &str) -> String {
    let path = env::var_os(variable).map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"))?;
        Some(PathBuf::from(home).join(".aws").join(name))
    });
    let Some(path) = path else {
        return format!("~/.aws/{name} (no home directory)");
    };
    let state = match std::fs::read(&path) {
        Ok(content) if std::str::from_utf8(&content).is_err() => "not UTF-8".to_owned(),
        Ok(_) => return path.display().to_string(),
        Err(error) => error.kind().to_string(),
    };
    format!("{} ({state})", path.display())
}
