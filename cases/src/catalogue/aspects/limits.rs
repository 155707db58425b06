//! Bodies beyond what the contract says something about: they may be refused, but not break the
//! server.

use crate::catalogue::names::UNKNOWN_MEMBER;
use crate::catalogue::section::Section;
use crate::generate::Deviation;
use crate::generate::Value;
use crate::id::{Level, RequirementId};
use crate::oracle::{DEEP, LARGE_BODY};
use crate::protocol::Arg;
use crate::protocol::quoted;

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let arrays = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let deep =
        [arrays(DEEP + 1), objects(DEEP + 1), arrays(10 * DEEP), objects(10 * DEEP), arrays(100 * DEEP)];
    let large = [LARGE_BODY, 16 * LARGE_BODY].map(|length| quoted(&"a".repeat(length)));
    let case = |partition: &str, about: &str, texts: Vec<String>| {
        let value = Value::OneOf(texts.into_iter().map(Arg::Json).collect());
        let deviation = Deviation::Member { name: UNKNOWN_MEMBER.to_owned(), value };
        (partition.to_owned(), format!("the body has a further member, {about}"), deviation)
    };
    section.requirement(
        RequirementId::new([&section.operation.name, "body", "limits"]),
        Level::Must,
        format!(
            "A body with a member nested deeper than {DEEP}, or of more than {} KiB, is read or refused with a 4xx, but does not make the server fail.",
            LARGE_BODY / 1024
        ),
        "RFC 9110 › 15.6 Server Error 5xx".to_owned(),
        [
            case("deep", "nested deeper than a server has to read", deep.to_vec()),
            case("large", "larger than a server has to read", large.to_vec()),
        ],
    );
}
