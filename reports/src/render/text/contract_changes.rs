//! How a contract differs from the built-in contract of the same service, as text.

use cases::catalogue::{Change, ContractDiff};

use crate::render::escape::line;
use crate::summary::{counted, number};

use super::abbreviate::clip;

/// `Compared with the built-in contract model, newer.json has 2 new, 1 removed and 3 changed requirements.`
pub fn contract_changes_sentence(contract: &str, changes: &ContractDiff) -> String {
    let parts = [
        (changes.added.len(), "new"),
        (changes.removed.len(), "removed"),
        (changes.changed.len(), "changed"),
    ];
    let all: usize = parts.iter().map(|(n, _)| n).sum();
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{} {word}", number(n as u64)))
        .collect();
    let parts = match parts.as_slice() {
        [] => {
            return format!(
                "{contract} has the same requirements as the built-in contract {}.",
                changes.since
            );
        }
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    let requirements = if all == 1 { "requirement" } else { "requirements" };
    format!("Compared with the built-in contract {}, {contract} has {parts} {requirements}.", changes.since)
}

/// One line for each requirement that differs, and indented lines with its differences. Safe for a terminal;
/// each line ends with a line feed.
pub fn contract_changes(changes: &ContractDiff) -> String {
    let mut out = String::new();
    let text = |text: &str| line(&clip(text, 1_000));
    for (word, stated) in
        changes.added.iter().map(|it| ("new", it)).chain(changes.removed.iter().map(|it| ("removed", it)))
    {
        let id = line(stated.id.as_str());
        out.push_str(&format!("{word:8} {} {id}\n           {}\n", stated.level, text(&stated.text)));
    }
    for change in &changes.changed {
        out.push_str(&format!("changed  {}\n", line(change.id.as_str())));
        if let Some(Change { before, after }) = &change.level {
            out.push_str(&format!("           level: {before} before, {after} now\n"));
        }
        if let Some(Change { before, after }) = &change.text {
            let (before, after) = (text(before), text(after));
            out.push_str(&format!("           before: {before}\n           now:    {after}\n"));
        }
        let cases = [
            (&change.added_cases, "new"),
            (&change.removed_cases, "removed"),
            (&change.changed_cases, "changed"),
        ];
        for (cases, word) in cases.into_iter().filter(|(cases, _)| !cases.is_empty()) {
            let names: Vec<String> =
                cases.iter().map(|case| text(name_within(change.id.as_str(), case.as_str()))).collect();
            let cases = counted(cases.len() as u64, "case");
            out.push_str(&format!("           {cases} {word}: {}\n", names.join(", ")));
        }
    }
    out
}

/// The name of a case within its requirement; the whole id if it belongs to another one.
fn name_within<'a>(requirement: &str, case: &'a str) -> &'a str {
    case.strip_prefix(requirement).and_then(|rest| rest.strip_prefix('/')).unwrap_or(case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn sentence_counts_the_changes() {
        let mut changes = sample::contract_changes();
        assert_eq!(
            contract_changes_sentence("newer.json", &changes),
            "Compared with the built-in contract model, newer.json has 2 new, 1 removed and 1 changed requirements."
        );
        changes.added.clear();
        changes.removed.clear();
        assert_eq!(
            contract_changes_sentence("newer.json", &changes),
            "Compared with the built-in contract model, newer.json has 1 changed requirement."
        );
        changes.changed.clear();
        assert_eq!(
            contract_changes_sentence("newer.json", &changes),
            "newer.json has the same requirements as the built-in contract model."
        );
    }

    #[test]
    fn each_change_is_described() {
        let text = contract_changes(&sample::contract_changes());
        for part in [
            "new      MUST start-configuration-session/caller/length\n",
            "removed  MUST start-configuration-session/other/length\n",
            "changed  start-configuration-session/application-identifier/length\n           level: MUST before, SHOULD now\n",
            "           before: It has 1 to 64 characters\n           now:    `|",
            "           2 cases new: far, near\n",
            "           1 case removed: below-min\n",
            "           1 case changed: above-max\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
    }
}
