//! Members that deviate together: every pair of classes of every pair of members, the other members
//! valid, so that neither of the two is hidden by a third; then all members in one class.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalogue::names::UNKNOWN_MEMBER;
use crate::catalogue::section::Section;
use crate::contract::{Member, Operation, Shape};
use crate::fixture::Naming;
use crate::generate::Alphabet;
use crate::generate::Deviation;
use crate::generate::{Level, Row};
use crate::id::{Level as Binding, RequirementId};
use crate::protocol::Arg;
use crate::requirement;

/// What a class of values of one member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    /// Good, and of an existing resource where it names one.
    Valid,
    /// Good, but of no existing resource.
    Unknown,
    /// Against a constraint.
    Invalid,
}

/// One class of values of a member.
#[derive(Debug, Clone)]
struct Class {
    name: &'static str,
    sort: Sort,
    level: Level,
}

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    let operation = section.operation;
    if operation.body_members().count() < 2 {
        return;
    }
    let mut members: Vec<(String, Vec<Class>)> =
        operation.body_members().map(|member| (member.name.clone(), classes(section, member))).collect();
    members.push((UNKNOWN_MEMBER.to_owned(), of_unknown_member(operation)));
    let rows = rows(&members);
    let of = |wanted: &[Sort]| -> Arc<[Row]> {
        rows.iter().filter(|(sorts, _)| sorts == wanted).map(|(_, row)| row.clone()).collect()
    };
    let case = |partition: &str, about: &str, rows: Arc<[Row]>| {
        (!rows.is_empty()).then(|| (partition.to_owned(), about.to_owned(), Deviation::Combination(rows)))
    };
    let refusal = section.refusal();
    let cases = [
        case("valid", "members are valid, in every combination", of(&[Sort::Valid])),
        case("unknown", "two members or more name nothing that exists", of(&[Sort::Unknown])),
        case("invalid", "two members or more break a constraint", of(&[Sort::Invalid])),
    ];
    section.requirement(
        requirement::combinations(operation),
        Binding::Must,
        format!(
            "What is right or wrong of one member does not depend on the others: a request that breaks several constraints is refused with {refusal}, and one that keeps them all is not."
        ),
        format!("{} › members", operation.source),
        cases.into_iter().flatten(),
    );
    let first = case(
        "invalid-with-unknown",
        "one member breaks a constraint, another one names nothing that exists",
        of(&[Sort::Unknown, Sort::Invalid]),
    );
    if let Some(first) = first {
        section.requirement(
            requirement::validation_first(operation),
            Binding::Should,
            format!(
                "Constraints are checked before resources are looked up: a request that breaks a constraint and names an unknown resource is refused with {refusal}."
            ),
            "Smithy › constraint traits".to_owned(),
            [first],
        );
    }
}

/// The rows, each with the sorts of deviation in it.
fn rows(members: &[(String, Vec<Class>)]) -> Vec<(Vec<Sort>, Row)> {
    let mut rows = Vec::new();
    let mut row = |longest, chosen: &[(&String, &Class)]| {
        let levels = chosen.iter().map(|(member, class)| ((*member).clone(), class.level.clone()));
        let mut sorts: Vec<Sort> =
            chosen.iter().map(|(_, class)| class.sort).filter(|sort| *sort != Sort::Valid).collect();
        sorts.sort();
        sorts.dedup();
        if sorts.is_empty() {
            sorts.push(Sort::Valid);
        }
        rows.push((sorts, Row { longest, levels: levels.collect() }));
    };
    for (index, (one, of_one)) in members.iter().enumerate() {
        for (other, of_other) in &members[index + 1..] {
            for a in of_one {
                for b in of_other {
                    row(false, &[(one, a), (other, b)]);
                }
            }
        }
    }
    let names = members.iter().flat_map(|(_, classes)| classes).map(|class| class.name);
    for name in names.collect::<BTreeSet<_>>() {
        let chosen: Vec<(&String, &Class)> = members
            .iter()
            .filter_map(|(member, classes)| Some((member, classes.iter().find(|class| class.name == name)?)))
            .collect();
        for longest in [false, true] {
            if chosen.len() > 2 {
                row(longest, &chosen);
            }
        }
    }
    rows
}

/// A member that the operation does not have: there or not.
fn of_unknown_member(operation: &Operation) -> Vec<Class> {
    let requirement = RequirementId::new([&operation.name, "body", "unknown-members"]);
    let there = Level::Deviates(Some(Arg::Json("1".to_owned())), requirement);
    vec![Class { name: "further-member", sort: Sort::Valid, level: there }]
}

/// The classes of a member of the body, the valid ones first.
fn classes(section: &Section<'_>, member: &Member) -> Vec<Class> {
    let operation = section.operation;
    let constraints = &member.constraints;
    let mut classes = Vec::new();
    let mut class = |name, sort, level| classes.push(Class { name, sort, level });
    let text = |text: String| Some(Arg::Text(text));
    let json = |text: &str| Some(Arg::Json(text.to_owned()));
    let deviates =
        |aspect: &str, arg| Level::Deviates(arg, requirement::of_member(operation, member, aspect));
    let max = constraints.length.and_then(|length| length.max);
    if member.rules.identifies.is_some() {
        class("id", Sort::Valid, Level::Named(Naming::Id));
        class("name", Sort::Valid, Level::Named(Naming::Name));
        class("unknown", Sort::Unknown, deviates("resource", text("aaaaaaa".to_owned())));
        for (name, alphabet) in [("at-max", Alphabet::OneByte), ("at-max-wide", Alphabet::FourByte)] {
            if let Some(max) = max {
                class(name, Sort::Unknown, deviates("length", text(alphabet.plain(max))));
            }
        }
    } else if !constraints.required {
        class("absent", Sort::Valid, Level::Valid(None));
        class("null", Sort::Valid, deviates("optional", json("null")));
    }
    if let Some(range) = constraints.range {
        for (name, bound) in [("at-min", range.min), ("at-max", range.max)] {
            class(name, Sort::Valid, deviates("range", bound.and_then(|bound| json(&bound.to_string()))));
        }
        for (name, bound) in
            [("below-min", range.min.map(|min| min - 1)), ("above-max", range.max.map(|max| max + 1))]
        {
            if let Some(bound) = bound {
                class(name, Sort::Invalid, deviates("range", json(&bound.to_string())));
            }
        }
    }
    if constraints.required {
        class("missing", Sort::Invalid, deviates("required", None));
        class("null", Sort::Invalid, deviates("required", json("null")));
    }
    let is_text = matches!(section.contract.shape(member), Shape::String);
    let of_other_type = if is_text { "5" } else { "\"a\"" };
    class("other-type", Sort::Invalid, deviates("type", json(of_other_type)));
    if is_text && constraints.length.is_some_and(|length| length.min > 0) {
        class("empty", Sort::Invalid, deviates("length", text(String::new())));
    }
    if let Some(max) = max.filter(|_| is_text) {
        class("above-max", Sort::Invalid, deviates("length", text(Alphabet::OneByte.plain(max + 1))));
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_members_come_together_in_each_class_that_more_than_two_have() {
        let class = |name| Class {
            name,
            sort: Sort::Invalid,
            level: Level::Deviates(None, RequirementId::new([name])),
        };
        let member = |name: &str, classes: &[&'static str]| {
            (name.to_owned(), classes.iter().copied().map(class).collect::<Vec<_>>())
        };
        let members = [
            member("a", &["absent", "empty"]),
            member("b", &["empty", "absent"]),
            member("c", &["absent", "zero"]),
        ];
        let together: Vec<Row> =
            rows(&members).into_iter().map(|(_, row)| row).filter(|row| row.levels.len() > 2).collect();
        let absent = || ["a", "b", "c"].map(|member| (member.to_owned(), class("absent").level));
        assert_eq!(together.iter().map(|row| row.longest).collect::<Vec<_>>(), [false, true]);
        assert!(together.iter().all(|row| row.levels[..] == absent()), "{together:?}");
    }
}
