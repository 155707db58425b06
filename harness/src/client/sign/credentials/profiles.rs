//! The profiles in the shared files of AWS, `config` and `credentials`.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use aws_credential_types::provider::error::CredentialsError;

use crate::client::sign::credentials::environment::Environment;

const DEFAULT: &str = "default";

/// The settings of a section, by their names in lower case.
pub(crate) type Section = BTreeMap<String, String>;

/// The sections of both files. Settings in `credentials` override those in `config`.
#[derive(Default)]
pub(crate) struct Profiles {
    /// The name of the profile that is used.
    pub(crate) selected: String,
    named: BTreeMap<String, Section>,
    /// The other sections, by kind and name.
    others: BTreeMap<(String, String), Section>,
}

impl Profiles {
    /// Reads the files. A file that does not exist is empty.
    ///
    /// # Errors
    /// A file cannot be read, or has a line that cannot be parsed. The error does not show the line.
    pub(crate) fn read(environment: &Environment) -> Result<Self, CredentialsError> {
        let selected = environment.get("AWS_PROFILE").unwrap_or_else(|| DEFAULT.to_owned());
        let mut profiles = Self { selected, ..Self::default() };
        for (variable, in_home, is_config) in [
            ("AWS_CONFIG_FILE", ".aws/config", true),
            ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", false),
        ] {
            let Some(path) = environment.file(variable, in_home) else { continue };
            let text = match std::fs::read(path) {
                Ok(text) => text,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(CredentialsError::invalid_configuration(error)),
            };
            profiles.add(&String::from_utf8_lossy(&text), is_config).map_err(|line| {
                CredentialsError::invalid_configuration(format!(
                    "{in_home}:{line}: the line cannot be parsed"
                ))
            })?;
        }
        Ok(profiles)
    }

    /// The profiles of a `config` file without errors.
    #[cfg(test)]
    pub(crate) fn of(selected: &str, config: &str) -> Self {
        let mut profiles = Self { selected: selected.to_owned(), ..Self::default() };
        profiles.add(config, true).unwrap();
        profiles
    }

    /// A profile.
    pub(crate) fn get(&self, name: &str) -> Option<&Section> {
        self.named.get(name)
    }

    /// Whether there is no profile.
    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// A section `[kind name]`.
    pub(crate) fn other(&self, kind: &str, name: &str) -> Option<&Section> {
        self.others.get(&(kind.to_owned(), name.to_owned()))
    }

    /// A setting of the profile that is used.
    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        self.get(&self.selected)?.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Adds the sections of a file.
    ///
    /// # Errors
    /// The number of the line that cannot be parsed.
    fn add(&mut self, text: &str, is_config: bool) -> Result<(), usize> {
        let mut parsed = parse(text)?;
        // The two names of the default profile: one with the prefix wins.
        if is_config && parsed.iter().any(|(title, _)| is_prefixed_default(title)) {
            parsed.retain(|(title, _)| title != DEFAULT);
        }
        for (title, section) in parsed {
            let named = title.split_once([' ', '\t']).map(|(kind, name)| (kind, name.trim()));
            let known = match (named, is_config) {
                (Some(("profile", name)), true) => self.named.entry(name.to_owned()).or_default(),
                (Some((kind, name)), true) => {
                    self.others.entry((kind.to_owned(), name.to_owned())).or_default()
                }
                (None, true) if title != DEFAULT => continue,
                (None, _) => self.named.entry(title).or_default(),
                (Some(_), false) => continue,
            };
            known.extend(section);
        }
        Ok(())
    }
}

fn is_prefixed_default(title: &str) -> bool {
    title.split_once([' ', '\t']).is_some_and(|(kind, name)| kind == "profile" && name.trim() == DEFAULT)
}

/// The sections of a file with their titles, in order.
///
/// # Errors
/// The number of the line that cannot be parsed.
fn parse(text: &str) -> Result<Vec<(String, Section)>, usize> {
    let mut sections: Vec<(String, Section)> = Vec::new();
    let mut last = None;
    for (number, line) in (1_usize..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') {
            let title = line.split(['#', ';']).next().unwrap_or_default().trim();
            let title = title.strip_prefix('[').and_then(|title| title.strip_suffix(']')).ok_or(number)?;
            sections.push((title.trim().to_owned(), Section::new()));
            last = None;
            continue;
        }
        let (_, section) = sections.last_mut().ok_or(number)?;
        if line.starts_with([' ', '\t']) {
            let value: &mut String =
                last.as_ref().and_then(|name: &String| section.get_mut(name)).ok_or(number)?;
            value.push('\n');
            value.push_str(line.trim());
        } else {
            let (name, value) = property(line).ok_or(number)?;
            section.insert(name.clone(), value.to_owned());
            last = Some(name);
        }
    }
    Ok(sections)
}

/// The name and the value of a line. A comment begins after white space.
pub(crate) fn property(line: &str) -> Option<(String, &str)> {
    let comment = line.match_indices([' ', '\t']).find(|(at, _)| line[at + 1..].starts_with(['#', ';']));
    let line = comment.map_or(line, |(at, _)| &line[..at]);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    (!name.is_empty()).then(|| (name.to_ascii_lowercase(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiles(config: &str, credentials: &str) -> Result<Profiles, usize> {
        let mut profiles = Profiles { selected: "a".to_owned(), ..Profiles::default() };
        profiles.add(config, true)?;
        profiles.add(credentials, false)?;
        Ok(profiles)
    }

    #[test]
    fn profile_joins_both_files() {
        let config = "# of me\n[profile a] ; mine\nRegion = eu-west-1 # near\nkey=a#b\ns3 =\n  region = x\n\
                      [b]\nregion = ignored\n[sso-session c]\nsso_region=us-east-1\n";
        let profiles = profiles(config, "[a]\nkey = other\n[profile a]\nregion = ignored\n").unwrap();
        assert_eq!(profiles.setting("region"), Some("eu-west-1"));
        assert_eq!(profiles.setting("key"), Some("other"));
        assert_eq!(profiles.setting("s3"), Some("\nregion = x"));
        assert!(profiles.get("b").is_none());
        assert_eq!(profiles.other("sso-session", "c").unwrap()["sso_region"], "us-east-1");
    }

    #[test]
    fn prefixed_default_wins() {
        let config = "[default]\nregion = a\n[profile default]\nregion = b\n";
        assert_eq!(profiles(config, "").unwrap().get(DEFAULT).unwrap()["region"], "b");
        assert_eq!(profiles("[default]\nregion = a", "").unwrap().get(DEFAULT).unwrap()["region"], "a");
    }

    #[test]
    fn invalid_line_is_an_error() {
        for (text, line) in [("a = 1", 1), ("[a", 1), ("[a]\nb", 2), ("[a]\n\n = 1", 3), ("[a]\n b = 1", 2)] {
            assert_eq!(profiles(text, "").err(), Some(line), "{text}");
        }
    }
}
