//! What changed from one contract of a service to another one, as text.

use cases::catalogue::{Change, ContractDiff};

use crate::escape::line;
use crate::show::clip;
use crate::summary::{counted, number};

/// `Beside the built-in contract model, newer.json has 2 new, 1 gone and 3 changed requirements.`
pub fn sentence(contract: &str, drift: &ContractDiff) -> String {
    let parts = [(drift.new.len(), "new"), (drift.gone.len(), "gone"), (drift.changed.len(), "changed")];
    let all: usize = parts.iter().map(|(n, _)| n).sum();
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{} {word}", number(n as u64)))
        .collect();
    let parts = match parts.as_slice() {
        [] => return format!("{contract} says the same as the built-in contract {}.", drift.since),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    let requirements = if all == 1 { "requirement" } else { "requirements" };
    format!("Beside the built-in contract {}, {contract} has {parts} {requirements}.", drift.since)
}

/// One line for each requirement, and lines below it that say what is not the same. Safe for a
/// terminal; each ends with a line feed.
pub fn text(drift: &ContractDiff) -> String {
    let mut out = String::new();
    let text = |text: &str| line(&clip(text, 1_000));
    for (word, stated) in
        drift.new.iter().map(|it| ("new", it)).chain(drift.gone.iter().map(|it| ("gone", it)))
    {
        let id = line(stated.id.as_str());
        out.push_str(&format!("{word:8} {} {id}\n           {}\n", stated.level, text(&stated.text)));
    }
    for change in &drift.changed {
        out.push_str(&format!("changed  {}\n", line(change.id.as_str())));
        if let Some(Change { was, is }) = &change.level {
            out.push_str(&format!("           was {was}, is {is}\n"));
        }
        if let Some(Change { was, is }) = &change.text {
            out.push_str(&format!("           was: {}\n           is:  {}\n", text(was), text(is)));
        }
        let cases =
            [(&change.new_cases, "new"), (&change.gone_cases, "gone"), (&change.changed_cases, "changed")];
        for (cases, word) in cases.into_iter().filter(|(cases, _)| !cases.is_empty()) {
            let below = |id: &str| {
                let below = id.strip_prefix(change.id.as_str()).and_then(|rest| rest.strip_prefix('/'));
                text(below.unwrap_or(id))
            };
            let names: Vec<String> = cases.iter().map(|case| below(case.as_str())).collect();
            let cases = counted(cases.len() as u64, "case");
            out.push_str(&format!("           {cases} {word}: {}\n", names.join(", ")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_sentence_counts_what_there_is() {
        let mut drift = sample::drift();
        assert_eq!(
            sentence("newer.json", &drift),
            "Beside the built-in contract model, newer.json has 2 new, 1 gone and 1 changed requirements."
        );
        drift.new.clear();
        drift.gone.clear();
        assert_eq!(
            sentence("newer.json", &drift),
            "Beside the built-in contract model, newer.json has 1 changed requirement."
        );
        drift.changed.clear();
        assert_eq!(
            sentence("newer.json", &drift),
            "newer.json says the same as the built-in contract model."
        );
    }

    #[test]
    fn each_difference_is_told() {
        let text = text(&sample::drift());
        for part in [
            "new      MUST start-configuration-session/caller/length\n",
            "gone     MUST start-configuration-session/other/length\n",
            "changed  start-configuration-session/application-identifier/length\n           was MUST, is SHOULD\n",
            "           was: It has 1 to 64 characters\n           is:  `|",
            "           2 cases new: far, near\n",
            "           1 case gone: below-min\n",
            "           1 case changed: above-max\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
    }
}
