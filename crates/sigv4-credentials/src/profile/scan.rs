//! Scans a profile file line by line for problems that the parser silently merges: sections that
//! occur twice, and keys from different sections.

use aws_config::profile::ProfileSet;

use super::files::{File, Kind};

/// A section of a profile file, as written.
#[derive(Debug)]
pub(crate) struct Section {
    /// The words between the brackets, with one space between them.
    pub(super) header: String,
    /// The spaces next to a bracket, which boto treats as part of the name.
    padding: Padding,
    line: usize,
    keys: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Padding {
    None,
    Spaces,
}

/// The settings of a key pair and its token, in the order of their use.
pub(crate) const ID: &str = "aws_access_key_id";
pub(crate) const SECRET: &str = "aws_secret_access_key";
pub(crate) const TOKEN: &str = "aws_session_token";
/// An older name of the token, which boto still reads.
pub(crate) const OLD_TOKEN: &str = "aws_security_token";

/// Returns the sections of a file, in order. Lines that the parser refuses are skipped here.
pub(crate) fn sections(content: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (index, line) in content.lines().enumerate() {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default();
            let words: Vec<_> = header.split_whitespace().collect();
            // Every tool accepts the space after the name in `[profile name ]`.
            let is_padded = header.starts_with(char::is_whitespace)
                || words.len() == 1 && header.ends_with(char::is_whitespace);
            let padding = if is_padded { Padding::Spaces } else { Padding::None };
            let (header, line) = (words.join(" "), index + 1);
            sections.push(Section { header, padding, line, keys: Vec::new() });
        } else if line.starts_with(|first: char| first.is_ascii_alphabetic())
            && let (Some((key, _)), Some(section)) = (line.split_once('='), sections.last_mut())
        {
            section.keys.push(key.trim().to_ascii_lowercase());
        }
    }
    sections
}

impl Section {
    /// Returns the profile that this section belongs to for boto and the AWS CLI.
    fn profile(&self, kind: Kind) -> Option<&str> {
        let unquoted = |name: &'_ str| -> usize { name.trim_matches(['"', '\'']).len() };
        match (kind, self.header.strip_prefix("profile ")) {
            (Kind::Config, Some(name)) if unquoted(name) > 0 => {
                Some(name.trim_matches(['"', '\'']))
            }
            (Kind::Config, None) if self.header == "default" => Some("default"),
            (Kind::Credentials, None) => Some(&self.header),
            _ => None,
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|known| known == key)
    }
}

/// Describes a problem or an ambiguity of a profile in one file; `None` if there is none.
pub(crate) fn fault(file: &File, profile: &str) -> Option<String> {
    let of_profile = |section: &&Section| section.profile(file.kind) == Some(profile);
    let sections: Vec<_> = file.sections.iter().filter(of_profile).collect();
    for_every_profile(file)
        .or_else(|| both_defaults(file, &sections))
        .or_else(|| doubled_key(file, profile, &sections))
        .or_else(|| mixed_keys(file, profile, &sections))
        .or_else(|| unread(file, profile, &sections, &file.profiles))
}

/// Finds `[DEFAULT]`, whose settings boto adds to every profile.
fn for_every_profile(file: &File) -> Option<String> {
    let is_default = |section: &&Section| section.header == "DEFAULT" && !section.keys.is_empty();
    let section = file.sections.iter().find(is_default)?;
    Some(format!(
        "{} has [DEFAULT] in line {}, which boto adds to every profile and other tools do not: \
         write [default]",
        file.name, section.line
    ))
}

/// Finds a key that is set twice in one section, because it is unclear which one counts.
fn doubled_key(file: &File, profile: &str, sections: &[&Section]) -> Option<String> {
    let is_doubled = |section: &Section, key: &str| {
        section.keys.iter().filter(|known| *known == key).count() > 1
    };
    let doubled =
        |section: &&Section| [ID, SECRET, TOKEN].into_iter().find(|key| is_doubled(section, key));
    let (section, key) = sections.iter().find_map(|s| Some((s, doubled(s)?)))?;
    Some(format!(
        "{} has {key} twice in profile `{profile}`, in the section of line {}: keep one",
        file.name, section.line
    ))
}

/// Finds `[default]` together with `[profile default]`: some tools use the first, others the last.
fn both_defaults(file: &File, sections: &[&Section]) -> Option<String> {
    let lines = |header: &str| {
        let found = sections.iter().find(|s| s.header == header && !s.keys.is_empty());
        found.map(|section| section.line)
    };
    let (plain, prefixed) = (lines("default")?, lines("profile default")?);
    Some(format!(
        "{} has [default] in line {plain} and [profile default] in line {prefixed}: keep one of them",
        file.name
    ))
}

/// Finds a key pair of one section with the secret or the token of another.
fn mixed_keys(file: &File, profile: &str, sections: &[&Section]) -> Option<String> {
    let owner = |key: &str| sections.iter().rev().find(|section| section.has(key));
    let id = owner(ID)?;
    let other = [SECRET, TOKEN, OLD_TOKEN]
        .into_iter()
        .filter_map(|key| Some((key, owner(key)?)))
        .find(|(_, section)| section.line != id.line)?;
    Some(format!(
        "{} has the section of profile `{profile}` twice: {ID} counts from line {}, {} from line \
         {}. Keep the keys in one section",
        file.name, id.line, other.0, other.1.line
    ))
}

/// Finds a section that only some tools read as this profile.
fn unread(
    file: &File,
    profile: &str,
    sections: &[&Section],
    profiles: &ProfileSet,
) -> Option<String> {
    let is_unread = profiles.get_profile(profile).is_none();
    let is_odd = |section: &&&Section| is_unread || section.padding == Padding::Spaces;
    let section = sections.iter().find(is_odd)?;
    Some(format!(
        "{} names profile `{profile}` in line {} in a way that is not read everywhere: [{}]. Write \
         the name without quotes, spaces or other special characters",
        file.name, section.line, section.header
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(kind: Kind, content: &str) -> File {
        File::for_tests(kind, content)
    }

    #[test]
    fn sections_come_with_their_lines_and_keys() {
        let sections = sections("# x\n[default]\nA = 1\n\n[profile  dev]\nb=2\n  c = 3\n; d = 4\n");
        let of = |at: usize| (sections[at].header.as_str(), sections[at].line, &sections[at].keys);
        assert_eq!(of(0), ("default", 2, &vec!["a".to_owned()]));
        assert_eq!(of(1), ("profile dev", 5, &vec!["b".to_owned()]));
    }

    #[test]
    fn token_of_one_section_with_the_keys_of_another_names_both_lines() {
        let content = "[default]\naws_access_key_id=A\naws_secret_access_key=s\naws_session_token=t\n\
                       [default]\naws_access_key_id=B\naws_secret_access_key=s\n";
        let fault = fault(&file(Kind::Credentials, content), "default").unwrap();
        assert!(fault.contains("from line 5, aws_session_token from line 1"), "{fault}");
    }

    #[test]
    fn section_that_stands_twice_with_all_keys_in_one_is_no_fault() {
        let content =
            "[default]\nregion=x\n[default]\naws_access_key_id=B\naws_secret_access_key=s\n";
        assert_eq!(fault(&file(Kind::Credentials, content), "default"), None);
    }

    #[test]
    fn both_forms_of_default_in_one_file_are_a_fault() {
        let content = "[profile default]\nregion=a\n[default]\nregion=b\n";
        let fault = fault(&file(Kind::Config, content), "default").unwrap();
        assert!(fault.contains("[default] in line 3 and [profile default] in line 1"), "{fault}");
    }

    #[test]
    fn section_that_boto_adds_to_every_profile_is_a_fault() {
        let file = file(Kind::Credentials, "[DEFAULT]\nregion=a\n[dev]\nregion=b\n");
        assert!(fault(&file, "dev").unwrap().contains("[DEFAULT] in line 1"));
    }

    #[test]
    fn key_that_stands_twice_in_a_section_is_a_fault() {
        let content = "[default]\naws_access_key_id=A\naws_access_key_id=B\n";
        let fault = fault(&file(Kind::Credentials, content), "default").unwrap();
        assert!(fault.contains("aws_access_key_id twice in profile `default`"), "{fault}");
    }

    #[test]
    fn name_with_a_space_next_to_a_bracket_is_a_fault_where_tools_differ() {
        let of = |kind, content| fault(&file(kind, content), "default").is_some();
        assert!(of(Kind::Credentials, "[ default ]\nregion=a\n"));
        assert!(of(Kind::Config, "[default ]\nregion=a\n"));
        assert!(!of(Kind::Config, "[profile default ]\nregion=a\n"));
    }

    #[test]
    fn quoted_name_that_other_tools_read_is_a_fault() {
        let fault = fault(&file(Kind::Config, "[profile \"dev\"]\nregion=a\n"), "dev").unwrap();
        assert!(fault.contains("line 1"), "{fault}");
    }
}
