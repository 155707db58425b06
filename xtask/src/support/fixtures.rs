//! Fixture files, as `boundstone run --fixtures` reads them and `boundstone serve` prints them.

use serde::{Deserialize, Serialize};

/// The content of a fixture file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fixtures {
    pub(crate) resource: Vec<Resource>,
}

/// A resource that exists on the target.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Resource {
    pub(crate) application: Part,
    pub(crate) environment: Part,
    pub(crate) profile: Part,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) configuration: Option<String>,
}

/// An id, a name, or both.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixtures_keep_every_character_in_toml() {
        let name = "\"aé水🌊\\\u{7f}";
        let json = serde_json::json!({"resource": [{
            "application": {"id": "abc1234", "name": name},
            "environment": {"name": "production"},
            "profile": {"id": "def5678"},
            "configuration": "limit: 10\n",
        }]});
        let fixtures: Fixtures = serde_json::from_value(json).unwrap();
        let text = toml::to_string(&fixtures).unwrap();
        assert!(text.contains("[[resource]]"), "{text}");
        let back: Fixtures = toml::from_str(&text).unwrap();
        assert_eq!(back.resource[0].application.name.as_deref(), Some(name));
        assert_eq!(back.resource[0].configuration.as_deref(), Some("limit: 10\n"));
        assert!(back.resource[0].profile.name.is_none());
    }
}
