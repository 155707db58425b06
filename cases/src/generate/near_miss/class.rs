//! Identifiers that are nearly one that exists, and name nothing.
//!
//! Each kind gives away a server that makes more of an identifier than a text to be compared as it
//! is: one that matches a part or a pattern, decodes, folds, strips or cuts. What might well be the
//! name of something else is left out, such as a word in the singular or a name with another number:
//! the target may have more resources than the fixtures tell of.

use super::kind::Kind;
use crate::contract::{Location, Member};
use crate::fixture::{Fixture, Naming};

/// The least lengths: shorter ids and names may be those of a resource that is no fixture.
const MIN_ID: usize = 4;
const MIN_NAME: usize = 5;
/// Half of the length that a name may have, where that has no bound.
const HALF_OF_UNBOUND: usize = 32;

/// A class of identifiers of a member.
#[derive(Debug, Clone)]
pub struct Near {
    /// The member, which names a resource.
    pub member: Member,
    /// How its values differ from one that exists.
    pub kind: Kind,
}

/// An identifier that is nearly one that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearMiss {
    /// The index of the fixture whose identifier it nearly is.
    pub(crate) fixture: usize,
    /// Whether it is nearly the id or the name.
    pub(crate) naming: Naming,
    /// The index of the form within its kind.
    form: usize,
    /// The identifier.
    pub(crate) text: String,
}

impl Near {
    /// Every near miss of this class that the fixtures allow, those of the first fixture first.
    pub(crate) fn misses(&self, fixtures: &[Fixture]) -> Vec<NearMiss> {
        let mut misses = Vec::new();
        for (fixture, naming, existing) in self.existing(fixtures) {
            for (form, (of, make)) in self.kind.forms().iter().enumerate() {
                let text = of.contains(&naming).then(|| make(existing)).flatten();
                let free = text.filter(|text| self.is_free(naming, text, fixtures));
                misses.extend(free.map(|text| NearMiss { fixture, naming, form, text }));
            }
        }
        misses
    }

    /// The first near miss of each form, by id and by name.
    pub(crate) fn boundaries(&self, misses: &[NearMiss]) -> Vec<NearMiss> {
        let forms = 0..self.kind.forms().len();
        let each = forms.flat_map(|form| [Naming::Id, Naming::Name].map(|naming| (form, naming)));
        each.filter_map(|(form, naming)| {
            misses.iter().find(|miss| miss.form == form && miss.naming == naming).cloned()
        })
        .collect()
    }

    /// What the fixtures lack for a near miss of this class, if there is none.
    pub(crate) fn lack(&self, fixtures: &[Fixture]) -> Option<String> {
        if !self.misses(fixtures).is_empty() {
            return None;
        }
        let resource = self.resource();
        let what = match self.kind {
            Kind::LongTail => format!("a name of at least {} characters", self.least()),
            Kind::OtherNormalization => {
                "a name with a character that Unicode writes in more than one way, such as é".to_owned()
            }
            _ => "a longer id or name".to_owned(),
        };
        Some(format!("needs a fixture whose {resource} has {what}"))
    }

    /// The ids and names of the fixtures that near misses are made of.
    fn existing<'f>(&self, fixtures: &'f [Fixture]) -> Vec<(usize, Naming, &'f str)> {
        let parts = fixtures
            .iter()
            .enumerate()
            .filter_map(|(index, fixture)| Some((index, fixture.parts.get(self.resource())?)));
        let texts = parts.flat_map(|(index, part)| {
            let id = part.id.as_deref().map(|id| (index, Naming::Id, id));
            let name = part.name.as_deref().map(|name| (index, Naming::Name, name));
            [id, name].into_iter().flatten()
        });
        let least = self.least();
        texts.filter(|(_, _, text)| text.chars().count() >= least).collect()
    }

    /// Whether a text keeps the constraints of the member, can stand where it stands, and is hardly
    /// the id or the name of anything, whatever the letter case.
    fn is_free(&self, naming: Naming, text: &str, fixtures: &[Fixture]) -> bool {
        let length = text.chars().count();
        let constraints = &self.member.constraints;
        let is_kept = constraints.length.is_none_or(|bounds| bounds.holds(length))
            && constraints.pattern.as_ref().is_none_or(|pattern| pattern.holds(text))
            && constraints.one_of.is_none();
        let least = match naming {
            Naming::Id => MIN_ID,
            Naming::Name => MIN_NAME,
        };
        let fits = match &self.member.location {
            Location::Header(_) => text.chars().all(|c| c.is_ascii_graphic()),
            Location::Label => !text.contains(['.', '/']),
            _ => true,
        };
        let is_number = text.chars().all(char::is_numeric);
        let mut parts = fixtures.iter().filter_map(|fixture| fixture.parts.get(self.resource()));
        is_kept && fits && !is_number && length >= least && parts.all(|part| !part.is_like(text))
    }

    fn resource(&self) -> &str {
        self.member.rules.identifies.as_ref().map_or("", |rule| &rule.resource)
    }

    /// The least length of an identifier that this class is made of.
    fn least(&self) -> usize {
        let longest = self.member.constraints.length.and_then(|length| length.max);
        match self.kind {
            Kind::LongTail => longest.map_or(HALF_OF_UNBOUND, |longest| longest / 2),
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::contract::Contract;
    use crate::fixture::Part;

    fn near(kind: Kind) -> Near {
        let contract = Contract::page().unwrap();
        let member = contract.operation("StartConfigurationSession").unwrap().input[0].clone();
        Near { member, kind }
    }

    fn fixture(id: Option<&str>, name: Option<&str>) -> Fixture {
        let part = Part { id: id.map(str::to_owned), name: name.map(str::to_owned) };
        Fixture { parts: BTreeMap::from([("application".to_owned(), part)]), ..Fixture::default() }
    }

    fn texts(kind: Kind, fixtures: &[Fixture]) -> Vec<String> {
        near(kind).misses(fixtures).into_iter().map(|miss| miss.text).collect()
    }

    #[test]
    fn near_misses_name_nothing_and_keep_the_constraints() {
        let fixtures = [
            fixture(Some("abc1234"), Some("größe-billing 🚀")),
            fixture(Some("abc123q"), Some(&"n".repeat(64))),
        ];
        for kind in Kind::ALL {
            let near = near(kind);
            let misses = near.misses(&fixtures);
            let seen: BTreeSet<_> = misses.iter().map(|miss| &miss.text).collect();
            assert!(!misses.is_empty(), "{kind:?}");
            assert_eq!(near.lack(&fixtures), None);
            for text in seen {
                assert!((4..=64).contains(&text.chars().count()), "{kind:?}: {text}");
                assert!(fixtures.iter().all(|fixture| !fixture.parts["application"].is_like(text)), "{text}");
            }
            let boundaries = near.boundaries(&misses);
            let forms: BTreeSet<_> = misses.iter().map(|miss| miss.form).collect();
            let shown: BTreeSet<_> = boundaries.iter().map(|miss| miss.form).collect();
            assert_eq!(shown, forms, "{kind:?}");
            assert!(boundaries.len() <= 2 * forms.len(), "{kind:?}");
        }
    }

    #[test]
    fn what_may_well_exist_is_left_out() {
        // Another number, the singular, a word that another one is made of, another fixture.
        let named = |name: &str| texts(Kind::Part, &[fixture(None, Some(name))]);
        assert_eq!(named("shop2"), [""; 0]);
        assert_eq!(named("orders"), ["rders"]);
        assert_eq!(named("classes"), ["lasses"]);
        assert_eq!(named("1-bakery"), ["1-baker"]);
        assert_eq!(named("production"), ["productio", "roduction"]);
        assert_eq!(texts(Kind::Part, &[fixture(Some("0012345"), None)]), [""; 0]);
        let swapped = texts(Kind::OneChanged, &[fixture(None, Some("shop12"))]);
        assert!(!swapped.contains(&"shop21".to_owned()), "{swapped:?}");
        let both = [fixture(Some("abc1234"), None), fixture(Some("ABC123Q"), None)];
        assert!(!texts(Kind::OneChanged, &both).iter().any(|text| text.eq_ignore_ascii_case("abc123q")));
    }

    #[test]
    fn what_fixtures_lack_is_told() {
        let fixtures = [fixture(Some("abc1234"), Some("shop"))];
        let lack = |kind| near(kind).lack(&fixtures).unwrap_or_default();
        assert_eq!(
            lack(Kind::LongTail),
            "needs a fixture whose application has a name of at least 32 characters"
        );
        assert!(lack(Kind::OtherNormalization).contains("in more than one way"));
        assert_eq!(lack(Kind::Nul), "");
        let short = [fixture(None, Some("a"))];
        assert_eq!(
            near(Kind::Part).lack(&short).unwrap(),
            "needs a fixture whose application has a longer id or name"
        );
    }

    #[test]
    fn a_header_and_a_path_hold_what_they_can() {
        let fixtures = [fixture(Some("abc1234"), None)];
        let at = |kind, location| {
            let mut near = near(kind);
            near.member.location = location;
            near.misses(&fixtures).into_iter().map(|miss| miss.text).collect::<Vec<_>>()
        };
        assert_eq!(at(Kind::Nul, Location::Header("x".to_owned())), [""; 0]);
        let in_path = at(Kind::Extended, Location::Label);
        assert!(!in_path.is_empty() && in_path.iter().all(|text| !text.contains(['/', '.'])), "{in_path:?}");
    }
}
