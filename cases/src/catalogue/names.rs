//! Names that are nearly the name of a member, or that no member has.

use crate::contract::{Location, Member};
use crate::id::kebab;

/// A name that no model has.
pub(super) const UNKNOWN_MEMBER: &str = "X-Boundstone-Unknown";

/// The name of a member in a message.
pub(super) fn name_in_message(member: &Member) -> &str {
    match &member.location {
        Location::Query(parameter) => parameter,
        _ => &member.name,
    }
}

/// The name in other letter cases: the first letter in the other case, all lower-case, all upper-case.
pub(super) fn in_other_case(name: &str) -> Vec<String> {
    let mut letters = name.chars();
    let first: String = match letters.next() {
        Some(c) if c.is_uppercase() => c.to_lowercase().chain(letters).collect(),
        Some(c) => c.to_uppercase().chain(letters).collect(),
        None => String::new(),
    };
    let mut names = Vec::new();
    for other in [first, name.to_lowercase(), name.to_uppercase()] {
        if other != name && !names.contains(&other) {
            names.push(other);
        }
    }
    names
}

/// The name with something before, after or in it, without its end, or with its words joined differently.
pub(super) fn misspelled(name: &str) -> Vec<String> {
    let kebab = kebab(name);
    let end = name.char_indices().next_back().map_or(0, |(end, _)| end);
    let mut names = vec![
        format!("{name} "),
        format!(" {name}"),
        format!("\t{name}\n"),
        format!("{name}\0"),
        format!("{name}\0q"),
        format!("{name}\u{200b}"),
        format!("{name}[]"),
        name[..end].to_owned(),
    ];
    for joint in ["_", "-", "", " "] {
        let joined = kebab.replace('-', joint);
        if !joined.eq_ignore_ascii_case(name) && !names.contains(&joined) {
            names.push(joined);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_cases_differ_from_the_name() {
        assert_eq!(in_other_case("TopicId"), ["topicId", "topicid", "TOPICID"]);
        assert_eq!(in_other_case("topic"), ["Topic", "TOPIC"]);
        assert_eq!(in_other_case("é"), ["É"]);
        assert_eq!(in_other_case(""), [""; 0]);
    }

    #[test]
    fn words_are_joined_differently() {
        let joined = |name: &str| misspelled(name).split_off(8);
        assert_eq!(joined("TopicId"), ["topic_id", "topic-id", "topic id"]);
        assert_eq!(joined("topic_id"), ["topic-id", "topicid", "topic id"]);
        assert_eq!(joined("topic"), [""; 0]);
        assert_eq!(misspelled("topic")[7], "topi");
    }
}
