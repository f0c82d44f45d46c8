//! The two profile files: their paths, their contents, and whether they have changed.

use std::borrow::Cow;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

#[expect(deprecated, reason = "the loader takes the types by their old names")]
use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
use aws_config::profile::{Profile, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};

use super::scan::{self, Section};
use crate::environment::{self, expanded, home};
use crate::reason::reason;

/// The paths set in code. If one is not set, the variables and the home directory determine it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths {
    pub(crate) config: Option<PathBuf>,
    pub(crate) credentials: Option<PathBuf>,
}

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Config,
    Credentials,
}

/// The most profiles that an error names.
const KNOWN: usize = 10;

/// The content of one file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) kind: Kind,
    /// The path, or the usual name of the file if the home directory is unknown.
    pub(crate) name: String,
    /// The profiles of this file only.
    pub(crate) profiles: ProfileSet,
    pub(crate) sections: Vec<Section>,
    content: Option<String>,
}

/// Both files, with the selected profile.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) config: File,
    pub(crate) credentials: File,
    /// Both files merged. If they differ, the credentials file takes precedence.
    pub(crate) merged: ProfileSet,
    pub(crate) selected: Selected,
}

/// The name of the profile, and where it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selected {
    InCode(String),
    ByVariable(String),
    Default,
}

impl Selected {
    pub(crate) fn of(in_code: Option<&str>) -> Self {
        match (in_code, environment::value("AWS_PROFILE")) {
            (Some(name), _) => Self::InCode(name.to_owned()),
            (None, Some(name)) => Self::ByVariable(name),
            (None, None) => Self::Default,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::InCode(name) | Self::ByVariable(name) => name,
            Self::Default => "default",
        }
    }
}

/// The state of the files, for detecting changes: modification time, length and inode of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint([Option<(Option<SystemTime>, u64, u64)>; 2]);

impl Paths {
    /// Returns the current state of the files, without reading their content.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let of = |kind| {
            self.of(kind)
                .and_then(|path| fs::metadata(path).ok())
                .map(|metadata| (metadata.modified().ok(), metadata.len(), inode(&metadata)))
        };
        Fingerprint([of(Kind::Config), of(Kind::Credentials)])
    }

    /// Returns the path of a file; `None` if it depends on an unknown home directory.
    pub(crate) fn of(&self, kind: Kind) -> Option<PathBuf> {
        let (in_code, variable, name) = match kind {
            Kind::Config => (&self.config, "AWS_CONFIG_FILE", "config"),
            Kind::Credentials => (&self.credentials, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        };
        if let Some(path) = in_code {
            return Some(path.clone());
        }
        match std::env::var_os(variable).map(PathBuf::from) {
            Some(path) => expanded(path),
            None => Some(home()?.join(".aws").join(name)),
        }
    }

    fn is_in_code(&self, kind: Kind) -> bool {
        match kind {
            Kind::Config => self.config.is_some(),
            Kind::Credentials => self.credentials.is_some(),
        }
    }
}

impl Files {
    /// Reads both files. A missing file counts as empty. Fails if a file cannot be read.
    pub(crate) async fn read(paths: &Paths, in_code: Option<&str>) -> Result<Self, String> {
        let selected = Selected::of(in_code);
        // Files may be on a network, so they are not read on the loader's thread.
        let paths = paths.clone();
        let contents = tokio::task::spawn_blocking(move || {
            [Kind::Config, Kind::Credentials].map(|kind| content(&paths, kind))
        });
        let [config, credentials] =
            contents.await.map_err(|_| "reading the profile files was broken off".to_owned())?;
        let (config, credentials) = (config?, credentials?);
        let config = File::parse(Kind::Config, config, &selected).await?;
        let credentials = File::parse(Kind::Credentials, credentials, &selected).await?;
        let merged = parse(&[&config, &credentials], &selected)
            .await
            .map_err(|why| format!("{}, {}: {why}", config.name, credentials.name))?;
        Ok(Self { config, credentials, merged, selected })
    }

    pub(crate) fn profile(&self, name: &str) -> Option<&Profile> {
        self.merged.get_profile(name)
    }

    /// Lists the existing profiles, to help with a misspelt name.
    pub(crate) fn known(&self) -> String {
        let mut names: Vec<_> = self.merged.profiles().collect();
        names.sort_unstable();
        let rest = if names.len() > KNOWN { ", ..." } else { "" };
        names.truncate(KNOWN);
        match names.as_slice() {
            [] => String::new(),
            names => format!(", which name {}{rest}", names.join(", ")),
        }
    }

    /// Names the file that contains a profile, or both files.
    pub(crate) fn place(&self, profile: &str) -> String {
        let has = |file: &File| file.profiles.get_profile(profile).is_some();
        match (has(&self.config), has(&self.credentials)) {
            (true, false) => self.config.name.clone(),
            (false, true) => self.credentials.name.clone(),
            _ => format!("{} and {}", self.config.name, self.credentials.name),
        }
    }

    /// Names both files in a sentence.
    pub(crate) fn names(&self) -> String {
        let name = |file: &File| match file.content {
            Some(_) => file.name.clone(),
            None => format!("{} (not found)", file.name),
        };
        format!("{} or {}", name(&self.config), name(&self.credentials))
    }

    /// Returns the files in aws-config's form, without reading them again.
    #[expect(deprecated, reason = "the loader takes the types by their old names")]
    pub(crate) fn for_aws_config(&self) -> ProfileFiles {
        profile_files(&[&self.config, &self.credentials])
    }
}

impl File {
    async fn parse(
        kind: Kind,
        (name, content): (String, Option<String>),
        selected: &Selected,
    ) -> Result<Self, String> {
        let sections = content.as_deref().map(scan::sections).unwrap_or_default();
        let mut file = Self { kind, name, profiles: ProfileSet::default(), sections, content };
        match parse(&[&file], selected).await {
            Ok(profiles) => file.profiles = profiles,
            Err(why) => return Err(format!("{}: {why}", file.name)),
        }
        Ok(file)
    }
}

#[cfg(test)]
impl File {
    /// Parses a file with this content. If the parser refuses it, it has no profiles.
    pub(super) fn for_tests(kind: Kind, content: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let content = ("/home/me/.aws/file".to_owned(), Some(content.to_owned()));
        runtime.block_on(Self::parse(kind, content, &Selected::Default)).unwrap()
    }
}

#[expect(deprecated, reason = "the loader takes the types by their old names")]
fn profile_files(files: &[&File]) -> ProfileFiles {
    files
        .iter()
        .fold(ProfileFiles::builder(), |builder, file| {
            let kind = match file.kind {
                Kind::Config => ProfileFileKind::Config,
                Kind::Credentials => ProfileFileKind::Credentials,
            };
            builder.with_contents(kind, file.content.clone().unwrap_or_default())
        })
        .build()
}

async fn parse(files: &[&File], selected: &Selected) -> Result<ProfileSet, String> {
    let name = Cow::Owned(selected.name().to_owned());
    let files = profile_files(files);
    let parsed = aws_config::profile::load(&Fs::real(), &Env::real(), &files, Some(name)).await;
    parsed.map_err(|error| {
        let text = reason(&error);
        // The parser gets only the content, so its error lacks the path.
        match text.split_once(" on line ") {
            Some((_, line)) => format!("line {line}"),
            None => text,
        }
    })
}

/// Returns a file's name for people and its content; the content is `None` if there is no file.
fn content(paths: &Paths, kind: Kind) -> Result<(String, Option<String>), String> {
    let Some(path) = paths.of(kind) else {
        let name = match kind {
            Kind::Config => "~/.aws/config (no home folder is known)",
            Kind::Credentials => "~/.aws/credentials (no home folder is known)",
        };
        return Ok((name.to_owned(), None));
    };
    let name = match path.as_os_str().is_empty() {
        true => format!("{} (empty)", variable(kind)),
        false => path.display().to_string(),
    };
    match fs::read(&path) {
        Ok(bytes) => match text(bytes) {
            Ok(content) => Ok((name, Some(content))),
            Err(why) => Err(format!("{name} {why}: save it as UTF-8")),
        },
        Err(error) if is_absence(&error.kind(), &path) && !paths.is_in_code(kind) => {
            if name.contains('$') {
                return Err(format!(
                    "{name} was not found: variables in the path are not expanded"
                ));
            }
            Ok((name, None))
        }
        Err(error) => Err(format!(
            "{name} cannot be read ({error}): correct it, or name another file in {} (/dev/null \
             for none)",
            variable(kind)
        )),
    }
}

fn variable(kind: Kind) -> &'static str {
    match kind {
        Kind::Config => "AWS_CONFIG_FILE",
        Kind::Credentials => "AWS_SHARED_CREDENTIALS_FILE",
    }
}

fn text(bytes: Vec<u8>) -> Result<String, &'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("is UTF-16");
    }
    match String::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => Err("holds NUL characters, as UTF-16 does"),
        Ok(text) => Ok(text),
        Err(_) => Err("is not UTF-8"),
    }
}

/// Whether the file does not exist. A dangling link counts as a file that cannot be read.
fn is_absence(kind: &ErrorKind, path: &Path) -> bool {
    match kind {
        ErrorKind::NotFound => fs::symlink_metadata(path).is_err(),
        ErrorKind::NotADirectory => true, // HOME=/dev/null
        _ => false,
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}
