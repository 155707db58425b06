//! `report.html`: the report as one page that needs nothing else, neither network nor script.

use askama::Template;

use crate::drift;
use crate::exit::{Outcome, outcome};
use crate::report::{LedgerEntry, Report, RequirementResult, Verdict};
use crate::show::{self, Line, clip};
use crate::summary::{
    self, Listed, OpenFor, Operation, Standing, VERDICTS, answer, charges, closing, counted, number, open,
    operations, seconds, times,
};

/// The report as HTML: the answer, the numbers, the findings worst first, what is open, and every
/// requirement.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn render(report: &Report) -> String {
    let page = Page {
        report,
        title: answer(report),
        state: match outcome(report) {
            Outcome::Held => "held",
            Outcome::Violated | Outcome::Outdated => "violated",
            Outcome::NotJudged => "inconclusive",
            Outcome::Interrupted => "interrupted",
        },
        closing: closing(report),
        numbers: numbers(report),
        charges: charges(report).collect(),
        findings: summary::findings(report).into_iter().map(FindingView::new).collect(),
        open: open(report),
        ledger: summary::ledger(report),
        drift: report.drift.as_ref().map(|drift| Changes {
            sentence: drift::sentence(&report.contract.name, drift),
            text: drift::text(drift),
        }),
        operations: operations(report).into_iter().map(OperationView::new).collect(),
    };
    // Fails only where writing fails, and a string takes all.
    page.render().expect("HTML into a string")
}

/// Everything that the template shows. It quotes the report as it is: the template escapes.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    title: String,
    state: &'static str,
    closing: String,
    numbers: Vec<Number>,
    charges: Vec<String>,
    findings: Vec<FindingView<'a>>,
    open: Vec<OpenFor<'a>>,
    ledger: Vec<(&'a LedgerEntry, String)>,
    drift: Option<Changes>,
    operations: Vec<OperationView<'a>>,
}

struct Changes {
    sentence: String,
    text: String,
}

struct Number {
    label: String,
    value: String,
    /// The class that colours it; none for a number that is neither good nor bad.
    class: Option<Verdict>,
}

struct FindingView<'a> {
    listed: Listed<'a>,
    anchor: String,
    requirement_anchor: String,
    times: String,
    sent: String,
    expected: Vec<Line>,
    received: Vec<Line>,
    /// The entries of the ledger that make it known; none if it is not.
    known: Vec<&'a LedgerEntry>,
    /// Where the ledger ends, if it covers some of the cases only.
    uncovered: Option<String>,
    steps: Vec<Step>,
}

struct Step {
    request: String,
    response: String,
}

impl<'a> FindingView<'a> {
    fn new(listed: Listed<'a>) -> Self {
        /// The characters of a body that are shown; `report.json` has all.
        const BODY: usize = 4_000;
        let exchanges = &listed.finding.counterexample;
        let (expected, received) = show::sides(listed.finding);
        let requirement_anchor = anchor(listed.requirement.id.as_str());
        Self {
            anchor: format!("{requirement_anchor}/finding-{}", listed.nth),
            requirement_anchor,
            times: times(listed.finding),
            sent: exchanges.last().map(|last| show::request(&last.request, BODY)).unwrap_or_default(),
            expected,
            received,
            known: listed.entries().filter(|_| listed.finding.is_known()).collect(),
            uncovered: show::known(&listed).filter(|_| !listed.finding.is_known()).map(|(_, text)| text),
            steps: exchanges
                .iter()
                .map(|exchange| Step {
                    request: show::request(&exchange.request, BODY),
                    response: show::response(&exchange.response, BODY),
                })
                .collect(),
            listed,
        }
    }
}

struct OperationView<'a> {
    name: &'a str,
    held: String,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    requirement: &'a RequirementResult,
    anchor: String,
    cases: String,
    requests: String,
}

impl<'a> OperationView<'a> {
    fn new(operation: Operation<'a>) -> Self {
        let held = operation.held();
        let row = |requirement: &'a RequirementResult| Row {
            requirement,
            anchor: anchor(requirement.id.as_str()),
            cases: counted(requirement.cases.len() as u64, "case"),
            requests: number(requirement.requests),
        };
        let rows = operation.requirements.into_iter().map(row).collect();
        Self { name: operation.name, held, rows }
    }
}

fn numbers(report: &Report) -> Vec<Number> {
    let totals = &report.totals;
    let plain = |label: &str, value: String| Number { label: label.to_owned(), value, class: None };
    let of_verdict = |verdict| {
        let n = totals.requirements.of(verdict);
        Number { label: verdict.to_string(), value: number(n), class: (n > 0).then_some(verdict) }
    };
    let mut numbers = vec![of_verdict(Verdict::Held)];
    numbers.extend(VERDICTS.into_iter().filter(|v| *v != Verdict::Held).map(of_verdict));
    if !report.ledger.is_empty() {
        let known = report.requirements.iter().filter(|r| r.standing() == Standing::Known).count();
        numbers.push(plain("known", number(known as u64)));
    }
    numbers.push(plain("cases", number(totals.cases)));
    numbers.push(plain("requests", number(totals.requests)));
    numbers.push(plain("judged", number(totals.judged)));
    numbers.push(plain("time", seconds(report.seconds)));
    numbers
}

/// An id of the page for an id of the report; the same in every report.
fn anchor(id: &str) -> String {
    clip(id, 300)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "/-._".contains(c) { c } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_page_needs_nothing_else() {
        for (name, report) in sample::all() {
            let html = render(&report);
            for outside in ["src=", "<script", "<link", "@import", "url(", "<img", "<iframe"] {
                assert!(!html.contains(outside), "{name}: {outside}");
            }
            assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{name}");
            assert!(html.contains("<h1>"), "{name}");
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        let html = render(&sample::violated());
        assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
        assert!(html.contains("\\u{1b}[31mred\\u{9b}0m\\u{202e}@octocat"));
        assert!(html.chars().all(|c| c == '\n' || !c.is_control()));
        assert!(!html.contains('\u{202e}'));
    }

    #[test]
    fn every_requirement_and_finding_can_be_linked() {
        let html = render(&sample::violated());
        for anchor in [
            "start-configuration-session/application-identifier/length",
            "start-configuration-session/application-identifier/length/finding-1",
            "start-configuration-session/environment-identifier/length",
        ] {
            assert_eq!(html.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor}");
            assert!(html.contains(&format!("href=\"#{anchor}\"")), "{anchor}");
        }
    }

    #[test]
    fn what_is_known_is_told_with_reason_and_link() {
        let html = render(&sample::known());
        assert!(html.contains("MUST violated, known</span>"), "{html}");
        assert!(
            html.contains("The limit comes with version 3. <a href=\"https://issues.example/7\""),
            "{html}"
        );
        let html = render(&sample::outdated());
        assert!(html.contains("known.toml:9</code>"), "{html}");
        assert!(html.contains("page has 2 new, 1 gone and 1 changed requirements."), "{html}");
        // What is no address leads nowhere.
        let mut report = sample::known();
        report.ledger[0].issue = Some("javascript:alert(1)".to_owned());
        assert!(!render(&report).contains("href=\"javascript"));
    }

    #[test]
    fn differing_lines_are_marked() {
        let html = render(&sample::mixed());
        assert!(html.contains("<mark>status: 400</mark>"), "{html}");
        assert!(html.contains("<mark>status: 200</mark>"));
        assert!(!html.contains("<mark>content-type"));
    }

    #[test]
    fn elements_are_closed() {
        for (name, report) in sample::all() {
            let html = render(&report);
            for tag in [
                "html", "head", "body", "main", "section", "article", "details", "table", "tr", "td", "th",
                "ol", "ul", "li", "pre", "code", "mark", "dl", "dt", "dd", "div", "p",
            ] {
                let open =
                    html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
                assert_eq!(open, html.matches(&format!("</{tag}>")).count(), "{name}: {tag}");
            }
        }
    }
}
