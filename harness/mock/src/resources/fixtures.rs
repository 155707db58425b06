//! The resources as a fixtures file.

use std::fmt::Write as _;

use super::identity::Identity;
use super::store::Resources;

impl Resources {
    /// All deployments as fixtures in TOML, one `[[resource]]` each. A configuration that is not UTF-8 is left
    /// out.
    pub fn to_fixtures(&self) -> String {
        let mut fixtures = String::new();
        for ([application, environment, profile], deployment) in self.deployments() {
            if !fixtures.is_empty() {
                fixtures.push('\n');
            }
            fixtures.push_str("[[resource]]\n");
            for (key, identity) in
                [("application", application), ("environment", environment), ("profile", profile)]
            {
                let _infallible = writeln!(fixtures, "{key} = {}", inline_table(identity));
            }
            if let Ok(text) = std::str::from_utf8(&deployment.configuration().content) {
                let text = toml::Value::String(text.to_owned());
                let _infallible = writeln!(fixtures, "configuration = {text}");
            }
        }
        fixtures
    }
}

/// `{ id = "…", name = "…" }`.
fn inline_table(identity: &Identity) -> toml::Value {
    let pairs = [("id", identity.id()), ("name", identity.name())];
    toml::Value::Table(
        pairs.into_iter().map(|(key, text)| (key.to_owned(), toml::Value::String(text.to_owned()))).collect(),
    )
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderValue;

    use super::*;
    use crate::contract::Dialect;
    use crate::resources::{Configuration, Identifiers};

    #[test]
    fn fixtures_list_every_deployment() {
        let resources = Resources::sample(&Dialect::model());
        let fixtures = resources.to_fixtures();
        assert!(
            fixtures.starts_with("[[resource]]\napplication = { id = \"app0001\", name = \"shop\" }\n"),
            "{fixtures}"
        );
        let fixtures: toml::Table = toml::from_str(&fixtures).unwrap();
        let entries = fixtures["resource"].as_array().unwrap();
        assert_eq!(entries.len(), resources.deployments().count());
        for (entry, (identities, deployment)) in entries.iter().zip(resources.deployments()) {
            for (key, identity) in ["application", "environment", "profile"].iter().zip(identities) {
                assert_eq!(entry[key]["id"].as_str(), Some(identity.id()));
                assert_eq!(entry[key]["name"].as_str(), Some(identity.name()));
            }
            let content = entry["configuration"].as_str().unwrap().as_bytes();
            assert_eq!(content, deployment.configuration().content);
        }
    }

    #[test]
    fn fixtures_omit_binary_configurations() {
        let mut resources = Resources::sample(&Dialect::page());
        let mut configuration = Configuration::text("", HeaderValue::from_static("application/octet-stream"));
        configuration.content = Bytes::from_static(&[0xff]);
        let identifiers = Identifiers::new("shop", "production", "features");
        resources.deploy(&identifiers, configuration).unwrap();
        let fixtures: toml::Table = toml::from_str(&resources.to_fixtures()).unwrap();
        assert_eq!(fixtures["resource"][0].get("configuration"), None);
    }
}
