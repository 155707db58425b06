//! Looks up the identifiers of a request among the fixtures.

use super::classify::{Class, Reading};
use crate::contract::{Identifies, Member, Operation};
use crate::fixture::Fixture;
use crate::id::RequirementId;
use crate::requirement;

/// Identifiers up to this length in characters are so short that a target may have a resource of that name which is
/// no fixture.
const MAX_SHORT_NAME: usize = 3;

/// The resources that are known to exist on the target.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownResources<'a>(pub(super) &'a [Fixture]);

/// An identifier of a request.
pub(super) struct Identifier<'r> {
    member: &'r Member,
    rule: &'r Identifies,
    /// The text, if it is present and a string.
    pub(super) text: Option<&'r str>,
}

/// The identifiers of a request, in the order of the operation's members.
pub(super) fn identifiers<'r>(
    operation: &'r Operation,
    reading: &'r Reading<'_>,
) -> impl Iterator<Item = Identifier<'r>> {
    operation.input.iter().filter_map(|member| {
        let rule = member.rules.identifies.as_ref()?;
        let text = reading.members.get(&member.name).and_then(|value| value.as_str());
        Some(Identifier { member, rule, text })
    })
}

/// The identifier of one kind of resource in a request.
fn identifier_of<'r>(operation: &'r Operation, reading: &'r Reading<'_>, resource: &str) -> Option<&'r str> {
    identifiers(operation, reading).find(|identifier| identifier.rule.resource == resource)?.text
}

impl KnownResources<'_> {
    /// The index of the fixture that the identifiers of a request name, all of them.
    pub(super) fn named_by(self, operation: &Operation, reading: &Reading<'_>) -> Option<usize> {
        let identifiers: Vec<_> = identifiers(operation, reading).collect();
        if identifiers.is_empty() {
            return None;
        }
        self.0.iter().position(|fixture| {
            identifiers.iter().all(|identifier| {
                let resource = fixture.resources.get(&identifier.rule.resource);
                identifier.text.zip(resource).is_some_and(|(text, resource)| resource.is(text))
            })
        })
    }

    /// What a success breaks if no fixture is found: the requirement on the first identifier that no fixture has, or
    /// else on the first one whose fixtures are within another resource.
    pub(super) fn broken_if_found(
        self,
        operation: &Operation,
        reading: &Reading<'_>,
    ) -> Option<RequirementId> {
        let is_named = |fixture: &Fixture, kind: &str| {
            let resource = fixture.resources.get(kind).zip(identifier_of(operation, reading, kind));
            resource.is_some_and(|(resource, text)| resource.is(text))
        };
        let is_unknown = |identifier: &Identifier<'_>| {
            !self.0.iter().any(|fixture| is_named(fixture, &identifier.rule.resource))
        };
        let is_elsewhere = |identifier: &Identifier<'_>| {
            let Identifies { resource, within, .. } = identifier.rule;
            within.as_ref().is_some_and(|within| {
                !self.0.iter().any(|fixture| is_named(fixture, resource) && is_named(fixture, within))
            })
        };
        if let Some(unknown) = identifiers(operation, reading).find(is_unknown) {
            return Some(requirement::resource(operation, unknown.member));
        }
        let elsewhere = identifiers(operation, reading).find(is_elsewhere)?;
        Some(requirement::nesting(operation, elsewhere.member))
    }

    /// The rule of the first identifier that no fixture has, although it satisfies its constraints, in a request that
    /// breaks others.
    pub(super) fn unknown_in_invalid<'r>(
        self,
        operation: &'r Operation,
        reading: &'r Reading<'_>,
    ) -> Option<&'r Identifies> {
        let Class::Invalid(violations) = &reading.class else { return None };
        let unknown = identifiers(operation, reading).find(|Identifier { member, rule, text }| {
            let Some(text) = text else { return false };
            let is_valid =
                violations.iter().all(|violation| violation.member.as_deref() != Some(&member.name));
            let mut resources = self.0.iter().filter_map(|fixture| fixture.resources.get(&rule.resource));
            is_valid && !resources.any(|resource| resource.is(text))
        });
        unknown.map(|identifier| identifier.rule)
    }

    /// Whether the target may have a resource of these identifiers that is no fixture.
    pub(super) fn may_exist(self, operation: &Operation, reading: &Reading<'_>) -> bool {
        identifiers(operation, reading).all(|Identifier { rule, text, .. }| {
            let Some(text) = text else { return false };
            text.chars().count() <= MAX_SHORT_NAME
                || self.0.iter().any(|fixture| may_name(fixture, rule, text, operation, reading))
        })
    }
}

/// Whether a text may be the identifier of another resource than the fixture's, which is like it. An id belongs to one
/// resource, which is within the resource of the fixture. Several resources may have the same name.
fn may_name(
    fixture: &Fixture,
    rule: &Identifies,
    text: &str,
    operation: &Operation,
    reading: &Reading<'_>,
) -> bool {
    let Some(resource) = fixture.resources.get(&rule.resource).filter(|resource| resource.is_like(text))
    else {
        return false;
    };
    if resource.id.as_deref() != Some(text) {
        return true;
    }
    let Some(within) = &rule.within else { return true };
    let outer = fixture.resources.get(within).zip(identifier_of(operation, reading, within));
    outer.is_none_or(|(resource, text)| resource.is_like(text))
}
