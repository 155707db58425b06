//! The end of a run on a terminal.

use anstyle::{AnsiColor, Style as Paint};
use textwrap::{Options, WordSplitter};

use crate::drift;
use crate::escape::line;
use crate::exit::{Outcome, outcome};
use crate::group::{Group, groups};
use crate::report::{Ending, Report, Verdict};
use crate::show::{clip, own_sections, sections};
use crate::summary::{Listed, Standing, answer, closing, known_failures, open, operations, times};

/// How the text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are used.
    pub color: bool,
    /// The columns of the terminal.
    pub width: usize,
}

impl Default for Style {
    /// No colours, 100 columns.
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

const TITLE: Paint = Paint::new().bold();
const LABEL: Paint = Paint::new().dimmed();

fn paint_of(verdict: Verdict) -> Paint {
    let color = match verdict {
        Verdict::Failed => AnsiColor::Red,
        Verdict::Flaky => AnsiColor::Magenta,
        Verdict::Inconclusive | Verdict::Skipped => AnsiColor::Yellow,
        Verdict::Passed => AnsiColor::Green,
    };
    color.on_default().bold()
}

impl Style {
    fn paint(self, paint: Paint, text: &str) -> String {
        if self.color { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
    }

    /// Wraps prose; every line of the result but the first is indented.
    fn wrap(self, text: &str, indent: usize) -> String {
        let indent = " ".repeat(indent);
        let options = Options::new(self.width.max(40))
            .initial_indent(&indent)
            .subsequent_indent(&indent)
            .word_splitter(WordSplitter::NoHyphenation);
        textwrap::fill(text, &options).trim_start().to_owned()
    }
}

/// What passed for each operation, each finding, what is open and why, what is to be said of known failures
/// and the contract, and the verdict in the last line. Ends with a line feed.
pub fn render(report: &Report, style: Style) -> String {
    let mut blocks = vec![passed(report, style)];
    blocks.extend(groups(report).iter().map(|group| findings(group, style)));
    blocks.extend(open_for(report, style));
    blocks.extend(notes(report, style));
    blocks.extend(way(report, style));
    let outcome = outcome(report);
    let verdict = match outcome {
        Outcome::Passed => Verdict::Passed,
        Outcome::Failed | Outcome::Outdated => Verdict::Failed,
        Outcome::NotJudged | Outcome::Interrupted => Verdict::Inconclusive,
    };
    let mut end = style.paint(paint_of(verdict), &closing(report));
    if matches!(outcome, Outcome::NotJudged | Outcome::Interrupted) || report.ending != Ending::Complete {
        end = format!("{}\n{end}", style.wrap(&line(&answer(report)), 0));
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
            let unknown = operation.requirements.iter().filter(|r| r.standing() != Standing::Known);
            let worst = unknown.map(|r| r.verdict).min();
            let passed = style.paint(paint_of(worst.unwrap_or(Verdict::Passed)), &operation.passed());
            format!("{name:width$}  {passed}")
        })
        .collect();
    if lines.is_empty() { "No requirement was selected.".to_owned() } else { lines.join("\n") }
}

/// The first finding of a group, then of each other one what is its own.
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
    // Of what is known, the reason is enough: the other reports have it whole.
    let shown = |title: &str| !finding.is_known() || matches!(title, "Requirement" | "Known" | "Replay");
    for (title, text) in sections.iter().filter(|(title, _)| shown(title)) {
        let label = style.paint(LABEL, &format!("   {title:12}"));
        let text = match *title {
            "Requirement" | "Source" | "Not known" => style.wrap(text, INDENT),
            // What was sent and what is to be copied keeps its lines.
            _ => textwrap::indent(text, &" ".repeat(INDENT)).trim_start().to_owned(),
        };
        out.push_str(&format!("\n{label}{text}"));
    }
    out
}

/// What has to be known of the way to the target.
fn way(report: &Report, style: Style) -> Option<String> {
    let notes = &report.target.notes;
    let lines: Vec<String> =
        notes.iter().map(|note| style.wrap(&format!("Note: {}", line(&clip(note, 500))), 0)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn open_for(report: &Report, style: Style) -> Option<String> {
    let lines: Vec<String> = open(report)
        .iter()
        .map(|group| {
            let verdict = style.paint(paint_of(group.verdict), &format!("{:12}", group.verdict));
            let reason = line(&clip(group.reason, 500));
            format!("{verdict}  {}", style.wrap(&format!("{}: {reason}", group.extent()), 14))
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What is to be said of known failures and of a contract that is not the built-in one.
fn notes(report: &Report, style: Style) -> Option<String> {
    let entries = known_failures(report).into_iter().map(|(entry, says)| {
        let paint = paint_of(if entry.state.is_outdated() { Verdict::Failed } else { Verdict::Skipped });
        let text = line(&clip(&format!("{}: {}: {says}", entry.place(), entry.case), 1_000));
        format!("{}  {}", style.paint(paint, "known       "), style.wrap(&text, 14))
    });
    let changed = report.drift.iter().map(|drift| {
        let text = line(&clip(&drift::sentence(&report.contract.name, drift), 1_000));
        format!("{}  {}", style.paint(LABEL, "contract    "), style.wrap(&text, 14))
    });
    let lines: Vec<String> = entries.chain(changed).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn plain(report: &Report) -> String {
        render(report, Style::default())
    }

    #[test]
    fn everything_held_is_three_lines() {
        assert_eq!(
            plain(&sample::all_held()),
            "StartConfigurationSession  2 of 2 passed\n\
             GetLatestConfiguration     1 of 1 passed\n\
             \n\
             Passed: 3 of 3 requirements, 2 cases, 2,431 requests, 1.2 s.\n"
        );
    }

    #[test]
    fn a_finding_reads_without_a_manual() {
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
    fn one_difference_in_several_members_is_told_once() {
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
    fn what_is_known_is_short_and_gives_its_reason() {
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
    fn an_entry_that_no_longer_applies_is_named_with_its_line() {
        let text = plain(&sample::outdated());
        for part in [
            "\nknown         known.toml:9: start-configuration-session/application-identifier/length: no longer",
            "\nknown         known.toml:14: ",
            "\nknown         known.toml:20: ",
            "\ncontract      Beside the built-in contract model, page has 2 new, 1 gone and 1 changed",
            "\nKnown failures out of date: 1 of 4 requirements passed",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn counterexample_that_may_not_be_the_smallest_says_so() {
        let mut report = sample::failed();
        let findings = report.requirements.iter_mut().flat_map(|requirement| &mut requirement.findings);
        findings.for_each(|finding| finding.not_minimized = Some("time was over".to_owned()));
        let text = plain(&report);
        let note = "   Note        not minimized: time was over";
        assert!(text.contains(note), "{text}");
    }

    #[test]
    fn open_questions_are_grouped_by_reason() {
        let text = plain(&sample::mixed());
        assert!(text.contains("1. MUST flaky  start-configuration-session/"), "{text}");
        assert!(
            text.contains(
                "\ninconclusive  1 requirement, 1 case: the valid twin was refused with status \
                 403\nskipped       2 requirements, 2 cases: no fixture has a name; add `name` to \
                 [[resource]]\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn the_reason_stands_before_the_last_line() {
        let text = plain(&sample::not_judged());
        assert!(
            text.ends_with(
                "A web server answered with 404 and\nHTML; is the URL right?\n\
                 Not judged: 0 of 1 requirement passed (1 skipped), 1 case, 2,431 requests, 1.2 s.\n"
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
    fn colours_are_all_that_style_adds() {
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
