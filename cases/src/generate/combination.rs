//! Several members of one request that deviate together.

use super::call_factory::{Base, CallFactory};
use crate::fixture::{Fixture, Naming};
use crate::id::RequirementId;
use crate::protocol::{Arg, Call};

/// One request: what each member that is named has. All others are as in the base call.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Whether the request is for the resource with the longest names.
    pub longest: bool,
    /// Members with what they have.
    pub levels: Vec<(String, Level)>,
}

/// What a member has.
#[derive(Debug, Clone, PartialEq)]
pub enum Level {
    /// The identifier of the base's resource, by id or by name.
    Named(Naming),
    /// This argument, or none, which is as good as any.
    Valid(Option<Arg>),
    /// This argument, or none, which puts a requirement on the member to the test.
    Deviates(Option<Arg>, RequirementId),
}

impl Row {
    /// Whether a member deviates.
    pub fn deviates(&self) -> bool {
        self.alone().next().is_some()
    }

    /// Each deviation by itself, and the requirement that it puts to the test.
    pub(crate) fn alone(&self) -> impl Iterator<Item = (Row, &RequirementId)> {
        self.levels.iter().filter_map(|(member, level)| match level {
            Level::Deviates(_, requirement) => {
                let levels = vec![(member.clone(), level.clone())];
                Some((Row { longest: false, levels }, requirement))
            }
            Level::Named(_) | Level::Valid(_) => None,
        })
    }

    /// This row, and of another one what it says of further members.
    #[must_use]
    pub(crate) fn with(&self, other: &Row) -> Row {
        let mut both = self.clone();
        for (member, level) in &other.levels {
            if both.levels.iter().all(|(name, _)| name != member) {
                both.levels.push((member.clone(), level.clone()));
            }
        }
        both.longest |= other.longest;
        both
    }

    /// The base call of this row.
    pub(crate) fn base(&self, calls: &CallFactory, base: &Base) -> Base {
        let mut base = base.clone();
        if self.longest {
            base.fixture = longest(&calls.world.fixtures).unwrap_or(base.fixture);
        }
        let identifiers = calls.operation.input.iter().filter(|member| member.rules.identifies.is_some());
        for (naming, member) in base.naming.iter_mut().zip(identifiers) {
            let level = self.levels.iter().find(|(name, _)| *name == member.name).map(|(_, level)| level);
            if let Some(Level::Named(named)) = level {
                *naming = *named;
            }
        }
        base
    }

    /// Sets what the members have.
    pub(crate) fn apply(&self, call: &mut Call) {
        for (member, level) in &self.levels {
            match level {
                // The base call says so already.
                Level::Named(_) => {}
                Level::Valid(arg) | Level::Deviates(arg, _) => call.set(member, arg.clone()),
            }
        }
    }
}

/// The index of the fixture with the longest names.
fn longest(fixtures: &[Fixture]) -> Option<usize> {
    let length = |fixture: &Fixture| -> usize {
        fixture.parts.values().filter_map(|part| part.name.as_ref()).map(|name| name.chars().count()).sum()
    };
    (0..fixtures.len()).max_by_key(|index| (length(&fixtures[*index]), std::cmp::Reverse(*index)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Part;

    #[test]
    fn the_first_of_the_fixtures_with_the_longest_names_is_taken() {
        let named = |names: [Option<&str>; 2]| {
            let part =
                |name: Option<&str>| Part { id: Some("long-id".to_owned()), name: name.map(str::to_owned) };
            let sorts = ["application", "profile"].map(str::to_owned);
            Fixture { parts: sorts.into_iter().zip(names.map(part)).collect(), ..Fixture::default() }
        };
        let fixtures = [
            named([Some("a"), None]),
            named([Some("ab"), Some("é")]),
            named([Some("abc"), None]),
            named([None; 2]),
        ];
        assert_eq!(longest(&fixtures), Some(1));
        assert_eq!(longest(&[]), None);
    }
}
