//! Walks from the selected profile to the base of its chain.

use std::time::Duration;

use aws_config::profile::Profile;
use aws_credential_types::Credentials as AwsCredentials;

use super::files::{File, Files, Selected};
use super::scan::{self, ID, OLD_TOKEN, SECRET, TOKEN};
use crate::role::Role;

/// How a profile gets its credentials: from a base, then through the roles in their order.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) base: Base,
    /// The profile that holds the base.
    pub(crate) base_profile: String,
    pub(crate) hops: Vec<Hop>,
}

/// The source of the first credentials of a chain.
#[derive(Debug)]
pub(crate) enum Base {
    Keys(AwsCredentials),
    WebIdentity { role_arn: String, token_file: String, session_name: Option<String> },
    Sso(Sso),
    Login { session: String },
    Process { command: String },
    Source(NamedSource),
}

/// A profile's settings for IAM Identity Center.
#[derive(Debug)]
#[cfg_attr(not(feature = "sso"), allow(dead_code, reason = "read to name the missing feature"))]
pub(crate) struct Sso {
    /// The key of the cached token: the session's name, or the start URL of older profiles.
    pub(crate) token_key: String,
    pub(crate) start_url: String,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) role: String,
}

/// The possible values of `credential_source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamedSource {
    Environment,
    Container,
    InstanceMetadata,
}

/// A role of the chain, and the profile that names it.
#[derive(Debug)]
pub(crate) struct Hop {
    pub(crate) profile: String,
    pub(crate) role: Role,
}

/// Returns the plan of the selected profile; `None` if it does not exist or has no credentials.
pub(crate) fn plan(files: &Files) -> Result<Option<Plan>, String> {
    let mut name = files.selected.name().to_owned();
    walk(files, &mut name).map_err(|why| {
        let place = files.place(&name);
        let is_named = [&files.config, &files.credentials].iter().any(|f| why.contains(&f.name));
        if is_named { why } else { format!("{why} (in {place})") }
    })
}

/// Follows `source_profile` from the profile `name`. At the end, `name` is the base's profile.
fn walk(files: &Files, name: &mut String) -> Result<Option<Plan>, String> {
    let mut hops: Vec<Hop> = Vec::new();
    let base = loop {
        let Some(profile) = check(files, name, hops.last())? else {
            return Ok(None);
        };
        let role = setting(profile, "role_arn")?;
        let is_web_identity = setting(profile, "web_identity_token_file")?.is_some();
        let is_base = is_web_identity || !hops.is_empty() && has_keys(profile);
        let Some(arn) = role.filter(|_| !is_base) else {
            match base(files, profile)? {
                Some(base) => break base,
                None if hops.is_empty() => return Ok(None),
                None => return Err(without_credentials(files, name, hops.last())),
            }
        };
        hops.push(Hop { profile: name.clone(), role: role_of(profile, arn)? });
        match next(files, profile, &hops)? {
            Next::Profile(source) => *name = source,
            Next::Base(base) => break base,
        }
    };
    hops.reverse();
    Ok(Some(Plan { base, base_profile: name.clone(), hops }))
}

/// Returns the profile if it exists and is not ambiguous. Only `default` may be missing, if it was
/// not named explicitly.
fn check<'a>(
    files: &'a Files,
    name: &str,
    asked_by: Option<&Hop>,
) -> Result<Option<&'a Profile>, String> {
    for file in [&files.config, &files.credentials] {
        if let Some(fault) = scan::fault(file, name) {
            return Err(fault);
        }
    }
    match (files.profile(name), asked_by, &files.selected) {
        (Some(profile), ..) => Ok(Some(profile)),
        (None, Some(hop), _) => Err(format!(
            "profile `{}` has source_profile = {name}, and there is no profile `{name}` in {}{}",
            hop.profile,
            files.names(),
            files.known()
        )),
        (None, None, Selected::Default) => Ok(None),
        (None, None, Selected::ByVariable(_)) => Err(format!(
            "AWS_PROFILE is `{name}`, and there is no profile `{name}` in {}{}: correct AWS_PROFILE, or \
             add the profile",
            files.names(),
            files.known()
        )),
        (None, None, Selected::InCode(_)) => {
            Err(format!("there is no profile `{name}` in {}{}", files.names(), files.known()))
        }
    }
}

fn without_credentials(files: &Files, name: &str, asked_by: Option<&Hop>) -> String {
    let by = asked_by.map_or("", |hop| hop.profile.as_str());
    format!(
        "profile `{by}` has source_profile = {name}, and profile `{name}` in {} has no credentials",
        files.names()
    )
}

enum Next {
    Profile(String),
    Base(Base),
}

/// Returns the source of the credentials for assuming `profile`'s role, the last of `hops`.
fn next(files: &Files, profile: &Profile, hops: &[Hop]) -> Result<Next, String> {
    let name = profile.name();
    let source = setting(profile, "source_profile")?;
    match (source, setting(profile, "credential_source")?) {
        (Some(_), Some(_)) => Err(format!(
            "profile `{name}` has both source_profile and credential_source: keep one of them"
        )),
        (None, None) => Err(format!(
            "profile `{name}` has role_arn and says not what to assume it from: add source_profile \
             or credential_source"
        )),
        (None, Some(source)) => named_source(name, source).map(Base::Source).map(Next::Base),
        (Some(source), None) if source == name => match keys(files, name)? {
            Some(keys) => Ok(Next::Base(Base::Keys(keys))),
            None => Err(format!(
                "profile `{name}` has itself as source_profile, which needs keys in it: it has none"
            )),
        },
        (Some(source), None) if hops.iter().any(|hop| hop.profile == source) => {
            let visited: Vec<_> = hops.iter().map(|hop| hop.profile.as_str()).collect();
            Err(format!("source_profile leads in a circle: {} -> {source}", visited.join(" -> ")))
        }
        (Some(source), None) => Ok(Next::Profile(source.to_owned())),
    }
}

fn named_source(profile: &str, name: &str) -> Result<NamedSource, String> {
    match name {
        "Environment" => Ok(NamedSource::Environment),
        "EcsContainer" => Ok(NamedSource::Container),
        "Ec2InstanceMetadata" => Ok(NamedSource::InstanceMetadata),
        _ => Err(format!(
            "profile `{profile}` has credential_source = {name}: it must be Environment, \
             EcsContainer or Ec2InstanceMetadata"
        )),
    }
}

/// Returns the credentials in the profile itself.
fn base(files: &Files, profile: &Profile) -> Result<Option<Base>, String> {
    let name = profile.name();
    if let Some(token_file) = setting(profile, "web_identity_token_file")? {
        let role_arn = setting(profile, "role_arn")?.ok_or_else(|| {
            format!("profile `{name}` has web_identity_token_file and no role_arn: add it")
        })?;
        let session_name = setting(profile, "role_session_name")?.map(str::to_owned);
        let (role_arn, token_file) = (role_arn.to_owned(), token_file.to_owned());
        return Ok(Some(Base::WebIdentity { role_arn, token_file, session_name }));
    }
    if let Some(sso) = sso(files, profile)? {
        return Ok(Some(Base::Sso(sso)));
    }
    let in_credentials = has_keys_in(&files.credentials, name);
    if in_credentials && let Some(keys) = keys(files, name)? {
        return Ok(Some(Base::Keys(keys)));
    }
    if let Some(session) = setting(profile, "login_session")? {
        return Ok(Some(Base::Login { session: session.to_owned() }));
    }
    if let Some(command) = setting(profile, "credential_process")? {
        return Ok(Some(Base::Process { command: command.to_owned() }));
    }
    Ok(keys(files, name)?.map(Base::Keys))
}

/// Returns the settings for IAM Identity Center. A profile with a session, but without account and
/// role, is for bearer tokens, not for credentials.
fn sso(files: &Files, profile: &Profile) -> Result<Option<Sso>, String> {
    let name = profile.name();
    let (account, role) = (setting(profile, "sso_account_id")?, setting(profile, "sso_role_name")?);
    let (account, role) = match (account, role) {
        (None, None) => return Ok(None),
        (Some(account), Some(role)) => (account, role),
        (Some(_), None) => return Err(missing(name, "sso_account_id", "sso_role_name")),
        (None, Some(_)) => return Err(missing(name, "sso_role_name", "sso_account_id")),
    };
    let session_name = setting(profile, "sso_session")?;
    let session = match session_name {
        None => None,
        Some(session) => Some(files.merged.sso_session(session).ok_or_else(|| {
            format!(
                "profile `{name}` has sso_session = {session}, and there is no [sso-session \
                 {session}] in {}",
                files.config.name
            )
        })?),
    };
    let find = |key: &str| match (session, profile.get(key)) {
        (Some(session), None) => session.get(key).filter(|value| !value.is_empty()),
        (None, own) => own.filter(|value| !value.is_empty()),
        (Some(session), Some(own)) => session.get(key).filter(|value| *value == own),
    };
    let need = |key: &str| {
        find(key).ok_or_else(|| match session_name {
        Some(session) => format!(
            "profile `{name}` uses [sso-session {session}], which lacks {key} or contradicts the \
             profile's: set it there, once"
        ),
        None => missing(name, "sso_account_id", key),
    })
    };
    let start_url = need("sso_start_url")?.to_owned();
    Ok(Some(Sso {
        token_key: session_name.map_or_else(|| start_url.clone(), str::to_owned),
        region: need("sso_region")?.to_owned(),
        start_url,
        account: account.to_owned(),
        role: role.to_owned(),
    }))
}

fn missing(profile: &str, there: &str, missing: &str) -> String {
    format!("profile `{profile}` has {there} and lacks {missing}: add it")
}

/// Returns a key pair with its token, all from one file. The credentials file is read first.
fn keys(files: &Files, profile: &str) -> Result<Option<AwsCredentials>, String> {
    let (own, other) = match has_keys_in(&files.credentials, profile) {
        true => (&files.credentials, &files.config),
        false => (&files.config, &files.credentials),
    };
    let get = |file: &File, key: &str| -> Option<String> {
        file.profiles.get_profile(profile)?.get(key).map(str::to_owned)
    };
    let token = |file| {
        let token = get(file, TOKEN).or_else(|| get(file, OLD_TOKEN));
        token.filter(|token| !token.is_empty())
    };
    let place = &own.name;
    let need = |key: &str| match get(own, key) {
        Some(value) if value.trim().is_empty() => {
            Err(format!("{key} of profile `{profile}` in {place} is empty"))
        }
        Some(value) => Ok(value),
        None => Err(match get(other, key) {
            Some(_) => format!(
                "profile `{profile}` has one key in {place} and {key} in {}: keep both in one file",
                other.name
            ),
            None => format!("profile `{profile}` in {place} has one key and lacks {key}: add it"),
        }),
    };
    if !has_keys_in(own, profile) {
        return match token(own).or_else(|| token(other)) {
            Some(_) => Err(format!("profile `{profile}` has {TOKEN} and no keys: add them")),
            None => Ok(None),
        };
    }
    let (id, secret) = (need(ID)?, need(SECRET)?);
    if token(own).is_none() && token(other).is_some() && !has_keys_in(other, profile) {
        return Err(format!(
            "profile `{profile}` has its keys in {place} and {TOKEN} in {}: keep them in one file",
            other.name
        ));
    }
    Ok(Some(AwsCredentials::new(id, secret, token(own), None, "profile")))
}

fn has_keys_in(file: &File, profile: &str) -> bool {
    file.profiles.get_profile(profile).is_some_and(has_keys)
}

fn has_keys(profile: &Profile) -> bool {
    profile.get(ID).is_some() || profile.get(SECRET).is_some()
}

fn role_of(profile: &Profile, arn: &str) -> Result<Role, String> {
    let text = |key| setting(profile, key).map(|value| value.map(str::to_owned));
    let mut role = Role::new(arn);
    role.session_name = text("role_session_name")?;
    role.external_id = text("external_id")?;
    role.mfa_serial = text("mfa_serial")?;
    if let Some(seconds) = setting(profile, "duration_seconds")? {
        let seconds: u32 = seconds.parse().map_err(|_| {
            format!(
                "profile `{}` has duration_seconds = {seconds}: it must be a number of seconds",
                profile.name()
            )
        })?;
        role.duration = Some(Duration::from_secs(seconds.into()));
    }
    Ok(role)
}

/// Returns a setting of a profile. Fails if it is empty.
fn setting<'a>(profile: &'a Profile, key: &str) -> Result<Option<&'a str>, String> {
    match profile.get(key) {
        Some(value) if value.trim().is_empty() => {
            Err(format!("{key} of profile `{}` is empty: set or remove it", profile.name()))
        }
        other => Ok(other),
    }
}
