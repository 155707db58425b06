//! Identifiers of requirements and cases, and the level of a requirement.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How binding a requirement is, in the words of RFC 2119.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// The text or a trait of the contract demands it.
    Must,
    /// A convention of the protocol, or common sense.
    Should,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
        })
    }
}

macro_rules! path_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Joins `segments` to a path, each of them in [`kebab`] case.
            pub fn new<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Self {
                // Few are longer.
                let mut path = String::with_capacity(96);
                for (nth, segment) in segments.into_iter().enumerate() {
                    if nth > 0 {
                        path.push('/');
                    }
                    push_kebab(&mut path, segment.as_ref());
                }
                Self(path.into())
            }

            /// The path as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(path: String) -> Self {
                Self(path.into())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

path_id! {
    /// The id of a requirement: a lower-case path such as
    /// `start-configuration-session/application-identifier/length`.
    RequirementId
}

path_id! {
    /// The id of a case: the path of its requirement and the partition. It is also the path of the case's
    /// snapshot below the folder of the contract.
    CaseId
}

impl RequirementId {
    /// The case of this requirement for one partition.
    pub fn case(&self, partition: &str) -> CaseId {
        CaseId(format!("{}/{partition}", self.0).into())
    }
}

/// A name of the model in kebab case: `ApplicationIdentifier` becomes `application-identifier`.
/// A path stays as it is.
pub fn kebab(name: &str) -> String {
    let mut out = String::new();
    push_kebab(&mut out, name);
    out
}

fn push_kebab(out: &mut String, name: &str) {
    out.reserve(name.len() + 4);
    let mut previous_is_lower = false;
    let mut rest = name;
    loop {
        // Only ASCII characters change; everything before the next one is copied at once.
        let changes = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'_' | b' ');
        let (plain, then) = rest.split_at(rest.bytes().position(changes).unwrap_or(rest.len()));
        out.push_str(plain);
        if let Some(last) = plain.bytes().last() {
            previous_is_lower = last.is_ascii_lowercase() || last.is_ascii_digit();
        }
        let Some(changed) = then.bytes().next() else { return };
        if previous_is_lower && changed.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(if changed.is_ascii_uppercase() { changed.to_ascii_lowercase().into() } else { '-' });
        previous_is_lower = false;
        rest = &then[1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_splits_at_capital_letters() {
        assert_eq!(kebab("ApplicationIdentifier"), "application-identifier");
        assert_eq!(kebab("configuration_token"), "configuration-token");
        assert_eq!(kebab("errors/type-header"), "errors/type-header");
        assert_eq!(kebab("HTTPStatus2XX of_Größe"), "httpstatus2-xx-of-größe");
    }

    #[test]
    fn case_id_is_below_requirement_id() {
        let requirement = RequirementId::new(["StartConfigurationSession", "length"]);
        assert_eq!(requirement.case("above-max").as_str(), "start-configuration-session/length/above-max");
    }
}
