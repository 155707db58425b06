//! Which fixtures are made, and how they are marked. Pure.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use cases::contract::Contract;
use cases::fixture::{Fixture, Part};
use jiff::Timestamp;

use crate::provision::error::ProvisionError;

/// The key of the tag that everything carries.
pub(crate) const TAG: &str = "boundstone";

/// The most characters that the control plane allows for the name of each sort of resource.
const LONGEST: [(&str, usize); 3] = [(APPLICATION, 64), (ENVIRONMENT, 64), (PROFILE, 128)];

const APPLICATION: &str = "application";
const ENVIRONMENT: &str = "environment";
const PROFILE: &str = "profile";
const CONTENT: &str = "configuration";

/// How the names of applications end, after the run.
const ENDINGS: [&str; 3] = ["shop", "billing", "größe-設定-🚀"];
/// What fills the longest names of applications up.
const FILLERS: [&str; 2] = ["a", "🚀"];

/// Names of one character that an application may get.
const SINGLE: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

/// What tells the resources of one run from all others.
#[derive(Debug, Clone)]
pub struct Mark {
    run: String,
    at: String,
}

impl Mark {
    /// The mark of a run: a random number, and the time, RFC 3339.
    pub fn new(run: u32, at: String) -> Self {
        Self { run: format!("{run:08x}"), at }
    }

    /// What the run is called.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The value of the tag.
    pub(crate) fn tag(&self) -> String {
        format!("{} {}", self.run, self.at)
    }

    /// The description of an application: it is listed with it, while a tag takes another call.
    pub(crate) fn description(&self) -> String {
        format!("{TAG} {}", self.tag())
    }

    fn name(&self, rest: &str) -> String {
        format!("{TAG}-{}-{rest}", self.run)
    }

    /// Whether an application of that name and description is of this run. The name counts only where
    /// no description is kept.
    pub(crate) fn is_of_run(&self, name: &str, description: &str) -> bool {
        description == self.description() || description.is_empty() && named(name) == Some(&self.run)
    }
}

/// A run and its time, if that is what the value of a tag says: others may use the same key.
pub(crate) fn tagged(value: &str) -> Option<&str> {
    let (run, at) = value.split_once(' ')?;
    (is_run(run) && at.parse::<Timestamp>().is_ok()).then_some(value)
}

/// The run and its time that the description of an application says.
pub(crate) fn described(description: &str) -> Option<&str> {
    tagged(description.strip_prefix(TAG)?.strip_prefix(' ')?)
}

/// The run that the name of an application says, if it is one of the names that are given.
pub(crate) fn named(name: &str) -> Option<&str> {
    let (run, ending) = name.strip_prefix(TAG)?.strip_prefix('-')?.split_once('-')?;
    let fills = |filler: &&str| !ending.is_empty() && ending.replace(*filler, "").is_empty();
    let is_given = ENDINGS.contains(&ending) || FILLERS.iter().any(fills);
    (is_run(run) && is_given).then_some(run)
}

fn is_run(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// How long identifiers may be by the contract, for each sort of resource.
#[derive(Debug, Clone)]
pub(crate) struct Bounds(BTreeMap<&'static str, RangeInclusive<usize>>);

impl Bounds {
    /// The bounds of a contract.
    ///
    /// # Errors
    /// The contract is of another service.
    pub(crate) fn of(contract: &Contract) -> Result<Self, ProvisionError> {
        let mut bounds = BTreeMap::new();
        for member in contract.operations.iter().flat_map(|operation| &operation.input) {
            let Some(rule) = &member.rules.identifies else { continue };
            let sort = LONGEST.into_iter().map(|(sort, _)| sort).find(|sort| *sort == rule.resource);
            let sort = sort.ok_or_else(|| ProvisionError::Contract(contract.name.clone()))?;
            let length = member.constraints.length;
            let (least, most) = length.map_or((0, None), |length| (length.min, length.max));
            bounds.insert(sort, least..=most.unwrap_or(usize::MAX));
        }
        if bounds.len() == LONGEST.len() {
            Ok(Self(bounds))
        } else {
            Err(ProvisionError::Contract(contract.name.clone()))
        }
    }

    /// The most characters that both the contract and the control plane allow.
    fn longest(&self, sort: &str) -> usize {
        let allowed = LONGEST.iter().find(|(of, _)| *of == sort).map_or(0, |(_, longest)| *longest);
        self.0.get(sort).map_or(allowed, |bounds| allowed.min(*bounds.end()).max(1))
    }

    /// The fixture of a resource: `ids` are those of application, environment and profile.
    pub(crate) fn fixture(&self, application: &str, resource: &Resource, ids: [&str; 3]) -> Fixture {
        let names =
            [(APPLICATION, application), (ENVIRONMENT, &resource.environment), (PROFILE, &resource.profile)];
        let parts = names.into_iter().zip(ids);
        let parts = parts.map(|((sort, name), id)| (sort.to_owned(), self.part(sort, id, name)));
        let contents = [(CONTENT.to_owned(), resource.content.as_bytes().to_vec())];
        Fixture { parts: parts.collect(), contents: contents.into() }
    }

    /// A part of a fixture. A name that the contract does not allow as an identifier is left out: the
    /// id is enough.
    fn part(&self, sort: &str, id: &str, name: &str) -> Part {
        let fits = self.0.get(sort).is_some_and(|bounds| bounds.contains(&name.chars().count()));
        Part { id: Some(id.to_owned()), name: fits.then(|| name.to_owned()) }
    }
}

/// An application to be made.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) name: Name,
    /// What is special to it, for whoever misses it. Without an entry there can be no fixtures at all.
    pub(crate) special: Option<&'static str>,
    /// What it holds. Each has an environment of its own, which takes one deployment at a time.
    pub(crate) resources: Vec<Resource>,
}

/// The name of an application.
#[derive(Debug)]
pub(crate) enum Name {
    /// This one, which nobody else has.
    Own(String),
    /// One character that is free.
    Single,
}

/// An environment, a profile, and what is deployed there.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) environment: String,
    pub(crate) profile: String,
    pub(crate) content: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) version_label: Option<&'static str>,
}

/// The applications to be made, the simplest first: ordinary names, names beyond ASCII, names of one
/// character and of the greatest length, of characters of one to four bytes. Two applications have an
/// environment of the same name.
pub(crate) fn wanted(mark: &Mark, bounds: &Bounds) -> Vec<Wanted> {
    let full = |sort: &str, c: &str| c.repeat(bounds.longest(sort));
    let padded = |c: &str| {
        let name = mark.name("");
        let missing = bounds.longest(APPLICATION).saturating_sub(name.chars().count());
        Name::Own(name + &c.repeat(missing.max(1)))
    };
    let own = |ending: &str| Name::Own(mark.name(ending));
    let [shop, billing, beyond_ascii] = ENDINGS;
    let [ascii, emoji] = FILLERS;
    vec![
        Wanted {
            name: own(shop),
            special: None,
            resources: vec![Resource {
                content: "{\"checkout\":{\"enabled\":true},\"discount\":{\"enabled\":false}}",
                content_type: "application/json",
                version_label: Some("v1"),
                ..resource("production", "features")
            }],
        },
        Wanted {
            name: own(billing),
            special: None,
            resources: vec![Resource {
                content: "retries: 3\ntimeout: 10\n",
                content_type: "application/x-yaml",
                ..resource("production", "limits")
            }],
        },
        Wanted {
            name: own(beyond_ascii),
            // Letters with marks, which Unicode writes in two ways, are in the name of each resource.
            special: Some("names beyond ASCII"),
            resources: vec![Resource {
                content: "greeting: \"Grüße, 世界 🚀\"\n",
                content_type: "application/x-yaml",
                ..resource("größe", "café 設定 🚀")
            }],
        },
        Wanted {
            name: Name::Single,
            special: Some("names of one character"),
            resources: vec![
                Resource {
                    content: "one short line\n",
                    content_type: "text/plain; charset=utf-8",
                    version_label: Some("release 2026-01-01"),
                    ..resource("e", "p")
                },
                Resource { content: "switch = on\n", ..resource("世", "🚀") },
            ],
        },
        Wanted {
            name: padded(ascii),
            special: Some("names of the greatest length"),
            resources: vec![Resource {
                content: "{\"limit\":1000}",
                content_type: "application/json",
                ..resource(&full(ENVIRONMENT, "e"), &full(PROFILE, "p"))
            }],
        },
        Wanted {
            name: padded(emoji),
            special: Some("names of the greatest length beyond ASCII"),
            resources: vec![
                Resource {
                    content: "level=debug\n",
                    version_label: Some("v7"),
                    ..resource(&full(ENVIRONMENT, "🚀"), &full(PROFILE, "🚀"))
                },
                Resource {
                    content: "level=trace\n",
                    ..resource(&full(ENVIRONMENT, "é"), &full(PROFILE, "世"))
                },
            ],
        },
    ]
}

/// The fixtures that would be made for a contract, with ids that nothing has.
///
/// # Errors
/// The contract is of another service.
pub fn planned(contract: &Contract) -> Result<Vec<Fixture>, ProvisionError> {
    let bounds = Bounds::of(contract)?;
    let mut number = 0;
    let mut id = || {
        number += 1;
        format!("{number:07}")
    };
    let mut fixtures = Vec::new();
    for Wanted { name, resources, .. } in wanted(&Mark::new(0, String::new()), &bounds) {
        let name = match name {
            Name::Own(name) => name,
            Name::Single => SINGLE[..1].to_owned(),
        };
        let application = id();
        for resource in &resources {
            fixtures.push(bounds.fixture(&name, resource, [&application, &id(), &id()]));
        }
    }
    Ok(fixtures)
}

fn resource(environment: &str, profile: &str) -> Resource {
    Resource {
        environment: environment.to_owned(),
        profile: profile.to_owned(),
        content: "",
        content_type: "text/plain",
        version_label: None,
    }
}

/// A name of one character that none of these is, whatever the letter case.
pub(crate) fn single<'a>(taken: &(impl Iterator<Item = &'a str> + Clone)) -> Option<String> {
    let free = |c: &char| taken.clone().all(|name| !name.eq_ignore_ascii_case(c.encode_utf8(&mut [0; 4])));
    SINGLE.chars().find(free).map(String::from)
}

#[cfg(test)]
mod tests {
    use cases::catalogue::Catalogue;

    use super::*;

    fn mark() -> Mark {
        Mark::new(0x2a, "2026-01-01T00:00:00Z".to_owned())
    }

    fn names(contract: &Contract) -> Vec<(&'static str, String)> {
        let bounds = Bounds::of(contract).unwrap();
        let names = wanted(&mark(), &bounds).into_iter().flat_map(|wanted| {
            let application = match wanted.name {
                Name::Own(name) => name,
                Name::Single => "a".to_owned(),
            };
            let inner = wanted
                .resources
                .into_iter()
                .flat_map(|resource| [(ENVIRONMENT, resource.environment), (PROFILE, resource.profile)]);
            std::iter::once((APPLICATION, application)).chain(inner).collect::<Vec<_>>()
        });
        names.collect()
    }

    #[test]
    fn names_reach_the_bounds_of_contract_and_control_plane() {
        for (contract, profile) in [(Contract::page().unwrap(), 64), (Contract::model().unwrap(), 128)] {
            let names = names(&contract);
            for (sort, longest) in [(APPLICATION, 64), (ENVIRONMENT, 64), (PROFILE, profile)] {
                let of: Vec<&str> =
                    names.iter().filter(|(of, _)| *of == sort).map(|(_, name)| name.as_str()).collect();
                let lengths = of.iter().map(|name| name.chars().count());
                assert_eq!((lengths.clone().min(), lengths.max()), (Some(1), Some(longest)), "{sort}");
                for width in [1, 4] {
                    let full = of.iter().any(|name| {
                        name.chars().count() == longest && name.chars().any(|c| c.len_utf8() == width)
                    });
                    assert!(full, "{sort}: {longest} characters of {width} bytes");
                }
            }
        }
    }

    #[test]
    fn no_two_applications_have_one_name_and_no_environment_takes_two_deployments() {
        let bounds = Bounds::of(&Contract::model().unwrap()).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for wanted in wanted(&mark(), &bounds) {
            if let Name::Own(name) = &wanted.name {
                assert!(seen.insert(name.clone()), "{name}");
                assert!(name.starts_with("boundstone-0000002a-"), "{name}");
            }
            let mut environments: Vec<&str> =
                wanted.resources.iter().map(|resource| resource.environment.as_str()).collect();
            environments.dedup();
            assert_eq!(environments.len(), wanted.resources.len());
        }
    }

    #[test]
    fn no_case_lacks_a_fixture() {
        for contract in [Contract::page().unwrap(), Contract::model().unwrap()] {
            let fixtures = planned(&contract).unwrap();
            for case in &Catalogue::of(&contract).cases {
                assert_eq!(case.missing_prerequisite(&fixtures), None, "{}", case.id);
            }
        }
    }

    #[test]
    fn each_content_is_another_one() {
        let bounds = Bounds::of(&Contract::model().unwrap()).unwrap();
        let wanted = wanted(&mark(), &bounds);
        let contents: Vec<&str> =
            wanted.iter().flat_map(|wanted| &wanted.resources).map(|resource| resource.content).collect();
        let different: std::collections::BTreeSet<&&str> = contents.iter().collect();
        assert_eq!(different.len(), contents.len());
        assert!(contents.iter().all(|content| !content.is_empty()));
    }

    #[test]
    fn a_mark_is_known_again() {
        let mark = mark();
        assert_eq!(described(&mark.description()), Some("0000002a 2026-01-01T00:00:00Z"));
        assert_eq!(tagged(&mark.tag()), Some("0000002a 2026-01-01T00:00:00Z"));
        let bounds = Bounds::of(&Contract::model().unwrap()).unwrap();
        for wanted in wanted(&mark, &bounds) {
            if let Name::Own(name) = wanted.name {
                assert_eq!(named(&name), Some("0000002a"), "{name}");
            }
        }
        assert!(mark.is_of_run("boundstone-0000002a-shop", "") && mark.is_of_run("a", &mark.description()));
        assert!(!mark.is_of_run("boundstone-0000002a-shop", "somebody else's"));
        assert!(!mark.is_of_run("boundstone-0000002b-shop", "boundstone 0000002b 2026-01-01T00:00:00Z"));
    }

    #[test]
    fn what_only_looks_like_a_mark_is_none() {
        for name in [
            "boundstone",
            "boundstone-demo-shop",
            "boundstone-0000002-shop",
            "boundstone-0000002A-shop",
            "boundstone-20250912-prod",
            "boundstone-20250912-",
            "my-boundstone-0000002a-shop",
        ] {
            assert_eq!(named(name), None, "{name}");
        }
        for description in [
            "",
            "boundstone",
            "boundstone demo",
            "boundstone 20250912 of production",
            "boundstone 0000002A 2026-01-01T00:00:00Z",
            "about boundstone 0000002a 2026-01-01T00:00:00Z",
        ] {
            assert_eq!(described(description), None, "{description}");
        }
        for value in ["", "yes", "0000002a", "20250912 production"] {
            assert_eq!(tagged(value), None, "{value}");
        }
    }

    #[test]
    fn a_single_character_is_one_that_is_free() {
        assert_eq!(single(&["shop", "b"].into_iter()).as_deref(), Some("a"));
        assert_eq!(single(&["A", "b"].into_iter()).as_deref(), Some("c"));
        let all: Vec<String> = SINGLE.chars().map(String::from).collect();
        assert_eq!(single(&all.iter().map(String::as_str)), None);
    }

    #[test]
    fn a_name_that_the_contract_refuses_is_no_part_of_a_fixture() {
        let narrow = cases::contract::embedded::MODEL.replace("128", "10");
        let bounds = Bounds::of(&Contract::load("narrow", &narrow).unwrap()).unwrap();
        assert_eq!(bounds.part(PROFILE, "abc1234", "features").name.as_deref(), Some("features"));
        assert_eq!(bounds.part(APPLICATION, "abc1234", "boundstone-0000002a-shop").name, None);
        assert!(wanted(&mark(), &bounds).iter().all(|wanted| !wanted.resources.is_empty()));
    }
}
