//! Makes near misses from the identifiers of fixtures.

use super::kind::NearMissKind;
use crate::contract::{Location, Member};
use crate::fixture::{Fixture, Naming};

/// The least lengths. A shorter id or name may be that of a resource that is no fixture.
const MIN_ID: usize = 4;
const MIN_NAME: usize = 5;
/// The least length of a long name, if the contract has no limit for names.
const MIN_LONG_NAME: usize = 32;

/// A class of identifiers of a member.
#[derive(Debug, Clone)]
pub(crate) struct NearMissClass {
    /// The member, which names a resource.
    pub(crate) member: Member,
    /// How its values differ from one that exists.
    pub(crate) kind: NearMissKind,
}

/// An identifier that is nearly the one of a resource that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearMiss {
    /// The index of the fixture whose identifier it nearly is.
    pub(crate) fixture: usize,
    /// Whether it is nearly the id or the name.
    pub(crate) naming: Naming,
    /// The index of the recipe within its kind.
    recipe: usize,
    /// The identifier.
    pub(crate) text: String,
}

impl NearMissClass {
    /// Every near miss of this class that the fixtures allow, those of the first fixture first.
    pub(crate) fn misses(&self, fixtures: &[Fixture]) -> Vec<NearMiss> {
        let mut misses = Vec::new();
        for (fixture, naming, existing) in self.existing(fixtures) {
            for (recipe, way) in self.kind.recipes().iter().enumerate() {
                let text = way.apply(naming, existing);
                let unused = text.filter(|text| self.is_unused(naming, text, fixtures));
                misses.extend(unused.map(|text| NearMiss { fixture, naming, recipe, text }));
            }
        }
        misses
    }

    /// The first near miss of each recipe, of an id and of a name.
    pub(crate) fn boundaries(&self, misses: &[NearMiss]) -> Vec<NearMiss> {
        let recipes = 0..self.kind.recipes().len();
        let each = recipes.flat_map(|recipe| [Naming::Id, Naming::Name].map(|naming| (recipe, naming)));
        each.filter_map(|(recipe, naming)| {
            misses.iter().find(|miss| miss.recipe == recipe && miss.naming == naming).cloned()
        })
        .collect()
    }

    /// The fixture that is missing, if the fixtures allow no near miss of this class.
    pub(crate) fn missing_fixture(&self, fixtures: &[Fixture]) -> Option<String> {
        if !self.misses(fixtures).is_empty() {
            return None;
        }
        let resource = self.resource();
        let identifier = match self.kind {
            NearMissKind::LongTail => format!("a name of at least {} characters", self.min_length()),
            NearMissKind::OtherNormalization => {
                "a name with a character that Unicode writes in more than one way, such as é".to_owned()
            }
            _ => "a longer id or name".to_owned(),
        };
        Some(format!("needs a fixture whose {resource} has {identifier}"))
    }

    /// The ids and names that near misses are made of, with the indices of their fixtures.
    fn existing<'f>(&self, fixtures: &'f [Fixture]) -> Vec<(usize, Naming, &'f str)> {
        let resources = fixtures
            .iter()
            .enumerate()
            .filter_map(|(index, fixture)| Some((index, fixture.resources.get(self.resource())?)));
        let texts = resources.flat_map(|(index, resource)| {
            let id = resource.id.as_deref().map(|id| (index, Naming::Id, id));
            let name = resource.name.as_deref().map(|name| (index, Naming::Name, name));
            [id, name].into_iter().flatten()
        });
        let min = self.min_length();
        texts.filter(|(_, _, text)| text.chars().count() >= min).collect()
    }

    /// Whether a text satisfies the constraints of the member, fits its location, and is unlikely to be the id or
    /// the name of any resource, in any letter case.
    fn is_unused(&self, naming: Naming, text: &str, fixtures: &[Fixture]) -> bool {
        let length = text.chars().count();
        let constraints = &self.member.constraints;
        let is_valid = constraints.length.is_none_or(|bounds| bounds.contains(length))
            && constraints.pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
            && constraints.one_of.is_none();
        let min_length = match naming {
            Naming::Id => MIN_ID,
            Naming::Name => MIN_NAME,
        };
        let fits = match &self.member.location {
            Location::Header(_) => text.chars().all(|c| c.is_ascii_graphic()),
            Location::Label => !text.contains(['.', '/']),
            _ => true,
        };
        let is_number = text.chars().all(char::is_numeric);
        let mut resources = fixtures.iter().filter_map(|fixture| fixture.resources.get(self.resource()));
        is_valid
            && fits
            && !is_number
            && length >= min_length
            && resources.all(|resource| !resource.is_like(text))
    }

    fn resource(&self) -> &str {
        self.member.rules.identifies.as_ref().map_or("", |rule| &rule.resource)
    }

    /// The least length of an identifier that near misses of this class are made of.
    fn min_length(&self) -> usize {
        let max = self.member.constraints.length.and_then(|length| length.max);
        match self.kind {
            NearMissKind::LongTail => max.map_or(MIN_LONG_NAME, |max| max / 2),
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::contract::Contract;
    use crate::fixture::Resource;

    fn class(kind: NearMissKind) -> NearMissClass {
        let contract = Contract::page().unwrap();
        let member = contract.operation("StartConfigurationSession").unwrap().input[0].clone();
        NearMissClass { member, kind }
    }

    fn fixture(id: Option<&str>, name: Option<&str>) -> Fixture {
        let resource = Resource { id: id.map(str::to_owned), name: name.map(str::to_owned) };
        Fixture { resources: BTreeMap::from([("application".to_owned(), resource)]), ..Fixture::default() }
    }

    fn texts(kind: NearMissKind, fixtures: &[Fixture]) -> Vec<String> {
        class(kind).misses(fixtures).into_iter().map(|miss| miss.text).collect()
    }

    #[test]
    fn near_misses_are_valid_and_unused() {
        let fixtures = [
            fixture(Some("abc1234"), Some("größe-billing 🚀")),
            fixture(Some("abc123q"), Some(&"n".repeat(64))),
        ];
        for kind in NearMissKind::ALL {
            let class = class(kind);
            let misses = class.misses(&fixtures);
            let seen: BTreeSet<_> = misses.iter().map(|miss| &miss.text).collect();
            assert!(!misses.is_empty(), "{kind:?}");
            assert_eq!(class.missing_fixture(&fixtures), None);
            for text in seen {
                assert!((4..=64).contains(&text.chars().count()), "{kind:?}: {text}");
                assert!(
                    fixtures.iter().all(|fixture| !fixture.resources["application"].is_like(text)),
                    "{text}"
                );
            }
            let boundaries = class.boundaries(&misses);
            let recipes: BTreeSet<_> = misses.iter().map(|miss| miss.recipe).collect();
            let shown: BTreeSet<_> = boundaries.iter().map(|miss| miss.recipe).collect();
            assert_eq!(shown, recipes, "{kind:?}");
            assert!(boundaries.len() <= 2 * recipes.len(), "{kind:?}");
        }
    }

    #[test]
    fn names_that_may_exist_are_left_out() {
        // Another number, the singular, a word within another one, another fixture.
        let named = |name: &str| texts(NearMissKind::Part, &[fixture(None, Some(name))]);
        assert_eq!(named("shop2"), [""; 0]);
        assert_eq!(named("orders"), ["rders"]);
        assert_eq!(named("classes"), ["lasses"]);
        assert_eq!(named("1-bakery"), ["1-baker"]);
        assert_eq!(named("production"), ["productio", "roduction"]);
        assert_eq!(texts(NearMissKind::Part, &[fixture(Some("0012345"), None)]), [""; 0]);
        let swapped = texts(NearMissKind::OneChanged, &[fixture(None, Some("shop12"))]);
        assert!(!swapped.contains(&"shop21".to_owned()), "{swapped:?}");
        let both = [fixture(Some("abc1234"), None), fixture(Some("ABC123Q"), None)];
        assert!(
            !texts(NearMissKind::OneChanged, &both).iter().any(|text| text.eq_ignore_ascii_case("abc123q"))
        );
    }

    #[test]
    fn missing_fixture_is_described() {
        let fixtures = [fixture(Some("abc1234"), Some("shop"))];
        let missing = |kind| class(kind).missing_fixture(&fixtures).unwrap_or_default();
        assert_eq!(
            missing(NearMissKind::LongTail),
            "needs a fixture whose application has a name of at least 32 characters"
        );
        assert!(missing(NearMissKind::OtherNormalization).contains("in more than one way"));
        assert_eq!(missing(NearMissKind::Nul), "");
        let short = [fixture(None, Some("a"))];
        assert_eq!(
            class(NearMissKind::Part).missing_fixture(&short).unwrap(),
            "needs a fixture whose application has a longer id or name"
        );
    }

    #[test]
    fn near_misses_fit_headers_and_paths() {
        let fixtures = [fixture(Some("abc1234"), None)];
        let at = |kind, location| {
            let mut class = class(kind);
            class.member.location = location;
            class.misses(&fixtures).into_iter().map(|miss| miss.text).collect::<Vec<_>>()
        };
        assert_eq!(at(NearMissKind::Nul, Location::Header("x".to_owned())), [""; 0]);
        let in_path = at(NearMissKind::Extended, Location::Label);
        assert!(!in_path.is_empty());
        assert!(in_path.iter().all(|text| !text.contains(['/', '.'])), "{in_path:?}");
    }
}
