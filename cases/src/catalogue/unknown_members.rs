//! Members that the model does not know are ignored.

use super::Section;
use crate::id::{Level, RequirementId};
use crate::sample::Deviation;
use crate::value::Value;

/// A name that no model has.
pub(super) const NAME: &str = "X-Boundstone-Unknown";

pub(super) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let case = |partition: &str, texts: &[&str]| {
        let deviation = Deviation::Member { name: NAME.to_owned(), value: Value::json(texts) };
        (partition.to_owned(), format!("the body has a further member, of type {partition}"), deviation)
    };
    section.requirement(
        RequirementId::new([&section.operation.name, "body", "unknown-members"]),
        Level::Should,
        "Members of the body that the operation does not have are ignored.".to_owned(),
        "restJson1 › unknown members (no rule of its own; its sister protocols skip them)".to_owned(),
        [
            case("string", &["\"a\"", "\"\""]),
            case("number", &["1", "-1.5e3"]),
            case("boolean", &["true"]),
            case("null", &["null"]),
            case("array", &["[]", "[{\"a\":[1,null]}]"]),
            case("object", &["{}", "{\"a\":{\"b\":{\"c\":\"d\"}}}"]),
        ],
    );
}
