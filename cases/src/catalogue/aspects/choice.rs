//! Members that have one of a set of values.

use crate::catalogue::section::Section;
use crate::contract::Member;
use crate::generate::Alphabet;
use crate::generate::Value;

pub(in crate::catalogue) fn add(section: &mut Section<'_>, member: &Member) {
    let Some(values) = &member.constraints.one_of else { return };
    let texts = |texts: &[String]| Value::texts(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let longer = values.iter().map(String::len).max().unwrap_or(0) + 1;
    let cases = vec![
        ("member".to_owned(), "is one of its values".to_owned(), texts(values)),
        ("other".to_owned(), "is none of its values".to_owned(), Value::of_length(longer, Alphabet::OneByte)),
    ];
    let text = format!(
        "{} is one of {}: any other value is refused with {}.",
        member.name,
        values.join(", "),
        section.refusal()
    );
    section.member_requirement(member, "enum", text, format!("{} › enum", member.source), cases);
}
