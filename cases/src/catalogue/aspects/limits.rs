//! Bodies beyond the limits of the contract: they may be refused, but not make the server fail.

use crate::catalogue::names::UNKNOWN_MEMBER;
use crate::catalogue::partition::{Entry, Partition};
use crate::catalogue::section::Section;
use crate::generate::{MemberValue, ValueClass};
use crate::id::{Level, RequirementId};
use crate::oracle::{MAX_BODY_SIZE, MAX_DEPTH};
use crate::protocol::{Arg, quoted};

pub(in crate::catalogue) fn add(section: &mut Section<'_>) {
    if section.operation.body_members().next().is_none() {
        return;
    }
    let arrays = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let deep = [
        arrays(MAX_DEPTH + 1),
        objects(MAX_DEPTH + 1),
        arrays(10 * MAX_DEPTH),
        objects(10 * MAX_DEPTH),
        arrays(100 * MAX_DEPTH),
    ];
    let large = [MAX_BODY_SIZE, 16 * MAX_BODY_SIZE].map(|length| quoted(&"a".repeat(length)));
    section.add(Entry {
        id: RequirementId::new([&section.operation.name, "body", "limits"]),
        level: Level::Must,
        text: format!(
            "A body with a member nested deeper than {MAX_DEPTH}, or of more than {} KiB, is read or refused with a 4xx, but does not make the server fail.",
            MAX_BODY_SIZE / 1024
        ),
        source: "RFC 9110 › 15.6 Server Error 5xx".to_owned(),
        partitions: vec![
            partition("deep", "nested deeper than a server has to read", deep.to_vec()),
            partition("large", "larger than a server has to read", large.to_vec()),
        ],
    });
}

fn partition(id: &str, description: &str, texts: Vec<String>) -> Partition {
    let values = ValueClass::OneOf(texts.into_iter().map(Arg::Json).collect());
    Partition::new(
        id,
        format!("the body has an additional member, {description}"),
        MemberValue { name: UNKNOWN_MEMBER.to_owned(), values },
    )
}
