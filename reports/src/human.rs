//! The end of a run on a terminal.

use anstyle::{AnsiColor, Style as Paint};
use textwrap::{Options, WordSplitter};

use crate::escape::line;
use crate::exit::{Outcome, outcome};
use crate::report::{Ending, Report, Verdict};
use crate::show::{clip, sections};
use crate::summary::{Listed, answer, closing, findings, open, operations, times};

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
        Verdict::Violated => AnsiColor::Red,
        Verdict::Unstable => AnsiColor::Magenta,
        Verdict::Inconclusive | Verdict::Skipped => AnsiColor::Yellow,
        Verdict::Held => AnsiColor::Green,
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

/// What held for each operation, each finding, what is open and why, and the verdict in the last
/// line. Ends with a line feed.
pub fn render(report: &Report, style: Style) -> String {
    let mut blocks = vec![held(report, style)];
    blocks.extend(findings(report).iter().map(|listed| finding(listed, style)));
    blocks.extend(open_for(report, style));
    blocks.extend(notes(report, style));
    let outcome = outcome(report);
    let verdict = match outcome {
        Outcome::Held => Verdict::Held,
        Outcome::Violated => Verdict::Violated,
        Outcome::NotJudged | Outcome::Interrupted => Verdict::Inconclusive,
    };
    let mut end = style.paint(paint_of(verdict), &closing(report));
    if matches!(outcome, Outcome::NotJudged | Outcome::Interrupted) || report.ending != Ending::Complete {
        end = format!("{}\n{end}", style.wrap(&line(&answer(report)), 0));
    }
    blocks.push(end);
    blocks.join("\n\n") + "\n"
}

fn held(report: &Report, style: Style) -> String {
    let operations = operations(report);
    let names: Vec<String> = operations.iter().map(|o| line(&clip(o.name, 60))).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let lines: Vec<String> = operations
        .iter()
        .zip(names)
        .map(|(operation, name)| {
            let worst = operation.requirements.iter().map(|r| r.verdict).min();
            let held = style.paint(paint_of(worst.unwrap_or(Verdict::Held)), &operation.held());
            format!("{name:width$}  {held}")
        })
        .collect();
    if lines.is_empty() { "No requirement was selected.".to_owned() } else { lines.join("\n") }
}

fn finding(listed: &Listed<'_>, style: Style) -> String {
    /// The columns of the widest label and the space around it.
    const INDENT: usize = 15;
    let Listed { number, requirement, finding, .. } = listed;
    let verdict = format!("{number}. {} {}", requirement.level, finding.verdict);
    let mut out = format!(
        "{}  {}  {}",
        style.paint(paint_of(finding.verdict), &verdict),
        style.paint(TITLE, &line(&clip(requirement.id.as_str(), 200))),
        style.paint(LABEL, &format!("({})", times(finding))),
    );
    for (title, text) in sections(listed, 400) {
        let label = style.paint(LABEL, &format!("   {title:12}"));
        let text = match title {
            "Requirement" | "Source" => style.wrap(&text, INDENT),
            // What was sent and what is to be copied keeps its lines.
            _ => textwrap::indent(&text, &" ".repeat(INDENT)).trim_start().to_owned(),
        };
        out.push_str(&format!("\n{label}{text}"));
    }
    out
}

/// What has to be known of the way to the target.
fn notes(report: &Report, style: Style) -> Option<String> {
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
            "StartConfigurationSession  2 of 2 held\n\
             GetLatestConfiguration     1 of 1 held\n\
             \n\
             Held: 3 of 3 requirements, 2 cases, 2,431 requests, 1.2 s.\n"
        );
    }

    #[test]
    fn a_finding_reads_without_a_manual() {
        let mut report = sample::violated();
        report.requirements.remove(0);
        report.totals.requirements.violated = 1;
        assert_eq!(
            plain(&report),
            r#"StartConfigurationSession  1 of 2 held (1 violated)

1. MUST violated  start-configuration-session/application-identifier/length  (12 times)
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

Violated: 1 of 2 requirements (1 held), 3 cases, 2,431 requests, 1.2 s.
"#
        );
    }

    #[test]
    fn open_questions_are_grouped_by_reason() {
        let text = plain(&sample::mixed());
        assert!(text.contains("1. MUST unstable  start-configuration-session/"), "{text}");
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
                 Not judged: 0 of 1 requirement held (1 skipped), 1 case, 2,431 requests, 1.2 s.\n"
            ),
            "{text}"
        );
        let text = plain(&sample::interrupted());
        assert!(text.contains("Stopped by Ctrl-C.\nInterrupted: 1 of 2 requirements held"), "{text}");
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
