//! A fixed set of resources whose names reach every bound of a dialect.

use bytes::Bytes;
use http::HeaderValue;

use super::configuration::Configuration;
use super::identifiers::Identifiers;
use super::identity::Identity;
use super::store::{ResourceError, Resources};
use crate::contract::Dialect;

/// Names have at most this many characters, whatever the dialect allows.
const MAX_NAME_LENGTH: usize = 4096;

/// One application: its own id and name, then those of its environments and profiles. Each profile has the
/// configuration in each environment.
struct Sample {
    application: (&'static str, String),
    environments: Vec<(&'static str, String)>,
    profiles: Vec<(&'static str, String)>,
    configuration: &'static str,
    content_type: &'static str,
    version_label: Option<&'static str>,
}

impl Resources {
    /// Applications with ordinary names, with names of one character and of the maximum length that `dialect`
    /// allows, with characters of one, two, three and four bytes, and with letters that Unicode writes in two
    /// ways. Two applications have an environment `production`. Each application has a configuration for each
    /// environment and profile, except for the profile `undeployed` of the first one. What does not fit into a
    /// very narrow dialect is left out.
    pub fn sample(dialect: &Dialect) -> Self {
        let mut resources = Self::default();
        for sample in samples((*dialect.identifier_length.end()).min(MAX_NAME_LENGTH)) {
            let _fits = resources.add_sample(&sample);
        }
        let _fits = resources.add_undeployed_profile();
        resources
    }

    fn add_undeployed_profile(&mut self) -> Result<(), ResourceError> {
        self.add_profile("shop", Identity::new("prof100", "undeployed")?)
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

fn samples(max_length: usize) -> Vec<Sample> {
    let longest = |c: &str| c.repeat(max_length);
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
            application: ("app0004", longest("a")),
            environments: vec![("envr401", longest("é")), ("envr402", longest("e"))],
            profiles: vec![("prof401", longest("世")), ("prof402", longest("🚀"))],
            configuration: r#"{"limit":1000}"#,
            content_type: "application/json",
            version_label: None,
        },
        Sample {
            application: ("app0005", longest("🚀")),
            environments: vec![("envr501", longest("世")), ("envr502", longest("🚀"))],
            profiles: vec![("prof501", longest("é")), ("prof502", longest("p"))],
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
    use crate::resources::ResourceKind;

    #[test]
    fn names_reach_the_bounds_with_every_character_width() {
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
    fn narrow_dialect_has_fewer_resources() {
        let narrow = Dialect { identifier_length: 1..=1, ..Dialect::page() };
        assert!(Resources::sample(&narrow).deployments().count() > 0);
        let wide = Dialect { identifier_length: 0..=usize::MAX, ..Dialect::page() };
        assert_eq!(Resources::sample(&wide).deployments().count(), 21);
    }

    #[test]
    fn environment_names_are_unique_per_application_only() {
        let resources = Resources::sample(&Dialect::page());
        let find = |ids: [&str; 3]| {
            let identifiers = Identifiers::new(ids[0], ids[1], ids[2]);
            resources.find_deployment(&identifiers, |by, _, requested, identity| requested == identity.by(by))
        };
        let shop = find(["shop", "production", "features"]).unwrap();
        let billing = find(["billing", "production", "設定"]).unwrap();
        assert_ne!(shop, billing);
        let undeployed = find(["shop", "production", "undeployed"]).unwrap_err();
        assert_eq!(undeployed.kind, ResourceKind::Deployment);
    }
}
