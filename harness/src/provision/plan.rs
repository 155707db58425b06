//! Which fixtures are created, and how they are labeled. Pure.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use cases::contract::Contract;
use cases::fixture::{Fixture, Resource};
use jiff::Timestamp;

use crate::provision::error::ProvisionError;

/// The key of the tag on every resource.
pub(crate) const TAG: &str = "boundstone";

/// Characters that the control plane allows in the name of each kind of resource.
const MAX_NAME: [(&str, usize); 3] = [(APPLICATION, 64), (ENVIRONMENT, 64), (PROFILE, 128)];

const APPLICATION: &str = "application";
const ENVIRONMENT: &str = "environment";
const PROFILE: &str = "profile";
const CONTENT: &str = "configuration";

/// The ends of application names, after the run.
const ENDINGS: [&str; 3] = ["shop", "billing", "größe-設定-🚀"];
/// The characters that pad application names to the maximum length.
const FILLERS: [&str; 2] = ["a", "🚀"];

/// The names of one character that an application may get.
const ONE_CHARACTER_NAMES: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

/// Distinguishes the resources of one run from all others.
#[derive(Debug, Clone)]
pub struct RunLabel {
    run: String,
    at: String,
}

impl RunLabel {
    /// The label of a run: a random number, and the time in RFC 3339.
    pub fn new(run: u32, at: String) -> Self {
        Self { run: format!("{run:08x}"), at }
    }

    /// The name of the run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The value of the tag.
    pub(crate) fn tag(&self) -> String {
        format!("{} {}", self.run, self.at)
    }

    /// The description of an application. Listings have it, while tags need another call.
    pub(crate) fn description(&self) -> String {
        format!("{TAG} {}", self.tag())
    }

    fn name(&self, rest: &str) -> String {
        format!("{TAG}-{}-{rest}", self.run)
    }

    /// Whether an application belongs to this run. The name counts only where the control plane keeps no
    /// description.
    pub(crate) fn is_of_run(&self, name: &str, description: &str) -> bool {
        description == self.description() || description.is_empty() && run_in_name(name) == Some(&self.run)
    }
}

/// The run and its time in the value of a tag. Other programs may use the same key.
pub(crate) fn run_in_tag(value: &str) -> Option<&str> {
    let (run, at) = value.split_once(' ')?;
    (is_run(run) && at.parse::<Timestamp>().is_ok()).then_some(value)
}

/// The run and its time in the description of an application.
pub(crate) fn run_in_description(description: &str) -> Option<&str> {
    run_in_tag(description.strip_prefix(TAG)?.strip_prefix(' ')?)
}

/// The run in the name of an application, if boundstone gives such names.
pub(crate) fn run_in_name(name: &str) -> Option<&str> {
    let (run, ending) = name.strip_prefix(TAG)?.strip_prefix('-')?.split_once('-')?;
    let is_padding = FILLERS.iter().any(|filler| ending.replace(filler, "").is_empty());
    let is_own_name = ENDINGS.contains(&ending) || is_padding && !ending.is_empty();
    (is_run(run) && is_own_name).then_some(run)
}

fn is_run(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The lengths that the contract allows for identifiers, for each kind of resource.
#[derive(Debug, Clone)]
pub(crate) struct NameLimits(BTreeMap<&'static str, RangeInclusive<usize>>);

impl NameLimits {
    /// The limits of a contract.
    ///
    /// # Errors
    /// The contract belongs to another service.
    pub(crate) fn of(contract: &Contract) -> Result<Self, ProvisionError> {
        let mut limits = BTreeMap::new();
        for member in contract.operations.iter().flat_map(|operation| &operation.input) {
            let Some(rule) = &member.rules.identifies else { continue };
            let kind = MAX_NAME.into_iter().map(|(kind, _)| kind).find(|kind| *kind == rule.resource);
            let kind = kind.ok_or_else(|| ProvisionError::Contract(contract.name.clone()))?;
            let length = member.constraints.length;
            let (min, max) = length.map_or((0, None), |length| (length.min, length.max));
            limits.insert(kind, min..=max.unwrap_or(usize::MAX));
        }
        if limits.len() == MAX_NAME.len() {
            Ok(Self(limits))
        } else {
            Err(ProvisionError::Contract(contract.name.clone()))
        }
    }

    /// The maximum length that both the contract and the control plane allow.
    fn max_length(&self, kind: &str) -> usize {
        let allowed = MAX_NAME.iter().find(|(of, _)| *of == kind).map_or(0, |(_, max)| *max);
        self.0.get(kind).map_or(allowed, |limits| allowed.min(*limits.end()).max(1))
    }

    /// The fixture of a resource: `ids` are those of application, environment and profile.
    pub(crate) fn fixture(&self, application: &str, resource: &PlannedResource, ids: [&str; 3]) -> Fixture {
        let names =
            [(APPLICATION, application), (ENVIRONMENT, &resource.environment), (PROFILE, &resource.profile)];
        let parts = names.into_iter().zip(ids);
        let parts = parts.map(|((kind, name), id)| (kind.to_owned(), self.part(kind, id, name)));
        let contents = [(CONTENT.to_owned(), resource.content.as_bytes().to_vec())];
        Fixture { resources: parts.collect(), contents: contents.into() }
    }

    /// A part of a fixture. A name that the contract does not allow as an identifier is omitted: the id is
    /// enough.
    fn part(&self, kind: &str, id: &str, name: &str) -> Resource {
        let fits = self.0.get(kind).is_some_and(|limits| limits.contains(&name.chars().count()));
        Resource { id: Some(id.to_owned()), name: fits.then(|| name.to_owned()) }
    }
}

/// An application to create.
#[derive(Debug)]
pub(crate) struct PlannedApplication {
    /// Its name.
    pub(crate) name: ApplicationName,
    /// What only this application has, as shown to users if it cannot be created. An application without
    /// this is required.
    pub(crate) special: Option<&'static str>,
    /// Its resources. Each has its own environment, which takes one deployment at a time.
    pub(crate) resources: Vec<PlannedResource>,
}

/// The name of an application.
#[derive(Debug)]
pub(crate) enum ApplicationName {
    /// A unique name.
    Unique(String),
    /// One character that no other application has.
    OneCharacter,
}

/// An environment, a profile, and the configuration that is deployed there.
#[derive(Debug)]
pub(crate) struct PlannedResource {
    pub(crate) environment: String,
    pub(crate) profile: String,
    pub(crate) content: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) version_label: Option<&'static str>,
}

/// The applications to create, the simplest first: ordinary names, non-ASCII names, names of one character
/// and of the maximum length, with characters of one to four bytes. Two applications have an environment of
/// the same name.
pub(crate) fn planned_applications(label: &RunLabel, limits: &NameLimits) -> Vec<PlannedApplication> {
    let full = |kind: &str, c: &str| c.repeat(limits.max_length(kind));
    let padded = |c: &str| {
        let name = label.name("");
        let missing = limits.max_length(APPLICATION).saturating_sub(name.chars().count());
        ApplicationName::Unique(name + &c.repeat(missing.max(1)))
    };
    let own = |ending: &str| ApplicationName::Unique(label.name(ending));
    let [shop, billing, beyond_ascii] = ENDINGS;
    let [ascii, emoji] = FILLERS;
    vec![
        PlannedApplication {
            name: own(shop),
            special: None,
            resources: vec![PlannedResource {
                content: "{\"checkout\":{\"enabled\":true},\"discount\":{\"enabled\":false}}",
                content_type: "application/json",
                version_label: Some("v1"),
                ..resource("production", "features")
            }],
        },
        PlannedApplication {
            name: own(billing),
            special: None,
            resources: vec![PlannedResource {
                content: "retries: 3\ntimeout: 10\n",
                content_type: "application/x-yaml",
                ..resource("production", "limits")
            }],
        },
        PlannedApplication {
            name: own(beyond_ascii),
            // Each name has a letter that Unicode can compose in two ways.
            special: Some("non-ASCII names"),
            resources: vec![PlannedResource {
                content: "greeting: \"Grüße, 世界 🚀\"\n",
                content_type: "application/x-yaml",
                ..resource("größe", "café 設定 🚀")
            }],
        },
        PlannedApplication {
            name: ApplicationName::OneCharacter,
            special: Some("names of one character"),
            resources: vec![
                PlannedResource {
                    content: "one short line\n",
                    content_type: "text/plain; charset=utf-8",
                    version_label: Some("release 2026-01-01"),
                    ..resource("e", "p")
                },
                PlannedResource { content: "switch = on\n", ..resource("世", "🚀") },
            ],
        },
        PlannedApplication {
            name: padded(ascii),
            special: Some("names of maximum length"),
            resources: vec![PlannedResource {
                content: "{\"limit\":1000}",
                content_type: "application/json",
                ..resource(&full(ENVIRONMENT, "e"), &full(PROFILE, "p"))
            }],
        },
        PlannedApplication {
            name: padded(emoji),
            special: Some("non-ASCII names of maximum length"),
            resources: vec![
                PlannedResource {
                    content: "level=debug\n",
                    version_label: Some("v7"),
                    ..resource(&full(ENVIRONMENT, "🚀"), &full(PROFILE, "🚀"))
                },
                PlannedResource {
                    content: "level=trace\n",
                    ..resource(&full(ENVIRONMENT, "é"), &full(PROFILE, "世"))
                },
            ],
        },
    ]
}

/// The fixtures that a run would create for a contract, with made-up ids.
///
/// # Errors
/// The contract belongs to another service.
pub fn planned_fixtures(contract: &Contract) -> Result<Vec<Fixture>, ProvisionError> {
    let limits = NameLimits::of(contract)?;
    let mut number = 0;
    let mut id = || {
        number += 1;
        format!("{number:07}")
    };
    let mut fixtures = Vec::new();
    for PlannedApplication { name, resources, .. } in
        planned_applications(&RunLabel::new(0, String::new()), &limits)
    {
        let name = match name {
            ApplicationName::Unique(name) => name,
            ApplicationName::OneCharacter => ONE_CHARACTER_NAMES[..1].to_owned(),
        };
        let application = id();
        for resource in &resources {
            fixtures.push(limits.fixture(&name, resource, [&application, &id(), &id()]));
        }
    }
    Ok(fixtures)
}

fn resource(environment: &str, profile: &str) -> PlannedResource {
    PlannedResource {
        environment: environment.to_owned(),
        profile: profile.to_owned(),
        content: "",
        content_type: "text/plain",
        version_label: None,
    }
}

/// A name of one character that differs from all `taken` names, regardless of case.
pub(crate) fn free_character<'a>(taken: &(impl Iterator<Item = &'a str> + Clone)) -> Option<String> {
    let mut names = ONE_CHARACTER_NAMES.chars().map(String::from);
    names.find(|name| taken.clone().all(|taken| !taken.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use cases::catalogue::Catalogue;

    use super::*;

    fn label() -> RunLabel {
        RunLabel::new(0x2a, "2026-01-01T00:00:00Z".to_owned())
    }

    fn names(contract: &Contract) -> Vec<(&'static str, String)> {
        let limits = NameLimits::of(contract).unwrap();
        let names = planned_applications(&label(), &limits).into_iter().flat_map(|application| {
            let name = match application.name {
                ApplicationName::Unique(name) => name,
                ApplicationName::OneCharacter => "a".to_owned(),
            };
            let inner = application
                .resources
                .into_iter()
                .flat_map(|resource| [(ENVIRONMENT, resource.environment), (PROFILE, resource.profile)]);
            std::iter::once((APPLICATION, name)).chain(inner).collect::<Vec<_>>()
        });
        names.collect()
    }

    #[test]
    fn names_reach_limits_of_contract_and_control_plane() {
        for (contract, profile) in [(Contract::page().unwrap(), 64), (Contract::model().unwrap(), 128)] {
            let names = names(&contract);
            for (kind, max) in [(APPLICATION, 64), (ENVIRONMENT, 64), (PROFILE, profile)] {
                let of: Vec<&str> =
                    names.iter().filter(|(of, _)| *of == kind).map(|(_, name)| name.as_str()).collect();
                let lengths = of.iter().map(|name| name.chars().count());
                assert_eq!((lengths.clone().min(), lengths.max()), (Some(1), Some(max)), "{kind}");
                for width in [1, 4] {
                    let full = of.iter().any(|name| {
                        name.chars().count() == max && name.chars().any(|c| c.len_utf8() == width)
                    });
                    assert!(full, "{kind}: {max} characters of {width} bytes");
                }
            }
        }
    }

    #[test]
    fn application_names_and_environments_are_unique() {
        let limits = NameLimits::of(&Contract::model().unwrap()).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for application in planned_applications(&label(), &limits) {
            if let ApplicationName::Unique(name) = &application.name {
                assert!(seen.insert(name.clone()), "{name}");
                assert!(name.starts_with("boundstone-0000002a-"), "{name}");
            }
            let mut environments: Vec<&str> =
                application.resources.iter().map(|resource| resource.environment.as_str()).collect();
            environments.dedup();
            assert_eq!(environments.len(), application.resources.len());
        }
    }

    #[test]
    fn every_case_has_its_fixture() {
        for contract in [Contract::page().unwrap(), Contract::model().unwrap()] {
            let fixtures = planned_fixtures(&contract).unwrap();
            for case in &Catalogue::of(&contract).cases {
                assert_eq!(case.missing_prerequisite(&fixtures), None, "{}", case.id);
            }
        }
    }

    #[test]
    fn contents_are_distinct() {
        let limits = NameLimits::of(&Contract::model().unwrap()).unwrap();
        let applications = planned_applications(&label(), &limits);
        let contents: Vec<&str> = applications
            .iter()
            .flat_map(|application| &application.resources)
            .map(|resource| resource.content)
            .collect();
        let different: std::collections::BTreeSet<&&str> = contents.iter().collect();
        assert_eq!(different.len(), contents.len());
        assert!(contents.iter().all(|content| !content.is_empty()));
    }

    #[test]
    fn label_is_recognized() {
        let label = label();
        assert_eq!(run_in_description(&label.description()), Some("0000002a 2026-01-01T00:00:00Z"));
        assert_eq!(run_in_tag(&label.tag()), Some("0000002a 2026-01-01T00:00:00Z"));
        let limits = NameLimits::of(&Contract::model().unwrap()).unwrap();
        for application in planned_applications(&label, &limits) {
            if let ApplicationName::Unique(name) = application.name {
                assert_eq!(run_in_name(&name), Some("0000002a"), "{name}");
            }
        }
        assert!(label.is_of_run("boundstone-0000002a-shop", ""));
        assert!(label.is_of_run("a", &label.description()));
        assert!(!label.is_of_run("boundstone-0000002a-shop", "somebody else's"));
        assert!(!label.is_of_run("boundstone-0000002b-shop", "boundstone 0000002b 2026-01-01T00:00:00Z"));
    }

    #[test]
    fn similar_text_is_no_label() {
        for name in [
            "boundstone",
            "boundstone-demo-shop",
            "boundstone-0000002-shop",
            "boundstone-0000002A-shop",
            "boundstone-20250912-prod",
            "boundstone-20250912-",
            "my-boundstone-0000002a-shop",
        ] {
            assert_eq!(run_in_name(name), None, "{name}");
        }
        for description in [
            "",
            "boundstone",
            "boundstone demo",
            "boundstone 20250912 of production",
            "boundstone 0000002A 2026-01-01T00:00:00Z",
            "about boundstone 0000002a 2026-01-01T00:00:00Z",
        ] {
            assert_eq!(run_in_description(description), None, "{description}");
        }
        for value in ["", "yes", "0000002a", "20250912 production"] {
            assert_eq!(run_in_tag(value), None, "{value}");
        }
    }

    #[test]
    fn one_character_name_is_free() {
        assert_eq!(free_character(&["shop", "b"].into_iter()).as_deref(), Some("a"));
        assert_eq!(free_character(&["A", "b"].into_iter()).as_deref(), Some("c"));
        let all: Vec<String> = ONE_CHARACTER_NAMES.chars().map(String::from).collect();
        assert_eq!(free_character(&all.iter().map(String::as_str)), None);
    }

    #[test]
    fn name_beyond_contract_limit_is_omitted() {
        let narrow = cases::contract::embedded::MODEL.replace("128", "10");
        let limits = NameLimits::of(&Contract::load("narrow", &narrow).unwrap()).unwrap();
        assert_eq!(limits.part(PROFILE, "abc1234", "features").name.as_deref(), Some("features"));
        assert_eq!(limits.part(APPLICATION, "abc1234", "boundstone-0000002a-shop").name, None);
        assert!(
            planned_applications(&label(), &limits)
                .iter()
                .all(|application| !application.resources.is_empty())
        );
    }
}
