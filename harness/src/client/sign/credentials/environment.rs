//! The variables of the environment, and the paths that they name.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The value of a variable.
type Variable = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The variables of the environment.
#[derive(Clone)]
pub struct Environment(Arc<Variable>);

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

impl Default for Environment {
    /// The environment of this process.
    fn default() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }
}

impl Environment {
    /// An environment with these variables.
    pub fn new(variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(variable))
    }

    /// The value of a variable, unless it is blank.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    /// Whether a variable is `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| is_true(&value))
    }

    /// The home folder of the user.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        ["HOME", "USERPROFILE"].into_iter().find_map(|name| self.get(name)).map(PathBuf::from)
    }

    /// The file that a variable names, or one in the home folder. `~` means the home folder.
    pub(crate) fn file(&self, name: &str, in_home: &str) -> Option<PathBuf> {
        let Some(named) = self.get(name) else { return Some(self.home()?.join(in_home)) };
        match named.strip_prefix("~/").or_else(|| named.strip_prefix("~\\")) {
            Some(rest) => Some(self.home()?.join(rest)),
            None => Some(named.into()),
        }
    }
}

/// Whether the value of a setting is `true`.
pub(crate) fn is_true(value: &str) -> bool {
    value.trim().eq_ignore_ascii_case("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_named_or_in_home() {
        let with = |value: &'static str| {
            Environment::new(move |name| match name {
                "HOME" => Some("/folder".to_owned()),
                "FILE" => Some(value.to_owned()),
                _ => None,
            })
        };
        for (value, path) in
            [("", "/folder/.aws/config"), ("~/other", "/folder/other"), ("/etc/aws", "/etc/aws")]
        {
            assert_eq!(with(value).file("FILE", ".aws/config"), Some(path.into()));
        }
        assert_eq!(Environment::new(|_| None).file("FILE", ".aws/config"), None);
    }
}
