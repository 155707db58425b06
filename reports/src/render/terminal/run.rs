//! The end of a run on a terminal.

use crate::model::{Ending, Report, Triage, Verdict};
use crate::render::escape::line;
use crate::render::text::{clip, contract_changes_sentence, own_sections, sections};
use crate::summary::{
    Group, Listed, Outcome, closing, groups, headline, known_failure_notes, open_reasons, operations,
    outcome, times,
};

use super::style::{LABEL, Style, TITLE, paint_of};

/// The requirements that passed by operation, the findings, what is open and why, notes on known failures and
/// the contract, and the result in the last line. Ends with a line feed.
pub fn render(report: &Report, style: Style) -> String {
    let mut blocks = vec![passed(report, style)];
    blocks.extend(groups(report).iter().map(|group| findings(group, style)));
    blocks.extend(open(report, style));
    blocks.extend(notes(report, style));
    blocks.extend(connection_notes(report, style));
    let outcome = outcome(report);
    let verdict = match outcome {
        Outcome::Passed => Verdict::Passed,
        Outcome::Failed | Outcome::Outdated => Verdict::Failed,
        Outcome::NotTested | Outcome::Interrupted => Verdict::Inconclusive,
    };
    let mut end = style.paint(paint_of(verdict), &closing(report));
    if matches!(outcome, Outcome::NotTested | Outcome::Interrupted) || report.ending != Ending::Complete {
        end = format!("{}\n{end}", style.wrap(&line(&headline(report)), 0));
    }
    blocks.push(end);
    blocks.join("\n\n") + "\n"
}

fn passed(report: &Report, style: Style) -> String {
    let operations = operations(report);
    let names: Vec<String> = operations.iter().map(|o| line(&clip(o.name, 60))).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let lines: Vec<String> = operations
        .iter()
        .zip(names)
        .map(|(operation, name)| {
            let unknown = operation.requirements.iter().filter(|r| r.triage() != Triage::Known);
            let worst = unknown.map(|r| r.verdict).min();
            let passed = style.paint(paint_of(worst.unwrap_or(Verdict::Passed)), &operation.passed());
            format!("{name:width$}  {passed}")
        })
        .collect();
    if lines.is_empty() { "No requirement was selected.".to_owned() } else { lines.join("\n") }
}

/// The first finding of a group, and the sections of the others that differ from it.
fn findings(group: &Group<'_>, style: Style) -> String {
    let Group { first, others } = group;
    let mut out = finding(first, &times(first.finding), &sections(first, 400), style);
    for listed in others {
        let times = format!("the same, {}", times(listed.finding));
        out.push('\n');
        out.push_str(&finding(listed, &times, &own_sections(listed, first, 400), style));
    }
    out
}

fn finding(listed: &Listed<'_>, times: &str, sections: &[(&str, String)], style: Style) -> String {
    /// The columns of the widest label and the space around it.
    const INDENT: usize = 15;
    let Listed { number, requirement, finding, .. } = listed;
    let verdict = format!("{number}. {} {}", requirement.level, listed.verdict());
    let paint = if finding.is_known() { LABEL } else { paint_of(finding.verdict) };
    let mut out = format!(
        "{}  {}  {}",
        style.paint(paint, &verdict),
        style.paint(TITLE, &line(&clip(requirement.id.as_str(), 200))),
        style.paint(LABEL, &format!("({times})")),
    );
    // For a known failure the reason is enough; the other renderings have all sections.
    let is_shown = |title: &str| !finding.is_known() || matches!(title, "Requirement" | "Known" | "Replay");
    for (title, text) in sections.iter().filter(|(title, _)| is_shown(title)) {
        let label = style.paint(LABEL, &format!("   {title:12}"));
        let text = match *title {
            "Requirement" | "Source" | "Not known" => style.wrap(text, INDENT),
            // Requests and commands keep their lines.
            _ => textwrap::indent(text, &" ".repeat(INDENT)).trim_start().to_owned(),
        };
        out.push_str(&format!("\n{label}{text}"));
    }
    out
}

/// The notes on the connection to the target.
fn connection_notes(report: &Report, style: Style) -> Option<String> {
    let notes = &report.target.notes;
    let lines: Vec<String> =
        notes.iter().map(|note| style.wrap(&format!("Note: {}", line(&clip(note, 500))), 0)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn open(report: &Report, style: Style) -> Option<String> {
    let lines: Vec<String> = open_reasons(report)
        .iter()
        .map(|group| {
            let verdict = style.paint(paint_of(group.verdict), &format!("{:12}", group.verdict));
            let reason = line(&clip(group.reason, 500));
            format!("{verdict}  {}", style.wrap(&format!("{}: {reason}", group.extent()), 14))
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Notes on known failures, and on a contract that is not built in.
fn notes(report: &Report, style: Style) -> Option<String> {
    let entries = known_failure_notes(report).into_iter().map(|(entry, says)| {
        let paint = paint_of(if entry.state.is_outdated() { Verdict::Failed } else { Verdict::Skipped });
        let text = line(&clip(&format!("{}: {}: {says}", entry.place(), entry.case), 1_000));
        format!("{}  {}", style.paint(paint, "known       "), style.wrap(&text, 14))
    });
    let changed = report.contract_changes.iter().map(|changes| {
        let text = line(&clip(&contract_changes_sentence(&report.contract.name, changes), 1_000));
        format!("{}  {}", style.paint(LABEL, "contract    "), style.wrap(&text, 14))
    });
    let lines: Vec<String> = entries.chain(changed).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn plain(report: &Report) -> String {
        render(report, Style::default())
    }

    #[test]
    fn passed_run_is_three_lines() {
        assert_eq!(
            plain(&sample::all_passed()),
            "StartConfigurationSession  2 of 2 passed\n\
             GetLatestConfiguration     1 of 1 passed\n\
             \n\
             Passed: 3 of 3 requirements, 2 cases, 2,431 requests, 1.2 s.\n"
        );
    }

    #[test]
    fn finding_is_self_explanatory() {
        let mut report = sample::failed();
        report.requirements.remove(0);
        report.totals.requirements.failed = 1;
        assert_eq!(
            plain(&report),
            r#"StartConfigurationSession  1 of 2 passed (1 failed)

1. MUST failed  start-configuration-session/application-identifier/length  (12 times)
   Requirement MUST ApplicationIdentifier has 1 to 64 characters
   Source      page › Request Body › ApplicationIdentifier
   Sent        POST /
               content-type: application/json

               {"ApplicationIdentifier":"aaaa…" (65 characters),"ConfigurationProfileIdentifier":"p","EnvironmentIdentifier":"e"}
   Expected    status: 400
               error type: BadRequestException
   Received    status: 200
               error type: (none)
   Replay      boundstone replay target/boundstone/report.json 1

Failed: 1 of 2 requirements (1 passed), 3 cases, 2,431 requests, 1.2 s.
"#
        );
    }

    #[test]
    fn one_difference_in_several_members_is_shown_once() {
        let text = plain(&sample::same());
        assert_eq!(text.matches("Requirement").count(), 2, "{text}");
        assert_eq!(text.matches("   Received ").count(), 2, "{text}");
        assert!(
            text.contains(
                r#"
   Replay      boundstone replay target/boundstone/report.json 1
2. MUST failed  start-configuration-session/environment-identifier/length  (the same, 12 times)
   Sent        POST /
               content-type: application/json

               {"ApplicationIdentifier":"aaaa…" (65 characters),"ConfigurationProfileIdentifier":"p","EnvironmentIdentifier":"e"}
   Replay      boundstone replay target/boundstone/report.json 2
3. MUST failed  start-configuration-session/profile-identifier/length  (the same, 12 times)
"#
            ),
            "{text}"
        );
    }

    #[test]
    fn known_failure_is_short_with_reason() {
        let text = plain(&sample::known());
        assert!(
            text.contains(
                "\n1. MUST failed, known  start-configuration-session/application-identifier/length  (12 times)\n   \
                 Requirement MUST ApplicationIdentifier has 1 to 64 characters\n   \
                 Replay      boundstone replay target/boundstone/report.json 1\n   \
                 Known       The limit comes with version 3. https://issues.example/7 (known.toml:3, until 2026-12-31)\n"
            ),
            "{text}"
        );
        assert!(text.contains("2. MUST flaky, known  "), "{text}");
        assert!(!text.contains("Received"), "{text}");
    }

    #[test]
    fn outdated_entry_is_named_with_its_line() {
        let text = plain(&sample::outdated());
        for part in [
            "\nknown         known.toml:9: start-configuration-session/application-identifier/length: no longer",
            "\nknown         known.toml:14: ",
            "\nknown         known.toml:20: ",
            "\ncontract      Compared with the built-in contract model, page has 2 new, 1 removed and 1 changed",
            "\nKnown failures out of date: 1 of 4 requirements passed",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn counterexample_that_is_not_minimized_says_so() {
        let mut report = sample::failed();
        let findings = report.requirements.iter_mut().flat_map(|requirement| &mut requirement.findings);
        findings.for_each(|finding| finding.not_minimized = Some("time was over".to_owned()));
        let text = plain(&report);
        let note = "   Note        not minimized: time was over";
        assert!(text.contains(note), "{text}");
    }

    #[test]
    fn open_requirements_are_grouped_by_reason() {
        let text = plain(&sample::mixed());
        assert!(text.contains("1. MUST flaky  start-configuration-session/"), "{text}");
        assert!(
            text.contains(
                "\ninconclusive  1 requirement, 1 case: the control was refused with status \
                 403\nskipped       2 requirements, 2 cases: no fixture has a name; add `name` to \
                 [[resource]]\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn reason_precedes_the_last_line() {
        let text = plain(&sample::not_tested());
        assert!(
            text.ends_with(
                "A web server responded with 404\nand HTML; is the URL right?\n\
                 Not tested: 0 of 1 requirement passed (1 skipped), 1 case, 2,431 requests, 1.2 s.\n"
            ),
            "{text}"
        );
        let text = plain(&sample::interrupted());
        assert!(text.contains("Stopped by Ctrl-C.\nInterrupted: 1 of 2 requirements passed"), "{text}");
    }

    #[test]
    fn hostile_text_does_not_reach_the_terminal() {
        for width in [0, 20, 80, 300] {
            for (name, report) in sample::all() {
                let text = render(&report, Style { color: false, width });
                assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{name}: {text}");
                assert!(!text.contains('\u{202e}'), "{name}");
                assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
            }
        }
    }

    #[test]
    fn style_adds_only_colors() {
        for (_, report) in sample::all() {
            let style = Style { color: true, ..Style::default() };
            let mut colored = render(&report, style);
            assert!(colored.contains("\u{1b}[1m"));
            for code in ["0m", "1m", "2m", "31m", "32m", "33m", "35m"] {
                colored = colored.replace(&format!("\u{1b}[{code}"), "");
            }
            assert_eq!(colored, plain(&report));
        }
    }
}
