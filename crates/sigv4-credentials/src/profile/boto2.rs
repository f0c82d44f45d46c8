//! The files of boto 2 and of the first EC2 tools. They are not read for credentials. But boto
//! still takes an identity from them before it asks a container or the instance.

use std::path::{Path, PathBuf};

use super::scan::{self, ID};
use crate::environment::{self, expanded};

/// Returns why the chain must not continue to a container or the instance; `None` if no such file
/// has keys.
pub(crate) fn fault() -> Option<String> {
    let of_tools = environment::value("AWS_CREDENTIAL_FILE").map(PathBuf::from);
    if let Some(path) = of_tools.filter(|path| has_line(path, "AWSAccessKeyId")) {
        return Some(refusal(&path));
    }
    let of_boto = match environment::value("BOTO_CONFIG") {
        Some(path) => vec![PathBuf::from(path)],
        None => vec![PathBuf::from("/etc/boto.cfg"), PathBuf::from("~/.boto")],
    };
    of_boto.iter().find(|path| has_section(path)).map(|path| refusal(path))
}

fn refusal(path: &Path) -> String {
    format!(
        "{} has keys, which boto takes and which are not read here: move them to a profile, or \
         choose with DefaultProvider::builder().sources(..)",
        path.display()
    )
}

fn content(path: &Path) -> Option<String> {
    std::fs::read_to_string(expanded(path.to_owned())?).ok()
}

fn has_line(path: &Path, key: &str) -> bool {
    let is_key = |line: &str| line.split('=').next().is_some_and(|name| name.trim() == key);
    content(path).is_some_and(|content| content.lines().any(is_key))
}

fn has_section(path: &Path) -> bool {
    let has_keys = |section: &scan::Section| section.header == "Credentials" && section.has(ID);
    content(path).is_some_and(|content| scan::sections(&content).iter().any(has_keys))
}
