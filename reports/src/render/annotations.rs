//! Findings as workflow commands of GitHub Actions, which shows them next to the run.

use cases::id::Level;

use crate::model::{Report, Verdict};
use crate::summary::{Group, counted, groups, headline, times};

use super::escape::line;
use super::text::clip;

/// The most annotations of a kind that GitHub shows for one step.
const MAX_SHOWN: usize = 10;

/// A command for each new difference, the worst first: an error for a failed MUST (in a strict run for a
/// SHOULD too), a warning for the others. The last command of a kind counts those that are omitted. Ends with
/// a line feed if there is any.
pub fn render(report: &Report) -> String {
    let groups = groups(report);
    let new = groups.iter().filter(|group| !group.first.finding.is_known());
    let (errors, warnings): (Vec<&Group<'_>>, Vec<&Group<'_>>) = new.partition(|Group { first, .. }| {
        first.finding.verdict == Verdict::Failed && (first.requirement.level == Level::Must || report.strict)
    });
    let mut out = String::new();
    for (command, groups) in [("error", errors), ("warning", warnings)] {
        let shown = if groups.len() > MAX_SHOWN { MAX_SHOWN - 1 } else { groups.len() };
        for group in &groups[..shown] {
            let one = &group.first;
            let title = format!("{} {} {}", one.requirement.level, one.verdict(), one.requirement.id);
            let others: Vec<&str> = group.others.iter().map(|other| other.requirement.id.as_str()).collect();
            let more =
                group.more().map(|more| format!(", {more}: {}", others.join(", "))).unwrap_or_default();
            let text =
                format!("{} ({}{more}). {}", one.requirement.text, times(one.finding), one.finding.replay);
            out.push_str(&annotation(command, &title, &text));
        }
        if shown < groups.len() {
            let rest: usize = groups[shown..].iter().map(|group| group.all().count()).sum();
            let rest = counted(rest as u64, "more finding");
            out.push_str(&annotation(command, &rest, &headline(report)));
        }
    }
    out
}

fn annotation(command: &str, title: &str, text: &str) -> String {
    let title = data(&line(&clip(title, 200))).replace(':', "%3A").replace(',', "%2C");
    format!("::{command} title={title}::{}\n", data(&line(&clip(text, 1_000))))
}

/// A text as the data of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RequirementResult, sample};

    #[test]
    fn each_line_is_one_command() {
        for (name, report) in sample::all() {
            let rendered = render(&report);
            for line in rendered.lines() {
                let (head, _) = line[2..].split_once("::").unwrap();
                let (command, title) = head.split_once(" title=").unwrap();
                assert!(line.starts_with("::"), "{name}: {line}");
                assert!(matches!(command, "error" | "warning"), "{name}: {line}");
                assert!(!title.contains([',', ':']), "{name}: {line}");
            }
        }
        assert!(render(&sample::failed()).starts_with("::error title=MUST failed "));
        assert_eq!(render(&sample::all_passed()), "");
        assert_eq!(render(&sample::known()), "");
    }

    #[test]
    fn one_difference_in_several_members_is_one_command() {
        let rendered = render(&sample::same());
        assert_eq!(rendered.lines().count(), 2, "{rendered}");
        assert!(rendered.contains("(12 times, the same in 2 more requirements: start-"), "{rendered}");
    }

    #[test]
    fn omitted_findings_are_counted() {
        let mut report = sample::failed();
        let bad = |it: &&mut RequirementResult| it.level == Level::Must && !it.findings.is_empty();
        let failed = report.requirements.iter_mut().find(bad).unwrap();
        failed.findings = vec![failed.findings[0].clone(); 40];
        let rendered = render(&report);
        let errors = rendered.lines().filter(|line| line.starts_with("::error")).count();
        assert!(errors == MAX_SHOWN, "{rendered}");
        assert!(rendered.contains("more findings"), "{rendered}");
    }
}
