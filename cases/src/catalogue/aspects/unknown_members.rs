//! Members that the model does not know are ignored.

use crate::catalogue::json_types::invalid;
use crate::catalogue::names;
use crate::catalogue::names::UNKNOWN_MEMBER;
use crate::catalogue::section::Section;
use crate::generate::Deviation;
use crate::generate::Value;
use crate::id::{Level, RequirementId};
use crate::protocol::Arg;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let case = |partition: &str, texts: &[&str]| {
        let deviation = Deviation::Member { name: UNKNOWN_MEMBER.to_owned(), value: Value::json(texts) };
        (partition.to_owned(), format!("the body has a further member, of type {partition}"), deviation)
    };
    let near = |partition: &str, about: &str, names: fn(&str) -> Vec<String>| {
        let members = nearly_known(section, names);
        let about = format!("the body has a further member of the wrong type, {about}");
        let value = Value::Further(members.clone());
        let case =
            (partition.to_owned(), about, Deviation::Member { name: UNKNOWN_MEMBER.to_owned(), value });
        (!members.is_empty()).then_some(case)
    };
    let further = [
        case("string", &["\"a\"", "\"\""]),
        case("number", &["1", "-1.5e3"]),
        case("boolean", &["true"]),
        case("null", &["null"]),
        case("array", &["[]", "[{\"a\":[1,null]}]"]),
        case("object", &["{}", "{\"a\":{\"b\":{\"c\":\"d\"}}}"]),
    ];
    let nearly_known = [
        near("other-letter-case", "called as another one in another letter case", names::in_other_case),
        near("other-name", "called nearly as another one", names::misspelt),
    ];
    let cases: Vec<_> = further.into_iter().chain(nearly_known.into_iter().flatten()).collect();
    section.requirement(
        RequirementId::new([&section.operation.name, "body", "unknown-members"]),
        Level::Should,
        "Members of the body that the operation does not have are ignored.".to_owned(),
        "restJson1 › unknown members (no rule of its own; its sister protocols skip them)".to_owned(),
        cases,
    );
}

/// Members whose names are nearly those of others, each with a value that is none for the other one.
fn nearly_known(section: &Section<'_>, names: fn(&str) -> Vec<String>) -> Vec<(String, Arg)> {
    let known = |name: &String| section.operation.body_members().any(|member| member.name == *name);
    let members = section.operation.body_members().flat_map(|member| {
        let wrong = invalid(section.contract.shape(member)).map(|[text, _]| text.to_owned());
        names(&member.name).into_iter().filter_map(move |name| Some((name, Arg::Json(wrong.clone()?))))
    });
    members.filter(|(name, _)| !known(name)).collect()
}
