//! Members that the model does not have are ignored.

use crate::catalogue::json_types::wrong_types;
use crate::catalogue::names::{self, UNKNOWN_MEMBER};
use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::generate::{MemberValue, ValueClass};
use crate::id::{Level, RequirementId};
use crate::protocol::Arg;

/// JSON texts of each type.
const TYPES: [(&str, &[&str]); 6] = [
    ("string", &["\"a\"", "\"\""]),
    ("number", &["1", "-1.5e3"]),
    ("boolean", &["true"]),
    ("null", &["null"]),
    ("array", &["[]", "[{\"a\":[1,null]}]"]),
    ("object", &["{}", "{\"a\":{\"b\":{\"c\":\"d\"}}}"]),
];

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let of_type = TYPES.map(|(id, texts)| partition(id, &format!("type {id}"), ValueClass::json(texts)));
    let candidates = [
        (
            "other-letter-case",
            "named like another one in another letter case",
            nearly_known(section, names::in_other_case),
        ),
        ("other-name", "named nearly like another one", nearly_known(section, names::misspelled)),
    ];
    let candidates = candidates.into_iter().filter(|(_, _, members)| !members.is_empty());
    let nearly_known = candidates.map(|(id, description, members)| {
        partition(id, &format!("the wrong type, {description}"), ValueClass::Additional(members))
    });
    let partitions = of_type.into_iter().chain(nearly_known).collect();
    section.add(Entry {
        id: RequirementId::new([&section.operation.name, "body", "unknown-members"]),
        level: Level::Should,
        text: "Members of the body that the operation does not have are ignored.".to_owned(),
        source: "restJson1 › unknown members (no rule of its own; its sister protocols skip them)".to_owned(),
        partitions,
    });
}

fn partition(id: &str, of: &str, values: ValueClass) -> Partition {
    let mutation = MemberValue { name: UNKNOWN_MEMBER.to_owned(), values };
    Partition::new(id, format!("the body has an additional member of {of}"), mutation)
}

/// Members whose names are nearly those of others, each with a value of a type that the other one cannot have.
fn nearly_known(section: &Section<'_>, names: fn(&str) -> Vec<String>) -> Vec<(String, Arg)> {
    let members = section.operation.body_members().flat_map(|member| {
        let wrong = wrong_types(section.contract.shape(member)).map(|[text, _]| text.to_owned());
        names(&member.name).into_iter().filter_map(move |name| Some((name, Arg::Json(wrong.clone()?))))
    });
    members.filter(|(name, _)| section.operation.body_members().all(|known| known.name != *name)).collect()
}
