//! A fixed set of resources whose names reach every bound of a dialect.

use bytes::Bytes;
use http::HeaderValue;

use super::{Configuration, Identifiers, Identity, ResourceError, Resources};
use crate::dialect::Dialect;

/// Names are never longer than this many characters, whatever the dialect allows.
const LONGEST_NAME: usize = 4096;

/// One application: its own id and name, then those of its environments and profiles.
struct Sample {
    application: (&'static str, String),
    environments: Vec<(&'static str, String)>,
    profiles: Vec<(&'static str, String)>,
    configuration: &'static str,
    content_type: &'static str,
    version_label: Option<&'static str>,
}

impl Resources {
    /// Applications with ordinary names, names of one character and of the greatest length that
    /// `dialect` allows, of characters of one, two, three and four bytes, and of letters that Unicode
    /// writes in two ways. Two applications have an environment `production`. Each application has a configuration for each environment and
    /// profile, but for the profile `undeployed` of the first one. What does not fit into a very
    /// narrow dialect is left out.
    pub fn sample(dialect: &Dialect) -> Self {
        let mut resources = Self::default();
        for sample in samples((*dialect.identifier_length.end()).min(LONGEST_NAME)) {
            let _fits = resources.add_sample(&sample);
        }
        let _fits = Identity::new("prof100", "undeployed")
            .and_then(|undeployed| resources.add_profile("shop", undeployed));
        resources
    }

    fn add_sample(&mut self, sample: &Sample) -> Result<(), ResourceError> {
        let (id, name) = &sample.application;
        self.add_application(Identity::new(id, name)?)?;
        for (id, environment) in &sample.environments {
            self.add_environment(name, Identity::new(id, environment)?)?;
        }
        for (id, profile) in &sample.profiles {
            self.add_profile(name, Identity::new(id, profile)?)?;
        }
        let configuration = Configuration {
            content: Bytes::from_static(sample.configuration.as_bytes()),
            content_type: HeaderValue::from_static(sample.content_type),
            version_label: sample.version_label.map(HeaderValue::from_static),
        };
        for (_, environment) in &sample.environments {
            for (_, profile) in &sample.profiles {
                let place = Identifiers::new(name, environment, profile);
                self.deploy(&place, configuration.clone())?;
            }
        }
        Ok(())
    }
}

fn samples(longest: usize) -> Vec<Sample> {
    let full = |c: &str| c.repeat(longest);
    let plain = |name: &str| name.to_owned();
    vec![
        Sample {
            application: ("app0001", plain("shop")),
            environments: vec![("envr101", plain("production")), ("envr102", plain("staging"))],
            profiles: vec![("prof101", plain("features")), ("prof102", plain("limits"))],
            configuration: r#"{"checkout":{"enabled":true},"discount":{"enabled":false}}"#,
            content_type: "application/json",
            version_label: Some("v1"),
        },
        Sample {
            application: ("app0002", plain("billing")),
            environments: vec![("envr201", plain("production")), ("envr202", plain("größe"))],
            profiles: vec![("prof201", plain("設定")), ("prof202", plain("🚀 launch"))],
            configuration: "retries: 3\ngreeting: \"Grüße, 世界 🚀\"\n",
            content_type: "application/x-yaml",
            version_label: None,
        },
        Sample {
            application: ("app0003", plain("a")),
            environments: vec![("envr301", plain("é")), ("envr302", plain("世"))],
            profiles: vec![("prof301", plain("🚀")), ("prof302", plain("z"))],
            configuration: "on",
            content_type: "text/plain; charset=utf-8",
            version_label: Some("release 2026-01-01"),
        },
        Sample {
            application: ("app0004", full("a")),
            environments: vec![("envr401", full("é")), ("envr402", full("e"))],
            profiles: vec![("prof401", full("世")), ("prof402", full("🚀"))],
            configuration: r#"{"limit":1000}"#,
            content_type: "application/json",
            version_label: None,
        },
        Sample {
            application: ("app0005", full("🚀")),
            environments: vec![("envr501", full("世")), ("envr502", full("🚀"))],
            profiles: vec![("prof501", full("é")), ("prof502", full("p"))],
            configuration: "level=debug\n",
            content_type: "text/plain",
            version_label: Some("7"),
        },
        Sample {
            application: ("app0006", plain("crème brûlée")),
            environments: vec![("envr601", plain("Zürich"))],
            profiles: vec![("prof601", plain("naïve"))],
            configuration: "déjà vu\n",
            content_type: "text/plain; charset=utf-8",
            version_label: None,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{By, ResourceKind};

    fn exact(by: By, _: crate::fault::Parameter, wanted: &str, identity: &Identity) -> bool {
        wanted == identity.by(by)
    }

    #[test]
    fn names_reach_the_bounds_in_every_width() {
        for dialect in [Dialect::page(), Dialect::model()] {
            let resources = Resources::sample(&dialect);
            let names: Vec<&str> =
                resources.deployments().flat_map(|(identities, _)| identities.map(Identity::name)).collect();
            for length in [*dialect.identifier_length.start(), *dialect.identifier_length.end()] {
                for width in 1..=4 {
                    let reached = names.iter().any(|name| {
                        name.chars().count() == length && name.chars().all(|c| c.len_utf8() == width)
                    });
                    assert!(reached, "{length} characters of {width} bytes");
                }
            }
            let fits = |name: &&str| dialect.identifier_length.contains(&name.chars().count());
            assert!(names.iter().all(fits));
        }
    }

    #[test]
    fn a_narrow_dialect_gets_a_part() {
        let narrow = Dialect { identifier_length: 1..=1, ..Dialect::page() };
        assert!(Resources::sample(&narrow).deployments().count() > 0);
        let wide = Dialect { identifier_length: 0..=usize::MAX, ..Dialect::page() };
        assert_eq!(Resources::sample(&wide).deployments().count(), 21);
    }

    #[test]
    fn one_environment_name_serves_in_two_applications() {
        let resources = Resources::sample(&Dialect::page());
        let locate = |ids: [&str; 3]| resources.locate(&Identifiers::new(ids[0], ids[1], ids[2]), exact);
        let shop = locate(["shop", "production", "features"]).unwrap();
        let billing = locate(["billing", "production", "設定"]).unwrap();
        assert_ne!(shop, billing);
        let undeployed = locate(["shop", "production", "undeployed"]).unwrap_err();
        assert_eq!(undeployed.kind, ResourceKind::Deployment);
    }

    #[test]
    fn fixtures_are_toml_with_every_deployment() {
        let resources = Resources::sample(&Dialect::model());
        let fixtures: toml::Table = toml::from_str(&resources.to_fixtures()).unwrap();
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
        assert!(
            resources
                .to_fixtures()
                .starts_with("[[resource]]\napplication = { id = \"app0001\", name = \"shop\" }\n")
        );
    }

    #[test]
    fn a_configuration_that_is_not_text_is_left_out_of_fixtures() {
        let mut resources = Resources::sample(&Dialect::page());
        let mut configuration = Configuration::text("", HeaderValue::from_static("application/octet-stream"));
        configuration.content = Bytes::from_static(&[0xff]);
        let identifiers = Identifiers::new("shop", "production", "features");
        resources.deploy(&identifiers, configuration).unwrap();
        let fixtures: toml::Table = toml::from_str(&resources.to_fixtures()).unwrap();
        let entry = &fixtures["resource"][0];
        assert_eq!(entry.get("configuration"), None);
    }
}
