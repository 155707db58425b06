//! Members that are mutated together: every pair of classes of every pair of members with the other members valid,
//! so that a third one hides neither; then all members in one class.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalogue::names::UNKNOWN_MEMBER;
use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::contract::{Member, Operation, Range, Shape};
use crate::fixture::Naming;
use crate::generate::{Alphabet, Combination, CombinedMembers, Setting};
use crate::id::{Level, RequirementId};
use crate::protocol::Arg;
use crate::requirement;

/// Whether the values of a class are valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Validity {
    /// They are valid, and those of an existing resource if they name one.
    Valid,
    /// They are valid, but name no existing resource.
    UnknownResource,
    /// They break a constraint.
    Invalid,
}

/// One class of values of a member.
#[derive(Debug, Clone)]
struct Class {
    name: &'static str,
    validity: Validity,
    setting: Setting,
}

/// A member with its classes, the valid ones first.
struct ClassedMember {
    name: String,
    classes: Vec<Class>,
}

impl ClassedMember {
    fn class(&self, name: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.name == name)
    }
}

/// A combination with the validity of its members: that of the mutated ones, or `Valid` if there are none.
struct ClassedCombination {
    validities: Vec<Validity>,
    combination: Combination,
}

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    if operation.body_members().count() < 2 {
        return;
    }
    let mut members: Vec<ClassedMember> =
        operation.body_members().map(|member| classed_member(section, member)).collect();
    members.push(unknown_member(operation));
    let combinations = combinations(&members);
    let partition = |id, description, validities: &[Validity]| {
        let matching = combinations.iter().filter(|classed| classed.validities == validities);
        let matching: Arc<[Combination]> = matching.map(|classed| classed.combination.clone()).collect();
        (!matching.is_empty()).then(|| Partition::new(id, description, CombinedMembers(matching)))
    };
    let partitions = [
        partition("valid", "members are valid, in every combination", &[Validity::Valid]),
        partition("unknown", "two members or more name nothing that exists", &[Validity::UnknownResource]),
        partition("invalid", "two members or more break a constraint", &[Validity::Invalid]),
    ];
    let validation_first = partition(
        "invalid-with-unknown",
        "one member breaks a constraint, another one names nothing that exists",
        &[Validity::UnknownResource, Validity::Invalid],
    );
    let refusal = section.refusal();
    section.add(Entry {
        id: requirement::combinations(operation),
        level: Level::Must,
        text: format!(
            "Whether one member is valid does not depend on the others: a request that breaks several constraints is refused with {refusal}, and one that satisfies them all is not."
        ),
        source: format!("{} › members", operation.source),
        partitions: partitions.into_iter().flatten().collect(),
    });
    if let Some(partition) = validation_first {
        section.add(Entry {
            id: requirement::validation_first(operation),
            level: Level::Should,
            text: format!(
                "Constraints are checked before resources are looked up: a request that breaks a constraint and names an unknown resource is refused with {refusal}."
            ),
            source: "Smithy › constraint traits".to_owned(),
            partitions: vec![partition],
        });
    }
}

/// Every pair of classes of every pair of members, then each class of more than two members in all of them.
fn combinations(members: &[ClassedMember]) -> Vec<ClassedCombination> {
    let mut combinations = Vec::new();
    for (index, one) in members.iter().enumerate() {
        for other in &members[index + 1..] {
            for a in &one.classes {
                for b in &other.classes {
                    combinations.push(combination(false, &[(one, a), (other, b)]));
                }
            }
        }
    }
    let names = members.iter().flat_map(|member| &member.classes).map(|class| class.name);
    for name in names.collect::<BTreeSet<_>>() {
        let chosen: Vec<(&ClassedMember, &Class)> =
            members.iter().filter_map(|member| Some((member, member.class(name)?))).collect();
        if chosen.len() > 2 {
            combinations.extend([false, true].map(|longest_names| combination(longest_names, &chosen)));
        }
    }
    combinations
}

fn combination(longest_names: bool, chosen: &[(&ClassedMember, &Class)]) -> ClassedCombination {
    let settings = chosen.iter().map(|(member, class)| (member.name.clone(), class.setting.clone()));
    let mut validities: Vec<Validity> = chosen.iter().map(|(_, class)| class.validity).collect();
    validities.retain(|validity| *validity != Validity::Valid);
    validities.sort();
    validities.dedup();
    if validities.is_empty() {
        validities.push(Validity::Valid);
    }
    ClassedCombination {
        validities,
        combination: Combination { longest_names, settings: settings.collect() },
    }
}

/// A member that the operation does not have: present or not.
fn unknown_member(operation: &Operation) -> ClassedMember {
    let requirement = RequirementId::new([&operation.name, "body", "unknown-members"]);
    let setting = Setting::Mutated(Some(Arg::Json("1".to_owned())), requirement);
    ClassedMember {
        name: UNKNOWN_MEMBER.to_owned(),
        classes: vec![Class { name: "further-member", validity: Validity::Valid, setting }],
    }
}

fn classed_member(section: &Section<'_>, member: &Member) -> ClassedMember {
    let mut classes = ClassList { section, member, found: Vec::new() };
    if member.rules.identifies.is_some() {
        classes.add_identifiers();
    } else if !member.constraints.required {
        classes.add("absent", Validity::Valid, Setting::Valid(None));
        classes.add_mutated("null", Validity::Valid, "optional", Some(json("null")));
    }
    if let Some(range) = member.constraints.range {
        classes.add_range(range);
    }
    if member.constraints.required {
        classes.add_mutated("missing", Validity::Invalid, "required", None);
        classes.add_mutated("null", Validity::Invalid, "required", Some(json("null")));
    }
    classes.add_invalid_values();
    ClassedMember { name: member.name.clone(), classes: classes.found }
}

/// The classes of a member of the body.
struct ClassList<'a> {
    section: &'a Section<'a>,
    member: &'a Member,
    found: Vec<Class>,
}

impl ClassList<'_> {
    fn add(&mut self, name: &'static str, validity: Validity, setting: Setting) {
        self.found.push(Class { name, validity, setting });
    }

    /// Adds a class with an argument, or none, that tests a requirement on the member.
    fn add_mutated(&mut self, name: &'static str, validity: Validity, aspect: &str, arg: Option<Arg>) {
        let requirement = requirement::of_member(self.section.operation, self.member, aspect);
        self.add(name, validity, Setting::Mutated(arg, requirement));
    }

    fn add_identifiers(&mut self) {
        self.add("id", Validity::Valid, Setting::Naming(Naming::Id));
        self.add("name", Validity::Valid, Setting::Naming(Naming::Name));
        self.add_mutated(
            "unknown",
            Validity::UnknownResource,
            "resource",
            Some(Arg::Text("aaaaaaa".to_owned())),
        );
        if let Some(max) = self.max_length() {
            for (name, alphabet) in [("at-max", Alphabet::OneByte), ("at-max-wide", Alphabet::FourByte)] {
                self.add_mutated(
                    name,
                    Validity::UnknownResource,
                    "length",
                    Some(Arg::Text(alphabet.plain(max))),
                );
            }
        }
    }

    fn add_range(&mut self, range: Range) {
        for (name, bound) in [("at-min", range.min), ("at-max", range.max)] {
            let arg = bound.map(|bound| json(&bound.to_string()));
            self.add_mutated(name, Validity::Valid, "range", arg);
        }
        let outside =
            [("below-min", range.min.map(|min| min - 1)), ("above-max", range.max.map(|max| max + 1))];
        for (name, bound) in outside {
            if let Some(bound) = bound {
                self.add_mutated(name, Validity::Invalid, "range", Some(json(&bound.to_string())));
            }
        }
    }

    /// Values of another type, and of a wrong length.
    fn add_invalid_values(&mut self) {
        let is_text = matches!(self.section.contract.shape(self.member), Shape::String);
        let other_type = if is_text { "5" } else { "\"a\"" };
        self.add_mutated("other-type", Validity::Invalid, "type", Some(json(other_type)));
        if is_text && self.member.constraints.length.is_some_and(|length| length.min > 0) {
            self.add_mutated("empty", Validity::Invalid, "length", Some(Arg::Text(String::new())));
        }
        if let Some(max) = self.max_length().filter(|_| is_text) {
            let too_long = Arg::Text(Alphabet::OneByte.plain(max + 1));
            self.add_mutated("above-max", Validity::Invalid, "length", Some(too_long));
        }
    }

    fn max_length(&self) -> Option<usize> {
        self.member.constraints.length.and_then(|length| length.max)
    }
}

fn json(text: &str) -> Arg {
    Arg::Json(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_of_more_than_two_members_is_combined() {
        let class = |name| Class {
            name,
            validity: Validity::Invalid,
            setting: Setting::Mutated(None, RequirementId::new([name])),
        };
        let member = |name: &str, classes: &[&'static str]| ClassedMember {
            name: name.to_owned(),
            classes: classes.iter().copied().map(class).collect(),
        };
        let members = [
            member("a", &["absent", "empty"]),
            member("b", &["empty", "absent"]),
            member("c", &["absent", "zero"]),
        ];
        let all: Vec<Combination> = combinations(&members)
            .into_iter()
            .map(|classed| classed.combination)
            .filter(|combination| combination.settings.len() > 2)
            .collect();
        let absent = ["a", "b", "c"].map(|member| (member.to_owned(), class("absent").setting));
        assert_eq!(
            all.iter().map(|combination| combination.longest_names).collect::<Vec<_>>(),
            [false, true]
        );
        for combination in all {
            assert_eq!(combination.settings, absent);
        }
    }
}
