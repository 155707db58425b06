//! `report.html`: the report of a run as a page.

use askama::Template;
use cases::id::Level;

use crate::model::{CaseResult, KnownFailure, Latency, Report, RequirementResult, Triage, VERDICTS, Verdict};
use crate::render::text::{contract_changes, contract_changes_sentence};
use crate::summary::{
    Group, OpenReason, Operation, closing, counted, duration, groups, headline, known_failure_notes, number,
    open_reasons, operations, seconds,
};

use super::anchor::anchor;
use super::finding::FindingView;
use super::frame::{Frame, state};
use super::grid::{FindingAnchors, Grid, grids};
use super::plot::{self, Bar};

/// `report.html`: the headline, the numbers, the whole contract as a grid, the findings (worst first), what
/// is open, every requirement, and the latency.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn render(report: &Report) -> String {
    let groups = groups(report);
    let finding_anchors = FindingAnchors::new(groups.iter().flat_map(Group::all));
    let page = Page {
        frame: Frame::new(),
        report,
        title: headline(report),
        state: state(report),
        closing: closing(report),
        numbers: numbers(report),
        grids: grids(report, &finding_anchors),
        extent: extent(report, groups.len()),
        findings: groups.into_iter().map(FindingView::of_group).collect(),
        open: open_reasons(report),
        known_failures: known_failure_notes(report),
        changes: report.contract_changes.as_ref().map(|changes| Changes {
            sentence: contract_changes_sentence(&report.contract.name, changes),
            text: contract_changes(changes),
        }),
        operations: operations(report).into_iter().map(OperationView::new).collect(),
        latency: Histogram::of(&report.latency),
        finding_anchors,
    };
    // Fails only if writing fails, and writing into a string does not.
    page.render().expect("HTML into a string")
}

/// Everything that the template shows. It quotes the report as it is; the template escapes.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    frame: Frame,
    report: &'a Report,
    title: String,
    state: &'static str,
    closing: String,
    numbers: Vec<Number>,
    grids: Vec<Grid<'a>>,
    extent: String,
    findings: Vec<FindingView<'a>>,
    open: Vec<OpenReason<'a>>,
    known_failures: Vec<(&'a KnownFailure, String)>,
    changes: Option<Changes>,
    operations: Vec<OperationView<'a>>,
    latency: Option<Histogram>,
    finding_anchors: FindingAnchors<'a>,
}

impl Page<'_> {
    fn finding_anchor(&self, requirement: &RequirementResult, case: &CaseResult) -> Option<String> {
        self.finding_anchors.of(requirement, case)
    }
}

/// `19 in 17 requirements (11 MUST, 6 SHOULD)`, where 19 is the number of groups.
fn extent(report: &Report, groups: usize) -> String {
    let found = || report.requirements.iter().filter(|requirement| !requirement.findings.is_empty());
    let levels =
        [Level::Must, Level::Should].map(|level| (found().filter(|it| it.level == level).count(), level));
    let levels: Vec<String> =
        levels.iter().filter(|(n, _)| *n > 0).map(|(n, level)| format!("{n} {level}")).collect();
    let requirements = counted(found().count() as u64, "requirement");
    format!("{} in {requirements} ({})", number(groups as u64), levels.join(", "))
}

struct Changes {
    sentence: String,
    text: String,
}

struct Number {
    label: String,
    value: String,
    /// The class that colors it; none for a number that is neither good nor bad.
    class: Option<Verdict>,
}

/// How long responses took.
struct Histogram {
    sentence: String,
    bars: Vec<Bar>,
    shortest: String,
    longest: String,
}

impl Histogram {
    fn of(latency: &Latency) -> Option<Self> {
        let within = |percent| latency.within(percent).map(duration);
        let (half, most, longest) = (within(50)?, within(99)?, within(100)?);
        let steps = latency.steps();
        let bar = |(micros, count): &(u64, u64)| {
            vec![(
                "time",
                *count,
                format!("{} in at most {}", counted(*count, "response"), duration(*micros)),
            )]
        };
        Some(Self {
            sentence: format!(
                "Of {}, half came within {half}, 99 % within {most}, and all within {longest}.",
                counted(latency.total(), "response")
            ),
            bars: plot::columns(steps.iter().map(bar)),
            shortest: steps.first().map(|(micros, _)| duration(*micros)).unwrap_or_default(),
            longest,
        })
    }
}

struct OperationView<'a> {
    name: &'a str,
    passed: String,
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
        let passed = operation.passed();
        let row = |requirement: &'a RequirementResult| Row {
            requirement,
            anchor: anchor(requirement.id.as_str()),
            cases: counted(requirement.cases.len() as u64, "case"),
            // A requirement on every response has no requests of its own.
            requests: if requirement.cases.is_empty() {
                "–".to_owned()
            } else {
                number(requirement.requests)
            },
        };
        let rows = operation.requirements.into_iter().map(row).collect();
        Self { name: operation.name, passed, rows }
    }
}

fn numbers(report: &Report) -> Vec<Number> {
    let totals = &report.totals;
    let plain = |label: &str, value: String| Number { label: label.to_owned(), value, class: None };
    let of_verdict = |verdict| {
        let n = totals.requirements.of(verdict);
        Number { label: verdict.to_string(), value: number(n), class: (n > 0).then_some(verdict) }
    };
    let mut numbers = vec![of_verdict(Verdict::Passed)];
    numbers.extend(VERDICTS.into_iter().filter(|v| *v != Verdict::Passed).map(of_verdict));
    if !report.known_failures.is_empty() {
        let known = report.requirements.iter().filter(|r| r.triage() == Triage::Known).count();
        numbers.push(plain("known", number(known as u64)));
    }
    numbers.push(plain("cases", number(totals.cases)));
    numbers.push(plain("requests", number(totals.requests)));
    numbers.push(plain("responses", number(totals.responses)));
    numbers.push(plain("time", seconds(report.seconds)));
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn page_is_self_contained() {
        for (name, report) in sample::all() {
            let html = render(&report);
            for outside in ["src=", "<link", "@import", "url(", "<img", "<iframe", "fetch(", "style="] {
                assert!(!html.contains(outside), "{name}: {outside}");
            }
            assert_eq!(html.matches("<script").count(), 1, "{name}");
            assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{name}");
            assert!(html.contains("<h1>"), "{name}");
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        let html = render(&sample::failed());
        assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
        assert!(html.contains("\\u{1b}[31mred\\u{9b}0m\\u{202e}@octocat"));
        assert!(html.chars().all(|c| c == '\n' || !c.is_control()));
        assert!(!html.contains('\u{202e}'));
    }

    #[test]
    fn every_requirement_and_finding_has_an_anchor() {
        let html = render(&sample::failed());
        for anchor in [
            "start-configuration-session/application-identifier/length",
            "start-configuration-session/application-identifier/length/finding-1",
            "start-configuration-session/environment-identifier/length",
        ] {
            assert_eq!(html.matches(&format!(" id=\"{anchor}\"")).count(), 1, "{anchor}");
            assert!(html.contains(&format!("href=\"#{anchor}\"")), "{anchor}");
        }
    }

    #[test]
    fn one_difference_in_several_members_is_one_article() {
        let html = render(&sample::same());
        assert_eq!(html.matches("<article ").count(), 2);
        assert!(html.contains("Findings <small>2 in 4 requirements (4 MUST)</small>"), "{html}");
        assert!(html.contains("<h4>The same in 2 more requirements</h4>"), "{html}");
        for name in ["application", "environment", "profile"] {
            let anchor = format!("start-configuration-session/{name}-identifier/length/finding-1");
            assert_eq!(html.matches(&format!(" id=\"{anchor}\"")).count(), 1, "{anchor}");
        }
        for number in 1..=4 {
            let replay = format!("boundstone replay target/boundstone/report.json {number}</pre>");
            assert_eq!(html.matches(&replay).count(), 1, "{number}");
        }
    }

    #[test]
    fn known_failure_has_reason_and_link() {
        let html = render(&sample::known());
        assert!(html.contains("MUST failed, known</span>"), "{html}");
        assert!(
            html.contains("The limit comes with version 3. <a href=\"https://issues.example/7\""),
            "{html}"
        );
        let html = render(&sample::outdated());
        assert!(html.contains("known.toml:9</code>"), "{html}");
        assert!(html.contains("page has 2 new, 1 removed and 1 changed requirements."), "{html}");
        // A text that is no URL is no link.
        let mut report = sample::known();
        report.known_failures[0].issue = Some("javascript:alert(1)".to_owned());
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
    fn every_internal_link_has_one_target() {
        fn values<'a>(html: &'a str, attribute: &'a str) -> impl Iterator<Item = &'a str> {
            html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next())
        }
        for (name, report) in sample::all() {
            let html = render(&report);
            let ids: Vec<&str> = values(&html, " id=\"").collect();
            for id in &ids {
                assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{name}: {id}");
            }
            for link in values(&html, "href=\"#") {
                assert!(ids.contains(&link), "{name}: {link}");
            }
        }
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
